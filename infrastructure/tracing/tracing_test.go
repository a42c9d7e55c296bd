package tracing_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tgtrack/tgtrack/infrastructure/tracing"
)

// receiver is a collector that keeps what it gets.
type receiver struct {
	mu    sync.Mutex
	spans []*wire.Span
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var in collector.ExportTraceServiceRequest
	if err != nil || req.URL.Path != "/v1/traces" || proto.Unmarshal(body, &in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rs := range in.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			r.spans = append(r.spans, ss.Spans...)
		}
	}
}

const request = "0192f0c1a2b37c4d8e5f60718293a4b5"

func TestOneTraceWithoutCarryingIt(t *testing.T) {
	t.Parallel()
	r := &receiver{}
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	var parent string
	// Two tracers, as two processes have.
	for i, s := range []tracing.Span{
		{TraceID: request, Name: "first", First: true, Kind: trace.SpanKindServer, Began: at,
			Ended: at.Add(time.Second)},
		{TraceID: request, Name: "days later", Began: at.Add(48 * time.Hour), Ended: at.Add(49 * time.Hour),
			Failed: "retry", Attributes: []attribute.KeyValue{attribute.Int("n", 1)}},
	} {
		tr, end, err := tracing.New(t.Context(), tracing.Options{Endpoint: srv.URL, Version: "v"})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			parent = tr.Traceparent(request)
		}
		tr.Record(s)
		tr.Record(tracing.Span{TraceID: "no id", Name: "left out"})
		if err := end(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.spans) != 2 {
		t.Fatalf("%d spans: %v", len(r.spans), r.spans)
	}
	first, later := r.spans[0], r.spans[1]
	if trace.TraceID(first.TraceId).String() != request || trace.TraceID(later.TraceId).String() != request {
		t.Error("the spans are of several traces")
	}
	if len(first.ParentSpanId) != 0 || string(later.ParentSpanId) != string(first.SpanId) {
		t.Errorf("parents %x and %x", first.ParentSpanId, later.ParentSpanId)
	}
	if later.EndTimeUnixNano-first.StartTimeUnixNano != uint64(49*time.Hour) || later.Status.Message != "retry" {
		t.Errorf("%v", later)
	}
	if want := "00-" + request + "-" + trace.SpanID(first.SpanId).String() + "-01"; parent != want {
		t.Errorf("traceparent %s, want %s", parent, want)
	}
}

func TestSampleFollowsFromTheID(t *testing.T) {
	t.Parallel()
	tr, end, err := tracing.New(t.Context(), tracing.Options{Endpoint: "http://127.0.0.1:1", OneIn: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = end(context.Background()) })
	if tr.Follows(request) || !tr.Follows(request[:31]+"4") || tr.Traceparent(request) != "" {
		t.Error("which requests are followed does not follow from their ids")
	}
}

func TestOff(t *testing.T) {
	t.Parallel()
	tr, end, err := tracing.New(t.Context(), tracing.Options{})
	if err != nil || tr != nil {
		t.Fatal(tr, err)
	}
	tr.Record(tracing.Span{TraceID: request})
	if tr.Follows(request) || tr.Traceparent(request) != "" {
		t.Error("a tracer that is off follows a request")
	}
	if err := end(t.Context()); err != nil {
		t.Error(err)
	}
	if _, _, err := tracing.New(t.Context(), tracing.Options{Endpoint: "http://%zz:hush"}); err == nil ||
		strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}
