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
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/backup"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

// TestRestoreDrill backs up under load, loses the machine, restores into an
// empty folder and goes on.
func TestRestoreDrill(t *testing.T) {
	t.Parallel()
	st := openStreet(t)
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "night.tar.zst")
	s := e2e.Start(t, dir, st.env...)
	p := unlimited(s)
	p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "t"}, "activation_goal", "Lead")
	parked := p.account(s, "tiktok", map[string]any{"pixel_code": "C1", "access_token": "t"},
		"activation_goal", "Subscribe")
	p.patch(s, parked, map[string]any{"paused": true})
	p.arrive(t, s, 1, 40, "fbclid=F%d&ttclid=T%d")
	p.until(t, s, 30*time.Second, map[string]int{"facebook delivered": 40, "tiktok parked": 40})
	info := s.Event(p.key, "get_user_info", `{"user_id":7}`).JSON(t)["data"]

	ctx, stop := context.WithCancel(context.Background())
	var load sync.WaitGroup
	load.Go(func() {
		for i := 1000; ctx.Err() == nil; i++ {
			if a := s.Event(p.key, "user_did_start_bot",
				fmt.Sprintf(`{"user_id":%d,"first_name":"L","start_value":%q}`, i,
					s.Click(p.link, fmt.Sprintf("fbclid=F%d&ttclid=T%d", i, i)))); a.Code != 200 {
				t.Errorf("start of %d: %d %s", i, a.Code, a.Body)
			}
		}
	})
	backedUp(t, dir, file)
	stop()
	load.Wait()
	s.Kill()

	fresh := filepath.Join(t.TempDir(), "data")
	if code, out := tool(t, []string{"TGTRACK_DATA_DIR=" + fresh}, "", "restore", file); code != 0 {
		t.Fatalf("restore: exit code %d\n%s", code, out)
	}
	was := rowsOf(t, fresh, "SELECT lower(hex(id)) FROM conversions WHERE status = 'delivered' AND network = "+
		"'facebook'")
	events := rowsOf(t, fresh, "SELECT id FROM events")
	if len(was) < 40 || len(events) < 40 {
		t.Fatalf("restored are %d delivered conversions and %d events, want those of 40 people at least",
			len(was), len(events))
	}
	natsAddr := e2e.FreeAddr(t)
	again := e2e.Start(t, fresh, append(st.env, "TGTRACK_NATS_LISTEN="+natsAddr, "TGTRACK_NATS_TOKEN="+natsToken)...)
	if d := cmp.Diff(info, again.Event(p.key, "get_user_info", `{"user_id":7}`).JSON(t)["data"]); d != "" {
		t.Errorf("get_user_info is another (-was +is):\n%s", d)
	}
	if n := len(again.API(200, "GET", "/projects/"+p.id+"/requests", nil)["items"].([]any)); n < 40 {
		t.Errorf("%d requests are kept", n)
	}
	p.patch(again, parked, map[string]any{"paused": false})
	e2e.Eventually(t, 60*time.Second, func() error {
		for _, status := range []string{"pending", "retrying", "parked", "accepted"} {
			if cs := p.conversions(again, "status="+status); len(cs) > 0 {
				return fmt.Errorf("%d conversions are %s: %v", len(cs), status, cs[0])
			}
		}
		return nil
	})
	p.closed(t, again)
	copies := map[string]int{}
	for _, it := range st.Received("facebook") {
		copies[it.ID] = it.Copies
	}
	for _, id := range was {
		if copies[id] != 1 {
			t.Errorf("conversion %s, delivered before the backup, is at the network %d times", id, copies[id])
		}
	}
	st.once(t, "tiktok", len(rowsOf(t, fresh, "SELECT id FROM conversions WHERE network = 'tiktok'")))
	p.arrive(t, again, 5000, 1, "fbclid=F%d")
	e2e.Eventually(t, 30*time.Second, func() error {
		return eventsInStream(natsAddr, eventIDs(rowsOf(t, fresh, "SELECT id FROM events")))
	})
	again.Stop()
}

