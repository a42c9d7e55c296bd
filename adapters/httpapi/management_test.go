package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/httpapi/openapitest"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// stand is a server over memory: enough to see what it asks for and how it
// answers. What a store does with it is the store's own test.
type stand struct {
	usecase.ProjectStore
	usecase.Reader
	usecase.RequestLog
	*Server

	mu       sync.Mutex
	down     error // storage is away
	projects map[string]domain.Project
	keys     map[string]usecase.Key
	links    map[string]domain.Link
	accounts []domain.Account
	clicks   []domain.Click
	records  []usecase.RequestRecord
	filter   usecase.ConversionFilter
	asked    usecase.Page
	erased   []string
}

const adminToken = "open sesame"

type clearVault struct{}

func (clearVault) Hash(kind, value string) []byte         { return []byte(kind + ":" + value) }
func (clearVault) Seal(plain []byte) ([]byte, error)      { return plain, nil }
func (clearVault) Open(sealed []byte) ([]byte, error)     { return sealed, nil }
func (clearVault) Has(constructor string) bool            { return constructor == "telegram" }
func (clearVault) Methods() []string                      { return []string{"add_event", "my_bot_was_started"} }
func (clearVault) All() []platforms.Descriptor            { return nil }
func (clearVault) ObserveDecodeFailure(string)            {}
func (clearVault) ObserveHTTP(string, int, time.Duration) {}
func (clearVault) ObserveLimit(string)                    {}
func (clearVault) Known(n string) bool                    { return n != "carrier" }
func (clearVault) Built(string) bool                      { return true }
func (clearVault) Secrets(string) []string                { return []string{"token"} }
func (clearVault) DefaultActivation(string) string        { return "" }
func (clearVault) BreakerState(accountID string) string   { return "closed" }

func (clearVault) OwnCookies() []string                       { return nil }
func (clearVault) MakeCookies(usecase.Visit) []usecase.Cookie { return nil }
func (clearVault) PageCookies() (string, map[string]string)   { return "", nil }

func (clearVault) ObserveRequest(string, int, time.Duration) {}

func (clearVault) Decode(string, platforms.Inbound) ([]domain.Signal, error) { return nil, nil }

func (clearVault) CheckSettings(_ string, s map[string]any) ([]string, error) {
	if s["token"] == nil {
		return nil, errors.Join(domain.Invalid("settings.token", "is required"), domain.Invalid("settings.id", "is required"))
	}
	return nil, nil
}

func (clearVault) MakeSecrets(_ string, s map[string]any) (map[string]string, error) {
	if s["token"] == "make" {
		return map[string]string{"token": "made"}, nil
	}
	return nil, nil
}

func (clearVault) Test(context.Context, domain.Account) usecase.AccountTest {
	return usecase.AccountTest{OK: true, Checked: []string{"the token"}}
}

func (clearVault) Mask(_ string, s map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range s {
		if out[k] = v; k == "token" {
			out[k] = usecase.SecretMask
		}
	}
	return out
}

var morning = time.Date(2027, 5, 6, 7, 8, 9, 0, time.UTC)

func newStand(t *testing.T) *stand {
	t.Helper()
	st := &stand{projects: map[string]domain.Project{}, keys: map[string]usecase.Key{}, links: map[string]domain.Link{}}
	v := clearVault{}
	var mu sync.Mutex
	n := 0
	newID := func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return "id" + strconv.Itoa(n)
	}
	now := func() time.Time { return morning }
	dir := usecase.NewDirectory(st, v, 0, now, func(string) {})
	clicks := usecase.NewClicks(st, 16, 16, time.Second)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = clicks.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	st.Server = New(Options{
		PublicURL: "https://go.example", API: true, RequestTimeout: time.Second, AdminTokenHash: v.Hash("admin-token", adminToken),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32"), netip.MustParsePrefix("10.0.0.0/8")}, Metrics: http.NotFoundHandler(),
	}, Deps{
		Directory: dir, Clicks: clicks, Projects: usecase.NewProjects(st, v, v, v, dir, newID, now, domain.Limits{PerSecond: 3}), Store: st, Reader: st,
		Requests: st, People: usecase.NewPeople(st, st, v, now),
		Vault: v, Decoder: v, Networks: v, Browsers: v, NewID: newID, Now: now, Logger: slog.New(slog.DiscardHandler), Observer: v,
	})
	return st
}

