package httpapi

import (
	"fmt"
	"net/http"
	"net/http/pprof"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// longestProfile is how long a profile may be taken, in seconds: an answer is
// written within a minute.
const longestProfile = 50

// mountProfiles serves https://pkg.go.dev/net/http/pprof to whoever has the
// admin's token: profiles show what the process works on, and taking one
// costs time.
func (s *Server) mountProfiles(r fiber.Router) {
	taken := map[string]http.HandlerFunc{"cmdline": pprof.Cmdline, "profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace}
	serve := func(c *fiber.Ctx) error {
		// It runs on when the connection is closed.
		if seconds := c.QueryInt("seconds"); seconds > longestProfile {
			return s.sendProblem(c, refused(http.StatusUnprocessableEntity,
				fmt.Sprintf("seconds: %d is the most", longestProfile)))
		}
		h, ok := taken[c.Params("profile")]
		if !ok { // the list, and the profiles that the runtime keeps by name
			h = pprof.Index
		}
		return adaptor.HTTPHandlerFunc(h)(c)
	}
	r.Get("/debug/pprof", s.authorizeOperator, serve)
	r.Get("/debug/pprof/:profile", s.authorizeOperator, serve)
}
