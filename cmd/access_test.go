package cmd

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// house is the service with a user of each kind.
type house struct {
	*App
	t     *testing.T
	users map[string]domain.User
	n     int
}

func newHouse(t *testing.T, settings ...string) *house {
	t.Helper()
	environ := append([]string{"TGTRACK_DATA_DIR=" + t.TempDir(), "TGTRACK_ADMIN_TOKEN=the-operator"}, settings...)
	cfg, err := loadConfig("", environ, Plugins{})
	if err != nil {
		t.Fatal(err)
	}
	app, cleanup, err := newApp(t.Context(), cfg, Plugins{}, slog.New(slog.DiscardHandler), Streams{io.Discard,
		io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cleanup)
	if err := app.Ensure.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := &house{App: app, t: t, users: map[string]domain.User{}}
	secret, err := app.Access.FirstRun(t.Context())
	h.ok(err)
	h.users["admin"], err = app.Access.Register(t.Context(), usecase.SetupLink, secret,
		usecase.UserInput{Email: "admin@example.org", Password: "correct-horse"})
	h.ok(err)
	p := h.project()
	for _, name := range []string{"outsider", "viewer", "editor", "owner"} {
		invitation, err := app.Access.Invite(t.Context(), p, domain.Viewer)
		h.ok(err)
		h.users[name], err = app.Access.Register(t.Context(), usecase.InviteLink, invitation,
			usecase.UserInput{Email: name + "@example.org", Password: "correct-horse"})
		h.ok(err)
	}
	return h
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// project makes a project in which everybody has the role of their name.
func (h *house) project() string {
	h.t.Helper()
	h.n++
	id := fmt.Sprintf("house-%d", h.n)
	h.ok(h.Store.CreateProject(h.t.Context(), domain.Project{
		ID: id, Name: "Bot", Kind: domain.KindBot, Constructor: "telegram", Mode: domain.Production,
		Timezone: "UTC", Currency: "RUB",
		Attribution: domain.LastClick, Enabled: true, CreatedAt: clock(),
	}, nil))
	for name, u := range h.users {
		if role := domain.Role(name); role.Allows(domain.Viewer) {
			h.ok(h.Store.SetRole(context.Background(), id, u.ID, role, clock()))
		}
	}
	return id
}

// TestWrongTokens: whoever guesses tokens is told to wait, by their network; the
// right one passes always.
func TestWrongTokens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.users["admin"]
	own, _, err := h.Access.CreateToken(t.Context(), &u, usecase.TokenInput{Name: "t", Scope: "write"})
	h.ok(err)
	ask := func(token string) (int, string) {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, "/api/v1/projects", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := h.HTTP.App().Test(r, 10_000)
		h.ok(err)
		defer res.Body.Close()
		return res.StatusCode, res.Header.Get("Retry-After")
	}
	codes := map[int]int{}
	for i := range 300 {
		prefix := []string{"", "tgm_"}[i%2] // as an admin token, and as a user's
		code, wait := ask(fmt.Sprint(prefix, "guess", i))
		codes[code]++
		if (code == http.StatusTooManyRequests) != (wait != "") {
			t.Errorf("%d, Retry-After %q", code, wait)
		}
	}
	if codes[401] < 20 || codes[401] > 40 || codes[401]+codes[429] != 300 {
		t.Errorf("%v", codes)
	}
	for _, token := range []string{"the-operator", own} {
		if code, _ := ask(token); code != http.StatusOK {
			t.Errorf("a right token after wrong ones: %d", code)
		}
	}
}

// TestRights holds the rights of all routes equal to the list that was last
// looked at, so that none changes unseen. UPDATE_GOLDEN=1 writes it anew.
func TestRights(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var got strings.Builder
	for _, e := range h.HTTP.Table() {
		fmt.Fprintf(&got, "%-8s %-6s %-60s %s\n", e.Right, e.Method, e.Path, e.Room)
	}
	const golden = "testdata/rights.txt"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		h.ok(os.WriteFile(golden, []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	h.ok(err)
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); d != "" {
		t.Errorf("somebody has to decide on these rights:\n%s", d)
	}
}

// TestRoutesAreDescribed holds the routes of the server, save the cabinet's,
// and the paths of openapi.yaml equal, in both directions.
func TestRoutesAreDescribed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	served := map[string]bool{}
	for _, e := range h.HTTP.Table() {
		switch {
		case e.Room == cabinet:
		case e.Method == httpapi.AnyMethod: // the event API answers every verb, and takes POST
			served["POST "+braced(e.Path)] = true
		default:
			served[e.Method+" "+braced(e.Path)] = true
		}
	}
	var doc struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	r := httptest.NewRequest(http.MethodGet, "/openapi.yaml", nil)
	res, err := h.HTTP.App().Test(r, 5000)
	h.ok(err)
	defer res.Body.Close()
	h.ok(yaml.NewDecoder(res.Body).Decode(&doc))
	described := map[string]bool{}
	for path, verbs := range doc.Paths {
		for verb := range verbs {
			described[strings.ToUpper(verb)+" "+path] = true
		}
	}
	if d := cmp.Diff(served, described); d != "" {
		t.Errorf("served (-) and described (+) differ:\n%s", d)
	}
}

// braced writes a route's parameters as OpenAPI does. Routes name them
// shortly where the address needs no more.
func braced(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			if name == "key" {
				name = "api_key"
			}
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// TestReadToken: a token that may only read changes nothing, and a session is
// no key to calls that change something.
func TestReadToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.users["owner"]
	token, _, err := h.Access.CreateToken(t.Context(), &u, usecase.TokenInput{Name: "t", Scope: "read"})
	h.ok(err)
	session, err := h.Access.OpenSession(t.Context(), u.ID, "test")
	h.ok(err)
	id := h.project()
	call := func(method string, set func(*http.Request)) int {
		r := httptest.NewRequest(method, "/api/v1/projects/"+id, strings.NewReader(`{"name":"New"}`))
		r.Header.Set("Content-Type", "application/json")
		set(r)
		res, err := h.HTTP.App().Test(r, 5000)
		h.ok(err)
		defer res.Body.Close()
		return res.StatusCode
	}
	byToken := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	bySession := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session}) }
	for _, c := range []struct {
		method string
		set    func(*http.Request)
		want   int
	}{
		{http.MethodGet, byToken, 200}, {http.MethodPatch, byToken, 403}, {http.MethodGet, bySession, 200},
		{http.MethodPatch, bySession, 401},
		{http.MethodGet, func(*http.Request) {}, 401},
	} {
		if got := call(c.method, c.set); got != c.want {
			t.Errorf("%s: %d, want %d", c.method, got, c.want)
		}
	}
	p, err := h.Store.Project(t.Context(), id)
	if err != nil || p.Name != "Bot" {
		t.Errorf("project %q, %v", p.Name, err)
	}
}