func (st *stand) CreateProject(_ context.Context, p domain.Project, keys []usecase.Key) error {
	st.projects[p.ID] = p
	for _, k := range keys {
		st.keys[string(k.Hash)] = k
	}
	return st.down
}

func (st *stand) Project(_ context.Context, id string) (domain.Project, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	p, ok := st.projects[id]
	if !ok && st.down == nil {
		return p, domain.ErrNotFound
	}
	return p, st.down
}

func (st *stand) Projects(_ context.Context, pg usecase.Page) ([]domain.Project, string, error) {
	st.asked = pg
	var ps []domain.Project
	for _, p := range st.projects {
		ps = append(ps, p)
	}
	return ps, "more", st.down
}

func (st *stand) UpdateProject(_ context.Context, p domain.Project) error {
	st.projects[p.ID] = p
	return nil
}

func (st *stand) DeleteProject(_ context.Context, id string) error {
	if _, ok := st.projects[id]; !ok {
		return domain.ErrNotFound
	}
	delete(st.projects, id)
	return nil
}

func (st *stand) KeyByHash(_ context.Context, hash []byte) (usecase.Key, error) {
	k, ok := st.keys[string(hash)]
	if !ok {
		return k, domain.ErrNotFound
	}
	return k, st.down
}

func (st *stand) CreateLink(_ context.Context, l domain.Link) error {
	st.links[l.ID] = l
	return nil
}

func (st *stand) Link(_ context.Context, id string) (domain.Link, error) {
	l, ok := st.links[id]
	if !ok && st.down == nil {
		return l, domain.ErrNotFound
	}
	return l, st.down
}

func (st *stand) CreateAccount(_ context.Context, a domain.Account) error {
	st.accounts = append(st.accounts, a)
	return nil
}

func (st *stand) Accounts(context.Context, string) ([]domain.Account, error) { return st.accounts, nil }

func (st *stand) Account(_ context.Context, _, id string) (domain.Account, error) {
	for _, a := range st.accounts {
		if a.ID == id {
			return a, nil
		}
	}
	return domain.Account{}, domain.ErrNotFound
}

func (st *stand) SaveClicks(_ context.Context, cs []domain.Click) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.down == nil {
		st.clicks = append(st.clicks, cs...)
	}
	return st.down
}

func (st *stand) Conversions(_ context.Context, f usecase.ConversionFilter, _ usecase.Page) ([]domain.Conversion, string, error) {
	st.filter = f
	value := domain.Amount(12_500_000)
	return []domain.Conversion{{
		ID: "c1", ProjectID: f.ProjectID, UserID: 42, Target: "lead", Status: domain.Delivered, Value: &value, Currency: "RUB", OccurredAt: morning, DeliveredAt: &morning,
	}}, "", nil
}

func (st *stand) Attempts(context.Context, string, string) ([]usecase.Attempt, error) {
	return []usecase.Attempt{{At: morning, Verdict: "delivered", Evidence: []byte(`{"status_code":200}`)}}, nil
}

func (st *stand) Retry(_ context.Context, f usecase.ConversionFilter, dry bool, _ time.Time) (int, int, error) {
	st.filter = f
	if dry {
		return 5, 0, nil
	}
	return 5, 4, nil
}

func (st *stand) Ledger(context.Context, string) (int, []usecase.LedgerLine, error) {
	return 3, []usecase.LedgerLine{{Network: "beacon", Status: domain.Delivered, Count: 2}}, nil
}

