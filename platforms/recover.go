package platforms

import (
	"regexp"

	"github.com/tgtrack/tgtrack/domain"
)

var updateBegins = regexp.MustCompile(`\{\s*["']update_id["']\s*:`)

// recovered cuts an update out of a text that is not JSON: a template that put
// quotes around JSON without escaping it, or a printed Python dict. It tries
// only the first place that looks like an update, so that a text full of them
// costs one pass.
func recovered(text []byte) (Value, *domain.Warning, bool) {
	at := updateBegins.FindIndex(text)
	if at == nil {
		return Value{}, nil, false
	}
	text = text[at[0]:]
	if cut, ok := balanced(text, `"`); ok {
		if v, err := Parse(cut); err == nil {
			return v, &domain.Warning{Text: "the body was broken JSON and the update was cut out of it; " +
				"remove the quotes around the variable in the template"}, true
		}
	}
	cut, ok := balanced(text, `'"`)
	if !ok {
		return Value{}, nil, false
	}
	v, err := Parse(pythonToJSON(cut))
	if err != nil {
		return Value{}, nil, false
	}
	return v, &domain.Warning{
		Text: "the update came as a Python dict, not as JSON, and was converted; send it as JSON",
	}, true
}

// balanced truncates a text that begins with a brace after the matching closing
// brace. Braces inside quotes do not count.
func balanced(text []byte, quotes string) ([]byte, bool) {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return text[:i+1], true
			}
		case quotes[0], quotes[len(quotes)-1]:
			i = closing(text, i)
		}
	}
	return nil, false
}

// closing returns the index of the quote that ends the string starting at i.
func closing(text []byte, i int) int {
	q := text[i]
	for i++; i < len(text) && text[i] != q; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i
}
