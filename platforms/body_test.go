package platforms_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

func TestOpenContentTypes(t *testing.T) {
	t.Parallel()
	const js, form = `{"a":"b c"}`, "a=b+c"
	multi := "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb c\r\n--xyz--\r\n"
	for _, c := range []struct{ contentType, body string }{
		{"application/json", js}, {"Application/ JSON;charset=UTF-8", js}, {"", js}, {"text/plain", js},
		{"image/png", js},
		{"application/x-www-form-urlencoded", js},
		{"application/x-www-form-urlencoded; charset=utf-8", form}, {"", form},
		{"multipart/form-data; boundary=xyz", multi}, {"Multipart/Form-Data; Boundary=\"xyz\"", multi},
		{"multipart/form-data", multi},
		{"", "\ufeff" + js}, {"", "\r\n\t " + js + "\n"},
	} {
		v, err := platforms.Open(platforms.Inbound{ContentType: c.contentType, Body: []byte(c.body)})
		if got := platforms.Plain(v.Get("a")); err != nil || got != "b c" {
			t.Errorf("%q %q: a = %q, %v", c.contentType, c.body, got, err)
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
		{"form under a foreign header", "text/csv", "a=b", platforms.ErrMediaType},
		{"empty", "text/plain", " ", domain.ErrMalformed},
		{"text without header", "", "hello", domain.ErrMalformed},
		{"text as JSON", "application/json", "hello", domain.ErrMalformed},
		{"cut off", "application/json", `{"a":`, domain.ErrMalformed},
		{"two values", "application/json", `{} {}`, domain.ErrMalformed},
		{"deep", "application/json", strings.Repeat("[", 65) + strings.Repeat("]", 65), domain.ErrMalformed},
		{"NUL", "application/json", "{\"a\":\"\x00\"}", domain.ErrMalformed},
		{"not UTF-8", "application/json", "{\"a\":\"\xff\"}", domain.ErrMalformed},
		{"form not UTF-8", "application/x-www-form-urlencoded", "a=%ff", domain.ErrMalformed},
		{"bad escape", "application/x-www-form-urlencoded", "a=%zz", domain.ErrMalformed},
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
		_, err := platforms.Open(platforms.Inbound{ContentType: c.contentType, Body: []byte(c.body)})
		if !errors.Is(err, c.want) {
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
