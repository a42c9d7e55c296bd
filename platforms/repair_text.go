package platforms

import (
	"strconv"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// quotes are the marks around a text.
type quotes struct {
	open  string
	close []string
}

// quoteAt finds the mark that begins a text at i, nil for none: those of JSON,
// of other languages, and of word processors.
func quoteAt(b []byte, i int) *quotes {
	if i >= len(b) {
		return nil
	}
	switch b[i] {
	case '"':
		return &quotes{`"`, []string{`"`}}
	case '\'':
		return &quotes{`'`, []string{`'`}}
	case '`':
		return &quotes{"`", []string{"`"}}
	case 0xe2:
		switch {
		case hasAt(b, i, "“"), hasAt(b, i, "”"), hasAt(b, i, "„"):
			return &quotes{string(b[i : i+3]), []string{"”", "“"}}
		case hasAt(b, i, "‘"), hasAt(b, i, "’"):
			return &quotes{string(b[i : i+3]), []string{"’", "‘"}}
		}
	case 0xc2:
		if hasAt(b, i, "«") {
			return &quotes{"«", []string{"»"}}
		}
	}
	return nil
}

func (r *repairer) quote() *quotes { return quoteAt(r.in, r.i) }

// closes is the length of a closing mark at i, 0 for none.
func (q *quotes) closes(b []byte, i int) int {
	if i < len(b) && len(q.close) == 1 && len(q.open) == 1 {
		if b[i] == q.open[0] {
			return 1
		}
		return 0
	}
	for _, c := range q.close {
		if i < len(b) && hasAt(b, i, c) {
			return len(c)
		}
	}
	return 0
}

// text takes a text. A mark ends it only where what follows is what can follow
// a value: others are the text's own.
func (r *repairer) text(w where) bool {
	q := r.quote()
	if q.open != `"` {
		r.note(domain.WarnOtherQuotes)
	}
	r.i += len(q.open)
	r.out = append(r.out, '"')
	for r.i < len(r.in) {
		if !r.spend(1) {
			return false
		}
		if end := q.closes(r.in, r.i); end > 0 {
			if r.follows(r.i+end, w) {
				r.i += end
				r.out = append(r.out, '"')
				r.closed = true
				return true
			}
			if w == inRoot {
				return false
			}
			r.note(domain.WarnQuotes)
		}
		c := r.in[r.i]
		if c == '\\' {
			if r.backslash(q, w) {
				continue
			}
		} else if c < ' ' {
			r.note(domain.WarnControl)
			if c == 0 {
				r.i++
				continue
			}
		}
		letter, n := utf8.DecodeRune(r.in[r.i:])
		r.out = appendJSONRune(r.out, letter)
		r.i += n
	}
	return false // cut off
}

// backslash takes an escape; false if the backslash is the text's own.
func (r *repairer) backslash(q *quotes, w where) bool {
	if r.i+1 >= len(r.in) {
		return false
	}
	if end := q.closes(r.in, r.i+1); end > 0 && w == inObject && r.memberEnds(r.i+1+end) {
		// A text that ends in a backslash: within JSON as text the name of the
		// next field would begin with one, too.
		r.note(domain.WarnBackslash)
		r.out = append(r.out, `\\`...)
		r.i++
		return true
	}
	switch c := r.in[r.i+1]; c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		r.out = append(r.out, '\\', c)
		r.i += 2
		return true
	case 'u':
		if r.hex(r.i+2, 4) {
			r.out = append(r.out, r.in[r.i:r.i+6]...)
			r.i += 6
			return true
		}
	case '\'', '`':
		r.out = append(r.out, c)
		r.i += 2
		return true
	case 'x', 'U':
		if digits := map[byte]int{'x': 2, 'U': 8}[c]; r.hex(r.i+2, digits) {
			code, _ := strconv.ParseUint(string(r.in[r.i+2:r.i+2+digits]), 16, 32)
			r.out = appendJSONRune(r.out, rune(min(code, utf8.MaxRune)))
			r.i += 2 + digits
			return true
		}
	}
	r.note(domain.WarnBackslash)
	return false
}

// memberEnds tells whether the next member or the end of the whole text follows.
func (r *repairer) memberEnds(i int) bool {
	i = r.past(i)
	if i >= len(r.in) || !r.spend(1) {
		return false
	}
	switch r.in[i] {
	case '}':
		return r.past(i+1) >= len(r.in)
	case ',':
		_, _, ok := r.keyAt(r.past(i + 1))
		return ok
	}
	return false
}

func (r *repairer) hex(i, digits int) bool {
	if i+digits > len(r.in) {
		return false
	}
	_, err := strconv.ParseUint(string(r.in[i:i+digits]), 16, 32)
	return err == nil
}

// follows tells whether a value may end before i: behind it there is the end,
// or a comma and the next member.
func (r *repairer) follows(i int, w where) bool {
	i = r.past(i)
	if !r.spend(1) {
		return false
	}
	if i >= len(r.in) {
		return true
	}
	c := r.in[i]
	switch w {
	case inRoot:
		return false
	case inArray:
		return c == ']' || c == ',' && r.valueAt(r.past(i+1))
	}
	switch {
	case c == '}':
		return r.afterEnd(i + 1)
	case c == ',':
		i = r.past(i + 1)
		for i < len(r.in) && r.in[i] == ',' {
			i = r.past(i + 1)
		}
		if i >= len(r.in) || r.in[i] == '}' {
			return true
		}
		_, _, ok := r.keyAt(i)
		return ok
	case quoteAt(r.in, i) != nil: // a comma is missing
		_, _, ok := r.keyAt(i)
		return ok
	}
	return false
}

// afterEnd tells whether an object may end before i.
func (r *repairer) afterEnd(i int) bool {
	i = r.past(i)
	if i >= len(r.in) {
		return true
	}
	switch r.in[i] {
	case ',', '}', ']', ';', ')', '{':
		return true
	}
	return quoteAt(r.in, i) != nil
}

// valueAt tells whether something begins at i that may stand in a list.
func (r *repairer) valueAt(i int) bool {
	if i >= len(r.in) {
		return true
	}
	switch c := r.in[i]; {
	case c == '{', c == '[', c == ']', c == '-', c == ',', c >= '0' && c <= '9':
		return true
	case c == 't', c == 'f', c == 'n', c == 'T', c == 'F', c == 'N':
		return true
	}
	return quoteAt(r.in, i) != nil
}

func appendJSONRune(out []byte, c rune) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(out, '\\', byte(c))
	case c < ' ':
		return append(out, '\\', 'u', '0', '0', "01"[c>>4], "0123456789abcdef"[c&15])
	}
	return utf8.AppendRune(out, c)
}