func (st *stand) Last(_ context.Context, _ string, limit int) ([]usecase.RequestRecord, error) {
	return st.records[:min(limit, len(st.records))], st.down
}

func (st *stand) Erase(_ context.Context, k domain.SubscriberKey, _ time.Time) error {
	st.erased = append(st.erased, k.Messenger+" "+strconv.FormatInt(k.UserID, 10))
	return nil
}

func (st *stand) Erasures(context.Context, string, int) ([]usecase.Erasure, error) { return nil, nil }

func (st *stand) ErasedEvents(context.Context, usecase.Erasure) ([]string, time.Time, error) {
	return nil, time.Time{}, nil
}

func (st *stand) EndErasure(context.Context, usecase.Erasure) error { return nil }

func (st *stand) LeftBefore(context.Context, string, time.Time, int) ([]domain.SubscriberKey, error) {
	return nil, nil
}

func (st *stand) KeepingPeople(context.Context) (map[string]int, error) { return nil, nil }

func (st *stand) EraseEvents(context.Context, string, []string, time.Time) error { return nil }

func (st *stand) ErasePersons(_ context.Context, _ string, people []usecase.Erasure) error {
	for _, e := range people {
		st.erased = append(st.erased, e.PersonHash)
	}
	return nil
}

// ask makes one request; header lines are "Name: value".
func (st *stand) ask(t *testing.T, method, target, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := st.App().Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	// Addresses and verbs that there are not, and 500, are answered to every call.
	common := res.StatusCode == http.StatusInternalServerError || res.StatusCode == http.StatusMethodNotAllowed || strings.HasPrefix(target, apiBase+"/no")
	if (strings.HasPrefix(target, apiBase+"/") || strings.HasPrefix(target, "/v1/") && method == "POST") && !common {
		if err := described().Answer(req, res, b); err != nil {
			t.Error(err)
		}
	}
	return res, string(b)
}

// described is the description of the interface that all answers are held
// against.
var described = sync.OnceValue(func() *openapitest.Document {
	text, err := assets.ReadFile("assets/openapi.yaml")
	if err != nil {
		panic(err)
	}
	d, err := openapitest.New(text)
	if err != nil {
		panic(err)
	}
	return d
})

