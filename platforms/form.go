package platforms

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// maxFields is how many fields a form may have. A larger form is refused, not
// truncated.
const maxFields = 1000

// formField is a field of a form, as it was sent.
type formField struct{ name, value string }

func (f *front) parseForm(body []byte) (Value, error) {
	if bytes.Count(body, []byte("&")) >= maxFields {
		return Value{}, malformed(domain.RefusedBody, "the form has more than %d fields", maxFields)
	}
	if v, ok := f.escapedJSON(body, domain.WarnFormName); ok {
		return v, nil
	}
	var fields []formField
	for pair := range strings.SplitSeq(string(body), "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name = strings.TrimSpace(f.unescape(name)); name != "" || value != "" {
			fields = append(fields, formField{name, f.unescape(value)})
		}
	}
	return f.formValue(fields)
}

// unescape leaves what is no escape as it is.
func (f *front) unescape(s string) string {
	text, err := url.QueryUnescape(s)
	if err != nil {
		f.warn(domain.WarnForm, "", "")
		text = unescapeSome(s)
	}
	return string(f.utf8([]byte(text), ""))
}

func unescapeSome(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		if s[0] == '%' && len(s) >= 3 {
			if text, err := url.QueryUnescape(s[:3]); err == nil {
				b.WriteString(text)
				s = s[3:]
				continue
			}
		}
		if s[0] == '+' {
			b.WriteByte(' ')
		} else {
			b.WriteByte(s[0])
		}
		s = s[1:]
	}
	return b.String()
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

func (f *front) parseMultipart(body []byte, boundary string) (Value, error) {
	if boundary == "" {
		return Value{}, malformed(domain.RefusedBody, "the multipart form has no boundary")
	}
	var fields []formField
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return f.formValue(fields)
		}
		if err != nil {
			return Value{}, malformed(domain.RefusedBody, "the multipart form can not be read; check its boundary")
		}
		if len(fields) >= maxFields {
			return Value{}, malformed(domain.RefusedBody, "the form has more than %d fields", maxFields)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return Value{}, malformed(domain.RefusedBody, "the multipart form is cut off")
		}
		fields = append(fields, formField{part.FormName(), string(f.utf8(text, ""))})
	}
}

// firstBoundary finds the boundary in a body whose header does not name it.
func firstBoundary(body []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimLeft(body, "\r\n"), []byte("\n"))
	line = bytes.TrimSpace(line)
	if !bytes.HasPrefix(line, []byte("--")) || len(line) > 72 || len(line) < 3 {
		return ""
	}
	return string(line[2:])
}
