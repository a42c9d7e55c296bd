// Package eventapi is the room that bot constructors call: it takes their
// webhooks at any address form, answers in the envelope they know, and leaves
// every request in the request log. What a webhook means is for packages
// platforms and usecase.
package eventapi

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// Decoder turns a request into signals; platforms.Guard is one.
type Decoder interface {
	Decode(ctx context.Context, constructor string, in platforms.Inbound) (
		[]domain.Signal, []domain.Warning, error)
	Methods() []string
	Has(constructor string) bool
	// Signature is how requests to a method are signed, nil where they are not.
	Signature(constructor, method string) *platforms.Signature
}

// People finds whom get_user_info and its like ask about.
type People interface {
	Subscriber(ctx context.Context, k domain.SubscriberKey) (domain.Subscriber, error)
	// SubscribersByKey gives those of whom anything is known, all of one project.
	SubscribersByKey(ctx context.Context, ks []domain.SubscriberKey) ([]domain.Subscriber, error)
}

// Observer sees the requests for metrics.
type Observer interface {
	ObserveRequest(method string, code int, took time.Duration)
	ObserveDecodeFailure(constructor string)
	// ObserveLimit counts requests that a limit refused.
	ObserveLimit(limit string)
}

// Tracer follows requests through the service.
type Tracer interface {
	TraceRequest(RequestTrace)
}

// RequestTrace is what a trace has of a request: ids and times, and nothing of
// its content.
type RequestTrace struct {
	ID, ProjectID, Method string
	Code, Signals         int
	Began, Ended          time.Time
	// Decoding began and ended, zero where it was not come to.
	DecodeBegan, DecodeEnded time.Time
}

// Options of an API.
type Options struct {
	RequestTimeout time.Duration // of one request; past it the answer is 503
	KeepIgnored    bool          // keep updates whole that mean nothing
}

// Deps are what an API asks.
type Deps struct {
	Ingest   *usecase.Ingest
	People   People
	Requests usecase.RequestLog
	Vault    usecase.Vault
	Decoder  Decoder
	NewID    func() string // of the requests in a batch
	Now      func() time.Time
	Logger   *slog.Logger
	Observer Observer
	Tracer   Tracer // nil: nobody follows requests
}

// API serves the event API.
type API struct {
	keepIgnored bool
	within      time.Duration
	ingest      *usecase.Ingest
	people      People
	requests    usecase.RequestLog
	vault       usecase.Vault
	decoder     Decoder
	newID       func() string
	now         func() time.Time
	logger      *slog.Logger
	observer    Observer
	tracer      Tracer
	methods     map[string]bool
}

// answerWithin bounds the work on one request, waiting for a batch and
// everything else together: senders give up soon, and what hangs for so long
// is away.
const answerWithin = 1900 * time.Millisecond

// New makes an API.
func New(o Options, d Deps) *API {
	a := &API{
		keepIgnored: o.KeepIgnored, within: min(o.RequestTimeout, answerWithin), ingest: d.Ingest,
		people: d.People, requests: d.Requests, vault: d.Vault, decoder: d.Decoder, now: d.Now,
		observer: d.Observer, tracer: d.Tracer, methods: map[string]bool{}, newID: d.NewID, logger: d.Logger,
	}
	for _, m := range slices.Concat(d.Decoder.Methods(), domain.OwnMethods()) {
		a.methods[m] = true
	}
	return a
}

// Room serves both address forms, with every verb: a wrong one is answered in
// the API's own words.
func (a *API) Room() httpapi.Room {
	room := httpapi.Room{
		Name: "event API", Bases: []string{"/v1/", "/API/bot-api/"}, Key: keyOf, Refuse: a.refuse,
		Unread: true,
	}
	for _, base := range []string{"/v1", "/API/bot-api/v1"} {
		for _, path := range []string{base + "/:key/:method", base + "/:method"} {
			room.Routes = append(room.Routes, httpapi.Route{
				Method: httpapi.AnyMethod, Path: path, Right: usecase.ForAPIKey,
				MaxBody: httpapi.MaxBody, Packed: true,
				Within: a.within, Serve: a.serve,
			})
		}
	}
	return room
}

// keyOf finds the key in the address, or in the header where the address has
// none.
func keyOf(c *fiber.Ctx) (string, error) {
	if key := httpapi.TidyKey(c.Params("key")); key != "" {
		return key, nil
	}
	if key := httpapi.Bearer(c); key != "" {
		return key, nil
	}
	return keyAlone(c), nil
}

// keyAlone is a key behind which the address ends: it names no method, and its
// project is told so.
func keyAlone(c *fiber.Ctx) string {
	if text := httpapi.TidyKey(c.Params("method")); c.Params("key") == "" && usecase.IsKey(text) {
		return text
	}
	return ""
}

func (a *API) serve(ctx context.Context, c *fiber.Ctx) error {
	cl := a.call(ctx, c)
	answer, err := cl.serve()
	if err != nil {
		return err
	}
	return cl.finish(c, answer)
}

func (a *API) refuse(ctx context.Context, c *fiber.Ctx, status int, err error) error {
	if httpapi.IsOfServer(err) { // it came to no method
		return serverRefusal(status).Send(c)
	}
	cl := a.call(ctx, c)
	return cl.finish(c, cl.refusal(status, err))
}
