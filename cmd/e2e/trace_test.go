package e2e_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// traceReceiver is an OpenTelemetry collector that keeps what it gets.
type traceReceiver struct {
	mu    sync.Mutex
	spans []*wire.Span
	raw   bytes.Buffer
}

// ServeHTTP implements http.Handler.
func (r *traceReceiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var in collector.ExportTraceServiceRequest
	if err != nil || req.URL.Path != "/v1/traces" || proto.Unmarshal(body, &in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.raw.Write(body)
	for _, rs := range in.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			r.spans = append(r.spans, ss.Spans...)
		}
	}
}

// of gives the names of a trace's spans, the first span marked.
func (r *traceReceiver) of(id string) (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.spans {
		if hex.EncodeToString(s.TraceId) != id {
			continue
		}
		name := s.Name
		if len(s.ParentSpanId) == 0 {
			name += " (first)"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestOneTrace: a request's way to the network's answer is one trace, under
// the request's id, and nothing secret or personal is in it.
func TestOneTrace(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		r := &traceReceiver{}
		srv := httptest.NewServer(r)
		t.Cleanup(srv.Close)
		_, simEnv := networks(t)
		s := e2e.Start(t, t.TempDir(), append(append(env, simEnv...), "TGTRACK_TRACING_ENDPOINT="+srv.URL)...)
		p := newProject(s, nil)
		p.account(s, "facebook", map[string]any{"dataset_id": "88001", "access_token": "hushed-token"},
			"activation_goal", "Lead")
		start := s.Click(p.link, "fbclid=HushedClickID&utm_campaign=hushedcampaign")
		a := s.Event(p.key, "user_did_start_bot",
			fmt.Sprintf(`{"user_id":"770011223344","first_name":"Hushanna","username":"hushed_name","start_value":%q}`, start))
		id := a.Header.Get("X-Request-Id")
		if a.Code != 200 || len(id) != 32 {
			t.Fatalf("%d %q %s", a.Code, id, a.Body)
		}
		p.settled(t, s, 1, "delivered")
		want := []string{"decode", "deliver facebook", "ingest batch", "publish TGTRACK_CONVERSIONS",
			"publish TGTRACK_EVENTS", "request user_did_start_bot (first)"}
		e2e.Eventually(t, 10*time.Second, func() error {
			if d := cmp.Diff(want, r.of(id)); d != "" {
				return fmt.Errorf("spans (-want +got):\n%s", d)
			}
			return nil
		})
		refused := s.Event(p.key, "add_event", `{"user_id":"770011223344"`)
		e2e.Eventually(t, 10*time.Second, func() error {
			if got := r.of(refused.Header.Get("X-Request-Id")); len(got) != 2 {
				return fmt.Errorf("a refused request has the spans %q", got)
			}
			return nil
		})
		s.Stop()
		r.mu.Lock()
		defer r.mu.Unlock()
		var all strings.Builder
		for _, sp := range r.spans {
			all.WriteString(sp.String())
		}
		for _, secret := range []string{p.key, e2e.Token, "hush", "Hush", "770011223344", start,
			strings.TrimPrefix(start, "TGTrack-"), "e2e-secret"} {
			if strings.Contains(all.String(), secret) || bytes.Contains(r.raw.Bytes(), []byte(secret)) {
				t.Errorf("the spans hold %q", secret)
			}
		}
	})
}
