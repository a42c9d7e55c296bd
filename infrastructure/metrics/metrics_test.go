package metrics_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tgtrack/tgtrack/infrastructure/metrics"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	r := metrics.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "tgtrack_things_total", Help: "Things."})
	r.MustRegister(counter)
	counter.Add(3)
	answer := httptest.NewRecorder()
	metrics.Handler(r, 0).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d", answer.Code)
	}
	for _, want := range []string{"tgtrack_things_total 3\n", "go_goroutines ", "go_build_info",
		"process_resident_memory_bytes "} {
		if !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestRegistriesAreApart(t *testing.T) {
	t.Parallel()
	for range 2 {
		counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "tgtrack_same_total", Help: "The same."})
		if err := metrics.NewRegistry().Register(counter); err != nil {
			t.Error(err)
		}
	}
}

// TestHandlerIsAskedOften: however many ask, and for whatever form, the numbers
// are read once in 5 s for each of the two that there are.
func TestHandlerIsAskedOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var read atomic.Int64
		r := prometheus.NewRegistry()
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tgtrack_reads", Help: "Reads."}, func() float64 {
			return float64(read.Add(1))
		}))
		h := metrics.Handler(r, 5*time.Second)
		ask := func(accept, encoding string) string {
			answer := httptest.NewRecorder()
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
			req.Header.Set("Accept", accept)
			req.Header.Set("Accept-Encoding", encoding)
			h.ServeHTTP(answer, req)
			body := answer.Body.String()
			if answer.Header().Get("Content-Encoding") == "gzip" {
				packed, err := gzip.NewReader(answer.Body)
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(packed)
				if err != nil {
					t.Fatal(err)
				}
				body = string(b)
			}
			return body
		}
		all := func() {
			var wg sync.WaitGroup
			for range 20 {
				for _, accept := range []string{"", "text/plain", "application/vnd.google.protobuf", "*/*;q=0.1"} {
					for _, encoding := range []string{"", "gzip", "br, zstd", "gzip, deflate"} {
						wg.Go(func() {
							if text := ask(accept, encoding); !strings.Contains(text, "\ntgtrack_reads ") {
								t.Errorf("as %q, %q: %s", accept, encoding, text)
							}
						})
					}
				}
			}
			wg.Wait()
		}
		all()
		if n := read.Load(); n != 2 {
			t.Errorf("read %d times at once", n)
		}
		time.Sleep(5 * time.Second)
		all()
		if n := read.Load(); n != 4 {
			t.Errorf("read %d times by a second round", n)
		}
	})
}
