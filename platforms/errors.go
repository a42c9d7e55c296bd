package platforms

import (
	"errors"
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
)

// ErrMediaType is returned for a body that is neither JSON nor a form, under a
// header that announces neither.
var ErrMediaType = errors.New("unsupported media type")

// bodyError is a body that can not be read. Its text is shown to the sender,
// so it does not repeat the sentinel's word.
type bodyError struct {
	text string
	kind error
	// syntax: the text is no JSON, so an update may still be cut out of it.
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

// Within names the object that a field lies in: "id" within "message.from".
// Errors that name no field are returned as they are.
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

// quote shows a piece of the sender's text without letting it flood a message.
func quote(s string) string { return fmt.Sprintf("%q", Clip(s, 40)) }
