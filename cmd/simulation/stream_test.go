package simulation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/usecase"
)

// stream stands in for the stream of hand-overs. It keeps what JetStream
// promises and uses what that leaves open: a message may come late, twice, in
// another order, be refused, and be there although its publisher was not told.
type stream struct{ messages []usecase.Handover }

// What becomes of a publish.
const (
	twice      = 7
	unanswered = 8
	refused    = 9
	publishes  = 10
)

func (s *stream) publish(cs []usecase.DueConversion, how int) error {
	if how == refused {
		return errAway
	}
	hs := map[string]*usecase.Handover{}
	var accounts []string
	for _, c := range cs {
		if hs[c.AccountID] == nil {
			hs[c.AccountID] = &usecase.Handover{Network: c.Network, AccountID: c.AccountID}
			accounts = append(accounts, c.AccountID)
		}
		hs[c.AccountID].ConversionIDs = append(hs[c.AccountID].ConversionIDs, c.ID)
	}
	slices.Sort(accounts)
	for _, id := range accounts {
		s.messages = append(s.messages, *hs[id])
		if how == twice {
			s.messages = append(s.messages, *hs[id])
		}
	}
	if how == unanswered {
		return errAway
	}
	return nil
}

// next hands a message over. It comes again unless its acknowledgement came.
func (s *stream) next(which int, handle func(h usecase.Handover) (acknowledged bool)) {
	if len(s.messages) == 0 {
		return
	}
	i := which % len(s.messages)
	if handle(s.messages[i]) {
		s.messages = append(s.messages[:i:i], s.messages[i+1:]...)
	}
}

// carrier is a stream of hand-overs: the stand-in, or JetStream.
type carrier interface {
	// send publishes and tells whether the stream has it.
	send(cs ...usecase.DueConversion) error
	// receive hands messages over, one at a time, until done.
	receive(handle func(h usecase.Handover) (acknowledged, done bool))
}

func (s *stream) send(cs ...usecase.DueConversion) error { return s.publish(cs, 0) }

func (s *stream) receive(handle func(h usecase.Handover) (acknowledged, done bool)) {
	for done := false; !done && len(s.messages) > 0; {
		s.next(0, func(h usecase.Handover) (acknowledged bool) {
			acknowledged, done = handle(h)
			return acknowledged
		})
	}
}

// broker is the embedded server with the relay and the consumers of the
// service. It is the relay's store, too: what is due is what is to be sent.
type broker struct {
	t    *testing.T
	conn *natsconn.Conn
	mu   sync.Mutex
	due  []usecase.DueConversion
	told chan error
}

func newBroker(t *testing.T) *broker {
	t.Helper()
	conn, err := natsconn.Open(t.Context(), natsconn.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{t: t, conn: conn, told: make(chan error, 1)}
	if err := eventbus.Ensure(t.Context(), conn.JS, eventbus.Limits{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *broker) RelayEvents(
	context.Context, int, func(context.Context, []usecase.OutboxEvent) error,
) (int, error) {
	return 0, nil
}

func (b *broker) RelayConversions(ctx context.Context, _, _ time.Time, _, _ int,
	publish func(ctx context.Context, cs []usecase.DueConversion) error,
) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.due) == 0 {
		return 0, nil
	}
	n, err := len(b.due), publish(ctx, b.due)
	b.due = nil
	b.told <- err
	return n, err
}

func (b *broker) send(cs ...usecase.DueConversion) error {
	b.mu.Lock()
	b.due = cs
	b.mu.Unlock()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- eventbus.NewRelay(b, b.conn.JS, eventbus.RelayOptions{}).Run(ctx) }()
	err := <-b.told
	cancel()
	return errors.Join(err, <-ended)
}

func (b *broker) receive(handle func(h usecase.Handover) (acknowledged, done bool)) {
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	consumer := eventbus.NewConversions(b.conn.JS, drops, eventbus.ConsumerOptions{
		Fetch: 1, Workers: 1, RetryDelay: 10 * time.Millisecond,
	})
	if err := consumer.Run(ctx, func(_ context.Context, hs []usecase.Handover) error {
		for _, h := range hs {
			acknowledged, done := handle(h)
			if done {
				cancel()
			}
			if !acknowledged {
				return errAway
			}
		}
		return nil
	}); err != nil {
		b.t.Error(err)
	}
}

// TestStandIn holds the stand-in and the embedded server to the same promises.
func TestStandIn(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) carrier{
		"stand-in": func(*testing.T) carrier { return &stream{} },
		"embedded": func(t *testing.T) carrier { return newBroker(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			if err := c.send(dueOf("a", 1), dueOf("b", 2), dueOf("a", 3)); err != nil {
				t.Fatal(err)
			}
			// All comes; what is not acknowledged comes again.
			seen := map[string]int{}
			c.receive(func(h usecase.Handover) (acknowledged, done bool) {
				seen[shown(h)]++
				again := seen["a[1 3]"] > 1 && seen["b[2]"] > 0
				return seen["a[1 3]"] != 1 || h.AccountID != "a", again
			})
			if d := cmp.Diff(map[string]int{"a[1 3]": 2, "b[2]": 1}, seen); d != "" {
				t.Errorf("messages (-want +got):\n%s", d)
			}
			// What is acknowledged does not; the same, published again, does.
			for range 2 {
				if err := c.send(dueOf("b", 2)); err != nil {
					t.Fatal(err)
				}
			}
			var later []string
			c.receive(func(h usecase.Handover) (acknowledged, done bool) {
				later = append(later, shown(h))
				return true, len(later) == 2
			})
			if d := cmp.Diff([]string{"b[2]", "b[2]"}, later); d != "" {
				t.Errorf("messages (-want +got):\n%s", d)
			}
		})
	}
}

func conversionID(n int) string { return fmt.Sprintf("%032x", n) }

// shown is a message as the account and the last digits of its conversions.
func shown(h usecase.Handover) string {
	var ns []string
	for _, id := range h.ConversionIDs {
		ns = append(ns, id[31:])
	}
	return h.AccountID + fmt.Sprint(ns)
}

func dueOf(account string, n int) usecase.DueConversion {
	return usecase.DueConversion{ID: conversionID(n), Network: drops, AccountID: account, EventID: fmt.Sprint("e", n)}
}
