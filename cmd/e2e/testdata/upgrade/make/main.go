// Command make writes the fixture of one schema: it lets a binary of that
// version live through a small story on SQLite and on PostgreSQL, and dumps
// what it kept as text. Run once, before the next schema is released:
//
//	go run ./cmd/pgtmp -- go run ./cmd/e2e/testdata/upgrade/make -binary bin/tgtrack -out cmd/e2e/testdata/upgrade/schema2
//
// It needs pg_dump.
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
)

const (
	token  = "upgrade-admin-token"
	secret = "upgrade-secret-key"
	schema = "upgrade_fixture"
)

func main() {
	binary := flag.String("binary", "", "tgtrack of the version")
	out := flag.String("out", "", "folder to write")
	flag.Parse()
	must(os.MkdirAll(*out, 0o755))
	sim := httptest.NewServer(adsim.New(adsim.Options{Stage: 100 * time.Millisecond}))
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
	Ledger   any    `json:"ledger"`
	Outbox   string `json:"outbox_event"`
}

func live(binary, out, kind, sim, dbURL string) {
	dir, err := os.MkdirTemp("", "upgrade-")
	must(err)
	defer os.RemoveAll(dir)
	s := start(binary, dir, sim, dbURL)
	f := story(s)
	s.stop()
	streams := dumpStreams(filepath.Join(dir, "jetstream"))
	f.Outbox = settle(kind, dir, dbURL, &streams)
	var text []byte
	if kind == "sqlite" {
		text = dumpSQLite(filepath.Join(dir, "tgtrack.db"))
	} else {
		text, err = exec.Command("pg_dump", "--inserts", "--no-owner", "--no-privileges", "--schema="+schema, dbURL[:strings.LastIndexAny(dbURL, "?&")]).Output()
		must(err)
		text = cleanPostgres(text)
	}
	must(os.WriteFile(filepath.Join(out, kind+".sql"), text, 0o644))
	writeJSON(filepath.Join(out, kind+".json"), map[string]any{"facts": f, "streams": streams})
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
	c.Env = append(os.Environ(), "TGTRACK_HTTP_ADDR=127.0.0.1:0", "TGTRACK_DATA_DIR="+dir, "TGTRACK_ADMIN_TOKEN="+token, "TGTRACK_SECRET_KEY="+secret,
		"TGTRACK_DATABASE_URL="+dbURL, "TGTRACK_OUTBOUND_ALLOW_PRIVATE=true", "TGTRACK_ADNETWORKS_FACEBOOK_BASE_URL="+sim+"/facebook")
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

// story leaves a row in every table.
func story(s *service) facts {
	const api = "/api/v1/projects"
	p := s.call("POST", api, map[string]any{"name": "Upgrade bot", "username": "upgrade_bot", "timezone": "Europe/Moscow"})
	f := facts{Project: p["id"].(string), Key: p["api_key"].(string)}
	s.call("PATCH", api+"/"+f.Project, map[string]any{"limits": map[string]any{"per_second": 0, "per_hour": 500, "per_day": 5000}})
	f.Link = s.call("POST", api+"/"+f.Project+"/links", map[string]any{"name": "Autumn", "utm": map[string]any{"source": "yandex", "campaign": "may"}})["id"].(string)
	s.call("POST", api+"/"+f.Project+"/ad-accounts", map[string]any{"network": "facebook", "name": "Meta", "activation_goal": "Lead",
		"settings": map[string]any{"dataset_id": "1001", "access_token": "kept-token"}})
	f.Paused = s.call("POST", api+"/"+f.Project+"/ad-accounts", map[string]any{"network": "webhook", "name": "Own", "activation_goal": "start",
		"settings": map[string]any{"url": "https://hooks.example/in"}})["id"].(string)
	s.call("PATCH", api+"/"+f.Project+"/ad-accounts/"+f.Paused, map[string]any{"paused": true})
	click := s.call("GET", "/c/"+f.Link+"?fbclid=Kept&yclid=123456789", nil, "User-Agent", "Mozilla/5.0 (Linux; Android 14) Chrome/141.0 Mobile Safari/537.36")
	_, value, _ := strings.Cut(click["location"].(string), "?start=")
	ev := "/v1/" + f.Key + "/"
	now := time.Now().Unix()
	from := map[string]any{"id": 11, "is_bot": false, "first_name": "Вера", "username": "vera"}
	chat := map[string]any{"id": 11, "type": "private"}
	s.call("POST", ev+"on_telegram_webhook", map[string]any{"update_id": 1, "message": map[string]any{"message_id": 1, "from": from, "chat": chat, "date": now, "text": "/start " + value}})
	s.call("POST", ev+"send_reach_goal", map[string]any{"user_id": "11", "target": "userDidSharePhone"}, "Idempotency-Key", "kept-key")
	s.call("POST", ev+"user_did_start_bot", map[string]any{"user_id": 12, "first_name": "Ivan", "start_value": "friend"})
	s.call("POST", ev+"send_reach_goal", map[string]any{"user_id": "13", "target": "waits"})
	s.call("POST", ev+"add_event", map[string]any{"user_id": "11", "event_type": "survey"})
	var l map[string]any
	for range 100 {
		l = s.call("GET", api+"/"+f.Project+"/ledger", nil)
		if strings.Contains(fmt.Sprint(l), "delivered") && !strings.Contains(fmt.Sprint(l), "pending") {
			f.Ledger = l["by"]
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if f.Ledger == nil {
		log.Fatalf("nothing was delivered: %v", l)
	}
	f.UserInfo = s.call("POST", ev+"get_user_info", map[string]any{"user_id": 11})["data"]
	time.Sleep(time.Second) // for the log of requests
	return f
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
	srv, err := server.NewServer(&server.Options{ServerName: "tgtrack", DontListen: true, JetStream: true, StoreDir: dir, NoSigs: true, JetStreamMaxStore: 1 << 50})
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

// settle moves what depends on today far away, and takes the last event out of
// the stream and into the outbox, as a crash would leave it.
func settle(kind, dir, dbURL string, streams *[]stream) string {
	events := &(*streams)[1]
	last := events.Messages[len(events.Messages)-1]
	events.Messages = events.Messages[:len(events.Messages)-1]
	id := last.Header.Get("Nats-Msg-Id")
	parts := strings.Split(last.Subject, ".")
	db, far := (*sql.DB)(nil), "'2100-01-01T00:00:00Z'"
	var err error
	if kind == "sqlite" {
		far = "4102444800000000"
		db, err = sql.Open("sqlite", filepath.Join(dir, "tgtrack.db"))
	} else {
		db, err = sql.Open("pgx", dbURL)
	}
	must(err)
	defer db.Close()
	for _, q := range []string{"UPDATE conversions SET expires_at = " + far + " WHERE expires_at IS NOT NULL", "UPDATE waiting_goals SET until = " + far,
		"UPDATE event_keys SET at = " + far, "UPDATE idempotency_keys SET created_at = " + far} {
		_, err := db.Exec(q)
		must(err)
	}
	_, err = db.Exec("INSERT INTO outbox (event_id, project_id, type, payload) VALUES ($1, $2, $3, $4)", id, parts[2], parts[3], []byte(last.Data))
	must(err)
	return id
}

func dumpSQLite(path string) []byte {
	db, err := sql.Open("sqlite", path)
	must(err)
	defer db.Close()
	var b bytes.Buffer
	tables := column(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
	for _, text := range column(db, "SELECT sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name") {
		fmt.Fprintf(&b, "%s;\n", text)
	}
	for _, t := range tables {
		columns := column(db, "SELECT name FROM pragma_table_info('"+t+"')")
		rows := column(db, "SELECT quote("+strings.Join(columns, ")||', '||quote(")+") FROM "+t)
		if len(rows) == 0 {
			log.Fatalf("%s is empty", t)
		}
		for _, r := range rows {
			fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES (%s);\n", t, strings.Join(columns, ", "), r)
		}
	}
	for _, text := range column(db, "SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type, name") {
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
		case trimmed == "", strings.HasPrefix(trimmed, "--"), strings.HasPrefix(trimmed, "SET "), strings.HasPrefix(trimmed, "CREATE SCHEMA"),
			strings.HasPrefix(trimmed, `\`), strings.HasPrefix(trimmed, "SELECT pg_catalog.set_config"):
		default:
			b.WriteString(strings.ReplaceAll(line, schema+".", ""))
		}
	}
	return []byte(b.String())
}
