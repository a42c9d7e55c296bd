package e2e_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// traces are what an erased person must not leave anywhere.
var traces = []string{
	"918273645501", "zlatan_qx", "Златозар", "Quxwerty", "203.0.113.77", "IwARzlatanClick", "zlatan-start-31337",
	"Zlatanbrowser", "zlatan@mail.test",
	"yclid=5550001112223334445", "r.example/zlatan",
}

// TestEraseLeavesNoTrace makes a person leave something wherever a person can,
// erases them, and searches everything that is kept.
func TestEraseLeavesNoTrace(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		dir, natsAddr := t.TempDir(), e2e.FreeAddr(t)
		env = append(append(env, st.env...), "TGTRACK_NATS_LISTEN="+natsAddr, "TGTRACK_NATS_TOKEN="+natsToken,
			"TGTRACK_LOG_LEVEL=debug",
			"TGTRACK_HTTP_TRUSTED_PROXIES=127.0.0.0/8")
		s := e2e.Start(t, dir, env...)
		p := unlimited(s)
		p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "t"}, "activation_goal", "Lead")
		p.account(s, "webhook", map[string]any{"url": st.url + "/webhook/in"}, "activation_goal", "start")
		paused := p.account(s, "tiktok", map[string]any{"pixel_code": "C1", "access_token": "t"},
			"activation_goal", "Subscribe")
		p.patch(s, paused, map[string]any{"paused": true})
		start := p.live(t, s)
		found := append(traces, start)
		s.Event(p.key, "user_did_start_bot", `{"user_id":4,"first_name":"Other"}`)
		p.until(t, s, 30*time.Second, map[string]int{"facebook delivered": 2})
		e2e.Eventually(t, 30*time.Second, func() error {
			return missing(found, texts(t, env, dir, natsAddr, s))
		})

		path := "/projects/" + p.id + "/subscribers/" + traces[0]
		s.API(204, "DELETE", path, nil)
		s.API(404, "GET", path, nil)
		e2e.Eventually(t, 30*time.Second, func() error {
			return present(found, texts(t, env, dir, natsAddr, s))
		})
		p.balanced(t, s)
		if d := s.API(200, "GET", "/projects/"+p.id+"/subscribers/4", nil); d == nil {
			t.Error("the other person is gone")
		}
		s.Stop()
		if err := present(found, map[string]string{"log": s.Log()}); err != nil {
			t.Error(err)
		}
		if err := present(found, files(t, dir)); err != nil {
			t.Error(err)
		}
		if isSQLite(env) {
			p.copyHasNoTrace(t, dir, found)
		}
	})
}

func isSQLite(env []string) bool {
	return !slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "TGTRACK_DATABASE_URL=") })
}

// copyHasNoTrace backs up, and searches what the backup holds.
func (p project) copyHasNoTrace(t *testing.T, dir string, words []string) {
	t.Helper()
	file, fresh := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "data")
	backedUp(t, dir, file)
	if code, out := tool(t, []string{"TGTRACK_DATA_DIR=" + fresh}, "", "restore", file); code != 0 {
		t.Fatalf("restore: %d\n%s", code, out)
	}
	if err := present(words, files(t, fresh)); err != nil {
		t.Errorf("restored from a backup: %v", err)
	}
}

// live makes the person: a click, starts of several kinds, goals, a refused
// request, labels. It gives the click's start value.
func (p project) live(t *testing.T, s *e2e.Service) string {
	t.Helper()
	a := s.Call("GET", "/c/"+p.link+"?fbclid=IwARzlatanClick&yclid=5550001112223334445&ttclid=TTzlatan&email=zlatan@mail.test", "",
		"User-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile "+
			"Safari/537.36 Zlatanbrowser/1.0",
		"X-Forwarded-For: 203.0.113.77", "Referer: https://r.example/zlatan")
	_, start, ok := strings.Cut(a.Header.Get("Location"), "?start=")
	if a.Code != http.StatusFound || !ok {
		t.Fatalf("click: %d %s", a.Code, a.Body)
	}
	now := time.Now().Unix()
	person := `"from":{"id":918273645501,"is_bot":false,"first_name":"Златозар","last_name":"Quxwerty","username":"zlatan_qx"},"chat":{"id":918273645501,"type":"private"}`
	for i, c := range []struct {
		method, body string
		code         int
	}{
		{"on_telegram_webhook", fmt.Sprintf(
			`{"update_id":1,"message":{"message_id":1,%s,"date":%d,"text":"/start %s"}}`, person, now, start), 200},
		{"send_reach_goal", `{"user_id":"918273645501","target":"userDidSharePhone"}`, 200},
		{"add_event", `{"user_id":"918273645501","event_type":"survey","event_date":` + fmt.Sprint(now) +
			`,"labels":[{"name":"mail","value":"zlatan@mail.test"}]}`, 0},
		{"user_did_stop_bot", `{"user_id":"918273645501"}`, 0},
		{"user_did_start_bot", `{"user_id":918273645501,"first_name":"Златозар","last_name":"Quxwerty","username":"zlatan_qx","start_value":"zlatan-start-31337"}`, 200},
		{"add_event", `{"user_id":"918273645501","event_type":{"zlatan_qx":1}}`, 0},
		{"on_telegram_webhook", fmt.Sprintf(
			`{"update_id":2,"message":{"message_id":2,%s,"date":%d,"text":"a private message"}}`, person, now), 200},
	} {
		a := s.Event(p.key, c.method, c.body, fmt.Sprintf("Idempotency-Key: 918273645501-%d", i))
		if c.code != 0 && a.Code != c.code {
			t.Fatalf("%s: %d %s", c.method, a.Code, a.Body)
		}
	}
	return start
}

