package store

import (
	"net/url"
	"strings"
	"testing"
)

// TestShortQuery: a query that is kept by its parameters is read again to the
// byte, however it was written, and has little of its own where they have all.
func TestShortQuery(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("v", 4000)
	for name, c := range map[string]struct {
		raw    string
		params map[string]string
		most   int // bytes kept; 0: as many as there are
	}{
		"nothing":             {"", nil, 0},
		"as it is":            {"fbclid=" + long + "&utm_source=fb", map[string]string{"fbclid": long, "utm_source": "fb"}, 10},
		"in another order":    {"z=" + long + "&a=1", map[string]string{"z": long, "a": "1"}, 10},
		"as forms escape":     {"t=a+b%26c" + long, map[string]string{"t": "a b&c" + long}, 10},
		"as scripts escape":   {"t=a%20b's(" + long, map[string]string{"t": "a b's(" + long}, 10},
		"in Russian":          {"t=%D0%AF" + long, map[string]string{"t": "Я" + long}, 10},
		"long names":          {long + "=1&" + long + "2=", map[string]string{long: "1", long + "2": ""}, 10},
		"in lower case":       {"t=%d0%af&u=" + long, map[string]string{"t": "Я", "u": long}, 20},
		"repeated":            {"a=1&a=2&a=3", map[string]string{"a": "3"}, 0},
		"without a value":     {"a&b=&c", map[string]string{"a": "", "b": "", "c": ""}, 0},
		"empty pairs":         {"&&a=" + long + "&", map[string]string{"a": long}, 10},
		"more than are kept":  {"a=1&b=2", map[string]string{"a": "1"}, 0},
		"a placeholder":       {"a={{gclid}}&b=" + long, map[string]string{"b": long}, 20},
		"with our signs":      {"a=\x02a0&b=" + long, map[string]string{"a": "\x02a0", "b": long}, 0},
		"with our first sign": {"\x01a=" + long, map[string]string{"\x01a": long}, 0},
		"broken":              {"%=%zz&b=%&=x", map[string]string{"%": "%zz", "b": "%", "": "x"}, 0},
	} {
		kept := shortenQuery(c.raw, c.params)
		if got := wholeQuery(kept, c.params); got != c.raw {
			t.Errorf("%s: %.60q became %.60q", name, c.raw, got)
		}
		if most := c.most; len(kept) > len(c.raw) || most > 0 && len(kept) > most {
			t.Errorf("%s: %d bytes of %d are kept", name, len(kept), len(c.raw))
		}
		address := "https://go.example/c/l"
		if c.raw != "" {
			address += "?" + c.raw
		}
		if got := withQuery(withoutQuery(address, c.raw), c.raw); got != address {
			t.Errorf("%s: the address became %.80q", name, got)
		}
		// As versions before kept them.
		if got := withQuery(address, wholeQuery(c.raw, c.params)); got != address && !strings.HasPrefix(c.raw, shortQuery) {
			t.Errorf("%s: the address of an old click became %.80q", name, got)
		}
	}
	if got := withQuery("https://go.example/c/l?q=why?", "q=why?"); got != "https://go.example/c/l?q=why?" {
		t.Errorf("an old address: %s", got)
	}
	if got := wholeQuery("\x01\x02a0&\x02b7&\x02", map[string]string{"a": "1"}); got != "a=1&&\x02" {
		t.Errorf("with other parameters: %q", got)
	}
}

func FuzzShortQuery(f *testing.F) {
	for _, raw := range []string{"a=1&b=%20x", "a=%D0%AF&&a=2", "a=\x02b1", "x=1;y=2&=&%zz=+"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		params := map[string]string{}
		values, _ := url.ParseQuery(raw) // what it could read
		for name := range values {
			params[name] = values.Get(name)
		}
		if got := wholeQuery(shortenQuery(raw, params), params); got != raw {
			t.Errorf("%.60q became %.60q", raw, got)
		}
	})
}
