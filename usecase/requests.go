package usecase

import (
	"cmp"
	"context"
	"encoding/base64"
	"time"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// RequestRecord is one authenticated request in the request log, document
// tgtrack.request.v1.
type RequestRecord struct {
	Schema    string `json:"schema"`
	ID        string `json:"id"`
	CallID    string `json:"call_id,omitempty"` // of the batch that brought it
	ProjectID string `json:"project_id"`
	Method    string `json:"method"` // domain.UnknownMethod if no decoder had it
	// Asked is the method in the address if no decoder had it: a build that has
	// one can take the request later.
	Asked       string `json:"asked_method,omitempty"`
	Constructor string `json:"constructor"`
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"body"`
	Encoding    string `json:"encoding,omitempty"` // "base64" where the body is not UTF-8
	Size        int    `json:"size"`               // of the body as received, bytes
	Truncated   bool   `json:"truncated,omitempty"`
	// LeftOut says why the body is not kept, where it is not.
	LeftOut    LeftOut   `json:"body_left_out,omitempty"`
	Ignored    bool      `json:"ignored,omitempty"` // an update that means nothing: only kind and ids were kept
	ReceivedAt time.Time `json:"received_at"`
	Code       int       `json:"code"` // of the answer: 200 or the error code
	Error      string    `json:"error,omitempty"`
	// Refusal is why it was refused, as a code and a sentence with its values.
	// Error says it in English, behind the name of the code.
	Refusal *domain.Refusal `json:"refusal,omitempty"`
	// Warnings are what was repaired in the request, or left out of it. Warning
	// says them in English.
	Warnings []domain.Warning `json:"warnings,omitempty"`
	Warning  string           `json:"warning,omitempty"`
	// Signed tells whether the constructor's signature was right, nil where the
	// project keeps no secret to check one with. The body of a request that was
	// not signed as it should is not kept.
	Signed   *bool     `json:"signed,omitempty"`
	Decoded  any       `json:"decoded,omitempty"` // what the body was read as
	Receipts []Receipt `json:"events,omitempty"`
	Replayed bool      `json:"replayed,omitempty"` // answered from an Idempotency-Key
	// PersonHashes are keyed hashes of the people named, for erasure and for
	// the filter by user. They travel in a header.
	PersonHashes []string `json:"-"`
}

// Warn puts warnings into the record.
func (r *RequestRecord) Warn(ws []domain.Warning) {
	r.Warnings, r.Warning = ws, domain.JoinWarnings(ws, i18n.English)
}

// WarningIn says the warnings in a language. Records of versions that knew no
// codes have them in English alone.
func (r RequestRecord) WarningIn(l i18n.Language) string {
	if len(r.Warnings) == 0 {
		return r.Warning
	}
	return domain.JoinWarnings(r.Warnings, l)
}

// Called is the method that the sender called, whether or not it was known.
func (r RequestRecord) Called() string { return cmp.Or(r.Asked, r.Method) }

// LeftOut is why a record lacks the body of its request.
type LeftOut string

// Reasons why a body is not kept.
const (
	LeftOutShare     LeftOut = "share"     // its project has its share of the log
	LeftOutSize      LeftOut = "size"      // it did not fit into a message
	LeftOutSignature LeftOut = "signature" // whoever sent it: it was not signed as it should be
	LeftOutDisk      LeftOut = "disk"      // it was refused for want of room, and there was none for it either
)

// LeftOuts lists them.
func LeftOuts() []LeftOut { return []LeftOut{LeftOutShare, LeftOutSize, LeftOutSignature, LeftOutDisk} }

// Bounds of a record without body: one that brought thousands of events is
// small, too.
const (
	leftReceipts = 100
	leftPersons  = 100
)

// WithoutBody is the record without what came in the request, and why. Whom it
// named beyond the first it forgets: nothing of them is in it.
func (r RequestRecord) WithoutBody(why LeftOut) RequestRecord {
	r.Body, r.Encoding, r.Decoded, r.LeftOut = "", "", nil, why
	r.Receipts = r.Receipts[:min(len(r.Receipts), leftReceipts)]
	if why == LeftOutShare {
		r.Truncated = false
		r.PersonHashes = r.PersonHashes[:min(len(r.PersonHashes), leftPersons)]
	}
	return r
}

// Receipt is what a write answers for one event.
type Receipt struct {
	ID        string           `json:"id"`
	Type      domain.EventType `json:"type"`
	Duplicate bool             `json:"duplicate"`
}

// RequestLog keeps authenticated requests.
type RequestLog interface {
	// Keep writes records before the answer, for requests that were refused;
	// when the log can not be reached in time they are buffered like others.
	Keep(ctx context.Context, rs ...RequestRecord)
	// Buffer writes a record soon, from a bounded buffer.
	Buffer(r RequestRecord)
	// Last reads the newest records of a project, newest first.
	Last(ctx context.Context, projectID string, limit int) ([]RequestRecord, error)
	// LastCalls reads those of the newest calls: a batch is one, however many
	// requests it brought.
	LastCalls(ctx context.Context, projectID string, calls int) ([]RequestRecord, error)
	// Call reads the requests of a batch, newest first; domain.ErrNotFound for one
	// of which nothing is kept.
	Call(ctx context.Context, projectID, id string) ([]RequestRecord, error)
}

// How much of a body the request log keeps, in bytes: of a request that was
// taken, or that we could not take, and of one that was refused.
const (
	MaxRequestBody = 256 << 10
	MaxRefusedBody = 8 << 10
)

// NewRequestBody gives a body as the request log keeps it: cut at most bytes,
// as text, or as base64 where it is not UTF-8. Text of control
// characters becomes base64 too: JSON writes six bytes for each, and the
// record would no longer fit a message.
func NewRequestBody(body []byte, most int) (text, encoding string, truncated bool) {
	whole := len(body)
	if whole > most {
		body = body[:most]
	}
	truncated = whole > len(body)
	readable := body
	if truncated {
		readable = withoutHalfRune(body)
	}
	if utf8.Valid(readable) && escapedLen(readable) <= 2*most {
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
