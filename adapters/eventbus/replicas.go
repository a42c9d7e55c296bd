package eventbus

import (
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// inCluster is how many copies are made where a cluster has as many nodes: the
// loss of any one then stops nothing.
const inCluster = 3

// Replicas is how many copies are to be made: what is asked for, or, for 0,
// what the servers allow by the list that they hand to their clients.
func Replicas(nc *nats.Conn, asked int) int {
	switch {
	case asked > 0:
		return asked
	case nc.ConnectedClusterName() != "" && len(nc.Servers()) >= inCluster:
		return inCluster
	}
	return 1
}

// fewer is how many copies are made where nodes for n were not found.
func fewer(n int) int {
	if n > inCluster {
		return inCluster
	}
	return 1
}

// Codes of the server for copies that it finds no nodes for, see
// https://github.com/nats-io/nats-server/blob/main/server/errors.json
const (
	codeNoPeers   jetstream.ErrorCode = 10005 // no suitable peers for placement
	codeNoCluster jetstream.ErrorCode = 10074 // replicas > 1 not supported in non-clustered mode
)

// tooFewNodes tells whether a stream was refused for the number of its copies.
func tooFewNodes(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == codeNoPeers || api.ErrorCode == codeNoCluster)
}
