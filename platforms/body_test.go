package platforms_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// opened opens a body as the front door does, and gives the codes of what was
// warned of.
func opened(contentType, body string) (v platforms.Value, codes string, err error) {
	var list []string
	_, ws, err := platforms.Decode(decoding(func(in platforms.Inbound) ([]domain.Signal, error) {
		v, err = platforms.Open(in)
		return nil, err
	}), platforms.Inbound{ContentType: contentType, Body: []byte(body)})
	for _, w := range ws {
		list = append(list, string(w.Code))
	}
	return v, strings.Join(list, " "), err
}

// object finds an object as a decoder does.
func object(contentType, body string, marks ...string) (v platforms.Value, codes string, err error) {
	var list []string
	_, ws, err := platforms.Decode(decoding(func(in platforms.Inbound) ([]domain.Signal, error) {
		v, err = platforms.Object(in, marks...)
		return nil, err
	}), platforms.Inbound{ContentType: contentType, Body: []byte(body)})
	for _, w := range ws {
		list = append(list, string(w.Code))
	}
	return v, strings.Join(list, " "), err
}

func TestOpenContentTypes(t *testing.T) {
	t.Parallel()
	const js, form, formType = `{"a":"b c"}`, "a=b+c", "application/x-www-form-urlencoded"
	multi := "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb c\r\n--xyz--\r\n"
	for _, c := range []struct{ contentType, body, warned string }{
		{"application/json", js, ""}, {"Application/ JSON;charset=UTF-8", js, ""}, {"", js, ""}, {"text/plain", js, ""},
		{"application/vnd.api+json", js, ""}, {"image/png", js, "media_type"}, {"json", js, ""},
		{formType, js, "media_type"}, {"multipart/form-data; boundary=x", js, "media_type"},
		{"multipart/form-data", js, "media_type"}, {"text/html; charset=\"", js, "media_type"},
		{formType + "; charset=utf-8", form, ""}, {"", form, ""}, {"text/plain", form, "media_type"},
		{"application/json", form, "media_type"}, {"multipart/form-data; boundary=x", form, "media_type"},
		{"multipart/form-data; boundary=xyz", multi, ""}, {"Multipart/Form-Data; Boundary=\"xyz\"", multi, ""},
		{"multipart/form-data", multi, ""}, {"multipart/form-data; boundary=other", multi, ""},
		{"application/json", multi, "media_type"}, {"", multi, ""},
		{"", "\ufeff" + js, ""}, {"", "\r\n\t " + js + "\n", ""},
		{formType, "%7B%22a%22%3A%22b+c%22%7D=", "form_name"}, {formType, "%7B%22a%22:%22b+c%22%7D", "form_name"},
		{"application/json", "%7B%22a%22%3A%22b%20c%22%7D", "escaped"}, {"", "%7b\"a\":\"b c\"%7d=", "escaped"},
		{formType, "a=b%20c%zz", "form"},
	} {
		v, warned, err := opened(c.contentType, c.body)
		if got := strings.TrimSuffix(platforms.Plain(v.Get("a")), "%zz"); err != nil || got != "b c" ||
			warned != c.warned {
			t.Errorf("%q %q: a = %q, %q, %v", c.contentType, c.body, got, warned, err)
		}
	}
}

