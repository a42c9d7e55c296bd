package adnettest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// unheardOf is a name that no vendor publishes.
const unheardOf = "990099"

// published holds a sink to the lists that its vendor publishes: each name is
// classified, none is made up, and the sink gives each the class of the list
// when the network answers so. How the network says a name is in
// published_<list>.json: a conversion and answers with {name} in them.
func published(t *testing.T, sink adnet.Sink, dir string) {
	p, ok := sink.(adnet.Publisher)
	if !ok {
		return
	}
	for _, list := range p.Published() {
		t.Run("published/"+list.Name, func(t *testing.T) {
			t.Parallel()
			for _, fault := range list.Check() {
				t.Error(fault)
			}
			path := filepath.Join(dir, "published_"+list.Name+".json")
			template, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range list.Names {
				c := read(t, path, named(template, name))
				_, vs := run(t, t.Context(), sink, c, c.Answers)
				means := list.Means[name]
				switch {
				case len(vs) != 1:
					t.Fatalf("%d verdicts; %s has one conversion", len(vs), path)
				case !agrees(vs[0].Class, means.Class, sink.Describe()):
					t.Errorf("%s gave %s (%s); the list has %s", name, vs[0].Class, vs[0].Reason, means.Class)
				case list.Warns && (!strings.Contains(vs[0].Warning, name) || !strings.Contains(vs[0].Reason, name)):
					t.Errorf("%s is no warning: %q, the conversion says %q", name, vs[0].Warning, vs[0].Reason)
				case !strings.Contains(vs[0].Reason, means.Do):
					t.Errorf("%s gave %q, which does not say what to do: %q", name, vs[0].Reason, means.Do)
				}
			}
			lasting(t, sink, read(t, path, named(template, unheardOf)))
		})
	}
}

// agrees: what fails is tried again, but by a network that would count it twice.
func agrees(got, means adnet.Class, d adnet.Descriptor) bool {
	return got == means || got == adnet.Uncertain && means == adnet.Retry && !d.Dedup
}

// named puts a name into a template. Of one such as "100/33" either side can
// be asked for, as text or as numbers.
func named(template []byte, name string) []byte {
	code, subcode, ok := strings.Cut(name, "/")
	if !ok {
		subcode = "0"
	}
	return []byte(strings.NewReplacer("{name}", name, `"{code as number}"`, code,
		`"{subcode as number}"`, subcode,
		"{code}", code, "{subcode}", subcode).
		Replace(string(template)))
}

// lasting: what nobody described is not asked for again until the network's
// window ends without anybody learning of it.
func lasting(t *testing.T, sink adnet.Sink, c Case) {
	t.Helper()
	c.attempts = 50
	_, vs := run(t, t.Context(), sink, c, c.Answers)
	for _, v := range vs {
		if v.Class == adnet.Retry {
			t.Errorf("after 50 attempts what nobody described is still %s (%s)", v.Class, v.Reason)
		}
	}
}

// read reads a case from the text of a file.
func read(t *testing.T, path string, text []byte) Case {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // as settings arrive from the API
	dec.DisallowUnknownFields()
	var c Case
	if err := dec.Decode(&c); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if c.Now.IsZero() {
		c.Now = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	}
	return c
}
