package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
)

// TestDoctorOfADatabaseThatForgets: a 200 is a lie where PostgreSQL does not
// write before it answers.
func TestDoctorOfADatabaseThatForgets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setting store.Setting
		state   string
	}{
		"fsync":                       {store.Setting{Name: "fsync", Value: "off"}, isProblem},
		"full pages":                  {store.Setting{Name: "full_page_writes", Value: "off"}, isProblem},
		"commits that do not wait":    {store.Setting{Name: "synchronous_commit", Value: "off"}, isProblem},
		"commits that wait for more":  {store.Setting{Name: "synchronous_commit", Value: "remote_apply"}, isFine},
		"commits that wait":           {store.Setting{Name: "synchronous_commit", Value: "on"}, isFine},
		"a write-ahead log of SQLite": {store.Setting{Name: "journal_mode", Value: "delete"}, isProblem},
	} {
		fs := databaseSettings(store.Vitals{Settings: []store.Setting{c.setting}})
		if len(fs) != 1 || fs[0].State != c.state || c.state == isProblem && (fs[0].Do == "" ||
			!strings.Contains(fs[0].Is, c.setting.Name)) {
			t.Errorf("%s: %+v", name, fs)
		}
	}
}

// TestDoctorOfClocks: a host that is more than a second off is named.
func TestDoctorOfClocks(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 6, 7, 8, 9, 10, 0, time.UTC)
	for _, c := range []struct {
		host, newest time.Duration // after now
		state        string
	}{
		{0, 0, isFine}, {900 * time.Millisecond, 0, isFine}, {1100 * time.Millisecond, 0, isProblem},
		{-5 * time.Minute, 0, isProblem}, {0, time.Minute, isProblem},
	} {
		f := databaseClock(store.Vitals{Now: now, Newest: now.Add(c.newest)}, now, now.Add(c.host))
		if f.State != c.state {
			t.Errorf("host %s ahead, newest %s: %+v", c.host, c.newest, f)
		}
	}
}

// TestTheServiceGoesByTheDatabasesClock: nothing of it is made with the host's.
func TestTheServiceGoesByTheDatabasesClock(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	given := regexp.MustCompile(`[ (]clock[,)]`)
	for _, path := range paths {
		// A collector compares only what it read itself.
		if strings.HasSuffix(path, "_test.go") || path == "collect_sources.go" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(text), "\n") {
			code, _, _ := strings.Cut(line, "//")
			if given.MatchString(code) && !strings.Contains(code, `"`) {
				t.Errorf("%s:%d: give it the store's Now: %s", path, n+1, strings.TrimSpace(line))
			}
		}
	}
}
