package platforms

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// Limits on the length of texts, in characters.
const (
	MaxName = 256 // names of people, start values, tags: longer ones are truncated
	MaxKey  = 255 // event types and targets: longer ones are refused
	maxLink = 1024
)

// Clip truncates a text to n characters.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// Plain returns a text or a number as text: without surrounding spaces, without
// NUL characters, which databases refuse, and truncated to MaxName. It returns
// "" for anything else.
func Plain(v Value) string {
	s, _ := v.Text()
	return tidy(s, MaxName)
}

// Link is like Plain, for addresses, which may be longer.
func Link(v Value) string {
	s, _ := v.Text()
	return tidy(s, maxLink)
}

func tidy(s string, n int) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.TrimSpace(Clip(strings.TrimSpace(s), n))
}

// Optional is like Plain, for bodies written from templates: a variable that
// the constructor did not replace counts as absent.
func Optional(v Value, key string) string {
	s := Plain(v.Get(key))
	if _, is := Macro(s); is {
		return ""
	}
	return s
}

// FirstOf returns the value of the first field that has one.
func FirstOf(v Value, keys ...string) string {
	for _, k := range keys {
		if s := Optional(v, k); s != "" {
			return s
		}
	}
	return ""
}

// Required reads a name that must be given: an event type, a target.
func Required(v Value, key string) (string, error) {
	s, err := readKey(v, key)
	if err != nil {
		return "", err
	}
	if m, is := Macro(s); is {
		return "", unreplaced(key, m)
	}
	if s == "" {
		return "", domain.Invalid(key, "is missing; send a text of 1 to %d characters", MaxKey)
	}
	return s, nil
}

// OptionalKey reads a name that may be omitted.
func OptionalKey(v Value, key string) (string, error) {
	s, err := readKey(v, key)
	if _, is := Macro(s); is {
		return "", nil
	}
	return s, err
}

func readKey(v Value, key string) (string, error) {
	f := v.Get(key)
	if !f.Exists() {
		return "", nil
	}
	s, isText := f.Text()
	s = strings.TrimSpace(s)
	switch {
	case !isText:
		return "", domain.Invalid(key, "must be a text")
	case strings.IndexByte(s, 0) >= 0:
		return "", domain.Invalid(key, "holds a NUL character; send plain text")
	case utf8.RuneCountInString(s) > MaxKey:
		return "", domain.Invalid(key, "is longer than %d characters; send a shorter name", MaxKey)
	}
	return s, nil
}

// Amount reads a sum in major units; nil if none was given.
func Amount(v Value, key string) (*domain.Amount, error) {
	f := v.Get(key)
	if !f.Exists() {
		return nil, nil
	}
	s, isText := f.Text()
	if !isText {
		return nil, domain.Invalid(key, "must be a number, for example 1500.00")
	}
	if _, is := Macro(s); is || strings.TrimSpace(s) == "" {
		return nil, nil
	}
	a, err := domain.ParseAmount(s)
	if err != nil {
		return nil, renamed(key, err)
	}
	return &a, nil
}

func renamed(field string, err error) error {
	var f *domain.FieldError
	if errors.As(err, &f) {
		return &domain.FieldError{Field: field, Problem: f.Problem}
	}
	return domain.Invalid(field, "is not a number")
}

// Key makes a sender's key from what happened, to whom, under which name, and
// the time that the sender gave. It is empty without that time: two identical
// requests may then be two events.
func Key(s domain.Signal, name string) string {
	if s.At.IsZero() {
		return ""
	}
	return keyOf(string(s.Type), s.Person, name, s.At)
}
