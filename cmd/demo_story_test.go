package cmd

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// TestDemoStory: it is short enough for a terminal, in the language of whoever
// reads it.
func TestDemoStory(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Languages() {
		text := demoStory(l, "http://127.0.0.1:8080", "http://127.0.0.1:8090", 20*time.Second)
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if len(lines) > 20 || cyrillic(text) != (l == i18n.Russian) || strings.Contains(text, "%!") {
			t.Errorf("%s: %d lines:\n%s", l, len(lines), text)
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > 110 {
				t.Errorf("%s is too long: %s", l, line)
			}
		}
	}
	for environ, want := range map[string]i18n.Language{
		"LANG=ru_RU.UTF-8": i18n.Russian, "LANG=ru_RU.UTF-8 LC_ALL=C.UTF-8": i18n.English, "LANG=C": i18n.English,
		"": i18n.English, "LANG=en_US.UTF-8 LC_MESSAGES=ru_RU": i18n.Russian,
	} {
		if got := terminalLanguage(strings.Fields(environ)); got != want {
			t.Errorf("%q is read as %s", environ, got)
		}
	}
}

// TestBusyPort: a port that somebody else has is named with the setting that
// chooses another.
func TestBusyPort(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, busy := net.Listen("tcp", ln.Addr().String())
	said := notListening("http.addr", anotherAddr, busy)
	if !strings.Contains(said.Error(), "TGTRACK_HTTP_ADDR=") || !errors.Is(said, busy) {
		t.Error(said)
	}
	if other := notListening("http.addr", anotherAddr, errors.New("no such host")); strings.Contains(other.Error(), "=") {
		t.Error(other)
	}
}