// missing tells which of the words is nowhere: a search that finds nothing is
// worth something only where there was something.
func missing(words []string, in map[string]string) error {
	for _, w := range words {
		found := false
		for _, text := range in {
			found = found || strings.Contains(text, w)
		}
		if !found {
			return fmt.Errorf("%q is nowhere, so that erasing it would prove nothing", w)
		}
	}
	return nil
}

// present tells where any of the words is.
func present(words []string, in map[string]string) error {
	for where, text := range in {
		for _, w := range words {
			if at := strings.Index(text, w); at >= 0 {
				return fmt.Errorf("%q is still in %s: …%.200q…", w, where, text[max(0, at-60):])
			}
		}
	}
	return nil
}

// texts is all that is kept, by where it is: every table, every stream, what
// the management API and the page of last events show.
func texts(t *testing.T, env []string, dir, natsAddr string, s *e2e.Service) map[string]string {
	t.Helper()
	out := map[string]string{}
	db := databaseOf(t, env, dir)
	defer db.Close()
	for _, table := range tables(t, db) {
		out["table "+table] = dump(t, db, table)
	}
	js, done, err := natsAt(natsAddr)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	// TGTRACK_CONVERSIONS is a work queue: its messages are those of its consumers.
	for _, stream := range []string{"TGTRACK_REQUESTS", "TGTRACK_EVENTS"} {
		var b strings.Builder
		if err := everyMessage(js, stream, func(
			m jetstream.Msg) {
			fmt.Fprintln(&b, m.Subject(), m.Headers(), string(m.Data()))
		}); err != nil {
			t.Fatal(err)
		}
		out["stream "+stream] = b.String()
	}
	for _, it := range s.API(200, "GET", "/projects", nil)["items"].([]any) {
		id := fmt.Sprint(it.(map[string]any)["id"])
		for _, path := range []string{"", "/links", "/ad-accounts", "/conversions", "/subscribers",
			"/requests", "/ledger"} {
			out["answer "+path] += string(s.Call("GET", "/api/v1/projects/"+id+path, "",
				"Authorization: Bearer "+e2e.Token).Body)
		}
	}
	return out
}

// databaseOf opens what a service with this environment keeps its data in.
func databaseOf(t *testing.T, env []string, dir string) *sql.DB {
	t.Helper()
	driver, name := "sqlite", "file:"+filepath.Join(dir, "tgtrack.db")+"?mode=ro&_pragma=busy_timeout(10000)"
	for _, v := range env {
		if url, ok := strings.CutPrefix(v, "TGTRACK_DATABASE_URL="); ok {
			driver, name = "pgx", url
		}
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func tables(t *testing.T, db *sql.DB) []string {
	t.Helper()
	if isPostgres(db) {
		return column(t, db, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
	}
	return column(t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1")
}

func isPostgres(db *sql.DB) bool { return fmt.Sprintf("%T", db.Driver()) == "*stdlib.Driver" }

// dump is a table as text.
func dump(t *testing.T, db *sql.DB, table string) string {
	t.Helper()
	rows, err := db.Query("SELECT * FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		values, dest := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			if text, ok := v.([]byte); ok {
				v = string(text)
			}
			fmt.Fprintf(&b, "%s=%v ", names[i], v)
		}
		b.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// files are the contents of all files below a folder, and their names.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		out["file "+filepath.Base(path)] += path + string(bytes.ToValidUTF8(b, []byte("?")))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
