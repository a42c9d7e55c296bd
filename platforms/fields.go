package platforms

import (
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
		return "", domain.InvalidAs(domain.RefusedMissing, key, "",
			"is missing; send a text of 1 to %d characters", MaxKey)
	}
	return s, nil
}

// OptionalKey reads a name that may be omitted; one that can not be read is left
// out.
func OptionalKey(v Value, key string) string {
	s, err := readKey(v, key)
	if err != nil {
		v.leftOut(domain.WarnLeftOut, key, shown(v.Get(key)))
		return ""
	}
	if _, is := Macro(s); is {
		return ""
	}
	return s
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

// Amount reads a sum in major units, with the currency that stands beside it;
// nil if none was given. One that can not be read is left out.
func Amount(v Value, key string) (sum *domain.Amount, currency string) {
	f := v.Get(key)
	if !f.Exists() {
		return nil, ""
	}
	s, isText := f.Text()
	if _, is := Macro(s); is || isText && strings.TrimSpace(s) == "" {
		return nil, ""
	}
	a, currency, err := domain.ParseMoney(s)
	if !isText || err != nil {
		if !isText {
			s = string(f.raw)
		}
		v.leftOut(domain.WarnLeftOut, key, s)
		return nil, ""
	}
	return &a, currency
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
