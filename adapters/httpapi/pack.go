package httpapi

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// packed compresses the answers of a room that asks for it.
func (s *Server) packed(room *Room, serve fiber.Handler) fiber.Handler {
	if !room.Pack {
		return serve
	}
	return func(c *fiber.Ctx) error {
		if err := serve(c); err != nil {
			return err
		}
		s.pack(c)
		return nil
	}
}

// pack compresses what browsers and programs read: pages and JSON of some size.
// An answer to a form is left as it is, since it may show a key that was made
// just now, and so is a stream, which must not wait for more of itself. The
// library leaves alone what is short or compressed already.
func (s *Server) pack(c *fiber.Ctx) {
	if c.Method() == fiber.MethodGet && !c.Response().IsBodyStream() {
		c.Vary(fiber.HeaderAcceptEncoding)
		s.compress(c.Context())
	}
}

// newCompress is quick rather than thorough: pages are made while people wait.
func newCompress() fasthttp.RequestHandler {
	return fasthttp.CompressHandlerLevel(func(*fasthttp.RequestCtx) {}, fasthttp.CompressBestSpeed)
}
