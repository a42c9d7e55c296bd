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
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Who comes to a page, the weakest first. Whoever may do something, those
// behind may do, too.
const (
	anybody  = iota // without logging in
	outsider        // logged in, not of the project
	viewer
	editor
	owner
	admin
)

var visitors = []string{"nobody", "outsider", "viewer", "editor", "owner", "admin"}

// doors says who is the weakest that may open a page or make a call. A route
// that is not here fails the test: somebody has to decide.
var doors = map[string]int{
	"GET /": anybody, "GET /login": anybody, "POST /login": anybody, "POST /logout": anybody, "POST /language": anybody, "POST /theme": anybody,
	"GET /setup/:secret": anybody, "POST /setup/:secret": anybody, "GET /invite/:secret": anybody, "POST /invite/:secret": anybody,
	"GET /reset/:secret": anybody, "POST /reset/:secret": anybody, "GET /assets/:hash/:name": anybody,

	"GET /profile": outsider, "POST /profile": outsider, "POST /profile/password": outsider, "POST /profile/tokens": outsider,
	"POST /profile/tokens/:token/delete": outsider, "GET /projects": outsider,

	"GET /projects/new": admin, "POST /projects/new": admin,
	"GET /users": admin, "POST /users/invite": admin, "POST /users/:user/reset": admin, "POST /users/:user/delete": admin,

	"GET /projects/:project/sources": viewer, "POST /projects/:project/sources": editor, "GET /projects/:project/sources/:link": viewer,
	"GET /projects/:project/sources/:link/qr.png": viewer, "GET /projects/:project/funnel": viewer, "GET /projects/:project/cohorts": viewer,
	"GET /projects/:project/live": viewer, "GET /projects/:project/live/stream": viewer, "GET /projects/:project/requests/:request": viewer,
	"POST /projects/:project/requests/:request/share": editor, "GET /shared/:token": anybody,
	"GET /projects/:project/accounts": viewer, "GET /projects/:project/accounts/new/:network": editor, "POST /projects/:project/accounts/new/:network": editor,
	"GET /projects/:project/accounts/:account": viewer, "GET /projects/:project/accounts/:account/edit": editor, "POST /projects/:project/accounts/:account/edit": editor,
	"POST /projects/:project/accounts/:account/test": editor, "POST /projects/:project/accounts/:account/pause": editor,
	"POST /projects/:project/accounts/:account/retry": editor, "POST /projects/:project/accounts/:account/delete": editor,
	"GET /projects/:project/connect": viewer, "POST /projects/:project/connect/keys": editor, "POST /projects/:project/connect/rotate": editor,
	"POST /projects/:project/sources/import": editor, "POST /projects/:project/sources/:link/costs": editor, "GET /projects/:project/lifetime": viewer,
	"GET /projects/:project/connect/keys": viewer, "GET /projects/:project/connect/rotate": viewer,
	"GET /projects/:project":                                         viewer,
	"GET /projects/:project/subscribers":                             viewer,
	"GET /projects/:project/subscribers/:messenger/:user":            viewer,
	"GET /projects/:project/subscribers/:messenger/:user/export":     editor,
	"POST /projects/:project/subscribers/:messenger/:user/erase":     editor,
	"GET /projects/:project/settings":                                owner,
	"POST /projects/:project/settings":                               owner,
	"POST /projects/:project/settings/delete":                        owner,
	"GET /projects/:project/users":                                   owner,
	"POST /projects/:project/users/invite":                           owner,
	"POST /projects/:project/users/:user/role":                       owner,
	"POST /projects/:project/users/invitations/:invitation/withdraw": owner, "POST /users/invitations/:invitation/withdraw": admin,
	"POST /projects/:project/users/:user/remove": owner,
	"GET /projects/:project/notifications":       viewer, "POST /projects/:project/notifications": editor, "POST /projects/:project/notifications/code": editor,
	"GET /projects/:project/notifications/code": viewer, "POST /projects/:project/notifications/test": editor, "POST /projects/:project/notifications/chats/:chat/unlink": editor,
	"GET /api/v1/projects/:project/notifications": viewer, "PUT /api/v1/projects/:project/notifications": editor,
	"POST /api/v1/projects/:project/notifications/codes": editor, "GET /api/v1/projects/:project/notifications/chats": viewer,
	"DELETE /api/v1/projects/:project/notifications/chats/:chat": editor, "POST /api/v1/projects/:project/notifications/test": editor,
	"GET /api/v1/projects/:project/notifications/messages": viewer, "GET /api/v1/projects/:project/alerts": viewer,
	"GET /projects/:project/audit":                             owner,
	"GET /api/v1/projects":                                     outsider,
	"POST /api/v1/projects":                                    admin,
	"GET /api/v1/projects/:project":                            viewer,
	"PATCH /api/v1/projects/:project":                          owner,
	"DELETE /api/v1/projects/:project":                         owner,
	"POST /api/v1/projects/:project/api-key":                   editor,
	"POST /api/v1/projects/:project/links":                     editor,
	"GET /api/v1/projects/:project/links":                      viewer,
	"POST /api/v1/projects/:project/ad-accounts":               editor,
	"GET /api/v1/projects/:project/ad-accounts":                viewer,
	"GET /api/v1/projects/:project/ad-accounts/:account":       viewer,
	"PATCH /api/v1/projects/:project/ad-accounts/:account":     editor,
	"DELETE /api/v1/projects/:project/ad-accounts/:account":    editor,
	"POST /api/v1/projects/:project/ad-accounts/:account/test": editor,
	"GET /api/v1/projects/:project/conversions":                viewer,
	"POST /api/v1/projects/:project/conversions/retry":         editor,
	"GET /api/v1/projects/:project/conversions/:conversion":    viewer,
	"GET /api/v1/projects/:project/subscribers":                viewer,
	"GET /api/v1/projects/:project/subscribers/:user":          viewer,
	"DELETE /api/v1/projects/:project/subscribers/:user":       editor,
	"GET /api/v1/projects/:project/requests":                   viewer,
	"GET /api/v1/projects/:project/ledger":                     viewer,
	"GET /api/v1/projects/:project/reports/daily":              viewer,
	"GET /api/v1/projects/:project/reports/sources":            viewer,
	"GET /api/v1/projects/:project/reports/audience":           viewer,
	"GET /api/v1/projects/:project/reports/funnel":             viewer,
	"GET /api/v1/projects/:project/reports/retention":          viewer,
	"GET /api/v1/projects/:project/reports/hourly":             viewer, "GET /api/v1/projects/:project/reports/links": viewer, "GET /api/v1/projects/:project/reports/lifetime": viewer,
	"GET /api/v1/projects/:project/links/:link/costs": viewer, "PUT /api/v1/projects/:project/links/:link/costs": editor,
	"POST /api/v1/projects/:project/costs/import": editor,
	"GET /api/v1/users":                           admin, "POST /api/v1/users/:user/reset-link": admin, "DELETE /api/v1/users/:user": admin,
	"GET /api/v1/doctor":                  admin,
	"POST /api/v1/replays":                admin,
	"GET /api/v1/replays":                 admin,
	"GET /api/v1/replays/:replay":         admin,
	"DELETE /api/v1/replays/:replay":      admin,
	"POST /api/v1/replays/:replay/cancel": admin,
	"POST /api/v1/replays/:replay/resume": admin,
	"GET /api/v1/requests":                admin,
	"POST /api/v1/backups":                admin,
}

