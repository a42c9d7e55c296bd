package eventbus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// Trouble is something wrong with NATS or one of the streams.
type Trouble struct {
	Stream string // empty: all of them
	Is, Do string
	// Serves: it goes on all the same, and can bear no further loss.
	Serves bool
}

// Error says what is the matter and what to do.
func (t Trouble) Error() string { return t.Is + "; " + t.Do }

// Unwrap makes every trouble one of a dependency that is away.
func (t Trouble) Unwrap() error { return domain.ErrUnavailable }

// Server is the connection to NATS, as Health needs it.
type Server interface {
	// Ready is nil while there is a connection.
	Ready() error
	// Denied is the subject that the server refused moments ago, if any.
	Denied() error
}

// How Health looks.
const (
	lookTimeout = time.Second
	lookFresh   = time.Second      // one look answers all who ask meanwhile
	lookEvery   = 5 * time.Second  // for the log
	outcomeOld  = 30 * time.Second // what failed before says nothing of now
)

// Health tells how NATS and the streams stand: whether each has a leader that
// answers, how many of its copies live, and whether what this process published
// last was taken. Whoever asks in a process gets the same answer.
type Health struct {
	js     jetstream.JetStream
	server Server
	now    func() time.Time

	looking sync.Mutex // held by whoever looks
	last    []Trouble
	lastAt  time.Time

	mu       sync.Mutex
	outcomes map[string]outcome // of publishing, by stream
	unmade   map[string]*MakeError
	silent   map[string]string // streams by their consumers that do not answer
}

type outcome struct {
	at  time.Time
	err error
}

// NewHealth looks at nothing yet.
func NewHealth(js jetstream.JetStream, s Server, now func() time.Time) *Health {
	return &Health{js: js, server: s, now: orNow(now), outcomes: map[string]outcome{},
		silent: map[string]string{}}
}

// Outcome is told what became of what was published to a stream. A nil Health
// takes it, too.
func (h *Health) Outcome(stream string, err error) {
	if h == nil || errors.Is(err, errDisconnected) || errors.Is(err, context.Canceled) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.outcomes[stream] = outcome{h.now(), err}
}

// Made is told what came of making the streams, the error of Ensure.
func (h *Health) Made(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unmade = map[string]*MakeError{}
	for _, e := range makeErrors(err) {
		h.unmade[e.Stream] = e
	}
}

func (h *Health) unmadeOf(stream string) *MakeError {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unmade[stream]
}

// Deaf is told whether a consumer answers no more although its stream does. A
// nil Health takes it, too.
func (h *Health) Deaf(stream, consumer string, deaf bool) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if deaf {
		h.silent[consumer] = stream
	} else {
		delete(h.silent, consumer)
	}
}

// deafOf are the consumers of a stream that do not answer.
func (h *Health) deafOf(stream string) (out []Trouble) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for consumer, of := range h.silent {
		if of == stream {
			out = append(out, Trouble{Stream: stream, Is: "the consumer " + consumer + " of " + stream +
				" does not answer", Do: "it is made again by itself; if it stays so, see the log of the NATS servers"})
		}
	}
	return out
}

// Err is nil while all streams can be used.
func (h *Health) Err(ctx context.Context) error {
	var all []string
	for _, t := range h.Look(ctx) {
		if !t.Serves {
			all = append(all, t.Error())
		}
	}
	if len(all) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", domain.ErrUnavailable, strings.Join(all, "; "))
}

// Look says what is wrong; nothing when all is well.
func (h *Health) Look(ctx context.Context) []Trouble {
	h.looking.Lock()
	defer h.looking.Unlock()
	if !h.lastAt.IsZero() && h.now().Sub(h.lastAt) < lookFresh {
		return h.last
	}
	found := h.look(ctx)
	if ctx.Err() == nil {
		h.last, h.lastAt = found, h.now()
	}
	return found
}

func (h *Health) look(ctx context.Context) []Trouble {
	if err := h.server.Ready(); err != nil {
		return []Trouble{{Is: err.Error(), Do: "events and conversions wait in the database meanwhile"}}
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	names := Streams()
	found := make([][]Trouble, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { found[i] = h.lookAt(ctx, name) })
	}
	wg.Wait()
	if err := h.server.Denied(); err != nil {
		// What does not answer is what may not be asked.
		return []Trouble{{Is: err.Error(), Do: "give the user of NATS these rights: " + Permissions(),
			Serves: allServe(found)}}
	}
	return flat(found)
}

func allServe(found [][]Trouble) bool {
	for _, t := range flat(found) {
		if !t.Serves {
			return false
		}
	}
	return true
}

