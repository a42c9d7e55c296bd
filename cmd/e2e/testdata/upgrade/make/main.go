// Command make writes the fixture of one schema: it lets a binary of that
// schema live through a small story on SQLite and on PostgreSQL, and dumps
// what it kept as text. Run once for each schema that was released, before
// the release that brings the next one, with the binary that was released:
//
//	go run ./cmd/pgtmp -- go run ./cmd/e2e/testdata/upgrade/make \
//		-binary bin/tgtrack -out cmd/e2e/testdata/upgrade/schema1
//
// TestUpgrade asks for it as soon as there is a second migration. It needs
// pg_dump.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
)

const (
	token  = "upgrade-admin-token"
	secret = "upgrade-secret-key-of-every-fixture-from-now-on"
	schema = "upgrade_fixture"
)

func main() {
	binary := flag.String("binary", "", "tgtrack of the version")
	out := flag.String("out", "", "folder to write")
	flag.Parse()
	must(os.MkdirAll(*out, 0o755))
	sim := httptest.NewServer(all.Simulation(adsim.Options{Stage: 100 * time.Millisecond}))
	defer sim.Close()
	live(*binary, *out, "sqlite", sim.URL, "")
	base := os.Getenv("TGTEST_POSTGRES_URL")
	pg, err := sql.Open("pgx", base)
	must(err)
	_, err = pg.Exec("DROP SCHEMA IF EXISTS " + schema + " CASCADE; CREATE SCHEMA " + schema)
	must(err)
	sep := "?"
	if strings.Contains(base, "?") {
		sep = "&"
	}
	live(*binary, *out, "postgres", sim.URL, base+sep+"search_path="+schema)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// facts are what the upgraded service must still say.
type facts struct {
	Project  string `json:"project"`
	Key      string `json:"key"`
	Link     string `json:"link"`
	Paused   string `json:"paused_account"`
	UserInfo any    `json:"user_info"`
}

func live(binary, out, kind, sim, dbURL string) {
	dir, err := os.MkdirTemp("", "upgrade-")
	must(err)
	defer os.RemoveAll(dir)
	s := start(binary, dir, sim, dbURL)
	f := story(s, sim)
	s.stop()
	streams := dumpStreams(filepath.Join(dir, "jetstream"))
	settle(kind, dir, dbURL)
	var text []byte
	if kind == "sqlite" {
		text = dumpSQLite(filepath.Join(dir, "tgtrack.db"))
	} else {
		text, err = exec.Command("pg_dump", "--inserts", "--no-owner", "--no-privileges", "--schema="+schema,
			dbURL[:strings.LastIndexAny(dbURL, "?&")]).Output()
		must(err)
		text = cleanPostgres(text)
	}
	must(os.WriteFile(filepath.Join(out, kind+".sql"), text, 0o644))
	writeJSON(filepath.Join(out, kind+".json"), map[string]any{"secret": secret, "facts": f, "streams": streams})
}

func writeJSON(path string, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	must(e.Encode(v))
	must(os.WriteFile(path, b.Bytes(), 0o644))
}

type service struct {
	url string
	cmd *exec.Cmd
}

func start(binary, dir, sim, dbURL string) *service {
	c := exec.Command(binary, "serve")
	c.Env = append(os.Environ(), "TGTRACK_HTTP_ADDR=127.0.0.1:0", "TGTRACK_DATA_DIR="+dir,
		"TGTRACK_ADMIN_TOKEN="+token, "TGTRACK_SECRET_KEY="+secret, "TGTRACK_DATABASE_URL="+dbURL,
		"TGTRACK_OUTBOUND_ALLOW_PRIVATE=true", "TGTRACK_ADNETWORKS_FACEBOOK_BASE_URL="+sim+"/facebook")
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	r, err := c.StdoutPipe()
	must(err)
	must(c.Start())
	line := make([]byte, 200)
	n, err := r.Read(line)
	must(err)
	_, url, ok := strings.Cut(strings.TrimSpace(string(line[:n])), "listening on ")
	if !ok {
		log.Fatalf("not ready: %s", line[:n])
	}
	return &service{url: url, cmd: c}
}

func (s *service) stop() {
	must(s.cmd.Process.Signal(os.Interrupt))
	must(s.cmd.Wait())
}

func (s *service) call(method, path string, body any, header ...string) map[string]any {
	b, err := json.Marshal(body)
	must(err)
	req, err := http.NewRequest(method, s.url+path, bytes.NewReader(b))
	must(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(err)
	m := map[string]any{"location": res.Header.Get("Location")}
	_ = json.Unmarshal(text, &m)
	if res.StatusCode >= 400 && res.StatusCode != 422 {
		log.Fatalf("%s %s: %d %s", method, path, res.StatusCode, text)
	}
	return m
}

// story leaves a row in every table that the API fills.
func story(s *service, sim string) facts {
	const api = "/api/v1/projects"
	p := s.call("POST", api, map[string]any{
		"name": "Upgrade bot", "username": "upgrade_bot", "timezone": "Europe/Moscow",
	})
	f := facts{Project: p["id"].(string), Key: p["api_key"].(string)}
	project := api + "/" + f.Project
	s.call("PATCH", project, map[string]any{
		"limits": map[string]any{"per_second": 0, "per_hour": 500, "per_day": 5000},
	})
	f.Link = s.call("POST", project+"/links", map[string]any{
		"name": "Autumn", "utm": map[string]any{"source": "yandex", "campaign": "may"},
	})["id"].(string)
	s.call("POST", project+"/ad-accounts", map[string]any{
		"network": "facebook", "name": "Meta", "activation_goal": "Lead",
		"settings": map[string]any{"dataset_id": "1001", "access_token": "kept-token"},
	})
	f.Paused = s.call("POST", project+"/ad-accounts", map[string]any{
		"network": "webhook", "name": "Own", "activation_goal": "start",
		"settings": map[string]any{"url": "https://hooks.example/in"},
	})["id"].(string)
	s.call("PATCH", project+"/ad-accounts/"+f.Paused, map[string]any{"paused": true})
	s.call("PUT", project+"/links/"+f.Link+"/costs", map[string]any{
		"from": "2026-01-01", "to": "2026-01-02", "amount": "150.50",
	})
	s.call("PUT", project+"/notifications", map[string]any{"alerts": true, "webhook_url": sim + "/webhook/told"})
	s.call("POST", project+"/notifications/test", nil)
	s.call("POST", project+"/notifications/codes", nil)
	s.call("GET", "/api/get_tags.php?apiKey="+p["report_key"].(string), nil)
	f.live(s)
	for range 100 {
		l := fmt.Sprint(s.call("GET", project+"/ledger", nil))
		told := fmt.Sprint(s.call("GET", project+"/notifications/messages", nil))
		delivered := strings.Contains(l, "delivered") && !strings.Contains(l, "pending")
		if delivered && strings.Contains(told, "sent_at:2") {
			f.UserInfo = s.call("POST", "/v1/"+f.Key+"/get_user_info", map[string]any{"user_id": 11})["data"]
			s.call("POST", "/api/v1/replays", map[string]any{
				"kind": "requests", "project": f.Project, "code": 599, "dry_run": true,
			})
			time.Sleep(2 * time.Second) // for the replay, the figures and the log of requests
			return f
		}
		time.Sleep(100 * time.Millisecond)
	}
	log.Fatal("nothing was delivered, or nobody was told")
	return f
}

// live is what people do: one comes by an ad and reaches a goal, one by a
// friend, and a goal waits for somebody's start.
func (f *facts) live(s *service) {
	click := s.call("GET", "/c/"+f.Link+"?fbclid=Kept&yclid=123456789", nil,
		"User-Agent", "Mozilla/5.0 (Linux; Android 14) Chrome/141.0 Mobile Safari/537.36")
	_, value, _ := strings.Cut(click["location"].(string), "?start=")
	ev := "/v1/" + f.Key + "/"
	s.call("POST", ev+"on_telegram_webhook", map[string]any{"update_id": 1, "message": map[string]any{
		"message_id": 1, "date": time.Now().Unix(), "text": "/start " + value,
		"from": map[string]any{"id": 11, "is_bot": false, "first_name": "Вера", "username": "vera"},
		"chat": map[string]any{"id": 11, "type": "private"},
	}})
	goal := map[string]any{"user_id": "11", "target": "userDidSharePhone"}
	s.call("POST", ev+"send_reach_goal", goal, "Idempotency-Key", "kept-key")
	s.call("POST", ev+"user_did_start_bot", map[string]any{
		"user_id": 12, "first_name": "Ivan", "start_value": "friend",
	})
	s.call("POST", ev+"send_reach_goal", map[string]any{"user_id": "13", "target": "waits"})
	s.call("POST", ev+"add_event", map[string]any{"user_id": "11", "event_type": "survey"})
}

// stream as it was kept.
type stream struct {
	Config   jetstream.StreamConfig `json:"config"`
	Messages []message              `json:"messages"`
}

type message struct {
	Subject string      `json:"subject"`
	Header  nats.Header `json:"header"`
	Data    string      `json:"data"`
}

func dumpStreams(dir string) []stream {
	srv, err := server.NewServer(&server.Options{
		ServerName: "tgtrack", DontListen: true, NoSigs: true, JetStream: true, JetStreamMaxStore: 1 << 50,
		StoreDir: dir,
	})
	must(err)
	go srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		log.Fatal("NATS does not start")
	}
	defer func() { srv.Shutdown(); srv.WaitForShutdown() }()
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	must(err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	must(err)
	var out []stream
	for _, name := range []string{"TGTRACK_REQUESTS", "TGTRACK_EVENTS"} {
		st, err := js.Stream(context.Background(), name)
		must(err)
		info := st.CachedInfo()
		one := stream{Config: info.Config}
		one.Config.Metadata = nil
		for seq := info.State.FirstSeq; seq <= info.State.LastSeq && seq > 0; seq++ {
			m, err := st.GetMsg(context.Background(), seq)
			must(err)
			one.Messages = append(one.Messages, message{m.Subject, m.Header, string(m.Data)})
		}
		out = append(out, one)
	}
	return out
}

// far is a time that nothing depends on today.
const far = "2100-01-01T00:00:00Z"

// settle moves what depends on today far away, and makes rows up for the tables
// that the story left empty.
func settle(kind, dir, dbURL string) {
	d := database{}
	var err error
	if kind == "sqlite" {
		d.far = farAway().UnixMicro()
		d.DB, err = sql.Open("sqlite", filepath.Join(dir, "tgtrack.db"))
	} else {
		d.far = farAway()
		d.DB, err = sql.Open("pgx", dbURL)
	}
	must(err)
	defer d.Close()
	d.exec("UPDATE conversions SET expires_at = $1 WHERE expires_at IS NOT NULL", d.far)
	d.exec("UPDATE sends SET expires_at = $1 WHERE expires_at IS NOT NULL", d.far)
	d.exec("UPDATE waiting_goals SET until = $1", d.far)
	d.exec("UPDATE event_keys SET at = $1", d.far)
	d.exec("UPDATE idempotency_keys SET created_at = $1", d.far)
	d.exec("UPDATE notice_codes SET expires_at = $1", d.far)
	for _, table := range d.tables() {
		d.fill(table)
	}
}

func farAway() time.Time {
	t, err := time.Parse(time.RFC3339, far)
	must(err)
	return t
}

// database is one of either kind.
type database struct {
	*sql.DB
	far any // as a value of a column
}

func (d database) sqlite() bool {
	_, micro := d.far.(int64)
	return micro
}

func (d database) exec(query string, args ...any) {
	_, err := d.Exec(query, args...)
	must(err)
}

// tables are those that may have rows of their own.
func (d database) tables() []string {
	if d.sqlite() {
		return column(d.DB, `SELECT name FROM sqlite_master
			WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	}
	return column(d.DB, `SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
		AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`)
}

// fill gives a table that is empty a row that nothing acts upon: of a project
// that is not there, far in the future.
func (d database) fill(table string) {
	if len(column(d.DB, "SELECT 'row' FROM "+table+" LIMIT 1")) > 0 {
		return
	}
	// Name and type of the columns that must have a value and make none.
	query := `SELECT column_name || ' ' || udt_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = '` + table + `'
		AND is_nullable = 'NO' AND is_identity = 'NO'`
	if d.sqlite() {
		query = `SELECT name || ' ' || lower(type) FROM pragma_table_info('` + table + `')
			WHERE ("notnull" OR pk > 0) AND NOT (name = 'id' AND type = 'INTEGER')`
	}
	var names, places []string
	var values []any
	for _, c := range column(d.DB, query) {
		name, kind, _ := strings.Cut(c, " ")
		var value any
		switch kind {
		case "text":
			value = "kept"
		case "boolean", "bool":
			value = false
		case "blob", "bytea":
			value = []byte("kept")
		case "int4", "int8":
			value = 1
		case "timestamptz", "integer": // times and numbers are one on SQLite
			value = d.far
		default:
			log.Fatalf("%s.%s is of a type that was not there before: %s", table, name, kind)
		}
		names, values = append(names, name), append(values, value)
		places = append(places, fmt.Sprintf("$%d", len(values)))
	}
	d.exec("INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(places, ", ")+")", values...)
}

func dumpSQLite(path string) []byte {
	db, err := sql.Open("sqlite", path)
	must(err)
	defer db.Close()
	var b bytes.Buffer
	const tables = "FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	for _, text := range column(db, "SELECT sql "+tables) {
		fmt.Fprintf(&b, "%s;\n", text)
	}
	for _, t := range column(db, "SELECT name "+tables) {
		columns := column(db, "SELECT name FROM pragma_table_info('"+t+"')")
		rows := column(db, "SELECT quote("+strings.Join(columns, ")||', '||quote(")+") FROM "+t)
		if len(rows) == 0 {
			log.Fatalf("%s is empty", t)
		}
		for _, r := range rows {
			fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES (%s);\n", t, strings.Join(columns, ", "), r)
		}
	}
	const others = `SELECT sql FROM sqlite_master
		WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type, name`
	for _, text := range column(db, others) {
		fmt.Fprintf(&b, "%s;\n", text)
	}
	return b.Bytes()
}

func column(db *sql.DB, query string) []string {
	rows, err := db.Query(query)
	must(err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		must(rows.Scan(&s))
		out = append(out, s)
	}
	must(rows.Err())
	return out
}

// cleanPostgres makes a dump one that any schema takes.
func cleanPostgres(text []byte) []byte {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "", strings.HasPrefix(trimmed, "--"), strings.HasPrefix(trimmed, "SET "),
			strings.HasPrefix(trimmed, "CREATE SCHEMA"), strings.HasPrefix(trimmed, `\`),
			strings.HasPrefix(trimmed, "SELECT pg_catalog.set_config"):
		default:
			b.WriteString(strings.ReplaceAll(line, schema+".", ""))
		}
	}
	return []byte(b.String())
}