// elsewhere are addresses that are not the cabinet's: the event API and the
// interfaces for everybody, tried by tests of their own.
var elsewhere = regexp.MustCompile(`^/(v1|API|api/[a-z_]+\.php|pro/|max/|c/|t\.js|last_events|docs|openapi\.yaml|healthz|readyz|metrics|debug)`)

// house is the service with a user of each kind.
type house struct {
	*App
	t     *testing.T
	users map[string]domain.User
	n     int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	environ := []string{"TGTRACK_DATA_DIR=" + t.TempDir(), "TGTRACK_ADMIN_TOKEN=the-operator"}
	cfg, err := loadConfig("", environ, Plugins{})
	if err != nil {
		t.Fatal(err)
	}
	app, cleanup, err := newApp(t.Context(), cfg, Plugins{}, slog.New(slog.DiscardHandler), Streams{io.Discard, io.Discard})
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
	h.users["admin"], err = app.Access.Register(t.Context(), usecase.SetupLink, secret, usecase.UserInput{Email: "admin@example.org", Password: "correct-horse"})
	h.ok(err)
	p := h.project()
	for _, name := range []string{"outsider", "viewer", "editor", "owner"} {
		invitation, err := app.Access.Invite(t.Context(), p, domain.Viewer)
		h.ok(err)
		h.users[name], err = app.Access.Register(t.Context(), usecase.InviteLink, invitation, usecase.UserInput{Email: name + "@example.org", Password: "correct-horse"})
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
		ID: id, Name: "Bot", Kind: domain.KindBot, Constructor: "telegram", Mode: domain.Production, Timezone: "UTC", Currency: "RUB",
		Attribution: domain.LastClick, Enabled: true, CreatedAt: clock(),
	}, nil))
	for name, u := range h.users {
		if role := domain.Role(name); role.Allows(domain.Viewer) {
			h.ok(h.Store.SetRole(context.Background(), id, u.ID, role, clock()))
		}
	}
	return id
}