// backedUp runs tgtrack backup and checks the file.
func backedUp(t *testing.T, dir, file string) {
	t.Helper()
	env := []string{"TGTRACK_DATA_DIR=" + dir, "TGTRACK_ADMIN_TOKEN=" + e2e.Token}
	code, out := tool(t, env, "", "backup", "--json", file)
	if code != 0 {
		t.Fatalf("backup: exit code %d\n%s", code, out)
	}
	var m backup.Manifest
	if err := json.Unmarshal([]byte(out), &m); err != nil || m.Schema < 1 || len(m.Files) < 5 {
		t.Errorf("the manifest is %s: %v", out, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has mode %v, %v", info.Mode(), err)
	}
	for _, folder := range []string{filepath.Dir(file), dir} {
		left, err := filepath.Glob(filepath.Join(folder, ".*"))
		if err != nil || len(left) > 0 {
			t.Errorf("left over: %v, %v", left, err)
		}
	}
}

// rowsOf reads a column of a SQLite database that a service may have open.
func rowsOf(t *testing.T, dir, query string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "tgtrack.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return column(t, db, query)
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// natsAt connects to the embedded NATS server of a service.
func natsAt(addr string) (jetstream.JetStream, func(), error) {
	nc, err := nats.Connect("nats://" + natsToken + "@" + addr)
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	return js, nc.Close, err
}

// natsToken is asked at nats.listen where a test connects.
const natsToken = "e2e-nats-token-of-this-test"

// eventsInStream tells whether TGTRACK_EVENTS has just these events.
func eventsInStream(addr string, want []string) error {
	js, done, err := natsAt(addr)
	if err != nil {
		return err
	}
	defer done()
	got := map[string]int{}
	err = everyMessage(js, "TGTRACK_EVENTS", func(m jetstream.Msg) { got[m.Headers().Get("Nats-Msg-Id")]++ })
	if err != nil {
		return err
	}
	for _, id := range want {
		if got[id] != 1 {
			return fmt.Errorf("event %s is in the stream %d times", id, got[id])
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("the stream has %d events, the database %d", len(got), len(want))
	}
	return nil
}

// eventIDs gives the ids of events by what the database keeps of them.
func eventIDs(kept []string) []string {
	out := make([]string, len(kept))
	for i, k := range kept {
		out[i] = e2e.EventID([]byte(k))
	}
	return out
}

// everyMessage reads a stream from end to end.
func everyMessage(js jetstream.JetStream, stream string, see func(jetstream.Msg)) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := js.CreateConsumer(ctx, stream,
		jetstream.ConsumerConfig{AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true,
			InactiveThreshold: time.Minute})
	if err != nil {
		return err
	}
	for left := int(c.CachedInfo().NumPending); left > 0; {
		b, err := c.Fetch(min(left, 100), jetstream.FetchMaxWait(5*time.Second))
		if err != nil {
			return err
		}
		n := 0
		for m := range b.Messages() {
			see(m)
			n++
		}
		if n == 0 {
			return fmt.Errorf("%s: %d messages did not come: %w", stream, left, b.Error())
		}
		left -= n
	}
	return nil
}

// TestBackupAlone backs up without a service, and is refused a restore where
// it would do harm.
func TestBackupAlone(t *testing.T) {
	t.Parallel()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "cold.tar.zst")
	env := []string{"TGTRACK_DATA_DIR=" + dir, "TGTRACK_ADMIN_TOKEN=" + e2e.Token}
	if code, out := tool(t, env, "", "backup", file); code != 1 || !strings.Contains(out, "nothing to back up") {
		t.Errorf("backup of an empty folder: %d\n%s", code, out)
	}
	s := e2e.Start(t, dir)
	refusedStart(t, env, "in use by another tgtrack")
	if code, out := tool(t, env, "", "restore", "--force", file); code != 1 {
		t.Errorf("restore of no file: %d\n%s", code, out)
	}
	p := newProject(s, nil)
	s.Event(p.key, "user_did_start_bot", `{"user_id":5,"first_name":"A"}`)
	s.Stop()
	backedUp(t, dir, file)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		text []byte
		env  []string
		want string
	}{
		"damaged":     {raw[:len(raw)-20], nil, "damaged"},
		"no backup":   {[]byte("something else"), nil, "damaged"},
		"newer":       {newerBackup(t), nil, "newer version"},
		"another key": {raw, []string{"TGTRACK_SECRET_KEY=another key, which is as long as the right one"}, "secret_key"},
	} {
		target, bad := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(bad, c.text, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out := tool(t, append(c.env, "TGTRACK_DATA_DIR="+target), "", "restore", bad)
		if code != 1 || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit code %d, want a refusal with %q:\n%s", name, code, c.want, out)
		}
		if _, err := os.Stat(target); !os.IsNotExist(err) {
			t.Errorf("%s: the folder was touched", name)
		}
	}

	if code, out := tool(t, env, "", "restore", file); code != 1 || !strings.Contains(out, "--force") {
		t.Errorf("restore into a full folder: %d\n%s", code, out)
	}
	s = e2e.Start(t, dir)
	s.Event(p.key, "user_did_start_bot", `{"user_id":6,"first_name":"B"}`)
	if code, out := tool(t, env, "", "restore", "--force", file); code != 1 ||
		!strings.Contains(out, "stop it first") {
		t.Errorf("restore under a service: %d\n%s", code, out)
	}
	s.Stop()
	if code, out := tool(t, env, "", "restore", "--force", file); code != 0 ||
		!strings.Contains(out, "before-restore-") {
		t.Fatalf("restore --force: %d\n%s", code, out)
	}
	s = e2e.Start(t, dir)
	if a := s.Event(p.key, "get_user_info", `{"user_id":5}`); a.Code != 200 {
		t.Errorf("who was there: %d %s", a.Code, a.Body)
	}
	if a := s.Event(p.key, "get_user_info", `{"user_id":6}`); a.Code != 405 {
		t.Errorf("who came later: %d %s", a.Code, a.Body)
	}
	s.Stop()
	if aside, err := filepath.Glob(filepath.Join(dir, "before-restore-*", "tgtrack.db")); err != nil ||
		len(aside) != 1 {
		t.Errorf("the old database is in %v, %v", aside, err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".restoring"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refusedStart(t, env, "a restore was interrupted")
}

// newerBackup is one of a schema that is yet to come.
func newerBackup(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tgtrack.db"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := backup.Pack(&b, dir, backup.Manifest{Version: "9.0.0", Schema: 9999}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestBackupElsewhere: what is not in data_dir is not copied, and the command
// says who does.
func TestBackupElsewhere(t *testing.T) {
	t.Parallel()
	pg := []string{"TGTRACK_DATABASE_URL=" + databasetest.PostgresURL(t),
		"TGTRACK_SECRET_KEY=k-is-a-key-of-thirty-two-characters"}
	for _, c := range []struct {
		env  []string
		want string
	}{{pg, "pg_dump"}, {[]string{"TGTRACK_NATS_URL=nats://127.0.0.1:1"}, "nats stream backup"}} {
		for _, command := range []string{"backup", "restore"} {
			code, out := tool(t, append(c.env, "TGTRACK_DATA_DIR="+t.TempDir()), "", command, "file")
			if code != 1 || !strings.Contains(out, c.want) || strings.Count(out, "\n") != 1 {
				t.Errorf("%s: exit code %d, want one line with %q:\n%s", command, code, c.want, out)
			}
		}
	}
	s := e2e.Start(t, t.TempDir(), pg...)
	if d := fmt.Sprint(s.API(409, "POST", "/backups", nil)["detail"]); !strings.Contains(d, "pg_dump") {
		t.Errorf("the answer is %q", d)
	}
}

// TestRestoredDump: a dump is gone on with on PostgreSQL alone, and not while a
// process works on the database.
func TestRestoredDump(t *testing.T) {
	t.Parallel()
	restored := func(env ...string) (int, string) {
		t.Helper()
		return tool(t, append(env, "TGTRACK_DATA_DIR="+t.TempDir()), "", "restore", "--dump")
	}
	if code, out := restored(); code != 1 || !strings.Contains(out, "restore FILE") {
		t.Errorf("on SQLite: exit code %d\n%s", code, out)
	}
	pg := []string{"TGTRACK_DATABASE_URL=" + databasetest.PostgresURL(t),
		"TGTRACK_SECRET_KEY=k-is-a-key-of-thirty-two-characters"}
	s := e2e.Start(t, t.TempDir(), pg...)
	e2e.Eventually(t, 10*time.Second, func() error {
		if code, out := restored(pg...); code != 1 || !strings.Contains(out, "stop all") {
			return fmt.Errorf("beside a process: exit code %d\n%s", code, out)
		}
		return nil
	})
	s.Stop()
	if code, out := restored(pg...); code != 0 {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
