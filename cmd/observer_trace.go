package cmd

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/httpapi/eventapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/tracing"
)

// tracer turns what the parts tell into spans. It is given ids, times, counts
// and words of ours; no body, address, setting or answer comes near it.
type tracer struct{ t *tracing.Tracer }

// newTracer makes a tracer, nil when nothing is traced.
func newTracer(ctx context.Context, cfg config.Config, logger *slog.Logger) (*tracer, func(), error) {
	t, closeIt, err := tracing.New(ctx, tracing.Options{Endpoint: cfg.Tracing.Endpoint,
		OneIn: cfg.Tracing.OneIn, Version: buildVersion(), Logger: logger})
	if err != nil || t == nil {
		return nil, func() {}, err
	}
	return &tracer{t}, func() {
		ctx, cancel := context.WithTimeout(context.Background(), cfg.Shutdown.Timeout/4)
		defer cancel()
		_ = closeIt(ctx) // a collector that is away gets no more
	}, nil
}

// requestOf is the id of the request that an event id begins with.
func requestOf(eventID string) string {
	id, _, _ := strings.Cut(eventID, "-")
	return id
}

// TraceRequest implements eventapi.Tracer.
func (t *tracer) TraceRequest(r eventapi.RequestTrace) {
	span := tracing.Span{
		TraceID: r.ID, Name: "request " + r.Method, Kind: trace.SpanKindServer, First: true,
		Began: r.Began, Ended: r.Ended,
		Attributes: []attribute.KeyValue{
			attribute.String("tgtrack.project", r.ProjectID), attribute.String("tgtrack.method", r.Method),
			attribute.Int("http.response.status_code", r.Code),
			attribute.Int("tgtrack.signals", r.Signals),
		},
	}
	if r.Code >= 500 {
		span.Failed = "not stored"
	}
	t.t.Record(span)
	if !r.DecodeBegan.IsZero() {
		t.t.Record(tracing.Span{TraceID: r.ID, Name: "decode", Began: r.DecodeBegan, Ended: r.DecodeEnded})
	}
}

// batch tells of a batch of ingest: one span in the trace of each request,
// linked to the others that were stored together.
func (t *tracer) batch(requestIDs []string, began, ended time.Time, err error) {
	for i, id := range requestIDs {
		if !t.t.Follows(id) {
			continue
		}
		t.t.Record(tracing.Span{
			TraceID: id, Name: "ingest batch", Began: began, Ended: ended, Failed: failure(err),
			Links:      others(requestIDs, i),
			Attributes: []attribute.KeyValue{attribute.Int("tgtrack.batch_size", len(requestIDs))},
		})
	}
}

// mostOthers bounds the links between requests of one batch: of every request
// to every other they would be the square of its size.
const mostOthers = 8

func others(ids []string, i int) []string {
	var out []string
	for n := 1; n <= min(mostOthers, len(ids)-1); n++ {
		out = append(out, ids[(i+n)%len(ids)])
	}
	return out
}

// failure is an error in a word: its text may hold what is nobody's business.
func failure(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, domain.ErrInvalid):
		return "data"
	case errors.Is(err, domain.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return "unavailable"
	}
	return "failed"
}

// Traceparent implements eventbus.Tracer.
func (t *tracer) Traceparent(eventID string) string { return t.t.Traceparent(requestOf(eventID)) }

// Relayed implements eventbus.Tracer.
func (t *tracer) Relayed(stream string, eventIDs []string, began, ended time.Time, err error) {
	for _, id := range eventIDs {
		t.t.Record(tracing.Span{
			TraceID: requestOf(id), Name: "publish " + stream, Kind: trace.SpanKindProducer,
			Began: began, Ended: ended, Failed: failure(err),
			Attributes: []attribute.KeyValue{attribute.String("tgtrack.event", id),
				attribute.Int("tgtrack.batch_size", len(eventIDs))},
		})
	}
}

// attempt tells of a call to a network: one span in the trace of each
// conversion's request.
func (t *tracer) attempt(network string, cs []domain.Conversion, vs []adnet.Verdict, began, ended time.Time) {
	for i, c := range cs {
		if i >= len(vs) {
			return
		}
		doing := "deliver "
		if c.Status == domain.Accepted {
			doing = "ask for the outcome at "
		}
		span := tracing.Span{
			TraceID: requestOf(c.EventID), Name: doing + network, Kind: trace.SpanKindClient,
			Began: began, Ended: ended,
			Attributes: []attribute.KeyValue{
				attribute.String("tgtrack.conversion", c.ID),
				attribute.String("tgtrack.ad_account", c.AccountID),
				attribute.String("tgtrack.verdict", string(vs[i].Class)),
				attribute.Int("tgtrack.batch_size", len(cs)),
				attribute.Int("tgtrack.attempts", c.Attempts),
			},
		}
		switch vs[i].Class {
		case adnet.Retry, adnet.Throttled, adnet.AuthRevoked, adnet.Misconfigured, adnet.Uncertain:
			span.Failed = string(vs[i].Class)
		}
		t.t.Record(span)
	}
}

var (
	_ eventapi.Tracer = (*tracer)(nil)
	_ eventbus.Tracer = (*tracer)(nil)
)
