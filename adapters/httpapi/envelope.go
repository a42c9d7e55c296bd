package httpapi

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// answer of the event API. Its success is HTTP 200 with status "OK"; an error
// has the HTTP status of its code.
type answer struct {
	Status           string `json:"status"`
	Mode             string `json:"mode,omitempty"` // left out while the key is unknown
	Data             any    `json:"data,omitempty"`
	ErrorCode        int    `json:"error_code,omitempty"`
	ErrorDescription string `json:"error_description,omitempty"`
	ErrorDetails     string `json:"error_details,omitempty"`
	RequestID        string `json:"request_id,omitempty"`

	code       int
	retryAfter time.Duration
}

// eventsData is what a write answers.
type eventsData struct {
	Events []usecase.Receipt `json:"events"`
}

// descriptions are the error texts of the reference document.
var descriptions = map[int]string{
	400: "Bad request", 401: "Invalid token", 402: "Token expired", 403: "Forbidden", 404: "Method not found", 405: "Resource not found",
	409: "Data conflict", 415: "Unsupported media type", 422: "Unprocessable entity", 429: "Too many requests", 500: "Internal server error",
	503: "Service unavailable",
}

// maxDetails bounds error_details, in characters.
const maxDetails = 199

func ok(mode string, data any) answer {
	return answer{Status: "OK", Mode: mode, Data: data, code: fiber.StatusOK}
}

func refuse(code int, mode, details string) answer {
	return answer{
		Status: "error", Mode: mode, ErrorCode: code, ErrorDescription: descriptions[code], ErrorDetails: platforms.Clip(details, maxDetails), code: code,
	}
}

// later adds a Retry-After to a refusal.
func (a answer) later(d time.Duration) answer {
	a.retryAfter = d
	return a
}

func (a answer) send(c *fiber.Ctx, requestID string) error {
	if a.code != fiber.StatusOK {
		a.RequestID = requestID
	}
	if a.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, retrySeconds(a.retryAfter))
	}
	c.Set(fiber.HeaderXRequestID, requestID)
	return c.Status(a.code).JSON(a)
}

// retrySeconds writes a Retry-After: whole seconds, at least one.
func retrySeconds(d time.Duration) string {
	return strconv.Itoa(max(1, int((d+time.Second-1)/time.Second)))
}