// manage makes one request as the admin.
func (st *stand) manage(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	res, text := st.ask(t, method, apiBase+path, body, "Authorization: Bearer "+adminToken, "Content-Type: application/json")
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

func TestManagementAsksForTheToken(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	for _, h := range []string{"X-None: 1", "Authorization: Bearer wrong", "Authorization: Bearer ", "Authorization: Basic " + adminToken} {
		res, body := st.ask(t, "GET", apiBase+"/projects", "", h)
		if res.StatusCode != 401 || res.Header.Get("WWW-Authenticate") == "" || res.Header.Get("Content-Type") != problemMedia || strings.Contains(body, adminToken) {
			t.Errorf("%s: %d %v %s", h, res.StatusCode, res.Header, body)
		}
	}
	st.AdminTokenHash = nil
	if res, _ := st.ask(t, "GET", apiBase+"/projects", "", "Authorization: Bearer "+adminToken); res.StatusCode != 401 {
		t.Errorf("without a token of its own the server answered %d", res.StatusCode)
	}
}

func TestManagementRefusals(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		method, path, body string
		header             string
		code               int
		field              string
	}{
		"no such call":      {"GET", "/nothing", "", "", 404, ""},
		"no such project":   {"GET", "/projects/none", "", "", 404, ""},
		"wrong verb":        {"PUT", "/projects", "{}", "", 405, ""},
		"not JSON":          {"POST", "/projects", "name=a", "Content-Type: application/x-www-form-urlencoded", 415, ""},
		"packed":            {"POST", "/projects", `{"name":"a"}`, "Content-Encoding: gzip", 415, ""},
		"broken":            {"POST", "/projects", `{"name":`, "", 400, ""},
		"two documents":     {"POST", "/projects", `{"name":"a"}{}`, "", 400, ""},
		"too large":         {"POST", "/projects", `{"name":"` + strings.Repeat("a", maxBody) + `"}`, "", 413, ""},
		"no object":         {"POST", "/projects", `[1]`, "", 422, ""},
		"nothing given":     {"POST", "/projects", "", "", 422, "name"},
		"unknown field":     {"POST", "/projects", `{"name":"a","colour":"red"}`, "", 422, "colour"},
		"unknown deep":      {"POST", "/projects", `{"name":"a","limits":{"per_minute":1}}`, "", 422, "limits.per_minute"},
		"other letter case": {"POST", "/projects", `{"Name":"a"}`, "", 422, "Name"},
		"wrong kind":        {"POST", "/projects", `{"name":"a","limits":{"per_day":"many"}}`, "", 422, "limits.per_day"},
		"limit":             {"GET", "/projects?limit=101", "", "", 422, "limit"},
		"status":            {"GET", "/projects/none/conversions?status=lost", "", "", 422, "status"},
		"user":              {"GET", "/projects/none/conversions?user_id=vera", "", "", 422, "user_id"},
		"time":              {"GET", "/projects/none/conversions?from=yesterday", "", "", 422, "from"},
		"backwards":         {"POST", "/projects/none/conversions/retry", `{"from":"2027-02-01","to":"2027-01-01"}`, "", 422, "to"},
		"erase whom":        {"DELETE", "/projects/none/subscribers/vera", "", "", 422, "user_id"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t)
			header := []string{"Authorization: Bearer " + adminToken}
			if !strings.HasPrefix(c.header, "Content-Type") {
				header = append(header, "Content-Type: application/json")
			}
			if c.header != "" {
				header = append(header, c.header)
			}
			res, body := st.ask(t, c.method, apiBase+c.path, c.body, header...)
			var p problem
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				t.Fatalf("%q: %v", body, err)
			}
			if res.StatusCode != c.code || p.Status != c.code || p.Field != c.field || p.Title != http.StatusText(c.code) || p.Detail == "" {
				t.Errorf("%d %s", res.StatusCode, body)
			}
			if res.Header.Get("Content-Type") != problemMedia {
				t.Errorf("content type %q", res.Header.Get("Content-Type"))
			}
			if c.code == 405 && res.Header.Get("Allow") != "POST, GET" {
				t.Errorf("Allow: %q", res.Header.Get("Allow"))
			}
		})
	}
}

func TestProblemNamesAllFaults(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id := st.project(t, `{"name":"a"}`)
	code, p := st.manage(t, "POST", "/projects/"+id+"/ad-accounts", `{"network":"beacon","settings":{}}`)
	want := map[string]any{
		"type": "about:blank", "title": "Unprocessable Entity", "status": 422.0, "detail": "settings.token: is required", "field": "settings.token",
		"errors": []any{map[string]any{"field": "settings.token", "detail": "is required"}, map[string]any{"field": "settings.id", "detail": "is required"}},
	}
	if p["request_id"] == "" {
		t.Error("no request id")
	}
	delete(p, "request_id")
	if d := cmp.Diff(want, p); code != 422 || d != "" {
		t.Errorf("%d %s", code, d)
	}
}

func TestStorageAway(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	st.down = errors.Join(errors.New("password=hunter2"), domain.ErrUnavailable)
	res, body := st.ask(t, "GET", apiBase+"/projects", "", "Authorization: Bearer "+adminToken)
	if res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || strings.Contains(body, "hunter2") {
		t.Errorf("%d %v %s", res.StatusCode, res.Header, body)
	}
	st.down = errors.New("password=hunter2")
	if res, body := st.ask(t, "GET", apiBase+"/projects", "", "Authorization: Bearer "+adminToken); res.StatusCode != 500 || strings.Contains(body, "hunter2") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}
