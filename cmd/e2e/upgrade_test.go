package e2e_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

// lived is what an older version left: see testdata/upgrade/make.
type lived struct {
	Facts struct {
		Project       string
		Key           string
		Link          string
		PausedAccount string          `json:"paused_account"`
		UserInfo      json.RawMessage `json:"user_info"`
		Ledger        []struct{ Network, Status string }
		OutboxEvent   string `json:"outbox_event"`
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
// it is lost, and it works.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob(filepath.Join("testdata", "upgrade", "schema*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			for _, kind := range []string{"sqlite", "postgres"} {
				t.Run(kind, func(t *testing.T) {
					t.Parallel()
					upgrade(t, folder, kind)
				})
			}
		})
	}
}

func upgrade(t *testing.T, folder, kind string) {
	dir := t.TempDir()
	st := openStreet(t)
	natsAddr := freeAddr(t)
	env := append(st.env, "TGTRACK_ADMIN_TOKEN=upgrade-admin-token", "TGTRACK_SECRET_KEY=upgrade-secret-key", "TGTRACK_NATS_LISTEN="+natsAddr)
	if kind == "postgres" {
		env = append(env, "TGTRACK_DATABASE_URL="+databasetest.PostgresURL(t))
	}
	before := loadDatabase(t, env, dir, filepath.Join(folder, kind+".sql"))
	l := loadStreams(t, dir, filepath.Join(folder, kind+".json"))
	s := e2e.StartBinary(t, e2e.Binary(t), dir, append(env, "TGTRACK_ADMIN_TOKEN="+e2e.Token)...)

	// What was there is there, column by column.
	db := databaseOf(t, env, dir)
	defer db.Close()
	for table, rows := range before {
		if table == "schema_migrations" || table == "meta" || table == "outbox" {
			continue
		}
		if after := snapshot(t, db, table, rows.columns); !containsAll(after.rows, rows.rows) {
			t.Errorf("%s lost or changed rows:\n%s", table, cmp.Diff(rows.rows, after.rows))
		}
	}
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
	e2e.Eventually(t, 30*time.Second, func() error { return eventsInStream(natsAddr, column(t, db, "SELECT id FROM events")) })
	if n := len(s.API(200, "GET", "/projects/"+p.id+"/requests", nil)["items"].([]any)); n < len(l.Streams[0].Messages) {
		t.Errorf("%d requests are shown, want %d at least", n, len(l.Streams[0].Messages))
	}
	p.worksOn(t, s, st)
	if code, out := tool(t, append(env, "TGTRACK_DATA_DIR="+dir), "", "migrate", "status"); code != 0 || strings.Contains(out, "pending") {
		t.Errorf("migrate status: %d\n%s", code, out)
	}
	s.Stop()
}

// worksOn brings a new person by the old link, and a goal of an old one.
func (p project) worksOn(t *testing.T, s *e2e.Service, st *street) {
	t.Helper()
	a := s.Event(p.key, "send_reach_goal", `{"target":"userDidSharePhone","user_id":"11"}`, "Idempotency-Key: kept-key")
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

func snapshot(t *testing.T, db *sql.DB, table, columns string) leftRows {
	t.Helper()
	out := leftRows{columns: columns, rows: map[string]int{}}
	for line := range strings.Lines(dump(t, db, "(SELECT "+columns+" FROM "+table+") AS x")) {
		out.rows[line]++
	}
	return out
}

func containsAll(have, want map[string]int) bool {
	for line, n := range want {
		if have[line] < n {
			return false
		}
	}
	return true
}

// loadDatabase fills an empty database and remembers its rows.
func loadDatabase(t *testing.T, env []string, dir, file string) map[string]leftRows {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if isSQLite(env) { // databaseOf only reads
		db, err := sql.Open("sqlite", filepath.Join(dir, "tgtrack.db"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(string(text)); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	db := databaseOf(t, env, dir)
	defer db.Close()
	if !isSQLite(env) {
		if _, err := db.Exec(string(text)); err != nil {
			t.Fatal(err)
		}
	}
	out := map[string]leftRows{}
	for _, table := range tables(t, db) {
		rows, err := db.Query("SELECT * FROM " + table + " LIMIT 0")
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err := errorsOf(err, rows.Close()); err != nil {
			t.Fatal(err)
		}
		k := snapshot(t, db, table, strings.Join(columns, ", "))
		if len(k.rows) == 0 && !strings.HasPrefix(table, "events_") {
			t.Errorf("the fixture has no row of %s", table)
		}
		out[table] = k
	}
	return out
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
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
		ServerName: "tgtrack", DontListen: true, JetStream: true, StoreDir: filepath.Join(dir, "jetstream"), NoSigs: true, JetStreamMaxStore: 1 << 50,
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
			if _, err := js.PublishMsg(context.Background(), &nats.Msg{Subject: m.Subject, Header: m.Header, Data: []byte(m.Data)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return l
}
