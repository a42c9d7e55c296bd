package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
	metrics.Handler(r).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
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
