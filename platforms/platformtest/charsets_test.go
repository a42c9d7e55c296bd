package platformtest_test

import (
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/tgtrack/tgtrack/platforms"
)

// TestCodePages holds the tables of charsets against those of a library.
func TestCodePages(t *testing.T) {
	t.Parallel()
	letters := make([]byte, 128)
	for i := range letters {
		letters[i] = byte(0x80 + i)
	}
	for name, m := range map[string]*charmap.Charmap{
		"windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252, "koi8-r": charmap.KOI8R,
		"koi8-u": charmap.KOI8U, "iso-8859-5": charmap.ISO8859_5, "cp866": charmap.CodePage866,
	} {
		want, err := m.NewDecoder().Bytes(letters)
		if err != nil {
			t.Fatal(err)
		}
		v, err := platforms.Object(platforms.Inbound{
			ContentType: "application/json; charset=" + name, Body: []byte(`{"a":"` + string(letters) + `."}`),
		})
		if got := platforms.Plain(v.Get("a")); err != nil || got != string(want)+"." {
			t.Errorf("%s: %v\n%q, want\n%q", name, err, got, want)
		}
	}
}
