package httpapi

import (
	"context"
	"crypto/sha256"
	"errors"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// maxBody of a request of the event API.
const maxBody = 1 << 20

// maxIdempotencyKey is the longest Idempotency-Key taken.
const maxIdempotencyKey = 255

// getUserInfo is the one method that is not decoded into signals.
const getUserInfo = domain.UserInfoMethod

// unknownMethod stands in the request log for methods that are not ours.
const unknownMethod = domain.UnknownMethod

// mountEvents serves both address forms, with every verb: a wrong one is
// answered in the API's own words.
func (s *Server) mountEvents(r fiber.Router) {
	known := map[string]bool{getUserInfo: true}
	for _, m := range s.Decoder.Methods() {
		known[m] = true
	}
	for _, base := range []string{"/v1", "/API/bot-api/v1"} {
		r.All(base+"/:key/:method", func(c *fiber.Ctx) error {
			return s.event(c, known, c.Params("key"), c.Params("method"))
		})
		r.All(base+"/:method", func(c *fiber.Ctx) error {
			return s.event(c, known, bearer(c), c.Params("method"))
		})
	}
}

func bearer(c *fiber.Ctx) string {
	h := c.Get(fiber.HeaderAuthorization)
	if len(h) > 7 && strings.EqualFold(h[:7], "bearer ") {
		return strings.TrimSpace(h[7:])
	}
	return ""
}

// call is one request of the event API on its way.
type call struct {
	*Server
	ctx     context.Context
	id      string
	method  string // unknownMethod where it is not ours
	asked   string // the method in the address, where it is not ours and could be another build's
	verb    string
	in      platforms.Inbound
	encoded string // Content-Encoding
	idemKey string
	view    *usecase.ProjectView

	signals []domain.Signal
	warning string
	outcome usecase.Outcome
	people  []string // keyed hashes

	decodeBegan, decodeEnded time.Time
}

// answerWithin bounds the work on one request of the event API, waiting for a
// batch and everything else together: senders give up soon, and what hangs for
// so long is away.
const answerWithin = 1900 * time.Millisecond

// event serves one request. Everything that outlives the handler is copied,
// since Fiber uses its buffers again; the body is our own, see ownBody.
func (s *Server) event(c *fiber.Ctx, known map[string]bool, key, method string) error {
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), min(s.RequestTimeout, answerWithin))
	defer cancel()
	cl := &call{
		Server: s, ctx: ctx, id: s.requestID(c), method: unknownMethod, verb: c.Method(),
		encoded: strings.Clone(c.Get(fiber.HeaderContentEncoding)), idemKey: strings.Clone(c.Get("Idempotency-Key")),
	}
	switch {
	case known[method]:
		cl.method = strings.Clone(method)
	case cl.verb == fiber.MethodPost && platforms.IsMethodName(method):
		cl.asked = strings.Clone(method)
	}
	cl.in = platforms.Inbound{
		Method: cl.method, ContentType: strings.Clone(c.Get(fiber.HeaderContentType)), Body: c.Request().Body(),
		ReceivedAt: s.Now().UTC().Truncate(time.Microsecond),
	}
	a := cl.serve(strings.Clone(key))
	err := a.send(c, cl.id)
	s.Observer.ObserveRequest(cl.method, a.code, time.Since(start))
	cl.trace(a, start)
	return err
}

// trace tells of the request when somebody follows requests.
func (cl *call) trace(a answer, began time.Time) {
	if cl.Tracer == nil || cl.view == nil {
		return
	}
	cl.Tracer.TraceRequest(RequestTrace{
		ID: cl.id, ProjectID: cl.view.ID, Method: cl.method, Code: a.code, Signals: len(cl.signals), Began: began, Ended: time.Now(),
		DecodeBegan: cl.decodeBegan, DecodeEnded: cl.decodeEnded,
	})
}

// serve answers and leaves the request in the log. A panic is a 500 of this
// request and of no other.
func (cl *call) serve(key string) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			cl.Logger.Error("panic in the event API", "request_id", cl.id, "method", cl.method, "panic", p, "stack", string(debug.Stack()))
			a = refuse(500, cl.mode(), "")
		}
		if cl.view != nil {
			cl.log(a)
		}
	}()
	if a, refused := cl.authenticate(key); refused {
		return a
	}
	if cl.method == unknownMethod {
		return refuse(404, cl.mode(), cl.whyUnknown())
	}
	if cl.verb != fiber.MethodPost {
		return refuse(404, cl.mode(), "the methods are called with POST, this was "+cl.verb)
	}
	if a, refused := cl.checkTransport(); refused {
		return a
	}
	if cl.method == getUserInfo {
		return cl.userInfo()
	}
	return cl.write()
}

// whyUnknown says what to do about a method that no decoder has.
func (cl *call) whyUnknown() string {
	if cl.foreign() && cl.asked != "" {
		constructor := platforms.Clip(cl.view.Constructor, 40)
		return "this build of tgtrack lacks the project's constructor " + constructor +
			"; the request is kept and can be replayed with a build that has it"
	}
	return "there is no such method; the addresses of all methods are on the project's page"
}

// foreign tells whether the project's constructor is another build's. Nobody
// here can say what its requests mean, so they are kept whole.
func (cl *call) foreign() bool { return cl.view != nil && !cl.Decoder.Has(cl.view.Constructor) }

func (cl *call) mode() string {
	if cl.view == nil {
		return ""
	}
	return string(cl.view.Mode)
}

