// Package freeport finds ports of this machine for servers that tests start,
// stop and start again under one address. It is not for the service itself,
// which listens where its settings say.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
)

// The ports that are handed out lie between these, unless the system takes
// its own from lower ones.
const (
	lowest = 10_000
	above  = 32_768
)

// attempts bounds the search: on a machine where so many random ports are
// taken, something else is wrong.
const attempts = 100

// rangeFile says on Linux which ports the system gives to whoever names none.
const rangeFile = "/proc/sys/net/ipv4/ip_local_port_range"

// Port gives a port of loopback that nobody listens on. It is none of those
// that the system gives to outgoing connections: one of these could take it
// while the server that a test restarts is away.
func Port() (int, error) {
	end := systemStart()
	for range attempts {
		port := lowest + rand.IntN(end-lowest)
		l, err := net.Listen("tcp", address(port))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return 0, errors.New("find a free port: all that were tried are taken")
}

// Addr gives an address of loopback with such a port.
func Addr() (string, error) {
	port, err := Port()
	return address(port), err
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// systemStart is the first port that the system gives out by itself.
func systemStart() int {
	text, err := os.ReadFile(rangeFile)
	if err != nil {
		return above
	}
	start := 0
	if _, err := fmt.Sscan(string(text), &start); err != nil || start <= lowest+attempts {
		return above
	}
	return start
}
