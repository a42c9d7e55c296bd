package databasetest

import (
	"context"
	"errors"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// pooled are the connections to the server, each of which is lent for one
// transaction, in turn.
const pooled = 3

// Pooler stands before the server of an address as PgBouncer does in its
// transaction mode: each transaction of a connection may have another session
// of the server. Statements that are prepared stay where they are. It answers
// its address, and goes with the test.
func Pooler(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &pooler{idle: make(chan *pgproto3.Frontend, pooled), ended: make(chan struct{})}
	var conns []net.Conn
	for range pooled {
		c, err := pgconn.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		h, err := c.Hijack()
		if err != nil {
			t.Fatal(err)
		}
		p.status = h.ParameterStatuses
		p.idle <- h.Frontend
		conns = append(conns, h.Conn)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	all.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer context.AfterFunc(ctx, func() { _ = c.Close() })()
				defer c.Close()
				p.serve(c)
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		close(p.ended)
		stop()
		for _, c := range conns {
			_ = c.Close()
		}
		all.Wait()
	})
	u.Host = ln.Addr().String()
	return u.String()
}

type pooler struct {
	idle   chan *pgproto3.Frontend
	status map[string]string
	ended  chan struct{}
}

func (p *pooler) serve(c net.Conn) {
	client := pgproto3.NewBackend(c, c)
	if _, err := client.ReceiveStartupMessage(); err != nil {
		return
	}
	client.Send(&pgproto3.AuthenticationOk{})
	for name, value := range p.status {
		client.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	client.Send(&pgproto3.BackendKeyData{SecretKey: []byte{1, 2, 3, 4}})
	client.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if client.Flush() != nil {
		return
	}
	for p.transaction(client) == nil {
	}
}

var errEnded = errors.New("the pooler ended")

// transaction lends a session for one transaction.
func (p *pooler) transaction(client *pgproto3.Backend) error {
	m, err := client.Receive()
	if err != nil {
		return err
	}
	var server *pgproto3.Frontend
	select {
	case server = <-p.idle:
	case <-p.ended:
		return errEnded
	}
	defer func() { p.idle <- server }()
	for {
		if _, ok := m.(*pgproto3.Terminate); ok {
			return errEnded
		}
		server.Send(m)
		if err := server.Flush(); err != nil {
			return err
		}
		switch m.(type) {
		case *pgproto3.Sync, *pgproto3.Query:
			if open, err := answer(client, server); err != nil || !open {
				return err
			}
		}
		if m, err = client.Receive(); err != nil {
			server.Send(&pgproto3.Sync{})
			server.Send(&pgproto3.Query{String: "ROLLBACK"})
			_ = server.Flush()
			for range 2 { // what is left of the client goes with it
				_, _ = answer(nil, server)
			}
			return err
		}
	}
}

// answer passes on all that the server says until it is ready again, and tells
// whether the transaction goes on.
func answer(client *pgproto3.Backend, server *pgproto3.Frontend) (open bool, err error) {
	for {
		m, err := server.Receive()
		if err != nil {
			return false, err
		}
		if client != nil {
			client.Send(m)
		}
		ready, ok := m.(*pgproto3.ReadyForQuery)
		switch {
		case client != nil && client.Flush() != nil:
			client = nil
		case ok:
			return ready.TxStatus != 'I', nil
		}
	}
}
