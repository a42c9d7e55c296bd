package e2e_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestErasedNamesAreGoneFromTheFile: what a database has free in its own file
// may hold what was deleted. Of people who came, went and changed their names,
// neither the file nor its log has a name once they are erased.
func TestErasedNamesAreGoneFromTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := e2e.Start(t, dir)
	p := unlimited(s)
	const people, kept = 120, 20
	name := func(n, round int) string { return fmt.Sprintf("Nm%03dr%dqzv", n, round) }
	for round := range 3 {
		for _, method := range []string{"user_did_start_bot", "my_bot_was_stopped"} {
			var items []string
			for n := range people {
				items = append(items, fmt.Sprintf(`{"method":%q,"body":{"user_id":%d,"first_name":%q,"username":%q,`+
					`"last_name":%q}}`, method, 880000+n, name(n, round), "u_"+name(n, round), strings.Repeat("Л", 7*(round+n%9))))
			}
			if a := s.Event(p.key, "batch", `{"items":[`+strings.Join(items, ",")+`]}`); a.Code != 200 ||
				strings.Contains(string(a.Body), `"error_code":`) {
				t.Fatalf("%d %.500s", a.Code, a.Body)
			}
		}
	}
	for n := kept; n < people; n++ {
		s.API(204, "DELETE", fmt.Sprintf("/projects/%s/subscribers/%d", p.id, 880000+n), nil)
	}
	look := func(when string) {
		t.Helper()
		for file, text := range files(t, dir) {
			left := 0
			for n := kept; n < people; n++ {
				for round := range 3 {
					if strings.Contains(text, name(n, round)) {
						left++
					}
				}
			}
			if left > 0 {
				t.Errorf("%s: %s has %d erased names", when, file, left)
			}
		}
		if text := files(t, dir)["file tgtrack.db"]; !strings.Contains(text, name(1, 2)) {
			t.Errorf("%s: the names of the others are not there either", when)
		}
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "tgtrack.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var busy, pages, copied int
	if err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied); err != nil || busy != 0 {
		t.Fatal(busy, err)
	}
	look("after a checkpoint")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	look("after a stop")
}
