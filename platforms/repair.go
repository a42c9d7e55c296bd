package platforms

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// repairer rewrites JSON that a template has broken. It is our own and not one
// of the libraries that repair JSON, because those make something of any text:
// here a person's id and the source of a paid start depend on it, so what may
// have been cut off is refused, and the work grows with the length of the text
// alone, whoever has written it.
type repairer struct {
	in    []byte
	i     int
	out   []byte
	depth int
	steps int // that are left
	codes []domain.WarningCode
	// closed is set while the last value had an end of its own: a number at the
	// end of a text may have lost digits.
	closed bool
}

// repair gives JSON for a text that is almost JSON, and what was wrong with it.
func repair(b []byte) (out []byte, codes []domain.WarningCode, ok bool) {
	r := &repairer{in: b, steps: 12*len(b) + 1000, out: make([]byte, 0, len(b)+len(b)/8)}
	r.blanks()
	if c := r.peek(); c != '{' && c != '[' && r.quote() == nil {
		return nil, nil, false
	}
	if !r.value(inRoot) || !r.end() {
		return nil, nil, false
	}
	return r.out, r.codes, true
}

// end takes a little punctuation behind the JSON: a template's own brackets.
func (r *repairer) end() bool {
	r.blanks()
	rest := r.in[r.i:]
	if len(rest) == 0 {
		return true
	}
	if len(rest) > 8 || len(bytes.Trim(rest, "}])\"'`;,. \t\r\n")) > 0 {
		return false
	}
	r.note(domain.WarnTrailing)
	return true
}

func (r *repairer) note(c domain.WarningCode) {
	if !slices.Contains(r.codes, c) {
		r.codes = append(r.codes, c)
	}
}

// peek is the next byte, 0 at the end.
func (r *repairer) peek() byte {
	if r.i < len(r.in) {
		return r.in[r.i]
	}
	return 0
}

func (r *repairer) blanks() { r.i = r.past(r.i) }

// past is where the blanks end that begin at i; those of word processors are
// blanks, too.
func (r *repairer) past(i int) int {
	for i < len(r.in) {
		switch c := r.in[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == 0xc2 && hasAt(r.in, i, "\u00a0"):
			i += 2
		case c == 0xef && hasAt(r.in, i, "\ufeff"), c == 0xe2 && hasAt(r.in, i, "\u200b"):
			i += 3
		default:
			return i
		}
	}
	return i
}

func hasAt(b []byte, i int, s string) bool { return bytes.HasPrefix(b[i:], []byte(s)) }

// spend counts work, and is false once there was too much of it.
func (r *repairer) spend(n int) bool {
	r.steps -= n
	return r.steps > 0
}

// where a value stands: it decides what may follow it.
type where int

const (
	inRoot where = iota
	inObject
	inArray
)

func (r *repairer) value(w where) bool {
	if r.depth++; r.depth > MaxDepth || !r.spend(1) {
		return false
	}
	defer func() { r.depth-- }()
	r.blanks()
	if m := r.macro(); m != nil {
		return r.bare(w, m)
	}
	switch c := r.peek(); {
	case c == '{':
		return r.object()
	case c == '[':
		return r.array()
	case c == ',' || c == '}' && w == inObject || c == ']' && w == inArray:
		r.note(domain.WarnNoValue)
		r.out = append(r.out, "null"...)
		r.closed = true
		return true
	case r.quote() != nil:
		return r.quotedJSON() || r.text(w)
	}
	return r.bare(w, nil)
}

func (r *repairer) object() bool {
	return r.members('{', '}', func() bool { return r.key() && r.value(inObject) })
}

func (r *repairer) array() bool {
	return r.members('[', ']', func() bool { return r.value(inArray) })
}

// members reads what stands between brackets, separated by commas.
func (r *repairer) members(opens, closes byte, member func() bool) bool {
	r.i++
	r.out = append(r.out, opens)
	for n := 0; ; n++ {
		if !r.separator(closes, n) {
			return false
		}
		if r.peek() == closes {
			r.i++
			break
		}
		if r.i >= len(r.in) {
			if n == 0 || !r.closed {
				return false
			}
			r.note(domain.WarnUnclosed)
			break
		}
		if n > 0 {
			r.out = append(r.out, ',')
		}
		if !member() {
			return false
		}
	}
	r.out = append(r.out, closes)
	r.closed = true
	return true
}

// separator takes the commas before the nth member, of which there should be
// one between two and none elsewhere.
func (r *repairer) separator(end byte, n int) bool {
	commas := 0
	for r.blanks(); r.peek() == ','; r.blanks() {
		commas++
		r.i++
		if !r.spend(1) {
			return false
		}
	}
	want := 1
	if n == 0 || r.peek() == end || r.i >= len(r.in) {
		want = 0
	}
	if commas != want {
		r.note(domain.WarnComma)
	}
	return true
}

