package public

import (
	"context"
	"fmt"
	"net/http"
	"net/http/pprof"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
)

// longestProfile is how long a profile may be taken, in seconds: an answer is
// written within a minute.
const longestProfile = 50

// profile serves https://pkg.go.dev/net/http/pprof to whoever has the admin
// token: profiles show what the process works on, and taking one costs time.
func profile(_ context.Context, c *fiber.Ctx) error {
	// It runs on when the connection is closed.
	if seconds := c.QueryInt("seconds"); seconds > longestProfile {
		return httpapi.Refused(http.StatusUnprocessableEntity,
			fmt.Sprintf("seconds: %d is the most", longestProfile))
	}
	h := pprof.Index // the list, and the profiles that the runtime keeps by name
	switch c.Params("profile") {
	case "cmdline":
		h = pprof.Cmdline
	case "profile":
		h = pprof.Profile
	case "symbol":
		h = pprof.Symbol
	case "trace":
		h = pprof.Trace
	}
	return adaptor.HTTPHandlerFunc(h)(c)
}
