// Package tracing sends spans to an OpenTelemetry collector, over OTLP/HTTP:
// https://opentelemetry.io/docs/specs/otlp/. It knows nothing of what is
// traced, and sets no global tracer or propagator.
//
// The trace of a request has the request's own id, and the id of its first
// span follows from it. So every part of the program, in every process, can
// add to the trace whatever time has passed, and nobody has to carry or keep
// anything but the id of the request.
package tracing

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options say where spans go.
type Options struct {
	// Endpoint is the address of the collector; without a path, /v1/traces is
	// added. Empty: nothing is traced.
	Endpoint string
	// OneIn follows one request in so many. Defaults to 1, all.
	OneIn int
	// Version of the program.
	Version string
	// Logger gets failures to send, the first of a row. Defaults to none.
	Logger *slog.Logger
}

// Tracer records spans. A nil one records none.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	oneIn    uint64
}

// Span is finished work on a request.
type Span struct {
	// TraceID is the id of the request, 32 hexadecimal digits.
	TraceID string
	Name    string
	Kind    trace.SpanKind
	// First makes it the first span of its trace; others are its children.
	First        bool
	Began, Ended time.Time
	Attributes   []attribute.KeyValue
	// Failed says in a word why the work failed, empty when it did not.
	Failed string
	// Links are the ids of other requests that were worked on together.
	Links []string
}

// New makes a Tracer; nil when there is no endpoint. close sends what is left.
func New(ctx context.Context, o Options) (t *Tracer, close func(context.Context) error, err error) {
	if o.Endpoint == "" {
		return nil, func(context.Context) error { return nil }, nil
	}
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, nil, fmt.Errorf("tracing.endpoint is not an address")
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/v1/traces"
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.String()),
		otlptracehttp.WithTimeout(5*time.Second))
	if err != nil {
		return nil, nil, fmt.Errorf("set up tracing: %w", err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(&quiet{SpanExporter: exporter, logger: o.Logger}, sdk.WithBatchTimeout(time.Second)),
		sdk.WithSampler(sdk.AlwaysSample()), // Follows decides, the same way in every process
		sdk.WithIDGenerator(ids{}),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "tgtrack"),
			attribute.String("service.version", o.Version))),
	)
	return &Tracer{provider: provider, tracer: provider.Tracer("github.com/tgtrack/tgtrack"),
		oneIn: uint64(max(1, o.OneIn))}, provider.Shutdown, nil
}

// quiet logs the first of a row of failures: a collector that is away is no
// reason to fill the log, or to hand the error to a global handler.
type quiet struct {
	sdk.SpanExporter
	logger *slog.Logger
	failed atomic.Bool
}

// ExportSpans implements sdk.SpanExporter.
func (q *quiet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := q.SpanExporter.ExportSpans(ctx, spans)
	if err != nil && !q.failed.Swap(true) {
		q.logger.Warn("traces could not be sent; they are lost", "spans", len(spans), "error", err)
	}
	if err == nil {
		q.failed.Store(false)
	}
	return nil
}

// Follows tells whether a request's trace is recorded. The answer follows
// from the id, so that a trace is whole or not there.
func (t *Tracer) Follows(traceID string) bool {
	if t == nil {
		return false
	}
	id, err := trace.TraceIDFromHex(traceID)
	return err == nil && binary.BigEndian.Uint64(id[8:])%t.oneIn == 0
}

// Record records a span if its request is followed.
func (t *Tracer) Record(s Span) {
	if !t.Follows(s.TraceID) {
		return
	}
	first := rootOf(s.TraceID)
	ctx := context.Background()
	options := []trace.SpanStartOption{
		trace.WithTimestamp(s.Began), trace.WithSpanKind(s.Kind), trace.WithAttributes(s.Attributes...),
		trace.WithLinks(t.links(s.Links)...),
	}
	if s.First {
		ctx = context.WithValue(ctx, givenKey{}, first)
	} else {
		ctx = trace.ContextWithRemoteSpanContext(ctx, first)
	}
	_, span := t.tracer.Start(ctx, s.Name, options...)
	if s.Failed != "" {
		span.SetStatus(codes.Error, s.Failed)
	}
	span.End(trace.WithTimestamp(s.Ended))
}

// mostLinks bounds what one span points to.
const mostLinks = 64

func (t *Tracer) links(traceIDs []string) []trace.Link {
	var out []trace.Link
	for _, id := range traceIDs {
		if len(out) < mostLinks && t.Follows(id) {
			out = append(out, trace.Link{SpanContext: rootOf(id)})
		}
	}
	return out
}

// Traceparent is the header of https://www.w3.org/TR/trace-context/ that makes
// the work of another program part of a request's trace; empty when it is not
// followed.
func (t *Tracer) Traceparent(traceID string) string {
	if !t.Follows(traceID) {
		return ""
	}
	c := rootOf(traceID)
	return "00-" + c.TraceID().String() + "-" + c.SpanID().String() + "-01"
}

// rootOf is the first span of a request's trace.
func rootOf(traceID string) trace.SpanContext {
	id, err := trace.TraceIDFromHex(traceID)
	if err != nil {
		return trace.SpanContext{}
	}
	var span trace.SpanID
	copy(span[:], id[8:]) // the random half
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: span, TraceFlags: trace.FlagsSampled,
		Remote: true})
}

type givenKey struct{}

// ids gives the first span of a trace the ids that follow from the request.
type ids struct{}

// NewIDs implements sdk.IDGenerator.
func (i ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if c, ok := ctx.Value(givenKey{}).(trace.SpanContext); ok {
		return c.TraceID(), c.SpanID()
	}
	var id trace.TraceID
	random(id[:])
	return id, i.NewSpanID(ctx, id)
}

// NewSpanID implements sdk.IDGenerator.
func (ids) NewSpanID(context.Context, trace.TraceID) trace.SpanID {
	var id trace.SpanID
	random(id[:])
	return id
}

// random fills b. It never fails, see crypto/rand.
func random(b []byte) { _, _ = rand.Read(b) }
