package manageapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/apitest"
	"github.com/tgtrack/tgtrack/adapters/httpapi/openapitest"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/platforms"
	decoders "github.com/tgtrack/tgtrack/platforms/all"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// stand is the management API and the tables over a real store.
type stand struct {
	t *testing.T
	*store.Store
	*httpapi.Server
	api   *API
	vault usecase.Vault
	log   apitest.Lines
	away  *away
}

const adminToken = "open sesame"

var morning = apitest.Now()

// away is the store while something is wrong with it.
type away struct {
	*store.Store
	apitest.Fault
}

func (a *away) Project(ctx context.Context, id string) (domain.Project, error) {
	if err := a.Err(); err != nil {
		return domain.Project{}, err
	}
	return a.Store.Project(ctx, id)
}

func (a *away) Projects(ctx context.Context, pg usecase.Page) ([]domain.Project, string, error) {
	if err := a.Err(); err != nil {
		return nil, "", err
	}
	return a.Store.Projects(ctx, pg)
}

func (a *away) KeyByHash(ctx context.Context, hash []byte) (usecase.Key, error) {
	if err := a.Err(); err != nil {
		return usecase.Key{}, err
	}
	return a.Store.KeyByHash(ctx, hash)
}

// beacon is an ad network that has a token and an id.
type beacon struct{}

func (beacon) Known(network string) bool                            { return network == "beacon" }
func (beacon) Built(string) bool                                    { return true }
func (beacon) Secrets(string) []string                              { return []string{"token"} }
func (beacon) DefaultActivation(string) string                      { return "" }
func (beacon) CheckGoals(_, _ string, _ map[string]string) []string { return nil }
func (beacon) BreakerState(accountID string) string                 { return "closed" }

func (beacon) CheckSettings(_ string, s map[string]any) ([]string, error) {
	if s["token"] == nil {
		return nil, errors.Join(domain.Invalid("settings.token", "is required"),
			domain.Invalid("settings.id", "is required"))
	}
	return nil, nil
}

func (beacon) MakeSecrets(_ string, s map[string]any) (map[string]string, error) {
	if s["token"] == "make" {
		return map[string]string{"token": "made"}, nil
	}
	return nil, nil
}

func (beacon) Test(context.Context, domain.Account) usecase.AccountTest {
	return usecase.AccountTest{OK: true, Checked: []string{"the token"}}
}

func (beacon) Mask(_ string, s map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range s {
		if out[k] = v; k == "token" {
			out[k] = usecase.SecretMask
		}
	}
	return out
}

func newStand(t *testing.T) *stand { return newStandFor(t, adminToken) }

// newStandFor has the admin token that is given, or none.
func newStandFor(t *testing.T, token string) *stand {
	t.Helper()
	box, err := secrets.NewBox("a key for tests")
	if err != nil {
		t.Fatal(err)
	}
	st := &stand{t: t, vault: box}
	db, newID := databasetest.SQLite(t), apitest.IDs()
	st.Store, err = store.New(store.Options{Write: db.Write, Read: db.Read, Vault: st.vault, Now: apitest.Now,
		NewID: newID})
	if err == nil {
		err = st.Migrate(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	registry, err := platforms.NewRegistry(decoders.Decoders()...)
	if err != nil {
		t.Fatal(err)
	}
	var operator []byte
	if token != "" {
		operator = st.vault.Hash("admin-token", token)
	}
	trail := apitest.Trail(st.Store)
	access, err := usecase.NewAccess(usecase.AccessConfig{
		Session: time.Hour, Invitation: time.Hour, AdminToken: operator,
	}, st.Store, secrets.NewPasswords(), st.vault, trail, newID, apitest.Now)
	if err != nil {
		t.Fatal(err)
	}
	st.away = &away{Store: st.Store}
	directory := usecase.NewDirectory(st.away, st.vault, 0, apitest.Now, func(string) {})
	reports := report.NewReader(report.Config{
		Networks: []report.NetworkParam{{Param: "yclid", Network: "yandex"}},
	}, st.Store, apitest.Now)
	jobs := usecase.NewReplays(usecase.ReplayConfig{Hurry: time.Minute}, st.Store,
		usecase.ReplayParts{Projects: st.Store, Sends: st.Store, Wake: func() {}}, newID, apitest.Now,
		slog.New(slog.DiscardHandler))
	st.api = New(Options{PublicURL: "https://go.example", SessionCookie: "session"}, Deps{
		Access: access, Trail: trail, Store: st.away, Reader: st.Store, Reports: reports, Networks: beacon{},
		Methods: registry, Replays: jobs, Rows: st.Store, Costs: usecase.NewCosts(st.Store, newID, apitest.Now),
		Projects: usecase.NewProjects(
			st.away, st.vault, beacon{}, registry, directory, jobs, newID, apitest.Now,
			domain.Limits{PerSecond: 3},
		),
		Now: apitest.Now,
	})
	tables := NewTables(reports, trail, apitest.Now)
	st.Server = apitest.Serve(t, access, directory, &st.log, st.api.Room(), tables.Room())
	return st
}

// withLog adds a log of requests.
func (st *stand) withLog() *eventbus.RequestLog {
	st.t.Helper()
	conn, err := natsconn.Open(st.t.Context(), natsconn.Options{Dir: st.t.TempDir()})
	if err != nil {
		st.t.Fatal(err)
	}
	st.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	ensure := func(ctx context.Context) error { return eventbus.Ensure(ctx, conn.JS, eventbus.Limits{}) }
	if err := ensure(st.t.Context()); err != nil {
		st.t.Fatal(err)
	}
	l := eventbus.NewRequestLog(conn.JS, eventbus.RequestLogOptions{
		Ensure: ensure, Now: apitest.Now, Logger: slog.New(slog.DiscardHandler),
	})
	st.api.Requests, st.api.Kept = l, l
	st.api.People = usecase.NewPeople(st.Store, l, st.vault, apitest.IDs(), apitest.Now)
	return l
}

// ask makes one request and holds the answer against the description.
func (st *stand) ask(t *testing.T, method, target, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, res, text := apitest.Ask(t, st.Server, method, target, body, header...)
	// Addresses and verbs that there are not, and 500, are answered to every call.
	common := res.StatusCode == http.StatusInternalServerError || res.StatusCode == http.StatusMethodNotAllowed ||
		strings.HasPrefix(target, httpapi.APIBase+"/no")
	if strings.HasPrefix(target, httpapi.APIBase+"/") && !common {
		if err := described().Answer(req, res, []byte(text)); err != nil {
			t.Error(err)
		}
	}
	return res, text
}

// described is the description of the interface that all answers are held
// against.
var described = sync.OnceValue(func() *openapitest.Document {
	text, err := os.ReadFile("../public/assets/openapi.yaml")
	if err != nil {
		panic(err)
	}
	d, err := openapitest.New(text)
	if err != nil {
		panic(err)
	}
	return d
})

// manage makes one request as the operator.
func (st *stand) manage(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	res, text := st.ask(t, method, httpapi.APIBase+path, body,
		"Authorization: Bearer "+adminToken, "Content-Type: application/json")
	out := map[string]any{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatalf("%s %s answered %q: %v", method, path, text, err)
		}
	}
	return res.StatusCode, out
}

// project makes a project and gives its id.
func (st *stand) project(t *testing.T, body string) string {
	t.Helper()
	code, p := st.manage(t, "POST", "/projects", body)
	if code != 201 {
		t.Fatalf("%d %v", code, p)
	}
	return p["id"].(string)
}
