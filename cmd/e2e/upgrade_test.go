package e2e_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// lived is what an older version left: see testdata/upgrade/make.
type lived struct {
	// Secret is the secret_key. Empty: the one of before keys had a least length.
	Secret string
	Facts  struct {
		Project       string
		Key           string
		Link          string
		PausedAccount string          `json:"paused_account"`
		UserInfo      json.RawMessage `json:"user_info"`
	}
	Streams []struct {
		Config   jetstream.StreamConfig
		Messages []struct {
			Subject string
			Header  nats.Header
			Data    string
		}
	}
}

// TestUpgrade starts this version on what each earlier schema left: nothing of
// it is lost, and it works. What was there before the first release is refused.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	latest, err := store.LatestSchema()
	if err != nil {
		t.Fatal(err)
	}
	for schema := 1; schema < latest; schema++ {
		ours, err := filepath.Glob(fmt.Sprintf("../../adapters/store/migrations/sqlite/%04d_*.sql", schema))
		if err != nil {
			t.Fatal(err)
		}
		if len(ours) == 0 { // numbers are given before the work, and may stay away
			continue
		}
		folder := filepath.Join("testdata", "upgrade", fmt.Sprintf("schema%d", schema))
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			e2e.OnEach(t, func(t *testing.T, env []string) { upgrade(t, folder, env) })
		})
	}
	t.Run("present", func(t *testing.T) {
		t.Parallel()
		e2e.OnEach(t, startedTwice)
	})
	t.Run("before the first release", func(t *testing.T) {
		t.Parallel()
		e2e.OnEach(t, refusedBefore)
	})
}

// longKey does what an operator does whose key is too short for this version: it
// exchanges the key before the first start.
func longKey(t *testing.T, env []string, dir, key string) string {
	t.Helper()
	if key != "" {
		return key
	}
	env = append(slices.Clone(env), "TGTRACK_SECRET_KEY=upgrade-secret-key", "TGTRACK_DATA_DIR="+dir)
	refusedStart(t, env, "secret_key (TGTRACK_SECRET_KEY) has 18 characters")
	key = "a key that is long enough, in place of the short one"
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := tool(t, env, "", "secrets", "rotate", "--new-key-file", file); code != 0 {
		t.Fatalf("rotate: exit code %d\n%s", code, out)
	}
	return key
}

// startedTwice: a start on the present schema changes nothing.
func startedTwice(t *testing.T, env []string) {
	dir := t.TempDir()
	s := e2e.Start(t, dir, env...)
	p := newProject(s, nil)
	s.Event(p.key, "user_did_start_bot", `{"user_id":1,"first_name":"A"}`)
	s.Stop()
	before := databaseRows(t, env, dir)
	e2e.Start(t, dir, env...).Stop()
	sameRows(t, env, dir, before)
	for _, table := range []string{"schema_migrations", "projects", "people", "events"} {
		if len(before[table].rows) == 0 {
			t.Errorf("the first start left no row of %s", table)
		}
	}
	nothingPending(t, env, dir)
}

