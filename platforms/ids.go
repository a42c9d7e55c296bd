package platforms

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// UserID reads the fields user_id and messenger, for methods that ask about a
// person.
func UserID(in Inbound) (id int64, messenger string, err error) {
	v, err := Object(in, "user_id")
	if err != nil {
		return 0, "", err
	}
	if messenger, err = Messenger(v); err != nil {
		return 0, "", err
	}
	id, err = ID(v, "user_id")
	return id, messenger, err
}

// Messenger reads the field messenger of bodies written by hand; "" if none is
// named, which means the project's.
func Messenger(v Value) (string, error) {
	name := strings.ToLower(Optional(v, "messenger"))
	if name == "" || slices.Contains(domain.Messengers(), name) {
		return name, nil
	}
	return "", domain.Invalid("messenger", "%s is not known; send %s, or leave it out for the project's own",
		quote(name), strings.Join(domain.Messengers(), ", "))
}

// ID reads a person's id, which must be there: that in the messenger, not one
// that the constructor has given them.
func ID(v Value, key string) (int64, error) {
	id, ok, err := readID(v.Get(key), key)
	if err == nil && !ok {
		err = domain.InvalidAs(domain.RefusedMissing, key, "",
			"is missing; send the person's id in the messenger, for example 123456789")
	}
	return id, err
}

// OptionalID reads a person's id that may be left out; a variable that the
// constructor did not replace counts as left out.
func OptionalID(v Value, key string) (id int64, ok bool, err error) {
	if text, _ := v.Get(key).Text(); text != "" {
		if _, is := Macro(text); is {
			return 0, false, nil
		}
	}
	return readID(v.Get(key), key)
}

func readID(v Value, field string) (id int64, ok bool, err error) {
	if !v.Exists() {
		return 0, false, nil
	}
	text, isText := v.Text()
	if !isText {
		return 0, false, domain.InvalidAs(domain.RefusedNotANumber, field, clip(string(v.raw)),
			"must be a number or a string of digits")
	}
	if text = strings.TrimSpace(text); text == "" {
		return 0, false, nil
	}
	if m, is := Macro(text); is {
		return 0, false, unreplaced(field, m)
	}
	id, whole := parseWhole(cutPrefixFold(text, "tg:"))
	if !whole {
		return 0, false, notAnID(field, text)
	}
	if id < 1 || id > domain.MaxUserID {
		return 0, false, domain.InvalidAs(domain.RefusedOutOfRange, field, clip(text),
			"%s is not a person's id; it must be between 1 and 2^52", quote(text))
	}
	return id, true, nil
}

// notAnID says what a text is that is no person's id.
func notAnID(field, text string) error {
	code := domain.RefusedNotANumber
	switch {
	case domain.Placeholder(text) != "":
		code = domain.RefusedPlaceholder
	case domain.Sample(text):
		code = domain.RefusedSample
	case domain.Value(text) == "":
		code = domain.RefusedNothing
	case strings.HasPrefix(text, "@"):
		code = domain.RefusedUsername
	}
	return domain.InvalidAs(code, field, clip(text),
		"%s is not a person's id in the messenger; send digits, for example 123456789", quote(text))
}

// ChatID reads the id of a channel or group, which may be negative; 0 if it was
// not given or is a public name.
func ChatID(v Value, key string) (int64, error) {
	text, isText := v.Get(key).Text()
	text = strings.TrimSpace(text)
	if _, is := Macro(text); is || text == "" && (isText || !v.Get(key).Exists()) || strings.HasPrefix(text, "@") {
		return 0, nil
	}
	id, whole := parseWhole(text)
	if !whole || id > domain.MaxUserID || id < -domain.MaxUserID {
		return 0, domain.InvalidAs(domain.RefusedNotANumber, key, clip(text),
			"%s is not a chat id; send digits, for example -1001234567890", quote(text))
	}
	return id, nil
}

// parseWhole reads a whole number. Languages that store numbers as floats write
// "5.0" and "9.87e+9". Those are converted digit by digit, since a float would
// change large ids.
func parseWhole(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, s[0] != '+'
	}
	if len(s) > 40 {
		return 0, false
	}
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n < -40 || n > 40 {
			return 0, false
		}
		mantissa, exponent = s[:i], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent -= len(fraction)
	digits := whole + fraction
	for ; exponent < 0; exponent++ {
		var zero bool
		if digits, zero = strings.CutSuffix(digits, "0"); !zero {
			return 0, false
		}
	}
	digits += strings.Repeat("0", exponent)
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && digits[0] != '+'
}

func cutPrefixFold(s, prefix string) string {
	if len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):]
	}
	return s
}
