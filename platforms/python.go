package platforms

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// pythonToJSON converts the repr of a Python dict to JSON. What it can not
// convert it leaves unchanged, and the parser refuses it.
func pythonToJSON(text []byte) []byte {
	out := make([]byte, 0, len(text)+len(text)/8)
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\'' || c == '"':
			end := min(closing(text, i), len(text))
			out = appendPythonString(out, text[i+1:end])
			i = end + 1
		case c >= 'A' && c <= 'Z':
			word := text[i : i+wordLen(text[i:])]
			out = append(out, jsonWord(word)...)
			i += len(word)
		default:
			out = append(out, c)
			i++
		}
	}
	return out
}

func wordLen(b []byte) int {
	n := bytes.IndexFunc(b, func(r rune) bool { return r < 'A' || r > 'z' || r > 'Z' && r < 'a' })
	if n < 0 {
		return len(b)
	}
	return n
}

func jsonWord(word []byte) []byte {
	switch string(word) {
	case "True":
		return []byte("true")
	case "False":
		return []byte("false")
	case "None":
		return []byte("null")
	}
	return word
}

// appendPythonString appends the contents of a Python string as a JSON string.
func appendPythonString(out, s []byte) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); {
		if s[i] == '\\' && i+1 < len(s) {
			r, n := pythonEscape(s[i:])
			out = appendJSONRune(out, r)
			i += n
			continue
		}
		r, n := utf8.DecodeRune(s[i:])
		out = appendJSONRune(out, r)
		i += n
	}
	return append(out, '"')
}

func pythonEscape(s []byte) (r rune, n int) {
	digits := 0
	switch s[1] {
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'r':
		return '\r', 2
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		r, n := utf8.DecodeRune(s[1:])
		return r, n + 1
	}
	if len(s) < 2+digits {
		return utf8.RuneError, len(s)
	}
	code, err := strconv.ParseUint(string(s[2:2+digits]), 16, 32)
	if err != nil || code > utf8.MaxRune {
		return utf8.RuneError, 2 + digits
	}
	return rune(code), 2 + digits
}

func appendJSONRune(out []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(out, '\\', byte(r))
	case r < ' ':
		return append(out, '\\', 'u', '0', '0', "01"[r>>4], "0123456789abcdef"[r&15])
	}
	return utf8.AppendRune(out, r)
}
