package platforms

import (
	"bytes"
	"encoding/json"
)

// The functions in this file walk JSON that Parse found valid. On anything else
// only skipString is safe.

// cursor iterates over the members of an object.
type cursor struct {
	b   []byte
	i   int
	key []byte // with its quotes
	val Value

	front *front
}

func cursorOf(v Value) cursor {
	if !v.IsObject() {
		return cursor{}
	}
	return cursor{b: v.raw, i: skipBlanks(v.raw, 1), front: v.front}
}

// peek gives the name of the next member and the first byte of its value.
func (c *cursor) peek() (key []byte, first byte, ok bool) {
	if c.b == nil || c.b[c.i] != '"' {
		return nil, 0, false
	}
	end := skipString(c.b, c.i)
	return c.b[c.i:end], c.b[skipBlanks(c.b, skipBlanks(c.b, end)+1)], true
}

func (c *cursor) next() bool {
	if c.b == nil || c.b[c.i] != '"' {
		return false
	}
	end := skipString(c.b, c.i)
	c.key = c.b[c.i:end]
	start := skipBlanks(c.b, skipBlanks(c.b, end)+1) // over the colon
	end = skip(c.b, start)
	c.val = Value{c.b[start:end], c.front}
	if c.i = skipBlanks(c.b, end); c.b[c.i] == ',' {
		c.i = skipBlanks(c.b, c.i+1)
	}
	return true
}

// skip returns the end of the value that starts at i.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	for i < len(b) && !isDelimiter(b[i]) {
		i++
	}
	return i
}

func skipNested(b []byte, i int) int {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = skipString(b, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func skipBlanks(b []byte, i int) int {
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isDelimiter(c byte) bool { return c == ',' || c == '}' || c == ']' || isBlank(c) }

// trimBlanks removes surrounding whitespace and a byte order mark.
func trimBlanks(b []byte) []byte {
	return bytes.Trim(bytes.TrimPrefix(bytes.Trim(b, " \t\r\n"), []byte("\ufeff")), " \t\r\n")
}

func keyIs(quoted []byte, key string) bool {
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner) == key
	}
	return unquote(quoted) == key
}

func unquote(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return string(inner) // impossible: Parse accepted the string
	}
	return s
}
