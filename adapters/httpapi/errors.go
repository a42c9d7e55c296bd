package httpapi

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// fail answers errors that no handler answered: no such route, a body beyond
// what the server reads, a broken request. The event API's addresses get its
// envelope, all others a plain text.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	code := fiber.StatusInternalServerError
	var fe *fiber.Error
	if errors.As(err, &fe) {
		code = fe.Code
	}
	if !ofEventAPI(c.Path()) {
		return s.problem(c, err, code)
	}
	switch code {
	case fiber.StatusNotFound, fiber.StatusMethodNotAllowed:
		return refuse(404, "", "the address is {host}/v1/{key}/{method}").send(c, s.requestID(c))
	case fiber.StatusInternalServerError:
		s.loggerOf(c).Error("request failed", "error", err)
		return refuse(500, "", "").send(c, s.requestID(c))
	case fiber.StatusRequestEntityTooLarge:
		return refuse(400, "", "the body is larger than 1 MiB").send(c, s.requestID(c))
	}
	return refuse(400, "", "the request can not be read").send(c, s.requestID(c))
}

// ofEventAPI tells whether a path is one of the event API.
func ofEventAPI(path string) bool {
	return strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/API/bot-api/")
}
