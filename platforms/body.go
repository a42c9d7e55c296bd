package platforms

import (
	"bytes"
	"encoding/json"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// MaxBody is the size of the largest body that is read, in bytes.
const MaxBody = 1 << 20

// maxWraps is how many layers of wrapping are removed from around an object.
const maxWraps = 4

// Open reads the body of a request. What looks like JSON is read as JSON,
// whatever the header says. Otherwise it is a form, whose fields become string
// members of an object. Without a header, JSON is assumed: requests written
// from templates have none.
func Open(in Inbound) (Value, error) {
	if len(in.Body) > MaxBody {
		return Value{}, malformed("the body is larger than 1 MiB")
	}
	body := trimBlanks(in.Body)
	if len(body) == 0 {
		return Value{}, malformed("the body is empty; send a JSON object")
	}
	if m, is := wholeMacro(body); is {
		return Value{}, unreplaced("", m)
	}
	if c := body[0]; c == '{' || c == '[' || c == '"' {
		return Parse(body)
	}
	switch kind, params := mediaType(in.ContentType); {
	case kind == "application/x-www-form-urlencoded":
		return parseForm(body)
	case kind == "multipart/form-data":
		return parseMultipart(in.Body, params["boundary"])
	case kind == "" && looksLikeForm(body):
		return parseForm(body)
	case kind == "" || strings.HasSuffix(kind, "json"):
		return Parse(body)
	}
	return Value{}, &bodyError{
		text: "the body is neither JSON nor a form; send JSON with Content-Type application/json",
		kind: ErrMediaType,
	}
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
	kind, rest, _ := strings.Cut(header, ";")
	kind = strings.ToLower(strings.Join(strings.Fields(kind), ""))
	if !strings.HasPrefix(kind, "multipart/") {
		return kind, nil
	}
	_, params, err := mime.ParseMediaType(kind + ";" + rest)
	if err != nil {
		return kind, nil
	}
	return kind, params
}

// Object returns the object in a body: the body itself, the only element of an
// array, or JSON text inside a JSON string.
func Object(in Inbound) (Value, error) {
	v, err := Open(in)
	if err != nil {
		return Value{}, err
	}
	for range maxWraps {
		switch {
		case v.IsObject():
			return v, nil
		case v.IsArray():
			only, ok := onlyElement(v)
			if !ok {
				return Value{}, domain.Invalid("",
					"the body is a list; send one JSON object for each request")
			}
			v = only
		case v.IsString():
			inner, err := Parse([]byte(unquote(v.raw)))
			if err != nil {
				return Value{}, domain.Invalid("",
					"the body is a JSON string that holds no JSON; send a JSON object")
			}
			v = inner
		default:
			return Value{}, domain.Invalid("", "the body is %s; send a JSON object", quote(string(v.raw)))
		}
	}
	return Value{}, domain.Invalid("", "the body is wrapped more than %d times; send a JSON object", maxWraps)
}

func onlyElement(v Value) (only Value, ok bool) {
	for i, e := range v.Elements() {
		if i == 1 {
			return Value{}, false
		}
		only, ok = e, true
	}
	return only, ok
}

// Embedded returns the list or object that a member holds, even if it was
// written as text, as forms and templates do.
func Embedded(v Value) Value {
	if !v.IsString() {
		return v
	}
	text := bytes.TrimSpace([]byte(unquote(v.raw)))
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return v
	}
	if inner, err := Parse(text); err == nil {
		return inner
	}
	return v
}

// objectOf returns the fields of a form as an object.
func objectOf(fields map[string]string) (Value, error) {
	b, err := json.Marshal(fields)
	if err != nil {
		return Value{}, malformed("the form can not be read")
	}
	return Parse(b)
}
