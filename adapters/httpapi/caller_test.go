package httpapi

import (
	"net/netip"
	"testing"
)

func TestClientIP(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	cases := []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"9.9.9.9", []string{"1.2.3.4"}, "9.9.9.9"}, // not a proxy of ours: its word is not believed
		{"10.0.0.1", nil, "10.0.0.1"},
		{"10.0.0.1", []string{"1.2.3.4"}, "1.2.3.4"},
		{"10.0.0.1", []string{"6.6.6.6, 1.2.3.4, 10.0.0.2"}, "1.2.3.4"},
		{"10.0.0.1", []string{"6.6.6.6", "1.2.3.4:5555"}, "1.2.3.4"},
		{"::ffff:10.0.0.1", []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"fd00::1", []string{"2001:db8::2"}, "2001:db8::2"},
		{"10.0.0.1", []string{"1.2.3.4, unknown"}, "10.0.0.1"},
		{"10.0.0.1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"", nil, ""},
	}
	for _, c := range cases {
		if got := clientIP(c.peer, c.forwarded, trusted); got != c.want {
			t.Errorf("%s %q gave %q, want %q", c.peer, c.forwarded, got, c.want)
		}
	}
}

// TestKeyIn: what is pasted for a key is understood as far as it can be.
func TestKeyIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"tgk_abc": "tgk_abc", " tgk_abc\n": "tgk_abc", "tgk_abc%20": "tgk_abc", "{tgk_abc}": "tgk_abc",
		"https://go.example/v1/tgk_abc/on_telegram_webhook":   "tgk_abc",
		" https://go.example/v1/tgk_abc ":                     "tgk_abc",
		"http://127.0.0.1:8080/v1/tgk_abc?x=1":                "tgk_abc",
		"https://go.example/API/bot-api/v1/tgk_abc/add_event": "tgk_abc",
		"/v1/tgk_abc%20/add_event":                            "tgk_abc",
		"":                                                    "",
	} {
		if got := KeyIn(text); got != want {
			t.Errorf("KeyIn(%q) = %q, want %q", text, got, want)
		}
	}
}
