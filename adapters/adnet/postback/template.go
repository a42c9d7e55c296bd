package postback

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// encoder writes a macro's value so that it stays one value in its place.
type encoder func(string) string

// piece of a template: text, or a macro with the encoder of its place.
type piece struct {
	text  string
	macro *macro
	enc   encoder
}

type template []piece

// parse reads a template in which every brace is a macro's.
func parse(field, text string, enc encoder) (template, error) {
	var t template
	for text != "" {
		i := strings.IndexAny(text, "{}")
		if i < 0 {
			return append(t, piece{text: text}), nil
		}
		if i > 0 {
			t = append(t, piece{text: text[:i]})
		}
		end := strings.IndexAny(text[i+1:], "{}")
		if text[i] == '}' || end < 0 || text[i+1+end] == '{' {
			return nil, domain.Invalid(field, "a brace has no partner near %q", around(text, i))
		}
		m, err := parseMacro(field, text[i+1:i+1+end])
		if err != nil {
			return nil, err
		}
		t, text = append(t, piece{macro: &m, enc: enc}), text[i+end+2:]
	}
	return t, nil
}

// around shows where a fault is, but no more than a few characters: a key may
// stand nearby.
func around(s string, i int) string {
	r := []rune(strings.ToValidUTF8(s[i:], "?"))
	return string(r[:min(len(r), 8)])
}

// parseURL reads an address: macros may stand in path and query, each encoded
// for its place, and never in what decides who is called.
func parseURL(text string) (template, error) {
	const field = "settings.url"
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || strings.ContainsAny(scheme, "{}") {
		return nil, domain.Invalid(field, "must be an address that begins with https://")
	}
	rest, _, _ = strings.Cut(rest, "#")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if strings.ContainsAny(rest[:end], "{}") {
		return nil, domain.Invalid(field, "the host must not hold a macro")
	}
	path, query, hasQuery := strings.Cut(rest[end:], "?")
	t, err := parse(field, path, inPath)
	if err != nil {
		return nil, err
	}
	t = append(template{{text: scheme + "://" + rest[:end]}}, t.sendable()...)
	if !hasQuery {
		return t, nil
	}
	q, err := parse(field, query, url.QueryEscape)
	return append(append(t, piece{text: "?"}), q.sendable()...), err
}

// sendable writes the text between macros as a request can carry it.
func (t template) sendable() template {
	for i := range t {
		t[i].text = adnet.SendablePart(t[i].text)
	}
	return t
}

// parseJSON reads a JSON body, whose own braces stay: between quotes every
// brace is a macro's, outside only one that holds a word.
func parseJSON(field, text string) (template, error) {
	word := regexp.MustCompile(`^\{[A-Za-z_][^{}"\s]*(:[^{}"]*)?\}`)
	var t template
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted && c == '}':
			return nil, domain.Invalid(field, "a brace has no partner near %q", around(text, i))
		case c == '{' && (quoted || word.MatchString(text[i:])):
			end := strings.IndexAny(text[i+1:], `{}"`)
			if end < 0 || text[i+1+end] != '}' {
				return nil, domain.Invalid(field, "a brace has no partner near %q", around(text, i))
			}
			m, err := parseMacro(field, text[i+1:i+1+end])
			if err != nil {
				return nil, err
			}
			enc := inJSON
			if quoted {
				enc = inJSONString
			}
			t = append(t, piece{text: text[start:i]}, piece{macro: &m, enc: enc})
			i += end + 1
			start = i + 1
		}
	}
	return append(t, piece{text: text[start:]}), nil
}

// inPath keeps a value one segment, even one that means "the folder above".
func inPath(s string) string {
	if s == "." || s == ".." {
		return strings.ReplaceAll(s, ".", "%2E")
	}
	return url.PathEscape(s)
}

// inJSONString writes between quotes that are there.
func inJSONString(s string) string {
	b, _ := json.Marshal(s)
	return string(b[1 : len(b)-1])
}

// inJSON writes a whole value: a number as it is, nothing as null.
func inJSON(s string) string {
	if s == "" {
		return "null"
	}
	if json.Valid([]byte(s)) && strings.Trim(s, "-+.eE0123456789") == "" {
		return s
	}
	b, _ := json.Marshal(s)
	return string(b)
}

// inHeader keeps a value on its line.
func inHeader(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

func inXML(s string) string { return html.EscapeString(s) }

func (t template) fill(c domain.Conversion) string {
	var b strings.Builder
	for _, p := range t {
		if p.macro == nil {
			b.WriteString(p.text)
			continue
		}
		b.WriteString(p.enc(p.macro.value(c)))
	}
	return b.String()
}

// named is the template with the names of its macros.
func (t template) named() string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.macro == nil:
			b.WriteString(p.text)
		case p.macro.name == "click":
			b.WriteString("{click." + p.macro.param + "}")
		default:
			b.WriteString("{" + p.macro.name + "}")
		}
	}
	return b.String()
}

// varies tells a template with macros.
func (t template) varies() bool {
	return slices.ContainsFunc(t, func(p piece) bool { return p.macro != nil })
}

// params of the click that the template needs.
func (t template) params() []string {
	var ps []string
	for _, p := range t {
		if p.macro != nil && p.macro.name == "click" {
			ps = append(ps, p.macro.param)
		}
	}
	return ps
}
