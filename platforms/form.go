package platforms

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/url"
	"unicode/utf8"
)

// maxFields is how many fields a form may have. A larger form is refused, not
// truncated.
const maxFields = 1000

func parseForm(body []byte) (Value, error) {
	if bytes.Count(body, []byte("&")) >= maxFields {
		return Value{}, malformed("the form has more than %d fields", maxFields)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return Value{}, malformed(
			"the form can not be read; escape it as application/x-www-form-urlencoded asks")
	}
	fields := make(map[string]string, len(values))
	for name, vs := range values {
		fields[name] = vs[0]
	}
	return formObject(fields)
}

// looksLikeForm distinguishes "user_id=1&target=x" from other text.
func looksLikeForm(body []byte) bool {
	name, _, ok := bytes.Cut(body, []byte("="))
	if !ok || len(name) == 0 || len(name) > 100 {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c == '<' || c == '{' || c == ':' {
			return false
		}
	}
	return true
}

func parseMultipart(body []byte, boundary string) (Value, error) {
	if boundary == "" {
		boundary = firstBoundary(body)
	}
	if boundary == "" {
		return Value{}, malformed("the multipart form has no boundary")
	}
	fields := map[string]string{}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return formObject(fields)
		}
		if err != nil {
			return Value{}, malformed("the multipart form can not be read; check its boundary")
		}
		if len(fields) >= maxFields {
			return Value{}, malformed("the form has more than %d fields", maxFields)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return Value{}, malformed("the multipart form is cut off")
		}
		if _, twice := fields[part.FormName()]; !twice {
			fields[part.FormName()] = string(text)
		}
	}
}

// firstBoundary finds the boundary in a body whose header does not name it.
func firstBoundary(body []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimLeft(body, "\r\n"), []byte("\n"))
	line = bytes.TrimSpace(line)
	if !bytes.HasPrefix(line, []byte("--")) || len(line) > 72 {
		return ""
	}
	return string(line[2:])
}

// formObject refuses invalid UTF-8, which json.Marshal would replace silently.
func formObject(fields map[string]string) (Value, error) {
	for name, text := range fields {
		if !utf8.ValidString(name) || !utf8.ValidString(text) {
			return Value{}, malformed("the form is not valid UTF-8; send it in UTF-8")
		}
	}
	return objectOf(fields)
}
