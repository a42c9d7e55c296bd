package logging_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/logging"
)

// TestNoLineIsForged: whatever somebody sent that is logged, it stays in the
// one line that it belongs to, which says when, with the zone.
func TestNoLineIsForged(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{
		"x\ntime=2030-01-01T00:00:00Z level=INFO msg=\"signed in\"", "x\r\n{\"level\":\"ERROR\"}", "\x1b[2J\x1b[31mred",
		`" level=ERROR msg="other`, "\u2028next", "a\x00b", "\xff\xfe",
	} {
		for _, format := range []string{"text", "json"} {
			var b bytes.Buffer
			log, err := logging.New(&b, "info", format)
			if err != nil {
				t.Fatal(err)
			}
			log.Info(evil, "name", evil, "error", errors.New(evil))
			line := b.String()
			if strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n") || strings.ContainsAny(line, "\r\x1b\x00") {
				t.Errorf("%s: %q became %q", format, evil, line)
			}
			at, _, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
			if format == "json" {
				var entry struct{ Time, Level, Msg, Name string }
				if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Level != "INFO" {
					t.Errorf("%q: %+v, %v", evil, entry, err)
				}
				at = entry.Time
			} else if !strings.HasPrefix(line, "time="+at+` level=INFO msg="`) {
				t.Errorf("%q became %q", evil, line)
			}
			if _, err := time.Parse(time.RFC3339Nano, at); err != nil {
				t.Errorf("%s: when: %v", format, err)
			}
		}
	}
}
