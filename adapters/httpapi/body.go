package httpapi

import (
	"bytes"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// drainLimit is how much of a body that is too large is read and thrown away,
// so that its sender gets the answer rather than a broken connection.
const drainLimit = 64 << 20

// ownBody reads the body into memory of its own, at most a byte more than
// the limit: handlers may keep it, and no body takes more memory than that. One
// that is packed is not unpacked anywhere, where it could grow without limit;
// the event API refuses it in its own words.
func ownBody(c *fiber.Ctx) error {
	if packed(c.Get(fiber.HeaderContentEncoding)) && !ofEventAPI(c.Path()) {
		return fiber.NewError(fiber.StatusUnsupportedMediaType, "Content-Encoding is not supported; send the body uncompressed")
	}
	req := c.Request()
	if !req.IsBodyStream() {
		return c.Next()
	}
	stream := c.Context().RequestBodyStream()
	var b bytes.Buffer
	if n := req.Header.ContentLength(); n > 0 {
		b.Grow(min(n, maxBody) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(io.LimitReader(stream, maxBody+1)); err != nil {
		return fiber.ErrBadRequest
	}
	if b.Len() > maxBody {
		if _, err := io.CopyN(io.Discard, stream, drainLimit); err != io.EOF {
			c.Context().SetConnectionClose()
		}
	}
	req.SetBodyRaw(b.Bytes())
	return c.Next()
}

// packed tells whether a body of that Content-Encoding has to be unpacked.
func packed(encoding string) bool { return encoding != "" && !strings.EqualFold(encoding, "identity") }