// authenticate finds the project of the key.
func (cl *call) authenticate(key string) (answer, bool) {
	if key == "" {
		return refuse(401, "", "the key is missing: it stands in the address before the method, or in the header Authorization: Bearer"), true
	}
	k, err := cl.Directory.Key(cl.ctx, key)
	if errors.Is(err, domain.ErrNotFound) {
		return refuse(401, "", "the key is unknown; copy the address from the project's page again"), true
	}
	if err != nil {
		return cl.failed("find the key", err), true
	}
	now := cl.in.ReceivedAt
	if k.RevokedAt != nil && !now.Before(*k.RevokedAt) {
		return refuse(401, "", "the key was replaced by a new one"), true
	}
	view, err := cl.Directory.View(cl.ctx, k.ProjectID)
	if errors.Is(err, domain.ErrNotFound) {
		return refuse(401, "", "the key's project was deleted"), true
	}
	if err != nil {
		return cl.failed("read the project", err), true
	}
	cl.view, cl.in.BotUsername = view, view.Username
	switch {
	case k.ExpiresAt != nil && !now.Before(*k.ExpiresAt):
		return refuse(402, cl.mode(), "the key expired at "+k.ExpiresAt.UTC().Format(time.RFC3339)), true
	case k.Kind != usecase.APIKey:
		return refuse(403, cl.mode(), "this is the key for reports; use the project's API key"), true
	case !view.Enabled:
		return refuse(403, cl.mode(), "the project is switched off"), true
	}
	return answer{}, false
}

// checkTransport refuses what can not be read whatever the method.
func (cl *call) checkTransport() (answer, bool) {
	switch {
	case packed(cl.encoded):
		return refuse(415, cl.mode(), "Content-Encoding is not supported; send the body uncompressed"), true
	case len(cl.in.Body) > maxBody:
		return refuse(400, cl.mode(), "the body is larger than 1 MiB"), true
	case len(cl.idemKey) > maxIdempotencyKey:
		return refuse(422, cl.mode(), "Idempotency-Key: is longer than 255 characters"), true
	}
	return answer{}, false
}

// write decodes, stores and answers with receipts.
func (cl *call) write() answer {
	cl.decodeBegan = time.Now()
	signals, err := cl.Decoder.Decode(cl.view.Constructor, cl.in)
	cl.decodeEnded = time.Now()
	cl.signals = signals
	if err != nil && len(signals) == 0 {
		cl.Observer.ObserveDecodeFailure(cl.view.Constructor)
		return cl.failed("decode", err)
	}
	if err != nil {
		cl.warning = err.Error()
	}
	cl.hashPeople()
	cl.outcome, err = cl.Ingest.Submit(cl.ctx, cl.arrival(signals, false))
	if err != nil {
		return cl.failed("store", err)
	}
	if cl.outcome.Refusal != "" {
		return refuse(422, cl.mode(), cl.outcome.Refusal)
	}
	events := cl.outcome.Receipts
	if events == nil {
		events = []usecase.Receipt{}
	}
	return ok(cl.mode(), eventsData{events})
}

func (cl *call) arrival(signals []domain.Signal, read bool) usecase.Arrival {
	return usecase.Arrival{
		RequestID: cl.id, Project: cl.view, Method: cl.method, IdempotencyKey: cl.idemKey, BodyHash: sha256.Sum256(cl.in.Body),
		ReceivedAt: cl.in.ReceivedAt, Signals: signals, Read: read,
	}
}

func (cl *call) hashPeople() {
	for i := range cl.signals {
		p := cl.signals[i].Person
		if p == nil {
			continue
		}
		h := usecase.PersonHash(cl.Vault, cl.personKey(cl.signals[i].Messenger, p.ID))
		if !slices.Contains(cl.people, h) {
			cl.people = append(cl.people, h)
		}
	}
}

func (cl *call) personKey(messenger string, id int64) domain.SubscriberKey {
	if messenger == "" {
		messenger = domain.Telegram
	}
	return domain.SubscriberKey{ProjectID: cl.view.ID, Messenger: messenger, UserID: id}
}

// failed turns an error into the answer for it. What the sender can not help
// is logged, what they can is told.
func (cl *call) failed(doing string, err error) answer {
	var limit *usecase.LimitError
	switch {
	case errors.As(err, &limit):
		cl.Observer.ObserveLimit(limit.Limit)
		return refuse(429, cl.mode(), limit.Error()+"; it can be raised in the project's settings").later(limit.Until.Sub(cl.in.ReceivedAt))
	case errors.Is(err, platforms.ErrMediaType):
		return refuse(415, cl.mode(), err.Error())
	case errors.Is(err, domain.ErrMalformed):
		return refuse(400, cl.mode(), err.Error())
	case errors.Is(err, domain.ErrInvalid):
		return refuse(422, cl.mode(), err.Error())
	case errors.Is(err, domain.ErrConflict):
		return refuse(409, cl.mode(), "the Idempotency-Key was used already with another body")
	case errors.Is(err, domain.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		cl.Logger.Warn("request refused for now", "request_id", cl.id, "method", cl.method, "doing", doing, "error", err)
		return refuse(503, cl.mode(), "the request was not stored; send it again").later(retryStorage)
	}
	cl.Logger.Error("request failed", "request_id", cl.id, "method", cl.method, "doing", doing, "error", err)
	return refuse(500, cl.mode(), "")
}

// retryStorage is how long clients are asked to wait when storage can not
// accept.
const retryStorage = 2 * time.Second
