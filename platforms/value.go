package platforms

import (
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// MaxDepth is how deep objects and arrays may be nested in a body.
const MaxDepth = 64

// Value is a JSON value that was validated once and is read in place: nothing is
// allocated for parts of a body that nobody asks for. The zero Value is an
// absent one. Names are compared exactly; if a name occurs twice, the first one
// counts.
type Value struct {
	raw []byte // valid JSON without surrounding whitespace
	// front is told of what can not be read; nil where nobody listens.
	front *front
}

// Parse validates a JSON text.
func Parse(b []byte) (Value, error) {
	b = trimBlanks(b)
	switch {
	case len(b) == 0:
		return Value{}, malformed(domain.RefusedEmptyBody, "the body is empty; send a JSON object")
	case !utf8.Valid(b):
		return Value{}, malformed(domain.RefusedBody, "the body is not valid UTF-8; send it in UTF-8")
	case tooDeep(b):
		return Value{}, malformed(domain.RefusedBody, "the body is nested deeper than %d levels", MaxDepth)
	}
	if !json.Valid(b) {
		return Value{}, syntaxError(b)
	}
	return Value{raw: b}, nil
}

func syntaxError(b []byte) error {
	var v any
	var s *json.SyntaxError
	at := int64(len(b))
	if err := json.Unmarshal(b, &v); errors.As(err, &s) {
		at = s.Offset
	}
	err := malformed(domain.RefusedBody,
		"the body is not valid JSON near byte %d; check quotes and commas, and escape quotes inside values", at)
	if m := macroInside.Find(b); m != nil {
		err = malformed(domain.RefusedPlaceholder,
			"the body is not valid JSON near byte %d; the macro %s may not have been replaced by its value", at, string(m))
		err.why.Value = string(m)
	}
	err.syntax = true
	return err
}

// tooDeep counts brackets outside strings. It may be wrong about a text that is
// not JSON, which is refused anyway.
func tooDeep(b []byte) bool {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = skipString(b, i) - 1
		case '{', '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// JSON returns the value as it was written, "" if it is absent.
func (v Value) JSON() string { return string(v.raw) }

// Exists reports whether the value is present and not null.
func (v Value) Exists() bool { return len(v.raw) > 0 && v.raw[0] != 'n' }

// IsObject reports whether the value is a JSON object.
func (v Value) IsObject() bool { return len(v.raw) > 0 && v.raw[0] == '{' }

// IsArray reports whether the value is a JSON array.
func (v Value) IsArray() bool { return len(v.raw) > 0 && v.raw[0] == '[' }

// IsString reports whether the value is a JSON string.
func (v Value) IsString() bool { return len(v.raw) > 0 && v.raw[0] == '"' }

// Get returns a member of an object, the zero Value if there is none.
func (v Value) Get(key string) Value {
	c := cursorOf(v)
	for c.next() {
		if keyIs(c.key, key) {
			return c.val
		}
	}
	return Value{}
}

// At follows a path of names through nested objects.
func (v Value) At(keys ...string) Value {
	for _, k := range keys {
		v = v.Get(k)
	}
	return v
}

// Members iterates over the members of an object in their order.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		c := cursorOf(v)
		for c.next() {
			if !yield(unquote(c.key), c.val) {
				return
			}
		}
	}
}

// Elements iterates over the elements of an array in their order.
func (v Value) Elements() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if !v.IsArray() {
			return
		}
		i := skipBlanks(v.raw, 1)
		for n := 0; v.raw[i] != ']'; n++ {
			end := skip(v.raw, i)
			if !yield(n, Value{v.raw[i:end], v.front}) {
				return
			}
			if i = skipBlanks(v.raw, end); v.raw[i] == ',' {
				i = skipBlanks(v.raw, i+1)
			}
		}
	}
}

// Text returns a string, or a number as it was written; false for other values.
func (v Value) Text() (string, bool) {
	if len(v.raw) == 0 {
		return "", false
	}
	switch c := v.raw[0]; {
	case c == '"':
		return unquote(v.raw), true
	case c == '-' || c >= '0' && c <= '9':
		return string(v.raw), true
	}
	return "", false
}

// Bool reads true and false, also written as 1, 0 or text; ok is false for other
// values.
func (v Value) Bool() (value, ok bool) {
	s, isText := v.Text()
	if !isText {
		s = string(v.raw)
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}
