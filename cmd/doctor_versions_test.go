package cmd

import (
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	networks "github.com/tgtrack/tgtrack/adapters/adnet/all"
)

func TestVersionsThatEndAreToldHalfAYearAhead(t *testing.T) {
	t.Parallel()
	r, err := adnet.NewRegistry(networks.Sinks()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ version, day, state, says string }{
		{"", "2026-11-30", isFine, "adnetworks.facebook.version: v26.0, served until 2028-11-04"},
		{"v21.0", "2026-07-20", isFine, ": v21.0, served until 2027-01-21"},
		{"v21.0", "2026-07-23", isAdvice, "serves v21.0 until 2027-01-21"},
		{"v21.0", "2027-01-21", isProblem, "no longer since 2027-01-21"},
		{"v27.0", "2030-01-01", isFine, "not announced"},
		{"v31.0", "2026-11-30", isAdvice, "not known to this build"},
	} {
		values := func(network string) adnet.Values {
			if network != "facebook" || c.version == "" {
				return nil
			}
			return adnet.Values{"version": c.version}
		}
		now, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		fs := endingVersions(r.All(), values, now)
		if len(fs) != 1 || fs[0].Check != "networks.versions" || fs[0].State != c.state ||
			!strings.Contains(fs[0].Is, c.says) {
			t.Errorf("%s on %s: %+v, want %s with %q", c.version, c.day, fs, c.state, c.says)
		}
		if c.state == isProblem && !strings.Contains(fs[0].Do, "v27.0") {
			t.Errorf("what to do names no newer version: %q", fs[0].Do)
		}
	}
}
