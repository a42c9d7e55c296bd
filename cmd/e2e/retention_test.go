package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestRetention lets everything grow old between two runs of the service: what
// is too old goes, who left long ago is erased, and the reports say what they
// said.
func TestRetention(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		dir := t.TempDir()
		s := e2e.Start(t, dir, env...)
		p := unlimited(s)
		p.arrive(t, s, 1, 10, "gclid=G%d")
		for _, user := range []string{"3", "4"} {
			if a := s.Event(p.key, "on_telegram_webhook",
				fmt.Sprintf(`{"update_id":%s,"my_chat_member":{"chat":{"id":%s,"type":"private"},"from":{"id":%s,"is_bot":false,"first_name":"P"},"date":%d,
				"old_chat_member":{"status":"member","user":{"id":1,"is_bot":true,"first_name":"B"}},"new_chat_member":{"status":"kicked","user":{"id":1,"is_bot":true,"first_name":"B"}}}}`,
					user, user, user, time.Now().Unix())); a.Code != 200 {
				t.Fatalf("stop: %d %s", a.Code, a.Body)
			}
		}
		daily := func(s *e2e.Service) any {
			return s.API(200, "GET", "/projects/"+p.id+"/reports/daily", nil)["items"]
		}
		// Rolled up: no mark waits, nor any word.
		e2e.Eventually(t, 30*time.Second, func() error {
			db := databaseOf(t, env, dir)
			defer db.Close()
			if n := column(t, db, "SELECT count(*) FROM rollup_marks"); n[0] != "0" {
				return fmt.Errorf("%s days wait to be counted", n[0])
			}
			if n := column(t, db, "SELECT coalesce(sum(leaves), 0) FROM rollup_days WHERE source_id = ''"); n[0] != "2" {
				return fmt.Errorf("%s leaves are counted", n[0])
			}
			// The upkeep looks at a start, then once an hour: by then the days on
			// which people left must stand among their words.
			if n := column(t, db, "SELECT count(*) FROM people_words WHERE left_on <> ''"); n[0] != "2" {
				return fmt.Errorf("%s of the people have the day on which they left", n[0])
			}
			return nil
		})
		was := daily(s)
		s.Stop()

		s = e2e.Start(t, dir, append(env, "TGTRACK_RETENTION_EVENTS=1ms", "TGTRACK_RETENTION_CLICKS=1ms",
			"TGTRACK_RETENTION_PEOPLE=1ms")...)
		e2e.Eventually(t, 30*time.Second, func() error {
			db := databaseOf(t, env, dir)
			defer db.Close()
			for query, want := range map[string]string{
				"SELECT count(*) FROM people":   "8",
				"SELECT count(*) FROM erasures": "0",
				// Eight people may still reach a goal by theirs.
				"SELECT count(*) FROM clicks": "8",
			} {
				if got := column(t, db, query); got[0] != want {
					return fmt.Errorf("%s: %s, want %s\n%s", query, got[0], want, s.Log())
				}
			}
			// A month that is not over is kept whole.
			if got := column(t, db, "SELECT count(*) FROM events"); isSQLite(env) != (got[0] == "0") {
				return fmt.Errorf("%s events are left", got[0])
			}
			return nil
		})
		if d := cmp.Diff(was, daily(s)); d != "" {
			t.Errorf("the report says something else (-was +is):\n%s", d)
		}
		s.API(404, "GET", "/projects/"+p.id+"/subscribers/3", nil)
		s.API(200, "GET", "/projects/"+p.id+"/subscribers/5", nil)
		s.Stop()
	})
}
