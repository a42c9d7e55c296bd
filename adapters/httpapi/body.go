package httpapi

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// MaxBody is the most that any body may have, after unpacking.
const MaxBody = 1 << 20

// drainLimit is how much of a body that is too large is read and thrown away,
// so that its sender gets the answer rather than a broken connection.
const drainLimit = 64 << 20

// readBody reads the body of a request into memory of its own, which handlers
// may keep: at most a byte more than the route takes, and unpacked where the
// route says so. Nothing else reads or unpacks bodies. After an error the body
// is what was read of it, as it was sent.
func readBody(c *fiber.Ctx, rt *Route) error {
	encoding := codingOf(c.Get(fiber.HeaderContentEncoding))
	packed := encoding != ""
	if packed && !rt.Packed {
		noBody(c)
		return Refused(http.StatusUnsupportedMediaType,
			"Content-Encoding is not supported; send the body uncompressed")
	}
	if rt.MaxBody == 0 {
		noBody(c)
		return nil
	}
	body, err := sentBody(c, rt.MaxBody)
	if err == nil && rt.Packed {
		encoding, packed = actual(c, body, encoding)
	}
	if err == nil && packed {
		var plain []byte
		if plain, err = unpack(body, encoding, rt.MaxBody); err == nil {
			body = plain
		}
	}
	c.Request().SetBodyRaw(body)
	return err
}

// codingOf reads the header Content-Encoding, "" where the body is as it is. A
// charset does not belong there, and says nothing about packing.
func codingOf(header string) string {
	switch name := strings.ToLower(strings.TrimSpace(header)); name {
	case "identity", "none", "utf-8", "utf8", "windows-1251", "chunked", "json", "application/json", "8bit", "binary",
		"base64":
		return ""
	default:
		return name
	}
}

// actual is how a body is packed, whatever the header says: a proxy may have
// unpacked it, or dropped the header. What does not fit is noted.
func actual(c *fiber.Ctx, body []byte, encoding string) (is string, packed bool) {
	gzipped := len(body) > 2 && body[0] == 0x1f && body[1] == 0x8b
	text := bytes.TrimLeft(body, " \t\r\n\ufeff")
	plain := len(text) > 0 && (text[0] == '{' || text[0] == '[' || text[0] == '"')
	switch {
	case gzipped && encoding == "":
		noteCoding(c, "gzip, not named")
		return "gzip", true
	case plain && encoding != "":
		noteCoding(c, encoding)
		return "", false
	}
	return encoding, encoding != ""
}

func noteCoding(c *fiber.Ctx, value string) {
	st := stateOf(c)
	st.warnings = append(st.warnings, domain.Warning{Code: domain.WarnContentCoding, Value: platforms.Clip(value, 60)})
}

// Warnings are what was not in order about how a body was sent.
func Warnings(c *fiber.Ctx) []domain.Warning { return stateOf(c).warnings }

// noBody leaves a request without its body: whoever asked for a field of a form
// would else have the whole of it read, however long it is. The server reads a
// little of what is left unread, and closes the connection before more.
func noBody(c *fiber.Ctx) { c.Request().SetBodyRaw([]byte{}) }

// BodyError is what was wrong with reading the body of a request. Handlers are
// not called then; whoever looks for a key in a body has to ask.
func BodyError(c *fiber.Ctx) error { return stateOf(c).bodyErr }

// sentBody is the body as it was sent.
func sentBody(c *fiber.Ctx, most int) ([]byte, error) {
	req := c.Request()
	if !req.IsBodyStream() {
		body := bytes.Clone(req.Body())
		if len(body) > most {
			return body, tooLarge(most)
		}
		return body, nil
	}
	stream := c.Context().RequestBodyStream()
	body, err := readUpTo(stream, most+1, req.Header.ContentLength()+1)
	if err != nil {
		c.Context().SetConnectionClose()
		var ne net.Error
		if errors.As(err, &ne) && ne.Timeout() {
			return body, RefusedAs(http.StatusRequestTimeout, usecase.RefuseLate())
		}
		return body, RefusedAs(http.StatusBadRequest, usecase.RefuseBroken())
	}
	if len(body) > most {
		if _, err := io.CopyN(io.Discard, stream, drainLimit); err != io.EOF {
			c.Context().SetConnectionClose()
		}
		return body, tooLarge(most)
	}
	return body, nil
}

// How bodies are read.
const (
	// firstPart and lastPart bound the parts in which a body of unknown size is
	// read.
	firstPart = 4 << 10
	lastPart  = 256 << 10
	// promised is how much is taken for a body before anything of it has come:
	// whoever names a large one and sends none of it holds no more.
	promised = 64 << 10
)

// readUpTo reads at most so many bytes. Of a body of unknown size it keeps parts
// and joins them once: a buffer that grows would take four times as much.
func readUpTo(r io.Reader, most, size int) ([]byte, error) {
	known := size > 0
	if !known {
		size = firstPart
	}
	var parts [][]byte
	total := 0
	for part := make([]byte, 0, min(size, promised, most)); ; {
		n, err := r.Read(part[len(part):cap(part)])
		part, total = part[:len(part)+n], total+n
		if err == nil && total < most {
			switch {
			case len(part) < cap(part):
			case known && total < size: // it is meant
				part = append(make([]byte, 0, min(size, most)), part...)
			default:
				parts = append(parts, part)
				part = make([]byte, 0, min(max(firstPart, 2*cap(part)), lastPart, most-total))
			}
			continue
		}
		if err == io.EOF {
			err = nil
		}
		if len(parts) == 0 {
			return part, err
		}
		return slices.Concat(append(parts, part)...), err
	}
}

func tooLarge(most int) error {
	return RefusedAs(http.StatusRequestEntityTooLarge, usecase.RefuseLarge(most>>10))
}

// unpack unpacks no more than a byte over the bound, whatever the body would
// grow to.
func unpack(packed []byte, encoding string, most int) ([]byte, error) {
	r, err := unpacker(packed, encoding)
	if err != nil {
		return nil, err
	}
	body, err := readUpTo(r, most+1, 0)
	if err != nil {
		return nil, notPacked(encoding)
	}
	if len(body) > most {
		return nil, tooLarge(most)
	}
	return body, nil
}

func unpacker(packed []byte, encoding string) (io.Reader, error) {
	switch encoding {
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, notPacked(encoding)
		}
		return r, nil
	case "deflate":
		// Meant is zlib; some send the bare stream under this name.
		if r, err := zlib.NewReader(bytes.NewReader(packed)); err == nil {
			return r, nil
		}
		return flate.NewReader(bytes.NewReader(packed)), nil
	}
	return nil, RefusedAs(http.StatusUnsupportedMediaType, usecase.RefusePacking())
}

func notPacked(encoding string) error {
	return RefusedAs(http.StatusBadRequest, usecase.RefusePacked(encoding))
}
