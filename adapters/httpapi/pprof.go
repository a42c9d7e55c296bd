package httpapi

import (
	"net/http"
	"net/http/pprof"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// mountProfiles serves https://pkg.go.dev/net/http/pprof to whoever has the
// admin's token: profiles show what the process works on, and taking one
// costs time.
func (s *Server) mountProfiles(r fiber.Router) {
	taken := map[string]http.HandlerFunc{"cmdline": pprof.Cmdline, "profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace}
	serve := func(c *fiber.Ctx) error {
		h, ok := taken[c.Params("profile")]
		if !ok { // the list, and the profiles that the runtime keeps by name
			h = pprof.Index
		}
		return adaptor.HTTPHandlerFunc(h)(c)
	}
	r.Get("/debug/pprof", s.authorize, serve)
	r.Get("/debug/pprof/:profile", s.authorize, serve)
}
