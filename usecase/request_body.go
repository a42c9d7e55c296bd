package usecase

import (
	"encoding/base64"
	"unicode/utf8"
)

// MaxRequestBody is how much of a body the request log keeps, in bytes.
const MaxRequestBody = 256 << 10

// NewRequestBody gives a body as the request log keeps it: cut at
// MaxRequestBody, as text, or as base64 where it is not UTF-8. Text of control
// characters becomes base64 too: JSON writes six bytes for each, and the
// record would no longer fit a message.
func NewRequestBody(body []byte) (text, encoding string, truncated bool) {
	whole := len(body)
	if whole > MaxRequestBody {
		body = body[:MaxRequestBody]
	}
	truncated = whole > len(body)
	readable := body
	if truncated {
		readable = withoutHalfRune(body)
	}
	if utf8.Valid(readable) && escapedLen(readable) <= 2*MaxRequestBody {
		return string(readable), "", truncated
	}
	return base64.StdEncoding.EncodeToString(body), "base64", truncated
}

// withoutHalfRune drops the beginning of a character at the end of b.
func withoutHalfRune(b []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax-1, len(b)); i++ {
		tail := b[len(b)-i:]
		if !utf8.RuneStart(tail[0]) {
			continue
		}
		if !utf8.FullRune(tail) {
			return b[:len(b)-i]
		}
		return b
	}
	return b
}

// escapedLen is at least the length of text in JSON.
func escapedLen(text []byte) int {
	n := len(text)
	for _, c := range text {
		switch {
		case c == '"', c == '\\':
			n++
		case c < 0x20:
			n += 5
		case c == 0xe2: // may begin U+2028 or U+2029, which are escaped
			n += 3
		}
	}
	return n
}
