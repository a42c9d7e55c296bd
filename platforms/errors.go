package platforms

import (
	"errors"
	"fmt"
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
	text string
	kind error
	// syntax is set if the text is not JSON: an update may still be cut out of it.
	syntax bool
}

func (e *bodyError) Error() string { return e.text }
func (e *bodyError) Unwrap() error { return e.kind }

func malformed(format string, args ...any) error {
	return &bodyError{text: fmt.Sprintf(format, args...), kind: domain.ErrMalformed}
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
	if f.Field == "" {
		return &domain.FieldError{Field: path, Problem: f.Problem}
	}
	return &domain.FieldError{Field: path + "." + f.Field, Problem: f.Problem}
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
