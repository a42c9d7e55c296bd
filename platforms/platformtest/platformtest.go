// Package platformtest is the conformance suite for platform decoders: what
// every decoder must do, whatever its constructor sends. A decoder's own test
// is one line and a folder of golden cases:
//
//	testdata/<case>/request.json or request.txt   the body as it arrived
//	testdata/<case>/meta.json                     method, content type, bot, time of receipt
//	testdata/<case>/want.json                     the signals and the error
//
// UPDATE_GOLDEN=1 writes want.json; read what it wrote before committing it.
package platformtest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/all"
)

// meta is everything about a request except its body.
type meta struct {
	Method      string    `json:"method"`
	ContentType string    `json:"content_type"`
	BotUsername string    `json:"bot_username"`
	ReceivedAt  time.Time `json:"received_at"`
}

type golden struct {
	name, dir string
	in        platforms.Inbound
}

// Run checks a decoder against its golden cases in dir and against the rules
// for all decoders: it is pure and safe for concurrent use, keeps no reference
// to the body, and answers broken input with an error that says what is wrong,
// never with a panic or an endless loop.
func Run(t *testing.T, d platforms.PlatformDecoder, dir string) {
	t.Helper()
	cases := load(t, dir)
	s := newSuite(d)
	t.Run("descriptor", func(t *testing.T) { t.Parallel(); descriptor(t, d, cases) })
	for _, c := range cases {
		t.Run("golden/"+c.name, func(t *testing.T) { t.Parallel(); s.compare(t, c) })
		t.Run("pure/"+c.name, func(t *testing.T) { t.Parallel(); s.pure(t, c.in) })
		t.Run("shapes/"+c.name, func(t *testing.T) { t.Parallel(); s.shaped(t, c.in) })
		t.Run("broken/"+c.name, func(t *testing.T) { t.Parallel(); s.broken(t, c.in) })
	}
	for _, c := range doors(cases) {
		t.Run("refused/"+c.name, func(t *testing.T) { t.Parallel(); s.refused(t, c.in) })
	}
}

// Fuzz tries bodies grown from the golden cases in testdata.
func Fuzz(f *testing.F, d platforms.PlatformDecoder) {
	f.Helper()
	for _, c := range load(f, "testdata") {
		f.Add(c.in.Method, c.in.ContentType, c.in.Body)
	}
	s := newSuite(d)
	f.Fuzz(func(t *testing.T, method, contentType string, body []byte) {
		s.check(t, platforms.Inbound{
			Method: method, ContentType: contentType, Body: body,
			ReceivedAt: time.Unix(1_800_000_000, 0).UTC(),
		})
	})
}

func load(t testing.TB, dir string) []golden {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("read golden cases: %v", err)
	}
	var cases []golden
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "fuzz" {
			continue
		}
		path := filepath.Join(dir, e.Name())
		cases = append(cases, golden{name: e.Name(), dir: path, in: inbound(t, path)})
	}
	if len(cases) == 0 {
		t.Fatalf("no golden cases in %s", dir)
	}
	return cases
}

func inbound(t testing.TB, dir string) platforms.Inbound {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(dir, "request.json"))
	if os.IsNotExist(err) {
		body, err = os.ReadFile(filepath.Join(dir, "request.txt"))
	}
	if err != nil {
		t.Fatalf("read request: %v", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "meta.json"))
	if err != nil {
		t.Fatalf("read meta: %v", err)
	}
	var m meta
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		t.Fatalf("read meta.json of %s: %v", dir, err)
	}
	return platforms.Inbound{
		Method: m.Method, ContentType: m.ContentType, Body: body, BotUsername: m.BotUsername,
		ReceivedAt: m.ReceivedAt.UTC(),
	}
}

func (s *suite) compare(t *testing.T, c golden) {
	got := s.render(t, c.in)
	path := filepath.Join(c.dir, "want.json")
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read want (UPDATE_GOLDEN=1 writes it): %v", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the result differs from want.json (-want +got):\n%s", diff)
	}
}

// guide checks that both languages have the same number of steps and name a
// method that the constructor's bots post to.
func guide(t *testing.T, d *platforms.Descriptor) {
	methods := slices.Concat(d.Methods, d.Serves)
	for lang, steps := range map[string][]string{"English": d.Guide.EN, "Russian": d.Guide.RU} {
		text := strings.Join(steps, " ")
		named := func(m string) bool { return strings.Contains(text, "{"+m+"}") }
		if !slices.ContainsFunc(methods, named) {
			t.Errorf("the %s guide names none of the methods %v", lang, methods)
		}
	}
	if len(d.Guide.EN) != len(d.Guide.RU) {
		t.Errorf("the guide has %d steps in English and %d in Russian", len(d.Guide.EN), len(d.Guide.RU))
	}
}

// descriptor checks that a registry accepts the decoder beside those of this
// repository and that every method has a golden case.
func descriptor(t *testing.T, d platforms.PlatformDecoder, cases []golden) {
	desc := d.Describe()
	if diff := cmp.Diff(desc, d.Describe()); diff != "" {
		t.Errorf("Describe changes from call to call:\n%s", diff)
	}
	if _, err := platforms.NewRegistry(beside(d, desc.Serves)...); err != nil {
		t.Errorf("the registry refuses the decoder: %v", err)
	}
	guide(t, &desc)
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.in.Method] = true
	}
	for _, m := range slices.Concat(desc.Methods, desc.Serves) {
		if !seen[m] {
			t.Errorf("method %s has no golden case", m)
		}
	}
}

// beside lists a decoder with those of this repository, and an owner for
// methods that it serves and none of them owns.
func beside(d platforms.PlatformDecoder, serves []string) []platforms.PlatformDecoder {
	ds := []platforms.PlatformDecoder{d}
	var owned []string
	for _, o := range all.Decoders() {
		if reflect.TypeOf(o) != reflect.TypeOf(d) {
			ds = append(ds, o)
		}
		owned = append(owned, o.Describe().Methods...)
	}
	unowned := slices.DeleteFunc(slices.Clone(serves), func(m string) bool { return slices.Contains(owned, m) })
	if len(unowned) > 0 {
		ds = append(ds, owner{methods: unowned})
	}
	return ds
}
