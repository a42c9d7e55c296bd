package main

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Addresses of networks that answer each in its way.
const (
	slowPath    = "/fair/slow"
	hangingPath = "/fair/hanging"
	promptPath  = "/fair/prompt"
	arrivedPath = "/fair/arrived"
)

// slowFor is how long the slow network takes for an answer.
const slowFor = 400 * time.Millisecond

// paces are three networks, one that is slow, one that never answers and one
// that notes when it was told of whom.
type paces struct {
	mu      sync.Mutex
	arrived map[string]int64 // Unix microseconds, by the user
}

func newPaces() *paces { return &paces{arrived: map[string]int64{}} }

// ServeHTTP implements http.Handler.
func (p *paces) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case slowPath:
		select {
		case <-time.After(slowFor):
		case <-r.Context().Done():
		}
	case hangingPath:
		<-r.Context().Done()
	case promptPath:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.arrived[r.URL.Query().Get("who")] = time.Now().UnixMicro()
	case arrivedPath:
		p.mu.Lock()
		defer p.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		// An error means that the asker went away.
		_ = json.NewEncoder(w).Encode(p.arrived)
	default:
		http.NotFound(w, r)
	}
}