func flat(found [][]Trouble) (out []Trouble) {
	for _, ts := range found {
		out = append(out, ts...)
	}
	return out
}

func (h *Health) lookAt(ctx context.Context, name string) []Trouble {
	s, err := h.js.Stream(ctx, name)
	unmade := h.unmadeOf(name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound) && unmade != nil:
		return []Trouble{unmade.missing()}
	case err != nil:
		return []Trouble{unreachable(name, err)}
	case unmade != nil && unmade.known():
		return append(h.lookInto(name, s), unmade.otherwise())
	}
	return h.lookInto(name, s)
}

func (h *Health) lookInto(name string, s jetstream.Stream) []Trouble {
	if t, ok := lonely(name, s.CachedInfo().Cluster); ok && !t.Serves {
		return []Trouble{t}
	} else if refused, failing := h.refused(name); failing {
		return []Trouble{refused}
	} else if ok {
		return append(h.deafOf(name), t)
	}
	return h.deafOf(name)
}

// refused tells whether what was published last was not taken.
func (h *Health) refused(name string) (Trouble, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o, ok := h.outcomes[name]
	if !ok || o.err == nil || h.now().Sub(o.at) > outcomeOld {
		return Trouble{}, false
	}
	t := Trouble{Stream: name, Is: name + " does not take what is published: " + o.err.Error(),
		Do: "see the log of the NATS server, and whether its disk is full; it is tried again by itself"}
	if tooMuch(o.err) {
		t.Do = "it is full: see why nothing is sent, or raise nats.max_bytes.conversions; it is tried again by itself"
	}
	return t, true
}

// codeFull is the server's code for a stream that refuses what does not fit.
const codeFull jetstream.ErrorCode = 10077

func tooMuch(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeFull && strings.Contains(api.Description, "maximum")
}

// unreachable is a stream that does not answer.
func unreachable(name string, err error) Trouble {
	t := Trouble{Stream: name}
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		t.Is = name + " is missing"
		t.Do = "the service makes it again by itself; if it stays missing, see the log; tgtrack replay refill fills it"
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount),
		errors.Is(err, nats.ErrNoResponders):
		t.Is = "JetStream does not answer: it is switched off on the NATS server, or its cluster has no leader"
		t.Do = "switch it on (nats-server -js), or bring back more than half of the nodes"
	default:
		t.Is = name + " does not answer: " + reason(err)
		t.Do = recreateAdvice(name)
	}
	return t
}

func reason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) {
		return "the nodes that keep it are away or have no leader"
	}
	return err.Error()
}

const adviceRecreate = "bring back the nodes that keep it; if they are gone for ever, make it again with: " +
	"tgtrack streams recreate %s"

func recreateAdvice(name string) string {
	return fmt.Sprintf(adviceRecreate, name)
}

// lonely tells whether copies of a stream are away.
func lonely(name string, c *jetstream.ClusterInfo) (Trouble, bool) {
	if c == nil {
		return Trouble{}, false
	}
	if c.Leader == "" {
		return Trouble{Stream: name, Is: name + " has no leader: half of the nodes that keep it are away, or more",
			Do: recreateAdvice(name)}, true
	}
	var away []string
	for _, p := range c.Replicas {
		if p.Offline {
			away = append(away, p.Name)
		}
	}
	if len(away) == 0 {
		return Trouble{}, false
	}
	return Trouble{Stream: name, Serves: true,
		Is: fmt.Sprintf("%s has %d of %d copies: %s is away", name, 1+len(c.Replicas)-len(away), 1+len(c.Replicas),
			strings.Join(away, ", ")),
		Do: "bring the node back; one that is gone for ever is taken out with: nats server raft peer-remove"}, true
}

// Permissions lists the subjects that a user of NATS needs.
func Permissions() string {
	return "publish tgtrack.>, $JS.API.>, $JS.ACK.>; subscribe _INBOX.>"
}

// Run logs what is wrong, when that changes, until ctx ends.
func (h *Health) Run(ctx context.Context, log *slog.Logger) error {
	said := ""
	for rounds.Pause(ctx, lookEvery) {
		found := h.Look(ctx)
		texts := make([]string, len(found))
		for i, t := range found {
			texts[i] = t.Is
		}
		now := strings.Join(texts, "; ")
		if now == said || ctx.Err() != nil {
			continue
		}
		said = now
		if now == "" {
			log.Info("NATS and its streams are well again")
			continue
		}
		for _, t := range found {
			log.Warn("NATS", "is", t.Is, "do", t.Do)
		}
	}
	return nil
}
