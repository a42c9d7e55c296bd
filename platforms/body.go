package platforms

import (
	"bytes"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// MaxBody is the size of the largest body that is read, in bytes.
const MaxBody = 1 << 20

const formType = "application/x-www-form-urlencoded"

// Open reads the body of a request. What looks like JSON is read as JSON,
// whatever the header says. Otherwise it is a form, whose fields become string
// members of an object, and nested ones objects and lists. Without a header,
// JSON is assumed: requests written from templates have none.
func Open(in Inbound) (Value, error) {
	f := in.front
	if f == nil {
		f = &front{zone: in.Zone}
	}
	if !f.opened {
		f.root, f.err = f.open(in)
		f.opened = true
	}
	return f.root, f.err
}

func (f *front) open(in Inbound) (Value, error) {
	if len(in.Body) > MaxBody {
		return Value{}, malformed(domain.RefusedTooLarge, "the body is larger than 1 MiB")
	}
	kind, params := mediaType(in.ContentType)
	f.text = f.utf8(in.Body, params["charset"])
	body := trimBlanks(f.text)
	if len(body) == 0 {
		return Value{}, malformed(domain.RefusedEmptyBody, "the body is empty; send a JSON object")
	}
	if m, is := wholeMacro(body); is {
		return Value{}, unreplaced("", m)
	}
	switch c := body[0]; {
	case c == '{' || c == '[' || c == '"':
		v, err := f.read(body)
		if err == nil {
			f.header(kind, in.ContentType, "json")
		}
		if err == nil || kind != formType || !looksLikeForm(body) {
			return v, err
		}
	case c == '%' && kind != formType:
		if v, ok := f.escapedJSON(body, domain.WarnEscaped); ok {
			return v, nil
		}
	}
	return f.openForm(kind, params["boundary"], body, in)
}

// openForm reads a body that does not begin like JSON.
func (f *front) openForm(kind, boundary string, body []byte, in Inbound) (Value, error) {
	multi := strings.HasPrefix(kind, "multipart/")
	if first := firstBoundary(body); multi || first != "" {
		if first != "" || !looksLikeForm(body) {
			f.header(kind, in.ContentType, "multipart")
			if boundary == "" || !bytes.Contains(body, []byte("--"+boundary)) {
				boundary = first
			}
			return f.parseMultipart(f.text, boundary)
		}
	}
	switch {
	case kind == formType || looksLikeForm(body):
		f.header(kind, in.ContentType, "form")
		return f.parseForm(body)
	case kind == "" || strings.HasSuffix(kind, "json"):
		return f.read(body)
	}
	err := malformed(domain.RefusedMediaType,
		"the body is neither JSON nor a form; send JSON with Content-Type application/json")
	err.kind = ErrMediaType
	return Value{}, err
}

// header notes a content type that says something else than the body is.
func (f *front) header(kind, header, is string) {
	fits := kind == ""
	switch is {
	case "json":
		fits = fits || strings.HasSuffix(kind, "json") || kind == "text/plain"
	case "form":
		fits = fits || kind == formType
	case "multipart":
		fits = fits || strings.HasPrefix(kind, "multipart/")
	}
	if !fits {
		f.warn(domain.WarnMediaType, "", Clip(header, 100))
	}
}

// escapedJSON reads JSON in the escapes of addresses, also with the = that
// makes it the name of a form's field.
func (f *front) escapedJSON(body []byte, code domain.WarningCode) (Value, bool) {
	unescape := url.QueryUnescape
	if bytes.Contains(body, []byte("%20")) { // then a + is a +
		unescape = url.PathUnescape
	}
	text, err := unescape(string(body))
	if err != nil {
		return Value{}, false
	}
	text = strings.TrimSuffix(strings.TrimSpace(text), "=")
	if !looksLikeJSON(text) {
		return Value{}, false
	}
	v, err := f.read(f.utf8([]byte(text), ""))
	if err == nil {
		f.warn(code, "", "")
	}
	return v, err == nil
}

// looksLikeJSON goes by the first character that is no blank.
func looksLikeJSON(s string) bool {
	b := trimBlanks([]byte(Clip(s, 64)))
	return len(b) > 0 && (b[0] == '{' || b[0] == '[' || b[0] == '"')
}

// wholeMacro reports whether the whole body is one variable that the
// constructor did not replace.
func wholeMacro(body []byte) (string, bool) {
	if len(body) > 70 || !utf8.Valid(body) {
		return "", false
	}
	m, is := Macro(string(body))
	return m, is && m == string(body)
}

// mediaType reads a header that people typed by hand: case and spaces do not
// matter ("Application/ JSON ;charset=utf-8").
func mediaType(header string) (kind string, params map[string]string) {
	kind, rest, more := strings.Cut(header, ";")
	kind = strings.ToLower(strings.Join(strings.Fields(kind), ""))
	if !more {
		return kind, nil
	}
	if _, params, err := mime.ParseMediaType("text/plain;" + rest); err == nil {
		return kind, params
	}
	params = map[string]string{}
	for part := range strings.SplitSeq(rest, ";") {
		name, value, _ := strings.Cut(part, "=")
		params[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(value), `"'`)
	}
	return kind, params
}

// Embedded returns the list or object that a member holds, even if it was
// written as text, as forms and templates do.
func Embedded(v Value) Value {
	if !v.IsString() {
		return v
	}
	inner := v
	for range 3 { // text of a text, where something escaped it twice
		text := bytes.TrimSpace([]byte(unquote(inner.raw)))
		if len(text) == 0 || text[0] != '{' && text[0] != '[' && text[0] != '"' {
			return v
		}
		var err error
		if inner, err = v.front.read(text); err != nil {
			return v
		}
		if !inner.IsString() {
			return inner
		}
	}
	return v
}
