package public

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/apitest"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/platforms"
	decoders "github.com/tgtrack/tgtrack/platforms/all"
	"github.com/tgtrack/tgtrack/usecase"
)

// stand is everything public over a real store.
type stand struct {
	t *testing.T
	*store.Store
	*httpapi.Server
	projects *usecase.Projects
	log      apitest.Lines
	away     *away
	requests *eventbus.RequestLog // nil until withLog
}

const (
	adminToken = "open sesame"
	publicURL  = "https://go.example"
)

var morning = apitest.Now()

// away is the store while something is wrong with it.
type away struct {
	*store.Store
	apitest.Fault
	mu      sync.Mutex
	clicks  []domain.Click // that were stored
	streams bool           // there is a stream
	kept    []domain.Click // that the stream has
}

func (a *away) Project(ctx context.Context, id string) (domain.Project, error) {
	if err := a.Err(); err != nil {
		return domain.Project{}, err
	}
	return a.Store.Project(ctx, id)
}

func (a *away) KeyByHash(ctx context.Context, hash []byte) (usecase.Key, error) {
	if err := a.Err(); err != nil {
		return usecase.Key{}, err
	}
	return a.Store.KeyByHash(ctx, hash)
}

func (a *away) LinkAt(ctx context.Context, address string) (domain.Link, error) {
	if err := a.Err(); err != nil {
		return domain.Link{}, err
	}
	return a.Store.LinkAt(ctx, address)
}

// KeepClick is the stream, if there is one.
func (a *away) KeepClick(_ context.Context, c domain.Click) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.streams {
		return domain.ErrUnavailable
	}
	a.kept = append(a.kept, c)
	return nil
}

func (a *away) takesClicks() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.streams = true
}

func (a *away) waiting() []domain.Click {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.kept)
}

func (a *away) SaveClicks(ctx context.Context, cs []domain.Click) error {
	if err := a.Err(); err != nil {
		return err
	}
	err := a.Store.SaveClicks(ctx, cs)
	if err == nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.clicks = append(a.clicks, cs...)
	}
	return err
}

// browsers know one cookie as it came and one by a parameter.
type browsers struct{}

func (browsers) OwnCookies() []string { return []string{"_one", "_two"} }

func (browsers) MakeCookies(v usecase.Visit) []usecase.Cookie {
	var out []usecase.Cookie
	for _, k := range []usecase.Cookie{{Name: "_one", Value: v.Cookies["_one"]},
		{Name: "_two", Value: v.Params["id"]}} {
		if k.Value != "" {
			k.Lifetime = 90 * 24 * time.Hour
			out = append(out, k)
		}
	}
	return out
}

func (browsers) PageCookies() (string, map[string]string) { return "", nil }

// none is no ad network.
type none struct{ usecase.AccountChecker }

func newStand(t *testing.T) *stand { return newStandAt(t, publicURL) }

func newStandAt(t *testing.T, address string) *stand {
	t.Helper()
	st := &stand{t: t}
	box, err := secrets.NewBox("a key for tests")
	must(t, err)
	v, db, newID := box, databasetest.SQLite(t), apitest.IDs()
	st.Store, err = store.New(store.Options{Write: db.Write, Read: db.Read, Vault: v, Now: apitest.Now,
		NewID: newID})
	must(t, err)
	must(t, st.Migrate(t.Context()))
	registry, err := platforms.NewRegistry(decoders.Decoders()...)
	must(t, err)
	access, err := usecase.NewAccess(usecase.AccessConfig{
		Session: time.Hour, Invitation: time.Hour, AdminToken: v.Hash("admin-token", adminToken),
	}, st.Store, secrets.NewPasswords(), v, apitest.Trail(st.Store), newID, apitest.Now)
	must(t, err)
	st.away = &away{Store: st.Store}
	directory := usecase.NewDirectory(st.away, v, 0, apitest.Now, func(string) {})
	st.projects = usecase.NewProjects(
		st.Store, v, none{}, registry, directory, nil, newID, apitest.Now, domain.Limits{PerSecond: 3},
	)
	clicks := usecase.NewClicks(usecase.ClicksConfig{
		Queue: 16, MaxBatch: 16, Timeout: time.Second, Patience: time.Second,
	}, st.away, st.away, apitest.Now)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = clicks.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	site, err := New(Options{
		PublicURL: address, RequestTimeout: time.Minute,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32"),
			netip.MustParsePrefix("10.0.0.0/8")},
	}, Deps{
		Links: st.away, Directory: directory, Clicks: clicks, Requests: st, Places: st.Store, Browsers: browsers{},
		NewID: newID, Now: apitest.Now, Logger: st.log.Logger(),
	})
	must(t, err)
	monitor := &Monitor{Version: "test", Metrics: http.NotFoundHandler(), Access: access}
	st.Server = apitest.Serve(t, access, directory, &st.log, append(site.Rooms(), monitor.Rooms()...)...)
	return st
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Last reads the log of requests, if there is one.
func (st *stand) LastCalls(ctx context.Context, projectID string, calls int) ([]usecase.RequestRecord, error) {
	if st.requests == nil {
		return nil, domain.ErrUnavailable
	}
	return st.requests.LastCalls(ctx, projectID, calls)
}

// withLog adds a log of requests.
func (st *stand) withLog() {
	st.t.Helper()
	conn, err := natsconn.Open(st.t.Context(), natsconn.Options{Dir: st.t.TempDir()})
	must(st.t, err)
	st.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	ensure := func(ctx context.Context) error { return eventbus.Ensure(ctx, conn.JS, eventbus.Limits{}) }
	must(st.t, ensure(st.t.Context()))
	st.requests = eventbus.NewRequestLog(conn.JS, eventbus.RequestLogOptions{
		Ensure: ensure, Now: apitest.Now, Logger: slog.New(slog.DiscardHandler),
	})
}

// ask makes one request.
func (st *stand) ask(t *testing.T, method, target, body string, header ...string) (*http.Response, string) {
	t.Helper()
	_, res, text := apitest.Ask(t, st.Server, method, target, body, header...)
	return res, text
}

// project makes a project with its keys.
func (st *stand) project(t *testing.T, body string) usecase.NewProject {
	t.Helper()
	var in usecase.ProjectInput
	must(t, json.Unmarshal([]byte(body), &in))
	p, err := st.projects.Create(t.Context(), in)
	must(t, err)
	return p
}

// change changes a project as it is stored.
func (st *stand) change(t *testing.T, id string, to func(p *domain.Project)) {
	t.Helper()
	p, err := st.Store.Project(t.Context(), id)
	must(t, err)
	to(&p)
	must(t, st.UpdateProject(t.Context(), p))
}

// link makes a tracking link.
func (st *stand) link(t *testing.T, projectID, body string) domain.Link {
	t.Helper()
	var in usecase.LinkInput
	must(t, json.Unmarshal([]byte(body), &in))
	l, err := st.projects.CreateLink(t.Context(), projectID, in)
	must(t, err)
	return l
}

// clicks are those that were stored.
func (st *stand) clicks() []domain.Click {
	st.away.mu.Lock()
	defer st.away.mu.Unlock()
	return st.away.clicks
}
