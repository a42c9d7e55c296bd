package metrics

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handler serves the registry as text. Metrics are for anybody, and making them
// takes time: an answer serves all who ask within every, and who asks while it is
// made waits for it. A metric that cannot be read leaves out itself, not all.
func Handler(r *prometheus.Registry, every time.Duration) http.Handler {
	return &recent{every: every, make: promhttp.HandlerFor(r, promhttp.HandlerOpts{
		Registry:      r,
		ErrorHandling: promhttp.ContinueOnError,
	})}
}

// recent keeps the last answer, plain and packed.
type recent struct {
	make  http.Handler
	every time.Duration

	mu            sync.Mutex
	made          time.Time
	plain, packed *answer
}

// answer is one that is kept. It implements http.ResponseWriter.
type answer struct {
	code   int
	header http.Header
	bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(code int) { a.code = code }

// ServeHTTP implements http.Handler.
func (h *recent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, err := h.answer(r, strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.code)
	_, _ = w.Write(a.Bytes()) // an error means that who asked is gone
}

func (h *recent) answer(r *http.Request, packed bool) (*answer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.made.IsZero() || time.Since(h.made) >= h.every {
		h.plain, h.packed, h.made = nil, nil, time.Now()
	}
	kept, encoding := &h.plain, "identity"
	if packed {
		kept, encoding = &h.packed, "gzip"
	}
	if *kept != nil {
		return *kept, nil
	}
	// Whatever forms somebody asks for, there is one.
	ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	ask.Header = http.Header{"Accept": {"text/plain"}, "Accept-Encoding": {encoding}}
	a := &answer{code: http.StatusOK, header: http.Header{"Vary": {"Accept-Encoding"}}}
	h.make.ServeHTTP(a, ask)
	*kept = a
	return a, nil
}
