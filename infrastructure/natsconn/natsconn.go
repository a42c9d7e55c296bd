// Package natsconn gives a connection to NATS with JetStream: to a server
// embedded in this process, or to one outside. It knows no streams and no
// subjects.
//
// Only Open of an embedded server can wait; one outside is connected to in the
// background, for as long as it takes, and Ready says how it stands.
package natsconn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrAway is returned by Ready while there is no connection.
var ErrAway = errors.New("NATS is not connected")

// Options say which server to use.
type Options struct {
	// URL is the address of a server outside, or several joined by commas.
	// Empty means the embedded server.
	URL string
	// Token is shown to the server outside, and asked from those who connect
	// to Listen.
	Token string

	// Dir is where the embedded server keeps its store.
	Dir string
	// Listen is the address on which others reach the embedded server. Empty
	// means no port at all.
	Listen string
	// SyncAlways makes the embedded server sync each message to disk before
	// it acknowledges. Defaults to false.
	SyncAlways bool

	// Log receives what server and connection have to say. Defaults to
	// nowhere.
	Log *slog.Logger
}

// Conn is a connection, and the server behind it where that is embedded.
type Conn struct {
	NC *nats.Conn
	JS jetstream.JetStream

	server *server.Server
	closed chan struct{}
}

// Open starts the embedded server or begins to connect to the one outside.
func Open(ctx context.Context, o Options) (*Conn, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Conn{closed: make(chan struct{})}
	options := append(commonOptions(o.Log), nats.ClosedHandler(func(*nats.Conn) { close(c.closed) }))
	if o.Token != "" {
		options = append(options, nats.Token(o.Token))
	}
	if o.URL == "" {
		s, err := startServer(ctx, o)
		if err != nil {
			return nil, err
		}
		c.server = s
		options = append(options, nats.InProcessServer(s))
	} else {
		options = append(options, nats.RetryOnFailedConnect(true))
	}
	if err := c.connect(o.URL, options); err != nil {
		if c.server != nil {
			c.server.Shutdown()
			c.server.WaitForShutdown()
		}
		return nil, err
	}
	return c, nil
}

func (c *Conn) connect(address string, options []nats.Option) error {
	nc, err := nats.Connect(address, options...)
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", withoutAddress(err))
	}
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return fmt.Errorf("set up JetStream: %w", err)
	}
	c.NC, c.JS = nc, js
	return nil
}

func commonOptions(log *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.Name("tgtrack"),
		nats.Timeout(5 * time.Second),
		nats.MaxReconnects(-1),
		// A token that is wrong now may be mended on the server's side; without
		// this the second refusal would end the connection for good.
		nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(time.Second),
		// While away, publishing fails at once. What was to be published waits
		// in the database, so a second buffer here would only be lost or late.
		nats.ReconnectBufSize(-1),
		nats.PingInterval(20 * time.Second),
		nats.DrainTimeout(5 * time.Second),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("NATS connection lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("NATS connected", "server", nc.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, s *nats.Subscription, err error) {
			if s != nil {
				log.Warn("NATS error", "subject", s.Subject, "error", err)
				return
			}
			log.Warn("NATS error", "error", err)
		}),
	}
}

// Embedded tells whether the server is part of this process.
func (c *Conn) Embedded() bool {
	return c.server != nil
}

// ClientURL is the address of the embedded server's port, for the nats command
// line tool; empty when it has none.
func (c *Conn) ClientURL() string {
	if c.server == nil || c.server.Addr() == nil {
		return ""
	}
	return "nats://" + c.server.Addr().String()
}

// Ready is nil while messages can be sent; otherwise it wraps ErrAway.
func (c *Conn) Ready() error {
	if c.NC.IsConnected() {
		return nil
	}
	if err := c.NC.LastError(); err != nil {
		return fmt.Errorf("%w: %w", withoutAddress(err), ErrAway)
	}
	return fmt.Errorf("%s: %w", strings.ToLower(c.NC.Status().String()), ErrAway)
}

// Close lets subscriptions finish what they have, then closes the connection
// and stops the embedded server, which writes its store out. It returns when
// all is done, or when the context ends.
func (c *Conn) Close(ctx context.Context) error {
	// A connection that is not up cannot drain; it is closed all the same.
	if err := c.NC.Drain(); err != nil {
		c.NC.Close()
	}
	var late error
	select {
	case <-c.closed:
	case <-ctx.Done():
		c.NC.Close()
		late = fmt.Errorf("drain NATS: %w", ctx.Err())
	}
	if c.server == nil {
		return late
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		c.server.Shutdown()
		c.server.WaitForShutdown()
	}()
	select {
	case <-stopped:
		return late
	case <-ctx.Done():
		return errors.Join(late, fmt.Errorf("stop the NATS server: %w", ctx.Err()))
	}
}

// withoutAddress drops the address from the error of a malformed one, since it
// may hold a password.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
