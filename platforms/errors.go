package platforms

import (
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// ErrMediaType is returned for a body that is neither JSON nor a form and whose
// header announces neither.
var ErrMediaType = errors.New("unsupported media type")

// bodyError says why a body can not be read. Its text is shown to the sender,
// so it leaves out the text of the sentinel it wraps.
type bodyError struct {
	why  domain.Refusal
	kind error
	// syntax is set if the text is not JSON: an update may still be cut out of it.
	syntax bool
}

func (e *bodyError) Error() string { return e.why.English() }
func (e *bodyError) Unwrap() error { return e.kind }

// Refusal takes the error apart.
func (e *bodyError) Refusal() domain.Refusal { return e.why }

func malformed(code domain.RefusalCode, format string, args ...any) *bodyError {
	return &bodyError{why: domain.Refuse(code, "", format, args...), kind: domain.ErrMalformed}
}

func isSyntax(err error) bool {
	var b *bodyError
	return errors.As(err, &b) && b.syntax
}

// Within prefixes the field that an error names with the path of its object:
// "id" within "message.from" becomes "message.from.id". Errors that name no
// field are returned unchanged.
func Within(path string, err error) error {
	var f *domain.FieldError
	if path == "" || !errors.As(err, &f) {
		return err
	}
	return f.Within(path)
}

// quote shows the beginning of the sender's text, so that it can not flood a
// message.
func quote(s string) string { return Quote(s, 48) }

// Quote gives a text in quotes, in about n characters at most: what is written
// with a backslash takes up to six for one.
func Quote(s string, n int) string {
	q := strconv.Quote(Clip(s, n))
	if utf8.RuneCountInString(q) <= n+2 {
		return q
	}
	return Clip(q, n) + `…"`
}

// clip is what a person is shown of the sender's text, as it came.
func clip(s string) string { return Clip(s, 60) }

// FieldOf is the field that an error names, as a path.
func FieldOf(err error) string {
	why, _ := domain.RefusalOf(err)
	return why.Field
}
