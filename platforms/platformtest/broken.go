package platformtest

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/tgtrack/tgtrack/platforms"
)

// pure checks that the same request always gives the same result, also
// concurrently, and that the result does not refer to the body, whose buffer
// the server reuses.
func (s *suite) pure(t *testing.T, in platforms.Inbound) {
	original := bytes.Clone(in.Body)
	want := s.render(t, in)
	var again [4]outcome
	var wg sync.WaitGroup
	for i := range again {
		wg.Go(func() { again[i] = s.decode(in) })
	}
	wg.Wait()
	for _, o := range again {
		o.mustReturn(t, in)
		if got := rendered(t, o); !bytes.Equal(got, want) {
			t.Errorf("another decode of the same request gives:\n%s\nthe first gave:\n%s", got, want)
		}
	}
	if !bytes.Equal(in.Body, original) {
		t.Error("Decode changed the body")
	}
	in.Body = bytes.Clone(original)
	o := s.check(t, in)
	for i := range in.Body {
		in.Body[i] = 'X'
	}
	if got := rendered(t, o); !bytes.Equal(got, want) {
		t.Errorf("the signals refer to the body's buffer:\n%s", got)
	}
}

// broken decodes the body truncated at every byte, or every stride of them, and
// damaged in every field.
func (s *suite) broken(t *testing.T, in platforms.Inbound) {
	body := in.Body
	try := func(b []byte) {
		in.Body = b
		s.check(t, in)
	}
	step := stride * (1 + len(body)/4000)
	for n := 0; n < len(body); n += step {
		try(body[:n])
	}
	for n := 0; n < len(body); n += 7 * step {
		try(replaced(body, n, 0))
		try(replaced(body, n, 0xff))
		try(replaced(body, n, '"'))
	}
	var tree any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&tree) == nil {
		damage(tree, func() {
			b, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			try(b)
		})
	}
}

// refused decodes bodies that nobody can read.
func (s *suite) refused(t *testing.T, in platforms.Inbound) {
	in.ContentType = "application/json"
	for _, b := range hopeless() {
		in.Body = b
		if o := s.check(t, in); o.err == nil || len(o.signals) > 0 {
			t.Errorf("body %.60q gave signals %v and error %v; want an error", b, o.signals, o.err)
		}
	}
}

// doors are the cases that differ in more than the body, which is all that
// hopeless bodies need: they are large, and the cases are many.
func doors(cases []golden) []golden {
	type door struct{ method, bot string }
	seen := map[door]bool{}
	var out []golden
	for _, c := range cases {
		if at := (door{c.in.Method, c.in.BotUsername}); !seen[at] {
			seen[at] = true
			out = append(out, c)
		}
	}
	return out
}

// hopeless lists bodies that every decoder must refuse.
func hopeless() [][]byte {
	deep := func(open, shut string, n int) []byte {
		return []byte(strings.Repeat(open, n) + strings.Repeat(shut, n))
	}
	return [][]byte{
		nil, []byte(" "), []byte("\x00"), []byte("\xff\xfe{}"), []byte("{"), []byte("nonsense"), []byte("{]"),
		[]byte(`"`), []byte("\x81\x8d\x8f{"), []byte(`{"a":1}trailing`), []byte(`{"user_id":12`),
		deep("[", "]", 100_000), deep(`{"a":`, "}", 50_000), bytes.Repeat([]byte("["), 900_000),
		bytes.Repeat([]byte(`{"update_id":`), 70_000), bytes.Repeat([]byte(`\"`), 400_000),
		bytes.Repeat([]byte("a"), platforms.MaxBody+1),
	}
}

func replaced(b []byte, at int, c byte) []byte {
	b = bytes.Clone(b)
	b[at] = c
	return b
}

// damage puts every wrong value into every field, one at a time, and calls try
// after each change.
func damage(tree any, try func()) {
	switch node := tree.(type) {
	case map[string]any:
		for key, old := range node {
			for _, wrong := range wrongValues() {
				node[key] = wrong
				try()
			}
			delete(node, key)
			try()
			node[key] = old
			damage(old, try)
		}
	case []any:
		for i, old := range node {
			for _, wrong := range wrongValues() {
				node[i] = wrong
				try()
			}
			node[i] = old
			damage(old, try)
		}
	}
}

func wrongValues() []any {
	return []any{
		nil, true, "", "text", "\x00", "a\x00b", "#{macro}", "{{macro}}", `{"`, `[]`,
		json.Number("0"), json.Number("-1"), json.Number("1.5"), json.Number("4503599627370497"),
		json.Number("1e400"), json.Number("-1e-400"), json.Number(strings.Repeat("9", 5000)),
		strings.Repeat("long ", 1000), strings.Repeat("я", 1500), []any{}, []any{nil}, map[string]any{},
		map[string]any{"id": map[string]any{}},
	}
}
