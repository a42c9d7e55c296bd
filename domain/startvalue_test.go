package domain_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

func TestOwnStart(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"PJ0c4f9a1b77de":                       "PJ0c4f9a1b77de",
		"TGTrack-PJ0042":                       "PJ0042",
		"tgTrack-PJbeef":                       "PJbeef",
		"tgtrack-PJ00ff":                       "PJ00ff",
		"TGTRACK-PJ1234":                       "PJ1234",
		"TГTrack-PJ5678":                       "PJ5678", // Cyrillic Г
		"tгtrack-PJ5678":                       "PJ5678", // Cyrillic г
		"  PJabcd  ":                           "PJabcd",
		"/start TGTrack-PJabcd":                "PJabcd",
		"/START PJabcd rest":                   "PJabcd",
		"PJ" + strings.Repeat("a", 40):         "PJ" + strings.Repeat("a", 40),
		"PJ" + strings.Repeat("a", 41):         "",
		"PJabc":                                "",
		"pjabcd":                               "PJabcd",
		"PJABCD":                               "PJabcd",
		"tgtrack-pjabcd":                       "PJabcd",
		"TGTRACK-PJABCD":                       "PJabcd",
		"PJ12g4":                               "",
		"PJ1234-":                              "",
		"xTGTrack-PJ1234":                      "",
		"TGTrack-":                             "",
		"TGTrack-TGTrack-PJ1234":               "",
		"auto_detect":                          "",
		"survey_12":                            "",
		"":                                     "",
		"PJ1234\nPJ5678":                       "PJ1234",
		"TGTrack-PJ" + strings.Repeat("0", 54): "",
	} {
		got, ok := domain.OwnStart(in)
		if got != want || ok != (want != "") {
			t.Errorf("OwnStart(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestNormalStartKeepsLetterCase(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Blog":          "Blog",
		" Blog  tail":   "Blog",
		"/start Blog":   "Blog",
		"/Start":        "",
		"/start":        "",
		"   ":           "",
		"/startBlog":    "/startBlog",
		"\t/start\tB_1": "B_1",
		"None":          "",
		"/start null":   "",
		"undefined":     "",
		"{start_value}": "",
		"__CLICKID__":   "",
	} {
		if got := domain.NormalStart(in); got != want {
			t.Errorf("NormalStart(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestStartOfAnotherMessengerIsTheWholeText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"any data of the bot":        "any data of the bot",
		"  spring sale ":             "spring sale",
		"/start":                     "",
		"/START  a b":                "a b",
		"/starting":                  "/starting",
		"/start /start promo":        "promo",
		"TGTrack-PJabcd":             "TGTrack-PJabcd",
		"":                           "",
		strings.Repeat("/start ", 9): "",
	} {
		if got := domain.StartIn("max", in); got != want {
			t.Errorf("StartIn(max, %q) = %q, want %q", in, got, want)
		}
	}
	for _, messenger := range []string{"", domain.Telegram} {
		if got := domain.StartIn(messenger, "a b"); got != "a" {
			t.Errorf("StartIn(%q, a b) = %q", messenger, got)
		}
	}
}
