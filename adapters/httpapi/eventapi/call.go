package eventapi

import (
	"context"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// maxIdempotencyKey is the longest Idempotency-Key taken.
const maxIdempotencyKey = 255

// unknownMethod stands in the request log for methods that are not ours.
const unknownMethod = domain.UnknownMethod

// eventsData is what a write answers.
type eventsData struct {
	Events []usecase.Receipt `json:"events"`
}

// call is one request of the event API on its way.
type call struct {
	*API
	ctx     context.Context
	id      string
	callID  string // of the batch that it came in
	began   time.Time
	method  string // unknownMethod where it is not ours
	asked   string // the method in the address, where it is not ours and could be another build's
	verb    string
	in      platforms.Inbound
	idemKey string
	view    *usecase.ProjectView // nil while the project is not known

	signature *signature // nil where none is asked for

	signals  []domain.Signal
	warnings []domain.Warning
	outcome  usecase.Outcome
	hashes   []string        // keyed, of the people in it
	why      *domain.Refusal // nil for what is taken
	spared   bool            // whole, and before the answer: it can be taken later
	logged   bool            // what it brought is in the log in its place
	unkept   bool            // there is no room on the disk for its body

	decodeBegan, decodeEnded time.Time
}

type callKey struct{}

// call finds the call that a request is, so that an error on its way is worded
// and logged with all that is known by then. Everything that outlives the
// handler is copied, since Fiber uses its buffers again; the body is our own.
func (a *API) call(ctx context.Context, c *fiber.Ctx) *call {
	if cl, ok := c.Locals(callKey{}).(*call); ok {
		return cl
	}
	cl := &call{
		API: a, ctx: ctx, id: httpapi.RequestID(c), began: httpapi.Began(c),
		method: unknownMethod, verb: c.Method(), idemKey: strings.Clone(c.Get("Idempotency-Key")),
	}
	if keyAlone(c) == "" {
		cl.name(httpapi.TidyKey(c.Params("method")))
	}
	cl.in = platforms.Inbound{
		Method: cl.method, ContentType: strings.Clone(c.Get(fiber.HeaderContentType)),
		Body: c.Request().Body(), ReceivedAt: a.now().UTC().Truncate(time.Microsecond),
	}
	cl.in.Warnings = httpapi.Warnings(c)
	if holder := usecase.AdmissionOf(ctx).Key; holder != nil && holder.View != nil {
		cl.view, cl.in.BotUsername, cl.in.Zone = holder.View, holder.View.Username, holder.View.Zone
	}
	cl.signature = cl.signatureOf(c.Get)
	c.Locals(callKey{}, cl)
	return cl
}

// name says which method is called.
func (cl *call) name(method string) {
	switch {
	case cl.methods[method]:
		cl.method = strings.Clone(method)
	case cl.verb == fiber.MethodPost && platforms.IsMethodName(method):
		cl.asked = strings.Clone(method)
	}
}

// finish answers, and leaves the request in the log where its project is
// known.
func (cl *call) finish(c *fiber.Ctx, a httpapi.Answer) error {
	if cl.view != nil && !cl.logged {
		cl.log(a)
	}
	err := a.Send(c)
	cl.observe(a)
	return err
}

func (cl *call) observe(a httpapi.Answer) {
	cl.observer.ObserveRequest(cl.method, a.Code(), time.Since(cl.began))
	cl.trace(a)
}

// trace tells of the request when somebody follows requests.
func (cl *call) trace(a httpapi.Answer) {
	if cl.tracer == nil || cl.view == nil {
		return
	}
	cl.tracer.TraceRequest(RequestTrace{
		ID: cl.id, ProjectID: cl.view.ID, Method: cl.method, Code: a.Code(), Signals: len(cl.signals),
		Began: cl.began,
		Ended: time.Now(), DecodeBegan: cl.decodeBegan, DecodeEnded: cl.decodeEnded,
	})
}

func (cl *call) serve() (httpapi.Answer, error) {
	switch {
	case cl.method == unknownMethod:
		return httpapi.Answer{}, httpapi.RefusedAs(http.StatusNotFound, cl.whyUnknown())
	case cl.verb != fiber.MethodPost:
		return httpapi.Answer{}, httpapi.RefusedAs(http.StatusNotFound, usecase.RefuseVerb(cl.verb))
	case len(cl.idemKey) > maxIdempotencyKey:
		return httpapi.Answer{}, domain.Invalid("Idempotency-Key", "is longer than %d characters",
			maxIdempotencyKey)
	case cl.method == domain.UserInfoMethod:
		return cl.userInfo()
	case cl.method == domain.UsersInfoMethod:
		return cl.usersInfo()
	case cl.method == domain.BatchMethod:
		return cl.batch()
	}
	return cl.write()
}

// whyUnknown says what to do about a method that no decoder has.
func (cl *call) whyUnknown() domain.Refusal {
	if cl.foreign() && cl.asked != "" {
		return usecase.RefuseConstructor(platforms.Clip(cl.view.Constructor, 40))
	}
	return usecase.RefuseMethod()
}

// foreign tells whether the project's constructor is another build's. Nobody
// here can say what its requests mean, so they are kept whole.
func (cl *call) foreign() bool { return cl.view != nil && !cl.decoder.Has(cl.view.Constructor) }

func (cl *call) mode() string {
	if cl.view == nil {
		return ""
	}
	return string(cl.view.Mode)
}

// write decodes, stores and answers with receipts.
func (cl *call) write() (httpapi.Answer, error) {
	err := cl.decode()
	if err != nil {
		return httpapi.Answer{}, err
	}
	if cl.outcome, err = cl.ingest.Submit(cl.ctx, cl.arrival(cl.signals, false)); err != nil {
		return httpapi.Answer{}, err
	}
	return cl.taken(), nil
}

// decode checks who sent the body and reads it into signals.
func (cl *call) decode() error {
	if err := cl.checkSignature(); err != nil {
		return err
	}
	cl.decodeBegan = time.Now()
	signals, warnings, err := cl.decoder.Decode(cl.ctx, cl.view.Constructor, cl.in)
	cl.decodeEnded = time.Now()
	cl.signals, cl.warnings = signals, warnings
	if err != nil {
		cl.observer.ObserveDecodeFailure(cl.view.Constructor)
		return err
	}
	cl.hashPeople()
	return nil
}

// taken answers what was stored.
func (cl *call) taken() httpapi.Answer {
	if cl.outcome.Refusal != "" {
		cl.why = cl.outcome.Why
		return httpapi.Refusal(http.StatusUnprocessableEntity, cl.mode(), cl.outcome.Refusal)
	}
	events := cl.outcome.Receipts
	if events == nil {
		events = []usecase.Receipt{}
	}
	return httpapi.OK(cl.mode(), eventsData{events})
}

func (cl *call) arrival(signals []domain.Signal, read bool) usecase.Arrival {
	return usecase.Arrival{
		RequestID: cl.id, Project: cl.view, Method: cl.method, IdempotencyKey: cl.idemKey,
		BodyHash: sha256.Sum256(cl.in.Body), ReceivedAt: cl.in.ReceivedAt, Signals: signals, Read: read,
	}
}

func (cl *call) hashPeople() {
	for i := range cl.signals {
		p := cl.signals[i].Person
		if p == nil {
			continue
		}
		h := usecase.PersonHash(cl.vault, cl.personKey(cl.signals[i].Messenger, p.ID))
		if !slices.Contains(cl.hashes, h) {
			cl.hashes = append(cl.hashes, h)
		}
	}
}

func (cl *call) personKey(messenger string, id int64) domain.SubscriberKey {
	return domain.SubscriberKey{ProjectID: cl.view.ID, Messenger: cl.view.MessengerOf(messenger), UserID: id}
}
