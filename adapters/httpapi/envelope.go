package httpapi

import (
	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/platforms"
)

// Answer is the envelope of the event API, which the tables for programs of
// others use, too. Its success is HTTP 200 with status "OK"; an error has the
// HTTP status of its code.
type Answer struct {
	Status           string `json:"status"`
	Mode             string `json:"mode,omitempty"` // left out while the key is unknown
	Data             any    `json:"data,omitempty"`
	ErrorCode        int    `json:"error_code,omitempty"`
	ErrorDescription string `json:"error_description,omitempty"`
	ErrorDetails     string `json:"error_details,omitempty"`
	RequestID        string `json:"request_id,omitempty"` // of errors
}

// descriptions are the error texts of the reference document.
func descriptions() map[int]string {
	return map[int]string{
		400: "Bad request", 401: "Invalid token", 402: "Token expired", 403: "Forbidden",
		404: "Method not found", 405: "Resource not found", 409: "Data conflict",
		415: "Unsupported media type", 422: "Unprocessable entity",
		429: "Too many requests", 500: "Internal server error", 503: "Service unavailable",
	}
}

// maxDetails bounds error_details, in characters.
const maxDetails = 199

// OK makes the answer of a success.
func OK(mode string, data any) Answer { return Answer{Status: "OK", Mode: mode, Data: data} }

// Refusal makes the answer of an error with a code of the reference document.
func Refusal(code int, mode, details string) Answer {
	return Answer{
		Status: "error", Mode: mode, ErrorCode: code, ErrorDescription: descriptions()[code],
		ErrorDetails: platforms.Clip(details, maxDetails),
	}
}

// Code is the HTTP status.
func (a *Answer) Code() int {
	if a.ErrorCode != 0 {
		return a.ErrorCode
	}
	return fiber.StatusOK
}

// Send sends the answer.
func (a Answer) Send(c *fiber.Ctx) error {
	if a.ErrorCode != 0 {
		a.RequestID = RequestID(c)
	}
	return c.Status(a.Code()).JSON(a)
}
