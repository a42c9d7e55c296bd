package platformtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"github.com/tgtrack/tgtrack/platforms"
)

// shape is a way in which the same body may arrive.
type shape struct {
	name        string
	contentType string
	body        func(object []byte) []byte
}

// shapes lists ways in which senders, tools in between and templates dress a
// body, none of which changes what it says.
func shapes() []shape {
	const js, form = "application/json", "application/x-www-form-urlencoded"
	same := func(b []byte) []byte { return b }
	around := func(before, behind string) func([]byte) []byte {
		return func(b []byte) []byte { return slices.Concat([]byte(before), b, []byte(behind)) }
	}
	text := func(b []byte) []byte {
		quoted, _ := json.Marshal(string(b))
		return quoted
	}
	return []shape{
		{"no header", "", same}, {"odd header", "Application/ JSON ;charset=UTF-8", same}, {"plain text", "text/plain", same},
		{"under form", form, same}, {"under multipart", "multipart/form-data; boundary=x", same},
		{"byte order mark", js, around("\ufeff", "")}, {"blanks", js, around("\r\n\t ", " \n")},
		{"UTF-16", js, wide}, {"as text", js, text}, {"list of one", js, around("[", "]")},
		{"item of n8n", js, around(`[{"json":`, `,"pairedItem":{"item":0}}]`)},
		{"webhook of n8n", js, around(`{"headers":{"host":"x"},"params":{},"query":{},"body":`, `}`)},
		{"in data", js, around(`{"data":`, `}`)}, {"in a list in payload", js, around(`{"payload":[`, `]}`)},
		{"in params of a body", js, around(`{"body":{"params":`, `}}`)},
		{"text in body", js, func(b []byte) []byte { return slices.Concat([]byte(`{"body":`), text(b), []byte("}")) }},
		{"field of a form", form, func(b []byte) []byte { return []byte("data=" + url.QueryEscape(string(b))) }},
		{"name of a field", form, func(b []byte) []byte { return []byte(url.QueryEscape(string(b)) + "=") }},
		{"escaped", js, func(b []byte) []byte { return []byte(url.PathEscape(string(b))) }},
		{"nested form", form, func(b []byte) []byte { return formOf(b, "[%s]") }},
		{"dotted form", form, func(b []byte) []byte { return formOf(b, ".%s") }},
		{"multipart", "multipart/form-data; boundary=xyz", multipartOf},
		{"trailing comma", js, func(b []byte) []byte { return append(bytes.TrimSuffix(b, []byte("}")), ",}"...) }},
	}
}

func wide(b []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(b))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// leaves lists the values of an object with their paths; false for what a form
// can not carry: empty objects, lists and nulls.
func leaves(v any, path []string, each func(path []string, text string)) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if k == "" || strings.ContainsAny(k, "[].") || !leaves(v[k], append(slices.Clone(path), k), each) {
				return false
			}
		}
		return len(v) > 0
	case string:
		each(path, v)
	case json.Number:
		each(path, v.String())
	case bool:
		each(path, fmt.Sprint(v))
	default:
		return false
	}
	return true
}

func flat(b []byte, each func(path []string, text string)) bool {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	return d.Decode(&v) == nil && leaves(v, nil, each)
}

// formOf writes an object as a form; nil where that can not be.
func formOf(b []byte, below string) []byte {
	var fields []string
	if !flat(b, func(path []string, text string) {
		name := path[0]
		for _, p := range path[1:] {
			name += fmt.Sprintf(below, p)
		}
		fields = append(fields, url.QueryEscape(name)+"="+url.QueryEscape(text))
	}) {
		return nil
	}
	return []byte(strings.Join(fields, "&"))
}

func multipartOf(b []byte) []byte {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	_ = w.SetBoundary("xyz")
	if !flat(b, func(path []string, text string) {
		name := path[0]
		for _, p := range path[1:] {
			name += "[" + p + "]"
		}
		_ = w.WriteField(name, text)
	}) {
		return nil
	}
	_ = w.Close()
	return out.Bytes()
}

// shaped checks that a body says the same in every shape. Only objects are
// tried that are read without a warning: what is broken already says enough.
func (s *suite) shaped(t *testing.T, in platforms.Inbound) {
	body := bytes.TrimSpace(in.Body)
	if len(body) == 0 || body[0] != '{' || !json.Valid(body) {
		return
	}
	plain := in
	plain.Body = body
	want := s.check(t, plain)
	if want.err != nil || len(want.warnings) > 0 || len(want.signals) == 0 {
		return
	}
	for _, sh := range append(shapes(), russian(body)...) {
		shaped := in
		shaped.ContentType, shaped.Body = sh.contentType, sh.body(slices.Clone(body))
		if shaped.Body == nil || len(shaped.Body) > platforms.MaxBody {
			continue
		}
		got := s.check(t, shaped)
		got.warnings = nil
		if a, b := rendered(t, want), rendered(t, got); !bytes.Equal(a, b) {
			t.Errorf("%s gives:\n%s\nas it came it gives:\n%s\nbody: %.600q", sh.name, b, a, shaped.Body)
		}
	}
}

// russian is the body in the charset of a Russian Windows, where it fits.
func russian(body []byte) []shape {
	narrow, err := charmap.Windows1251.NewEncoder().Bytes(body)
	if err != nil {
		return nil
	}
	give := func([]byte) []byte { return narrow }
	return []shape{
		{"windows-1251", "application/json; charset=windows-1251", give}, {"unnamed windows-1251", "application/json", give},
	}
}
