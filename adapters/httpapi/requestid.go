package httpapi

import (
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// requestIDKey is where a request keeps its id.
type requestIDKey struct{}

// identify gives each request an id, says it in the answer, and counts the
// answer. Errors are answered here, so that what is counted is what is sent.
func (s *Server) identify(c *fiber.Ctx) error {
	began := time.Now()
	area := areaOf(c.Path())
	c.Set(fiber.HeaderXRequestID, s.requestID(c))
	if err := c.Next(); err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	s.Observer.ObserveHTTP(area, c.Response().StatusCode(), time.Since(began))
	return nil
}

// requestID is the id under which a request is found in answers, logs and
// traces.
func (s *Server) requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(requestIDKey{}).(string); ok {
		return id
	}
	id := s.NewID()
	c.Locals(requestIDKey{}, id)
	return id
}

// loggerOf gives the logger for lines about a request.
func (s *Server) loggerOf(c *fiber.Ctx) *slog.Logger {
	return s.Logger.With("request_id", s.requestID(c))
}

// areaOf names the part of the service that an address belongs to, as metrics
// have it: a few words, whatever is called.
func areaOf(path string) string {
	for _, a := range []struct{ prefix, area string }{
		{"/v1/", "events"}, {"/API/bot-api/", "events"}, {"/c/", "clicks"}, {apiBase + "/", "management"},
		{"/healthz", "health"}, {"/readyz", "health"}, {"/metrics", "health"}, {"/debug/", "health"},
	} {
		if strings.HasPrefix(path, a.prefix) {
			return a.area
		}
	}
	return "pages"
}