var pathParam = regexp.MustCompile(`:[a-z]+`)

// knock opens a route as somebody and answers the status and where it leads.
func (h *house) knock(method, path, who string) (int, string) {
	h.t.Helper()
	path = strings.Replace(path, ":project", h.project(), 1)
	path = strings.Replace(path, ":user", "17", 1)
	path = pathParam.ReplaceAllString(path, "x")
	body, kind := "", "application/x-www-form-urlencoded"
	r := httptest.NewRequest(method, path, nil)
	api := strings.HasPrefix(path, "/api/")
	if u, ok := h.users[who]; ok && api {
		token, _, err := h.Access.CreateToken(h.t.Context(), &u, usecase.TokenInput{Name: "t", Scope: "write"})
		h.ok(err)
		body, kind = "{}", "application/json"
		r = httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
	} else if ok {
		session, err := h.Access.OpenSession(h.t.Context(), u.ID, "test")
		h.ok(err)
		body = url.Values{"form_token": {h.Access.FormToken(session)}}.Encode()
		r = httptest.NewRequest(method, path, strings.NewReader(body))
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session})
	}
	r.Header.Set("Content-Type", kind)
	patience := 10_000 // milliseconds
	stream := strings.HasSuffix(path, "/stream")
	if stream {
		patience = 1000
	}
	res, err := h.HTTP.App().Test(r, patience)
	if err != nil && stream { // it goes on: somebody was let in
		return http.StatusOK, ""
	}
	h.ok(err)
	defer res.Body.Close()
	return res.StatusCode, res.Header.Get("Location")
}

// TestEveryRouteWithEveryRole opens every page and makes every call as
// everybody.
func TestEveryRouteWithEveryRole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var seen []string
	for _, r := range h.HTTP.App().GetRoutes(true) {
		key := r.Method + " " + r.Path
		if r.Method == http.MethodHead || elsewhere.MatchString(r.Path) || slices.Contains(seen, key) {
			continue
		}
		weakest, decided := doors[key]
		if !decided {
			if _, known := doors["GET "+r.Path]; known || isCatchAll(r.Path, doors) {
				continue // answers 405 or 404 to other verbs
			}
			t.Errorf("nobody decided who may open %s", key)
			continue
		}
		seen = append(seen, key)
		for who, name := range visitors {
			if name == "admin" && strings.HasPrefix(key, "POST /users/:user/") {
				continue // would delete those who knock
			}
			code, to := h.knock(r.Method, r.Path, name)
			refused := code == http.StatusForbidden || code == http.StatusUnauthorized || strings.HasPrefix(to, "/login") && r.Path != "/logout" && r.Path != "/" && r.Path != "/reset/:secret" ||
				who == outsider && weakest > outsider && code == http.StatusNotFound
			if refused != (who < weakest) {
				t.Errorf("%s as %s: %d %s", key, name, code, to)
			}
			if code == http.StatusInternalServerError {
				t.Errorf("%s as %s: %d", key, name, code)
			}
		}
	}
	for key := range doors {
		if !slices.Contains(seen, key) {
			t.Errorf("there is no %s", key)
		}
	}
}

// isCatchAll tells whether a path is there for another verb.
func isCatchAll(path string, known map[string]int) bool {
	for key := range known {
		if _, p, _ := strings.Cut(key, " "); p == path {
			return true
		}
	}
	return path == "/" || path == "/api/v1"
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
		{http.MethodGet, byToken, 200}, {http.MethodPatch, byToken, 403}, {http.MethodGet, bySession, 200}, {http.MethodPatch, bySession, 401},
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
			secret, err := h.Access.Invite(usecase.WithActor(t.Context(), usecase.Actor{User: &maker}), project, domain.Owner)
			h.ok(err)
			if _, err := h.Access.OpenLink(t.Context(), usecase.InviteLink, secret); err != nil {
				t.Fatalf("before: %v", err)
			}
			h.ok(end(h, project, maker.ID))
			if _, err := h.Access.Accept(t.Context(), secret, &guest); !errors.Is(err, domain.ErrNotFound) {
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
	for _, path := range []string{"/login", "/theme", "/language", "/setup/x", "/reset/x", "/last_events", "/API/last_events", "/api/v1/projects"} {
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