// refusedBefore: a database of before the first release is left as it is, and
// one line says what to do.
func refusedBefore(t *testing.T, env []string) {
	dir := t.TempDir()
	env = append(env, "TGTRACK_DATA_DIR="+dir, "TGTRACK_HTTP_ADDR=127.0.0.1:0")
	loadDatabase(t, env, dir, filepath.Join("testdata", "upgrade", "before", kindOf(env)+".sql"))
	before := databaseRows(t, env, dir)
	for _, args := range [][]string{{"serve"}, {"migrate", "up"}, {"migrate", "status"}} {
		code, out := tool(t, env, "", args...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if code != 1 || !strings.Contains(lines[len(lines)-1], store.ErrUnreleased.Error()) {
			t.Errorf("%v: exit code %d, want 1 with the line %q:\n%s", args, code, store.ErrUnreleased, out)
		}
	}
	if d := cmp.Diff(before, databaseRows(t, env, dir), cmp.AllowUnexported(leftRows{})); d != "" {
		t.Errorf("the database was changed (-before +after):\n%s", d)
	}
}

func upgrade(t *testing.T, folder string, env []string) {
	dir := t.TempDir()
	st := openStreet(t)
	natsAddr := e2e.FreeAddr(t)
	l := loadStreams(t, dir, filepath.Join(folder, kindOf(env)+".json"))
	env = append(append(env, st.env...), "TGTRACK_NATS_LISTEN="+natsAddr, "TGTRACK_NATS_TOKEN="+natsToken)
	loadDatabase(t, env, dir, filepath.Join(folder, kindOf(env)+".sql"))
	before := databaseRows(t, env, dir)
	env = append(env, "TGTRACK_SECRET_KEY="+longKey(t, env, dir, l.Secret))
	after := databaseRows(t, env, dir)
	for _, table := range []string{"api_keys", "ad_accounts", "notice_settings", "projects", "users"} {
		if _, had := before[table]; had { // what is encrypted in them is so by the new key
			before[table] = after[table]
		}
	}
	for table, left := range before {
		if len(left.rows) == 0 && !strings.HasPrefix(table, "events_") {
			t.Errorf("the fixture has no row of %s", table)
		}
	}
	s := e2e.Start(t, dir, env...)

	sameRows(t, env, dir, before)
	p := project{id: l.Facts.Project, key: l.Facts.Key, link: l.Facts.Link}
	var want any
	if err := json.Unmarshal(l.Facts.UserInfo, &want); err != nil {
		t.Fatal(err)
	}
	var got struct{ Data any }
	if err := json.Unmarshal(s.Event(p.key, "get_user_info", `{"user_id":11}`).Body, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got.Data); d != "" {
		t.Errorf("get_user_info is another (-was +is):\n%s", d)
	}
	p.counts(t, s)
	db := databaseOf(t, env, dir)
	defer db.Close()
	e2e.Eventually(t, 30*time.Second, func() error {
		return eventsInStream(natsAddr, eventIDs(column(t, db, "SELECT id FROM events")))
	})
	requests := s.API(200, "GET", "/projects/"+p.id+"/requests", nil)["items"].([]any)
	if n := len(requests); n < len(l.Streams[0].Messages) {
		t.Errorf("%d requests are shown, want %d at least", n, len(l.Streams[0].Messages))
	}
	p.worksOn(t, s, st)
	nothingPending(t, env, dir)
	s.Stop()
}

func nothingPending(t *testing.T, env []string, dir string) {
	t.Helper()
	code, out := tool(t, append(env, "TGTRACK_DATA_DIR="+dir), "", "migrate", "status")
	if code != 0 || !strings.HasPrefix(out, "0001") || strings.Contains(out, "missing") {
		t.Errorf("migrate status: %d\n%s", code, out)
	}
}

// worksOn brings a new person by the old link, and a goal of an old one.
func (p project) worksOn(t *testing.T, s *e2e.Service, st *street) {
	t.Helper()
	const goal = `{"target":"userDidSharePhone","user_id":"11"}`
	a := s.Event(p.key, "send_reach_goal", goal, "Idempotency-Key: kept-key")
	if a.Code != 200 || !strings.Contains(string(a.Body), `"events"`) {
		t.Errorf("the kept answer: %d %s", a.Code, a.Body)
	}
	p.arrive(t, s, 500, 1, "fbclid=New%d")
	e2e.Eventually(t, 30*time.Second, func() error {
		if n := len(st.Received("facebook")); n != 1 {
			return fmt.Errorf("facebook got %d conversions, want that of the new person alone\n%.3000s", n, s.Log())
		}
		return nil
	})
	if a := s.Event(p.key, "user_did_start_bot", `{"user_id":13,"first_name":"Late"}`); a.Code != 200 {
		t.Errorf("the start a goal waited for: %d %s", a.Code, a.Body)
	}
	daily := s.API(200, "GET", "/projects/"+p.id+"/reports/daily?from=2020-01-01", nil)["items"].([]any)
	if len(daily) == 0 {
		t.Error("the report has no days")
	}
}

// leftRows are rows of a table as text, of the columns that it had.
type leftRows struct {
	columns string
	rows    map[string]int
}

// databaseRows are the rows of every table.
func databaseRows(t *testing.T, env []string, dir string) map[string]leftRows {
	t.Helper()
	db := databaseOf(t, env, dir)
	defer db.Close()
	out := map[string]leftRows{}
	for _, table := range tables(t, db) {
		rows, err := db.Query("SELECT * FROM " + table + " LIMIT 0")
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err := errors.Join(err, rows.Close()); err != nil {
			t.Fatal(err)
		}
		out[table] = snapshot(t, db, table, strings.Join(columns, ", "))
	}
	return out
}

func snapshot(t *testing.T, db *sql.DB, table, columns string) leftRows {
	t.Helper()
	out := leftRows{columns: columns, rows: map[string]int{}}
	for line := range strings.Lines(dump(t, db, "(SELECT "+columns+" FROM "+table+") AS x")) {
		out.rows[line]++
	}
	return out
}

// passing tells of which tables the rows come and go, or change, while nobody
// does anything. Figures are made anew.
func passing(table string) bool {
	return strings.HasPrefix(table, "rollup_") ||
		slices.Contains([]string{
			"schema_migrations", "meta", "batches", "batch_readers", "people_words", "row_blocks", "leases",
			"erasures", "one_time_links", "processes", "project_changes",
		}, table)
}

// sameRows: what was there is there, column by column.
func sameRows(t *testing.T, env []string, dir string, before map[string]leftRows) {
	t.Helper()
	db := databaseOf(t, env, dir)
	defer db.Close()
	for table, left := range before {
		if passing(table) {
			continue
		}
		if after := snapshot(t, db, table, left.columns); !containsAll(after.rows, left.rows) {
			t.Errorf("%s lost or changed rows:\n%s", table, cmp.Diff(left.rows, after.rows))
		}
	}
}

func containsAll(have, want map[string]int) bool {
	for line, n := range want {
		if have[line] < n {
			return false
		}
	}
	return true
}

// kindOf is how the files of a database are called.
func kindOf(env []string) string {
	if isSQLite(env) {
		return "sqlite"
	}
	return "postgres"
}

// loadDatabase fills an empty database.
func loadDatabase(t *testing.T, env []string, dir, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: see testdata/upgrade/make", err)
	}
	var db *sql.DB
	if isSQLite(env) { // databaseOf only reads
		if db, err = sql.Open("sqlite", filepath.Join(dir, "tgtrack.db")); err != nil {
			t.Fatal(err)
		}
	} else {
		db = databaseOf(t, env, dir)
	}
	_, err = db.Exec(string(text))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// loadStreams makes the streams as they were, in the service's folder.
func loadStreams(t *testing.T, dir, file string) lived {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var l lived
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&l); err != nil {
		t.Fatal(err)
	}
	srv, err := natsserver.NewServer(&natsserver.Options{
		ServerName: "tgtrack", DontListen: true, NoSigs: true, JetStream: true, JetStreamMaxStore: 1 << 50,
		StoreDir: filepath.Join(dir, "jetstream"),
	})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	defer func() { srv.Shutdown(); srv.WaitForShutdown() }()
	if !srv.ReadyForConnections(20 * time.Second) {
		t.Fatal("NATS does not start")
	}
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range l.Streams {
		if _, err := js.CreateStream(context.Background(), st.Config); err != nil {
			t.Fatal(err)
		}
		for _, m := range st.Messages {
			msg := nats.Msg{Subject: m.Subject, Header: m.Header, Data: []byte(m.Data)}
			if _, err := js.PublishMsg(context.Background(), &msg); err != nil {
				t.Fatal(err)
			}
		}
	}
	return l
}
