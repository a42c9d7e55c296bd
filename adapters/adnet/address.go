package adnet

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/tgtrack/tgtrack/domain"
)

// Sendable writes an address so that a request can carry it: what people paste
// has blanks, letters of any alphabet and lone percent signs behind the host,
// and a server refuses a request line that has them as they are.
func Sendable(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		return address
	}
	return scheme + "://" + rest[:end] + SendablePart(rest[end:])
}

// SendablePart is Sendable for a part of path or query.
func SendablePart(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if stands(c) || c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// stands tells whether a character may stand in path and query as it is, see
// https://www.rfc-editor.org/rfc/rfc3986#section-2
func stands(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) >= 0
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// CheckAddressText refuses an address that a user entered and that no request
// could carry, or not whole. It never repeats the address, which may hold a key.
func CheckAddressText(field, address string) error {
	lower := strings.ToLower(address)
	switch {
	case address != strings.TrimSpace(address):
		return domain.Invalid(field, "begins or ends with a blank; take it away")
	case strings.ContainsFunc(address, unicode.IsControl):
		return domain.Invalid(field, "holds a line break, a tab or another control character; paste it in one line")
	case !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "http://"):
		return domain.Invalid(field, "must be an address that begins with https://")
	case strings.Contains(address, "#"):
		return domain.Invalid(field, "holds a #, and what stands behind it is never sent; write %%23 for the character")
	}
	u, err := url.Parse(Sendable(address))
	if err != nil {
		return domain.Invalid(field, "is not an address: see that the host has no blank and the port is a number")
	}
	if u.Hostname() == "" {
		return domain.Invalid(field, "has no host; write it as https://host/path")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return domain.Invalid(field, "the port must be between 1 and 65535")
		}
	}
	return nil
}