// key takes a name and the colon behind it.
func (r *repairer) key() bool {
	r.blanks()
	name, after, ok := r.keyAt(r.i)
	if !ok {
		return false
	}
	if q := r.quote(); q == nil {
		r.note(domain.WarnNoQuotes)
	} else if q.open != `"` {
		r.note(domain.WarnOtherQuotes)
	}
	r.out = append(appendJSONText(r.out, name), ':')
	r.i = after
	return true
}

// maxKeyLen bounds the names of fields in a broken text, in bytes.
const maxKeyLen = 128

// keyAt reads a name at i with the colon behind it, and says where it ends.
func (r *repairer) keyAt(i int) (name []byte, after int, ok bool) {
	q, j := quoteAt(r.in, i), i
	if q != nil {
		j = i + len(q.open)
	}
	start := j
	for ; j < len(r.in) && j-start <= maxKeyLen && r.in[j] >= ' '; j++ {
		if q != nil {
			if end := q.closes(r.in, j); end > 0 {
				if after = r.colon(j + end); after > 0 {
					r.steps -= j - start
					return r.in[start:j], after, true
				}
				break
			}
			continue
		}
		if !nameByte(r.in[j]) {
			break
		}
	}
	r.steps -= j - start
	if q == nil && j > start {
		if after = r.colon(j); after > 0 {
			return r.in[start:j], after, true
		}
	}
	return nil, 0, false
}

func nameByte(c byte) bool {
	return c == '_' || c == '$' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' ||
		c >= utf8.RuneSelf
}

// colon is where the colon or the arrow of a printed hash ends that begins
// behind i, 0 if there is none.
func (r *repairer) colon(i int) int {
	i = r.past(i)
	switch {
	case i < len(r.in) && r.in[i] == ':':
		return i + 1
	case i < len(r.in) && hasAt(r.in, i, "=>"):
		return i + 2
	}
	return 0
}

// quotedJSON takes an object or a list that a template put between quotes as it
// is. Escaped ones are ordinary texts.
func (r *repairer) quotedJSON() bool {
	q := r.quote()
	at := r.past(r.i + len(q.open))
	if at >= len(r.in) || r.in[at] != '{' && r.in[at] != '[' {
		return false
	}
	inner := r.past(at + 1)
	if r.in[at] == '[' && inner < len(r.in) && r.in[inner] == '{' {
		inner = r.past(inner + 1)
	}
	if quoteAt(r.in, inner) == nil {
		return false
	}
	i, n, codes := r.i, len(r.out), len(r.codes)
	r.i = at
	if r.value(inRoot) {
		r.blanks()
		if end := q.closes(r.in, r.i); end > 0 {
			r.i += end
			r.closed = true
			r.note(domain.WarnQuotedJSON)
			return true
		}
	}
	r.i, r.out, r.codes = i, r.out[:n], r.codes[:codes]
	return false
}

// macro is a variable at this place that was not replaced: its braces are not
// those of an object.
func (r *repairer) macro() []byte {
	if c := r.peek(); c != '{' && c != '[' && c != '#' && c != '%' {
		return nil
	}
	at := r.in[r.i:]
	m := macroInside.FindIndex(at[:min(len(at), 80)])
	if m == nil || m[0] != 0 || bytes.ContainsAny(at[:m[1]], "\":,'") {
		return nil
	}
	if at[0] == '[' && !nameByte(at[2]) {
		return nil
	}
	return at[:m[1]]
}

// bare takes a value without quotes, up to where the next member or the end
// begins.
func (r *repairer) bare(w where, macro []byte) bool {
	start := r.i
	r.i += len(macro)
	for r.i < len(r.in) && !r.follows(r.i, w) {
		if c := r.in[r.i]; c < ' ' && c != '\t' || !r.spend(1) {
			break
		}
		r.i++
	}
	text := bytes.TrimSpace(r.in[start:r.i])
	if len(text) == 0 || w == inRoot {
		return false
	}
	r.closed = false
	switch word := string(text); word {
	case "True", "False", "None", "undefined", "nil", "NULL", "NaN", "nan", "Null", "TRUE", "FALSE":
		r.note(domain.WarnPython)
		r.out = append(r.out, jsonWord(word)...)
		return true
	}
	if json.Valid(text) {
		r.out = append(r.out, text...)
		return true
	}
	r.note(domain.WarnNoQuotes)
	r.out = appendJSONText(r.out, text)
	return true
}

func jsonWord(word string) string {
	switch word {
	case "True", "TRUE":
		return "true"
	case "False", "FALSE":
		return "false"
	}
	return "null"
}

// appendJSONText appends a text as a JSON string.
func appendJSONText(out, text []byte) []byte {
	out = append(out, '"')
	for len(text) > 0 {
		c, n := utf8.DecodeRune(text)
		out = appendJSONRune(out, c)
		text = text[n:]
	}
	return append(out, '"')
}
