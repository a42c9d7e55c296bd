package adsim

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Kinds of Fault.
const (
	FailStatus  = "status"  // answers Status with Body, without looking
	FailLatency = "latency" // works, after Latency
	FailHang    = "hang"    // never answers
	FailReset   = "reset"   // closes the connection without looking
	FailLost    = "lost"    // counts the call, then closes the connection
	FailGarbage = "garbage" // 200 with bytes that mean nothing
	FailHuge    = "huge"    // 200 with megabytes
	FailNone    = "none"    // ends the fault
)

// Fault is how a network misbehaves.
type Fault struct {
	Fail    string            `json:"fail"`
	Rate    float64           `json:"rate"`  // share of calls, 0 to 1. Defaults to 1.
	Times   int               `json:"times"` // calls it lasts; 0: until it is ended
	Status  int               `json:"status"`
	Body    string            `json:"body"`
	Headers map[string]string `json:"headers"`
	Latency int               `json:"latency_ms"`
}

// Fail makes a network misbehave; an empty or "none" kind ends it.
func (s *Sim) Fail(network string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Fail == "" || f.Fail == FailNone {
		delete(s.faults, network)
		return
	}
	if f.Rate <= 0 {
		f.Rate = 1
	}
	s.faults[network] = &f
}

// Revoke makes a network refuse a token; Restore takes it back.
func (s *Sim) Revoke(network, token string) { s.setRevoked(network, token, true) }

// Restore makes a network take a token again.
func (s *Sim) Restore(network, token string) { s.setRevoked(network, token, false) }

func (s *Sim) setRevoked(network, token string, revoked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[network+"\x00"+token] = revoked
}

// Revoked tells whether a token is refused; "*" refuses all of a network's.
func (s *Sim) Revoked(network, token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked[network+"\x00"+token] || s.revoked[network+"\x00*"]
}

// fault is the fault that hits this call, or nil.
func (s *Sim) fault(network string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.faults[network]
	if f == nil || f.Rate < 1 && rand.Float64() >= f.Rate {
		return nil
	}
	hit := *f
	if f.Times > 0 {
		if f.Times--; f.Times == 0 {
			delete(s.faults, network)
		}
	}
	return &hit
}

func (s *Sim) misbehave(w http.ResponseWriter, r *http.Request, f Fault, net http.Handler) {
	switch f.Fail {
	case FailLatency:
		wait(r, time.Duration(f.Latency)*time.Millisecond)
		net.ServeHTTP(w, r)
	case FailHang:
		wait(r, s.o.Hang)
		hangUp(w)
	case FailLost:
		net.ServeHTTP(httptest.NewRecorder(), r)
		hangUp(w)
	case FailReset:
		hangUp(w)
	case FailGarbage:
		_, _ = w.Write([]byte("\x00\x01<<<{{{ \xff\xfe"))
	case FailHuge:
		_, _ = io.Copy(w, strings.NewReader(strings.Repeat("huge ", 4<<20)))
	default:
		for k, v := range f.Headers {
			w.Header().Set(k, v)
		}
		w.WriteHeader(max(f.Status, 200))
		_, _ = io.WriteString(w, f.Body)
	}
}

func wait(r *http.Request, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}

// hangUp breaks the connection. Behind a server that can not be taken over
// (HTTP/2) the panic that net/http knows does the same.
func hangUp(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = c.Close()
}

// control takes {"network","fail",…}, {"network","revoke"|"restore": token}.
func (s *Sim) control(w http.ResponseWriter, r *http.Request) {
	var c struct {
		Network string `json:"network"`
		Revoke  string `json:"revoke"`
		Restore string `json:"restore"`
		Fault
	}
	dec := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); r.Method != http.MethodPost || err != nil || s.nets[c.Network] == nil {
		Reply(w, http.StatusBadRequest, map[string]any{
			"error": "POST network with fail, revoke or restore", "networks": s.Networks(),
		})
		return
	}
	if !knownFault(c.Fail) {
		Reply(w, http.StatusBadRequest, map[string]any{"error": "fail is not known: " + c.Fail})
		return
	}
	if c.Revoke != "" {
		s.Revoke(c.Network, c.Revoke)
	}
	if c.Restore != "" {
		s.Restore(c.Network, c.Restore)
	}
	if c.Fail != "" {
		s.Fail(c.Network, c.Fault)
	}
	Reply(w, http.StatusOK, map[string]any{"ok": true})
}

func knownFault(f string) bool {
	switch f {
	case "", FailStatus, FailLatency, FailHang, FailReset, FailLost, FailGarbage, FailHuge, FailNone:
		return true
	}
	return false
}
