// Package natsconn gives a connection to NATS with JetStream: to a server
// embedded in this process, or to one outside. It knows no streams and no
// subjects.
//
// Only Open of an embedded server can wait; one outside is connected to in the
// background, for as long as it takes, and Ready says how it stands. An
// embedded server whose disk was full is started anew when there is room.
package natsconn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrAway is returned by Ready while there is no connection.
var ErrAway = errors.New("NATS is not connected")

// How a dead connection is noticed: a server that was frozen or lost its power
// closes nothing. The third ping without an answer ends the connection, which
// is 9 seconds at most; the next server of the list is tried at once.
const (
	pingInterval   = 3 * time.Second
	maxPingsOut    = 2
	connectTimeout = 3 * time.Second
)

// ackTimeout is when the client forgets a message that nobody acknowledged:
// after some thousands that it remembers it would take no more.
const ackTimeout = 6 * time.Second

// deniedFor is how long a subject that the server refused is remembered: while
// it is needed it is asked for again and again.
const deniedFor = time.Minute

// Options say which server to use.
type Options struct {
	// URL is the address of a server outside, or several joined by commas.
	// Empty means the embedded server.
	URL string
	// Access is shown to the server outside; its Token is asked from those who
	// connect to Listen.
	Access Access

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

	access   Access
	log      *slog.Logger
	embedded *embedded // nil where the server is outside
	closed   chan struct{}

	mu       sync.Mutex
	failed   error     // why the last try to connect failed
	denied   error     // the last subject that the server refused
	deniedAt time.Time // when
}

// Open starts the embedded server or begins to connect to the one outside.
func Open(ctx context.Context, o Options) (*Conn, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Conn{access: o.Access, log: o.Log, closed: make(chan struct{})}
	options := c.options()
	if o.URL == "" {
		e, err := startEmbedded(ctx, o)
		if err != nil {
			return nil, err
		}
		c.embedded = e
		options = append(options, nats.InProcessServer(e), nats.ReconnectWait(100*time.Millisecond))
		if o.Access.Token != "" {
			options = append(options, nats.Token(o.Access.Token))
		}
	} else {
		reach, err := o.Access.options()
		if err != nil {
			return nil, err
		}
		options = append(append(options, reach...), nats.RetryOnFailedConnect(true))
	}
	if err := c.connect(o.URL, options); err != nil {
		if c.embedded != nil {
			_ = c.embedded.stop(context.WithoutCancel(ctx))
		}
		return nil, err
	}
	return c, nil
}

func (c *Conn) connect(address string, options []nats.Option) error {
	nc, err := nats.Connect(address, options...)
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", c.explained(err))
	}
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncTimeout(ackTimeout))
	if err != nil {
		nc.Close()
		return fmt.Errorf("set up JetStream: %w", err)
	}
	c.NC, c.JS = nc, js
	return nil
}

func (c *Conn) options() []nats.Option {
	return []nats.Option{
		nats.Name("tgtrack"),
		nats.Timeout(connectTimeout),
		nats.MaxReconnects(-1),
		// A token that is wrong now may be mended on the server's side; without
		// this the second refusal would end the connection for good.
		nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(time.Second),
		// While away, publishing fails at once. What was to be published waits
		// in the database, so a second buffer here would only be lost or late.
		nats.ReconnectBufSize(-1),
		nats.PingInterval(pingInterval),
		nats.MaxPingsOutstanding(maxPingsOut),
		nats.DrainTimeout(5 * time.Second),
		nats.ClosedHandler(func(*nats.Conn) { close(c.closed) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				c.log.Warn("NATS connection lost", "error", c.explained(err))
			}
		}),
		nats.ConnectHandler(c.connected),
		nats.ReconnectHandler(c.connected),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { c.failedWith(err) }),
		nats.ErrorHandler(c.told),
	}
}

func (c *Conn) connected(nc *nats.Conn) {
	c.mu.Lock()
	c.failed = nil
	c.mu.Unlock()
	if c.embedded == nil {
		c.log.Info("NATS connected", "server", nc.ConnectedAddr()) // its URL may hold a token
	}
}

// failedWith keeps why it could not be connected, and logs a reason once: it is
// tried each second.
func (c *Conn) failedWith(err error) {
	err = c.explained(err)
	c.mu.Lock()
	again := c.failed != nil && c.failed.Error() == err.Error()
	c.failed = err
	c.mu.Unlock()
	if !again {
		c.log.Warn("NATS can not be connected, will try again", "error", err)
	}
}

// told receives what the server says besides answers.
func (c *Conn) told(_ *nats.Conn, s *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrPermissionViolation) {
		c.mu.Lock()
		again := c.denied != nil && c.denied.Error() == err.Error() && time.Since(c.deniedAt) < deniedFor
		c.denied, c.deniedAt = err, time.Now()
		c.mu.Unlock()
		if again {
			return
		}
	}
	if s != nil {
		c.log.Warn("NATS error", "subject", s.Subject, "error", err)
		return
	}
	c.log.Warn("NATS error", "error", c.explained(err))
}

// Embedded tells whether the server is part of this process.
func (c *Conn) Embedded() bool {
	return c.embedded != nil
}

// ClientURL is the address of the embedded server's port, for the nats command
// line tool; empty when it has none.
func (c *Conn) ClientURL() string {
	if c.embedded == nil {
		return ""
	}
	return c.embedded.address()
}

// Ready is nil while messages can be sent. Without a connection the error wraps
// ErrAway. It says why, and what to look at.
func (c *Conn) Ready() error {
	if c.embedded != nil {
		if err := c.embedded.broken(); err != nil {
			return err
		}
	}
	if c.NC.IsConnected() {
		return nil
	}
	// The reason of the server stands with the connection, that of a dial with
	// the last try.
	if err := c.NC.LastError(); err != nil {
		return fmt.Errorf("%w: %w", ErrAway, c.explained(err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != nil {
		return fmt.Errorf("%w: %w", ErrAway, c.failed)
	}
	return fmt.Errorf("%w: %s", ErrAway, strings.ToLower(c.NC.Status().String()))
}

// Denied is the last subject that the server refused to let us use, if that was
// moments ago: requests about it time out without a word.
func (c *Conn) Denied() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.denied == nil || time.Since(c.deniedAt) > deniedFor {
		return nil
	}
	return c.denied
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
	if c.embedded == nil {
		return late
	}
	return errors.Join(late, c.embedded.stop(ctx))
}

// explained adds to an error which setting to look at.
func (c *Conn) explained(err error) error {
	err = withoutAddress(err)
	if advice := c.access.advice(err); advice != "" && c.embedded == nil {
		return fmt.Errorf("%w (%s)", err, advice)
	}
	return err
}

// withoutAddress drops addresses from an error: that of a malformed one may hold
// a password, and others are nobody's business who asks whether we are ready.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	var o *net.OpError
	if errors.As(err, &o) {
		return &net.OpError{Op: o.Op, Net: o.Net, Err: o.Err}
	}
	return err
}
