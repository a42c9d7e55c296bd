package domain

import (
	"cmp"
	"errors"
	"fmt"
)

// Sentinels. Adapters turn the errors of their technology into these, and
// only these decide what the outside is told.
var (
	// ErrInvalid: the input can be read, but says something that can not be.
	ErrInvalid = errors.New("invalid")
	// ErrMalformed: the input can not be read at all.
	ErrMalformed = errors.New("malformed")
	// ErrUnauthenticated: it takes somebody who is known, or a key that works.
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrExpired: the key was a good one once.
	ErrExpired = errors.New("expired")
	// ErrForbidden: who asks is known and may not do it.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound: what was asked for does not exist.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the request contradicts what is already kept.
	ErrConflict = errors.New("conflict")
	// ErrUnavailable: storage or a dependency can not be reached or is full;
	// the same request may be sent again.
	ErrUnavailable = errors.New("unavailable")
	// ErrLimited: a limit of the project is used up.
	ErrLimited = errors.New("limit exceeded")
)

// FieldError says which field of an input is wrong and what to do about it.
// Its text is shown to the person who set the bot up.
type FieldError struct {
	Field   string // path of the field as the sender wrote it, empty for the whole
	Problem string // what is wrong and what to do, without the field's name
	// Format and Args are what Problem was made of, so that it can be said in
	// another language.
	Format string
	Args   []any
	// Code is what is wrong, where somebody decides by it. Defaults to
	// RefusedField.
	Code RefusalCode
	// Value is what came in the field, where that helps to find the mistake.
	Value string
}

// Error gives "field: problem".
func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return e.Field + ": " + e.Problem
}

// Refusal takes the error apart.
func (e *FieldError) Refusal() Refusal {
	r := Refuse(cmp.Or(e.Code, RefusedField), e.Field, cmp.Or(e.Format, "%s"), e.Args...)
	if e.Format == "" {
		r.Args = []any{e.Problem}
	}
	r.Value = e.Value
	return r
}

// Within gives the error as one of an object that stands at a path: "id" within
// "message.from" is "message.from.id".
func (e *FieldError) Within(path string) *FieldError {
	out := *e
	switch {
	case path == "":
	case e.Field == "":
		out.Field = path
	default:
		out.Field = path + "." + e.Field
	}
	return &out
}

// Unwrap makes every FieldError an ErrInvalid.
func (e *FieldError) Unwrap() error { return ErrInvalid }

// Invalid makes a FieldError.
func Invalid(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...), Format: format, Args: args}
}

// InvalidAs makes a FieldError by whose code somebody decides; value is what came
// in the field.
func InvalidAs(code RefusalCode, field, value, format string, args ...any) error {
	return &FieldError{
		Field: field, Problem: fmt.Sprintf(format, args...), Format: format, Args: args, Code: code, Value: value,
	}
}

// InvalidCursor refuses a cursor that no page of the list has given.
func InvalidCursor() error {
	return Invalid("cursor", `invalid cursor; use the previous page's "next"`)
}