// TestInvitationsEndWithTheirMaker: whoever may no longer invite leaves no
// door behind, and an invitation can be withdrawn.
func TestInvitationsEndWithTheirMaker(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *house, project, maker string) error{
		"removed": func(h *house, project, maker string) error {
			return h.Access.RemoveProjectUser(t.Context(), project, maker)
		},
		"demoted": func(h *house, project, maker string) error {
			return h.Access.SetRole(t.Context(), project, maker, domain.Editor)
		},
		"deleted": func(h *house, _, maker string) error { return h.Access.DeleteUser(t.Context(), maker) },
		"withdrawn": func(h *house, project, _ string) error {
			ls, err := h.Access.Invitations(t.Context(), project)
			h.ok(err)
			if len(ls) != 1 || ls[0].CreatedBy != "owner@example.org" || ls[0].Role != domain.Owner {
				t.Fatalf("open invitations: %+v", ls)
			}
			return h.Access.Withdraw(t.Context(), project, ls[0].ID())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			project, maker, guest := h.project(), h.users["owner"], h.users["outsider"]
			secret, err := h.Access.Invite(usecase.WithActor(t.Context(), usecase.Actor{User: &maker}),
				project, domain.Owner)
			h.ok(err)
			if _, err := h.Access.OpenLink(t.Context(), usecase.InviteLink, secret); err != nil {
				t.Fatalf("before: %v", err)
			}
			h.ok(end(h, project, maker.ID))
			if _, err := h.Access.Accept(t.Context(), secret, &guest); !errors.Is(err,
				domain.ErrNotFound) {
				t.Errorf("it opens: %v", err)
			}
			if ls, err := h.Access.Invitations(t.Context(), project); err != nil || len(ls) != 0 {
				t.Errorf("open invitations: %v, %v", ls, err)
			}
		})
	}
}

// TestProfilesAreForTheOperator: no user takes profiles, not even an
// administrator.
func TestProfilesAreForTheOperator(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, name := range []string{"viewer", "admin"} {
		u := h.users[name]
		session, err := h.Access.OpenSession(t.Context(), u.ID, "test")
		h.ok(err)
		token, _, err := h.Access.CreateToken(t.Context(), &u, usecase.TokenInput{Name: "t", Scope: "read"})
		h.ok(err)
		for _, set := range []func(*http.Request){
			func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) },
			func(r *http.Request) { r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session}) },
		} {
			r := httptest.NewRequest(http.MethodGet, "/debug/pprof/goroutine?debug=2", nil)
			set(r)
			if code := h.status(r); code != http.StatusUnauthorized {
				t.Errorf("%s: %d", name, code)
			}
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/debug/pprof/profile?seconds=3600", nil)
	r.Header.Set("Authorization", "Bearer the-operator")
	if code := h.status(r); code != http.StatusUnprocessableEntity {
		t.Errorf("an hour: %d", code)
	}
}

// TestPackedBodies: nothing but the body as it is comes into memory.
func TestPackedBodies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var body bytes.Buffer
	pack := gzip.NewWriter(&body)
	_, err := io.WriteString(pack, "--B\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nx\r\n--B--\r\n")
	h.ok(errors.Join(err, pack.Close()))
	for _, path := range []string{"/login", "/theme", "/language", "/setup/x", "/reset/x", "/last_events",
		"/API/last_events", "/api/v1/projects"} {
		r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body.Bytes()))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		r.Header.Set("Content-Encoding", "gzip")
		r.Header.Set("Authorization", "Bearer the-operator")
		if code := h.status(r); code != http.StatusUnsupportedMediaType {
			t.Errorf("%s: %d", path, code)
		}
	}
}

func (h *house) status(r *http.Request) int {
	h.t.Helper()
	res, err := h.HTTP.App().Test(r, 5000)
	h.ok(err)
	defer res.Body.Close()
	return res.StatusCode
}