// TestOpenCharsets: what is not UTF-8 is read as what it is, and told.
func TestOpenCharsets(t *testing.T) {
	t.Parallel()
	const js = `{"a":"Иван 🙂"}`
	wide := func(order binary.AppendByteOrder, mark string) string {
		b := []byte(mark)
		for _, u := range utf16.Encode([]rune(js)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	for _, c := range []struct{ contentType, body, want string }{
		{"application/json", js, "Иван 🙂"}, {"application/json; charset=windows-1251", js, "Иван 🙂"},
		{"application/json; charset=windows-1251", "{\"a\":\"\xc8\xe2\xe0\xed\"}", "Иван"},
		{"", "{\"a\":\"\xc8\xe2\xe0\xed\"}", "Иван"},
		{"text/plain;charset=koi8-r", "{\"a\":\"\xe9\xd7\xc1\xce\"}", "Иван"},
		{"", wide(binary.LittleEndian, "\xff\xfe"), "Иван 🙂"}, {"", wide(binary.BigEndian, "\xfe\xff"), "Иван 🙂"},
		{"", wide(binary.LittleEndian, ""), "Иван 🙂"}, {"", wide(binary.BigEndian, ""), "Иван 🙂"},
		{"application/x-www-form-urlencoded", "a=%C8%E2%E0%ED", "Иван"}, {"", "a=\xc8\xe2\xe0\xed", "Иван"},
		{"", "{\"a\":\"Иван \xf0\x9f\"}", "Иван \ufffd"},
	} {
		v, warned, err := opened(c.contentType, c.body)
		if got := platforms.Plain(v.Get("a")); err != nil || got != c.want || (warned == "charset") != (c.body != js) {
			t.Errorf("%q %q: a = %q, %q, %v", c.contentType, c.body, got, warned, err)
		}
	}
}

// TestOpenForms: names of fields nest objects and lists.
func TestOpenForms(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"a[b][c]=1&a[b][d]=2": `{"a":{"b":{"c":"1","d":"2"}}}`, "a.b.c=1&a.b.d=2": `{"a":{"b":{"c":"1","d":"2"}}}`,
		"a%5Bb%5D=1": `{"a":{"b":"1"}}`, "a[]=1&a[]=2": `{"a":["1","2"]}`, "a[1]=y&a[0]=x": `{"a":["x","y"]}`,
		"l[][name]=a&l[][value]=b&l[][name]=c": `{"l":[{"name":"a","value":"b"},{"name":"c"}]}`,
		"l[0][name]=a&l[0][value]=b":           `{"l":[{"name":"a","value":"b"}]}`, "l.0.name=a": `{"l":[{"name":"a"}]}`,
		"a['b']=1": `{"a":{"b":"1"}}`, "a=1&a=2": `{"a":"1"}`, "a=1&a[b]=2": `{"a":"1","a[b]":"2"}`,
		"a[b=1": `{"a[b":"1"}`, "a..b=1": `{"a..b":"1"}`, ".a=1": `{".a":"1"}`, "[a]=1": `{"[a]":"1"}`,
		"a.=1": `{"a.":"1"}`, "a": `{"a":""}`, "a=1&&b=2&": `{"a":"1","b":"2"}`, "a=x=y": `{"a":"x=y"}`,
	} {
		v, _, err := opened("application/x-www-form-urlencoded", body)
		if got := v.JSON(); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", body, got, err, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, contentType, body string
		want                    error
	}{
		{"plain text", "text/plain", "hello", platforms.ErrMediaType},
		{"XML", "application/xml", "<a/>", platforms.ErrMediaType},
		{"empty", "text/plain", " ", domain.ErrMalformed},
		{"text without header", "", "hello", domain.ErrMalformed},
		{"text as JSON", "application/json", "hello", domain.ErrMalformed},
		{"cut off", "application/json", `{"a":`, domain.ErrMalformed},
		{"two values", "application/json", `{} {}`, domain.ErrMalformed},
		{"deep", "application/json", strings.Repeat("[", 65) + strings.Repeat("]", 65), domain.ErrMalformed},
		{
			"too many fields", "application/x-www-form-urlencoded", strings.Repeat("a&", 1001),
			domain.ErrMalformed,
		},
		{
			"cut multipart", "multipart/form-data; boundary=x",
			"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb", domain.ErrMalformed,
		},
		{"no boundary", "multipart/form-data", "a", domain.ErrMalformed},
		{"too large", "application/json", strings.Repeat(" ", platforms.MaxBody+1), domain.ErrMalformed},
	} {
		if _, _, err := opened(c.contentType, c.body); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", c.name, err, c.want)
		}
	}
	if _, err := platforms.Parse([]byte(strings.Repeat("[", 64) + strings.Repeat("]", 64))); err != nil {
		t.Errorf("64 levels: %v", err)
	}
}

func TestValueReadsWhatItWasGiven(t *testing.T) {
	t.Parallel()
	v, err := platforms.Parse([]byte(
		`{ "a" : { "}" : [ 1 , "]\"" , { } ] } , "\u0062" : -1.5e3, "a":2, "n":null , "t":true}`))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for i, e := range v.At("a", "}").Elements() {
		s, _ := e.Text()
		list = append(list, s)
		if i == 2 && !e.IsObject() {
			t.Error("the third element is no object")
		}
	}
	if got := strings.Join(list, "|"); got != `1|]"|` {
		t.Errorf("elements %q", got)
	}
	if s, _ := v.Get("b").Text(); s != "-1.5e3" {
		t.Errorf("b = %q", s)
	}
	if b, ok := v.Get("t").Bool(); !b || !ok {
		t.Error("true is read wrongly")
	}
	if v.Get("n").Exists() || v.Get("x").Exists() || v.Get("b").Get("c").Exists() {
		t.Error("null or absent members are read wrongly")
	}
	names := ""
	for name := range v.Members() {
		names += name
	}
	if names != "abant" {
		t.Errorf("members %q", names)
	}
}

func TestReplaceTable(t *testing.T) {
	t.Parallel()
	doc := "a\n" + platforms.TableBegin + "\nold\n" + platforms.TableEnd + "\nb\n"
	got, ok := platforms.ReplaceTable(doc, "| new |\n")
	if want := "a\n" + platforms.TableBegin + "\n| new |\n" + platforms.TableEnd + "\nb\n"; !ok || got != want {
		t.Errorf("got %q", got)
	}
	for _, bare := range []string{"", "text", platforms.TableBegin} {
		if got, ok := platforms.ReplaceTable(bare, "x"); ok || got != bare {
			t.Errorf("ReplaceTable(%q) = %q, %v", bare, got, ok)
		}
	}
}
