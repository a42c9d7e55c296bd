// Package adsim serves simulated ad networks, and the Bot APIs of Telegram and
// MAX, for tests, the demo and cmd/adsim: one HTTP handler with a path prefix for each
// network. It keeps all that it was given and can be told to fail. The networks
// themselves lie in their own folders, as strict and as odd as the real ones:
// models of their documents, not a proof of how they behave.
package adsim

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"
)

// Options of a Sim.
type Options struct {
	// Networks are those that are simulated beside the messengers.
	Networks []Network
	Now      func() time.Time // Defaults to time.Now.
	// Stage is how long an asynchronous network stays in each state of its
	// work. Defaults to 0: an outcome is there at the first look.
	Stage time.Duration
	// Hang is how long a call hangs that was told to. Defaults to 60 s; the
	// caller's going away ends it.
	Hang time.Duration
	// Goals that exist on a simulated counter. Defaults to every target that
	// was ever sent: nothing is missing.
	Goals []string
	// MaxRepeat is after how long MAX first repeats an update that was not
	// answered 200. Defaults to 30 s.
	MaxRepeat time.Duration
	// MaxGiveUp is for how long MAX repeats an update before it ends the
	// subscription. Defaults to 8 h.
	MaxGiveUp time.Duration
}

// Item is one conversion as a network counted it.
type Item struct {
	ID       string            `json:"id"`      // our id where the network takes one, else what tells rows apart
	Account  string            `json:"account"` // dataset, counter, pixel
	Target   string            `json:"target"`
	Value    string            `json:"value,omitempty"`
	Currency string            `json:"currency,omitempty"`
	Outcome  string            `json:"outcome,omitempty"` // of an asynchronous network
	Extra    map[string]string `json:"extra,omitempty"`   // click ids and the like
	At       time.Time         `json:"at"`                // of arrival
	// Copies tells how often it came; above 1 on a network that does not
	// deduplicate it was counted so often.
	Copies int `json:"copies"`
}

// Call is a request as it arrived.
type Call struct {
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Query  string      `json:"query,omitempty"`
	Header http.Header `json:"-"`
	Body   string      `json:"body,omitempty"`
	Status int         `json:"status"` // 0: no answer was given
	At     time.Time   `json:"at"`
}

// maxCalls is how many calls of a network are kept; items are kept all.
const maxCalls = 1000

// Sim is an http.Handler. It is safe for concurrent use.
type Sim struct {
	o    Options
	nets map[string]http.Handler
	// telegram and max are among nets; tests write to their bots.
	telegram *telegram
	max      *maxBot

	mu      sync.Mutex
	items   map[string][]*Item
	index   map[string]*Item
	calls   map[string][]Call
	faults  map[string]*Fault
	revoked map[string]bool
}

// New makes a simulation.
func New(o Options) *Sim {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Hang <= 0 {
		o.Hang = time.Minute
	}
	if o.MaxRepeat <= 0 {
		o.MaxRepeat = 30 * time.Second
	}
	if o.MaxGiveUp <= 0 {
		o.MaxGiveUp = 8 * time.Hour
	}
	s := &Sim{
		o: o, nets: map[string]http.Handler{}, items: map[string][]*Item{}, index: map[string]*Item{},
		calls: map[string][]Call{}, faults: map[string]*Fault{}, revoked: map[string]bool{},
	}
	s.telegram, s.max = newTelegram(s), newMaxBot(s)
	s.nets["telegram"], s.nets["max"] = s.telegram, s.max
	for _, n := range o.Networks {
		maps.Copy(s.nets, n.Serve(s))
	}
	return s
}

// Goals that exist on a simulated counter; nil: all do.
func (s *Sim) Goals() []string { return s.o.Goals }

// Stage is how long an asynchronous network stays in each state of its work.
func (s *Sim) Stage() time.Duration { return s.o.Stage }

// Networks gives the path prefixes, sorted.
func (s *Sim) Networks() []string {
	names := make([]string, 0, len(s.nets))
	for n := range s.nets {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// ServeHTTP implements http.Handler: / a page, /_control the faults,
// /{network}/_received what came, /{network}/… the network itself.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	net := s.nets[name]
	switch {
	case name == "":
		s.page(w)
	case name == "_control":
		s.control(w, r)
	case net == nil:
		http.NotFound(w, r)
	case rest == "_received":
		Reply(w, http.StatusOK, map[string]any{"items": s.Received(name)})
	case rest == "_calls":
		Reply(w, http.StatusOK, map[string]any{"items": s.Calls(name)})
	default:
		s.serve(w, r, name, net)
	}
}

// serve hands a call to its network, under the fault that is set.
func (s *Sim) serve(w http.ResponseWriter, r *http.Request, name string, net http.Handler) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return // the caller went away
	}
	call := Call{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header.Clone(),
		Body: string(body), At: s.o.Now(),
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := &statusWriter{ResponseWriter: w}
	defer func() {
		call.Status = rec.status
		s.note(name, call)
	}()
	if f := s.fault(name); f != nil {
		s.misbehave(rec, r, *f, http.StripPrefix("/"+name, net))
		return
	}
	http.StripPrefix("/"+name, net).ServeHTTP(rec, r)
}

func (s *Sim) note(name string, c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cs := append(s.calls[name], c)
	if len(cs) > maxCalls {
		cs = cs[len(cs)-maxCalls:]
	}
	s.calls[name] = cs
}

// Record counts an item under a key by which the network tells conversions
// apart; false when it was there before.
func (s *Sim) Record(network, key string, it Item) bool {
	return s.RecordFor(network, key, it, math.MaxInt64)
}

// RecordFor is Record for a network that forgets repeats after a while.
func (s *Sim) RecordFor(network, key string, it Item, memory time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key = network + "\x00" + key
	if old := s.index[key]; old != nil && s.o.Now().Sub(old.At) < memory {
		old.Copies++
		return false
	}
	it.At, it.Copies = s.o.Now(), 1
	s.index[key] = &it
	s.items[network] = append(s.items[network], &it)
	return true
}

// Outcome sets what became of an item.
func (s *Sim) Outcome(network, key, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if it := s.index[network+"\x00"+key]; it != nil {
		it.Outcome = outcome
	}
}

// Received gives what a network counted, in the order of arrival.
func (s *Sim) Received(network string) []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := make([]Item, 0, len(s.items[network]))
	for _, it := range s.items[network] {
		items = append(items, *it)
	}
	return items
}

// Calls gives the last requests to a network.
func (s *Sim) Calls(network string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call{}, s.calls[network]...)
}

// Now is the simulation's clock.
func (s *Sim) Now() time.Time { return s.o.Now().UTC() }

// statusWriter notes what was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap serves http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Reply writes an answer as JSON.
func Reply(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "can not be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
