package faults_test

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

func TestMain(m *testing.M) {
	if settings := os.Getenv(nodeVariable); settings != "" {
		if err := runNode(settings); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) // a node runs until it is killed
	}
	code := m.Run()
	e2e.Clean()
	os.Exit(code)
}

// onEach runs a test over each database.
func onEach(t *testing.T, f func(t *testing.T, postgres string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, databasetest.PostgresURL(t))
	})
}

// world is a service with a project, a simulated ad network that drops
// repeats, and all that is needed to see afterwards what became of a request.
type world struct {
	t   *testing.T
	s   *e2e.Service // the process of now that takes requests
	sim *adsim.Sim
	url string // of the simulation
	dir string
	env []string
	crw crew // where several processes share the work
	// binary of the crew; empty: that of this source.
	binary string

	database string // postgres address, empty for SQLite
	natsURL  string
	id, key  string
	account  string
	reader   *sql.DB
	probes   map[string]int                   // events beside the load's, each a goal
	door     atomic.Pointer[http.HandlerFunc] // answers for the network while set
}

// people who came by a click before the fault; their goals are conversions.
const people = 20

// options of a world.
type options struct {
	database string   // as the oracle reaches it
	seenAs   string   // as the service reaches it; empty: the same
	natsURL  string   // of a server outside; empty: the embedded one
	env      []string // more settings
	dir      string   // of the data; empty: a folder of the test
	natsSeen string   // natsURL as the service is told it; empty: the same
	// crew are the roles of each process; nil is one process that does all.
	// Such a world has a network that does not drop repeats beside the other.
	crew []string
	// binary of the processes; empty: that of this source.
	binary string
}

func newWorld(t *testing.T, o options) *world {
	t.Helper()
	if o.dir == "" {
		o.dir = t.TempDir()
	}
	w := &world{t: t, sim: all.Simulation(adsim.Options{}), dir: o.dir, database: o.database,
		natsURL: o.natsURL, crw: crew{roles: o.crew}, binary: o.binary, probes: map[string]int{}}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if door := w.door.Load(); door != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			(*door)(rw, r)
			return
		}
		w.sim.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.env = append([]string{
		"TGTRACK_OUTBOUND_ALLOW_PRIVATE=true", "TGTRACK_ADNETWORKS_FACEBOOK_BASE_URL=" + srv.URL + "/facebook",
		"TGTRACK_LIMITS_PER_SECOND=0", "TGTRACK_LIMITS_PER_HOUR=0", "TGTRACK_LIMITS_PER_DAY=0",
		"TGTRACK_RELAY_REPUBLISH_AFTER=2s", "TGTRACK_DELIVERY_LEASE=4s", "TGTRACK_DELIVERY_TIMEOUT=1s",
		"TGTRACK_DELIVERY_RETRY_MIN=100ms", "TGTRACK_DELIVERY_RETRY_MAX=1s", "TGTRACK_DELIVERY_BREAKER_OPEN_FOR=500ms",
	}, o.env...)
	if o.database != "" {
		w.env = append(w.env, "TGTRACK_DATABASE_URL="+or(o.seenAs, o.database),
			"TGTRACK_SECRET_KEY=key-of-the-fault-suite-and-of-nothing-else")
	}
	if o.natsURL != "" {
		w.env = append(w.env, "TGTRACK_NATS_URL="+or(o.natsSeen, o.natsURL))
	} else {
		addr := e2e.FreeAddr(t)
		w.natsURL = "nats://look-at-the-streams@" + addr
		w.env = append(w.env, "TGTRACK_NATS_LISTEN="+addr, "TGTRACK_NATS_TOKEN=look-at-the-streams")
	}
	w.start()
	w.fill()
	w.open()
	return w
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (w *world) start(env ...string) {
	w.t.Helper()
	if w.crw.roles != nil {
		w.work(w.hire(or(w.binary, e2e.Binary(w.t)), env...))
		return
	}
	w.s = e2e.Start(w.t, w.dir, append(w.env, env...)...)
}

// fill makes the project, its ad account and its people.
func (w *world) fill() {
	w.t.Helper()
	p := w.s.API(201, "POST", "/projects", map[string]any{"name": "Bot", "username": "fault_bot"})
	w.id, w.key = p["id"].(string), p["api_key"].(string)
	link := w.s.API(201, "POST", "/projects/"+w.id+"/links", map[string]any{"name": "Spring"})["id"].(string)
	w.account = w.s.API(201, "POST", "/projects/"+w.id+"/ad-accounts", map[string]any{
		"network": "facebook", "name": "Meta",
		"settings": map[string]any{"dataset_id": "1001", "access_token": "token"}, "activation_goal": "Lead",
	})["id"].(string)
	if w.crw.roles != nil {
		w.s.API(201, "POST", "/projects/"+w.id+"/ad-accounts", map[string]any{
			"network": "postback", "name": "Tracker", "activation_goal": "lead",
			"settings": map[string]any{
				"url": w.url + "/postback/t?tid={event_id}&sub={click.sub}&status={target}"},
		})
	}
	for i := range people {
		start := w.s.Click(link, fmt.Sprintf("fbclid=Click%d&sub=Sub%d", i, i))
		if a := w.s.Event(w.key, "user_did_start_bot",
			fmt.Sprintf(`{"user_id":%d,"first_name":"P","start_value":%q}`, i+1, start)); a.Code != 200 {
			w.t.Fatalf("start: %d %s\n%s", a.Code, a.Body, w.log())
		}
	}
	// On a busy machine a click may come after its start, through the stream.
	e2e.Eventually(w.t, 30*time.Second, func() error {
		l := w.s.API(200, "GET", "/projects/"+w.id+"/ledger", nil)
		if n := number(w.t, l["created"]); n != people*w.networks() {
			return fmt.Errorf("the people's starts made %d conversions: %v\n%s", n, l, w.log())
		}
		return nil
	})
}

// networks is at how many each conversion is sent.
func (w *world) networks() int {
	if w.crw.roles != nil {
		return 2
	}
	return 1
}

// open lets the oracle read the database beside the service.
func (w *world) open() {
	w.t.Helper()
	driver, address := "pgx", w.database
	if w.database == "" {
		driver, address = "sqlite", "file:"+filepath.Join(w.dir,
			"tgtrack.db")+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = db.Close() })
	db.SetMaxIdleConns(0) // an idle connection may be one to a server that hangs
	w.reader = db
}

// memory is the resident size of a process in MiB.
func memory(s *e2e.Service) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Pid()))
	if err != nil {
		return 0 // it was killed just now
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	var kb int
	_, _ = fmt.Sscan(rest, &kb)
	return kb >> 10
}

// goOn lets the load work for a while.
func goOn(d time.Duration) { <-time.After(d) }
