package httpapi

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/tgtrack/tgtrack/domain"
)

// state is what the server keeps of a request while it is served.
type state struct {
	id      string
	came    time.Time
	began   time.Time // the work on it, when its body was there
	bodyErr error
	// warnings are about how the body was sent.
	warnings []domain.Warning
}

type stateKey struct{}

// stateOf finds the state of a request; of one that the server did not see
// begin, an empty one.
func stateOf(c *fiber.Ctx) *state {
	if st, ok := c.Locals(stateKey{}).(*state); ok {
		return st
	}
	return &state{}
}

// RequestID is the id under which a request is found in answers, logs and
// traces.
func RequestID(c *fiber.Ctx) string { return stateOf(c).id }

// Began is when the service began to work on a request, whose body it had by
// then.
func Began(c *fiber.Ctx) time.Time {
	st := stateOf(c)
	if st.began.IsZero() {
		return st.came
	}
	return st.began
}

// begin gives a request its id, which the answer names.
func (s *Server) begin(c *fiber.Ctx) *state {
	if st, ok := c.Locals(stateKey{}).(*state); ok {
		return st
	}
	st := &state{id: s.NewID(), came: time.Now()}
	c.Locals(stateKey{}, st)
	c.Set(fiber.HeaderXRequestID, st.id)
	s.protect(&c.Response().Header)
	return st
}

// protect sets what browsers have to know of every answer. What may be kept,
// and a page that has something to load, says so itself.
func (s *Server) protect(h *fasthttp.ResponseHeader) {
	h.Set(fiber.HeaderCacheControl, "no-store")
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
	h.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	h.Set(fiber.HeaderPermissionsPolicy, "camera=(), display-capture=(), geolocation=(), microphone=(), payment=()")
	if s.Secure {
		h.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
	}
}

// identify gives each request an id and counts its answer. Errors are answered
// here, so that what is counted is what is sent.
func (s *Server) identify(c *fiber.Ctx) error {
	st, area := s.begin(c), areaOf(c.Path())
	if err := next(c); err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	s.Observer.ObserveHTTP(area, c.Response().StatusCode(), time.Since(st.came))
	return nil
}

// next goes on with a request. Also what looks for its sender, reads it or words
// its refusal may panic.
func next(c *fiber.Ctx) (err error) {
	defer survive(&err)
	return c.Next()
}

// areaOf names the part of the service that an address belongs to, as metrics
// have it: a few words, whatever is called.
func areaOf(path string) string {
	for _, a := range []struct{ prefix, area string }{
		{"/v1/", "events"}, {"/API/bot-api/", "events"}, {ClickBase, "clicks"}, {APIBase + "/", "management"},
		{"/healthz", "health"}, {"/readyz", "health"}, {"/metrics", "health"}, {"/debug/", "health"},
	} {
		if strings.HasPrefix(path, a.prefix) {
			return a.area
		}
	}
	return "pages"
}
