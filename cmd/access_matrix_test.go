package cmd

import (
	"cmp"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// visitor is who comes to a route, and with what.
type visitor struct {
	name string
	with credential
	user string // of the house
	// role in the project at home; admin has them all.
	role  domain.Role
	admin bool
	reads bool // may change nothing
	// gone: the user was deleted, so that what they have is worth nothing.
	gone bool
}

type credential string

const (
	withNothing   credential = ""
	withSession   credential = "session"
	withToken     credential = "token"
	withAdmin     credential = "the operator's token"
	withAPIKey    credential = "API key"
	withReportKey credential = "report key"
)

func visitors() []visitor {
	out := []visitor{{name: "anonymous"}, {name: "operator", with: withAdmin}, {name: "API key", with: withAPIKey},
		{name: "report key", with: withReportKey}}
	for _, with := range []credential{withSession, withToken} {
		for _, v := range []visitor{
			{name: "outsider", user: "outsider"}, // not of the project, owner of another one
			{name: "viewer", user: "viewer", role: domain.Viewer},
			{name: "editor", user: "editor", role: domain.Editor},
			{name: "owner", user: "owner", role: domain.Owner},
			{name: "administrator", user: "admin", admin: true},
			{name: "removed from the project", user: "removed"},
			{name: "deleted", user: "deleted", gone: true},
		} {
			v.with = with
			v.name += ", " + string(with)
			out = append(out, v)
		}
	}
	return append(out,
		visitor{name: "owner, read token", user: "owner", with: withToken, role: domain.Owner, reads: true},
		visitor{name: "administrator, read token", user: "admin", with: withToken, admin: true, reads: true})
}

// outcome is what becomes of a request, as far as rights decide it.
type outcome string

const (
	letIn   outcome = "let in"
	unknown outcome = "not known"
	denied  outcome = "refused"
	hidden  outcome = "told that there is nothing"
)

// knownAs tells whether a room takes what somebody comes with.
func (v visitor) knownAs(t *testing.T, e httpapi.Entry) bool {
	t.Helper()
	if v.gone {
		return false
	}
	switch e.Room {
	case cabinet:
		return v.with == withSession
	case "management API":
		return v.with == withToken || v.with == withAdmin || v.with == withSession && e.Method == http.MethodGet
	case "profiles":
		return v.with == withAdmin
	}
	t.Fatalf("say who is known in the room %s", e.Room)
	return false
}

// want is the rule once more: what a right means for somebody, at home or in a
// project of others.
func (v visitor) want(t *testing.T, e httpapi.Entry, home bool) outcome {
	t.Helper()
	can := func(fits bool, otherwise outcome) outcome {
		if fits {
			return letIn
		}
		return otherwise
	}
	switch e.Right {
	case usecase.ForAnybody:
		return letIn
	case usecase.ForAPIKey, usecase.ForPastAPIKey, usecase.ForReportKey:
		key := withAPIKey
		if e.Right == usecase.ForReportKey {
			key = withReportKey
		}
		return can(v.with == key, unknown)
	}
	if !v.knownAs(t, e) {
		return unknown
	}
	if v.with == withAdmin {
		return letIn
	}
	if e.Method != http.MethodGet && v.reads {
		return denied
	}
	rank := map[domain.Role]int{domain.Viewer: 1, domain.Editor: 2, domain.Owner: 3}
	has := rank[v.role]
	if !home {
		has = 0
	}
	if v.admin {
		has = rank[domain.Owner]
	}
	asked := map[usecase.Right]int{
		usecase.ForNewcomer: 0, usecase.ForUser: 0, usecase.ForViewer: 1, usecase.ForEditor: 2, usecase.ForOwner: 3,
	}
	switch n, ofRole := asked[e.Right]; {
	case e.Right == usecase.ForOperatorOnly:
		return denied
	case e.Right == usecase.ForAdmin:
		return can(v.admin, denied)
	case !ofRole:
		t.Fatalf("say what the right %q means", e.Right)
	case n > 0 && has == 0:
		return hidden
	default:
		return can(has >= n, denied)
	}
	return ""
}

// matrix is a house with two projects in which something has happened: at home
// the users have the roles of their names, in the other they have none.
type matrix struct {
	*house
	home, other       map[string]string // parameters of addresses
	apiKey, reportKey string            // of a project
	sessions, tokens  map[string]string // by the name of the visitor
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	h, _, apiKey, reportKey := takesEvents(t)
	m := &matrix{
		house: h, apiKey: apiKey, reportKey: reportKey, sessions: map[string]string{}, tokens: map[string]string{},
	}
	for _, name := range []string{"removed", "deleted"} {
		secret, err := h.Access.Invite(t.Context(), h.project(), domain.Viewer)
		h.ok(err)
		h.users[name], err = h.Access.Register(t.Context(), usecase.InviteLink, secret,
			usecase.UserInput{Email: name + "@example.org", Password: "correct-horse"})
		h.ok(err)
	}
	m.home, m.other = h.lived(), h.lived()
	for _, name := range []string{"viewer", "editor", "owner"} {
		h.ok(h.Access.RemoveProjectUser(t.Context(), m.other[":project"], h.users[name].ID))
	}
	for _, name := range []string{"removed", "deleted"} {
		h.ok(h.Store.SetRole(t.Context(), m.home[":project"], h.users[name].ID, domain.Owner, clock()))
	}
	h.ok(h.Store.SetRole(t.Context(), h.project(), h.users["outsider"].ID, domain.Owner, clock()))
	for _, v := range visitors() {
		m.equip(v)
	}
	h.ok(h.Access.RemoveProjectUser(t.Context(), m.home[":project"], h.users["removed"].ID))
	h.ok(h.Access.DeleteUser(t.Context(), h.users["deleted"].ID))
	return m
}

// equip gives somebody what they come with.
func (m *matrix) equip(v visitor) {
	m.t.Helper()
	var err error
	u := m.users[v.user]
	switch v.with {
	case withSession:
		m.sessions[v.name], err = m.Access.OpenSession(m.t.Context(), u.ID, "test")
	case withToken:
		scope := domain.ScopeWrite
		if v.reads {
			scope = domain.ScopeRead
		}
		m.tokens[v.name], _, err = m.Access.CreateToken(m.t.Context(), &u,
			usecase.TokenInput{Name: "t", Scope: string(scope)})
	case withAdmin:
		m.tokens[v.name] = "the-operator"
	case withAPIKey:
		m.tokens[v.name] = m.apiKey
	case withReportKey:
		m.tokens[v.name] = m.reportKey
	}
	m.ok(err)
}

var pathParam = regexp.MustCompile(`:[a-z]+`)

// filled puts parameters into an address, and tells whether it had them all.
func filled(path string, params map[string]string) (string, bool) {
	all := true
	at := pathParam.ReplaceAllStringFunc(path, func(name string) string {
		if value := params[name]; value != "" {
			return value
		}
		all = false
		return "x"
	})
	return at, all
}

// knock opens an address as somebody, with what they have wherever it may be
// looked for.
func (m *matrix) knock(e httpapi.Entry, at string, v visitor) (code int, to string) {
	m.t.Helper()
	method := e.Method
	if method == httpapi.AnyMethod {
		method = http.MethodPost
	}
	token, session := m.tokens[v.name], m.sessions[v.name]
	form := url.Values{"key": {cmp.Or(token, "nobody's")}, "role": {"viewer"}}
	if session != "" {
		form.Set("form_token", m.Access.FormToken(session))
	}
	body, kind := form.Encode(), "application/x-www-form-urlencoded"
	if e.Room == "management API" || e.Room == "event API" {
		body, kind = "{}", "application/json"
	}
	if method == http.MethodGet {
		body = ""
		at += "?apiKey=" + url.QueryEscape(token)
	}
	r := httptest.NewRequest(method, at, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if session != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session})
	}
	res, err := m.HTTP.App().Test(r, 20_000)
	m.ok(err)
	_, _ = io.Copy(io.Discard, res.Body)
	m.ok(res.Body.Close())
	if kept := res.Header.Get("Cache-Control"); kept != "no-store" && !strings.HasPrefix(at, "/assets/") {
		m.t.Errorf("%s %s as %s: a browser or proxy may keep it: %q", method, at, v.name, kept)
	}
	return res.StatusCode, res.Header.Get("Location")
}

// is tells whether an answer is that of an outcome.
func (o outcome) is(e httpapi.Entry, code int, to string) bool {
	switch toLogin := code == http.StatusSeeOther && strings.HasPrefix(to, "/login"); o {
	case unknown: // 429: guesses are bounded
		return code == http.StatusUnauthorized || code == http.StatusTooManyRequests || e.Room == cabinet && toLogin ||
			e.Right.ByKey() && code == http.StatusForbidden
	case denied:
		return code == http.StatusForbidden
	case hidden:
		return code == http.StatusNotFound
	default:
		return code != http.StatusUnauthorized && code != http.StatusForbidden &&
			code != http.StatusInternalServerError && (e.Right == usecase.ForAnybody || !toLogin)
	}
}

// TestEveryRouteWithEveryVisitor opens every route of the table as everybody, at
// home and in a project of others. A route that is added is tried without a word
// here.
func TestEveryRouteWithEveryVisitor(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	tried := map[outcome]int{}
	for _, e := range m.HTTP.Table() {
		places := map[bool]map[string]string{true: m.home}
		if e.Right.Role() != "" {
			places[false] = m.other
		}
		for home, params := range places {
			for _, v := range visitors() {
				want := v.want(t, e, home)
				changes := want == letIn && e.Method != http.MethodGet
				at, all := m.address(e, v, params)
				if changes { // there, nothing of the others' is lost
					at, all = m.address(e, v, map[string]string{":project": m.project()})
				}
				code, to := m.knock(e, at, v)
				tried[want]++
				if !want.is(e, code, to) {
					t.Errorf("%s %s, which is for %s, as %s (home %v): %d %s, want: %s", e.Method, e.Path,
						e.Right, v.name, home, code, to, want)
				}
				if want == letIn && e.Right.Role() != "" && all && code == http.StatusNotFound {
					t.Errorf("%s %s as %s (home %v): %d of what is there", e.Method, e.Path, v.name, home, code)
				}
				if changes && v.user != "" {
					m.equip(v) // it may have been a logout
				}
			}
		}
	}
	for _, o := range []outcome{letIn, unknown, denied, hidden} {
		if tried[o] < 100 {
			t.Errorf("%d are %s", tried[o], o)
		}
	}
}

// address of a route. A key stands in it where there is a place for one.
func (m *matrix) address(e httpapi.Entry, v visitor, params map[string]string) (string, bool) {
	params = maps.Clone(params)
	if e.Right == usecase.ForAPIKey {
		params[":key"], params[":method"] = m.tokens[v.name], "get_user_info"
	}
	return filled(e.Path, params)
}

// TestIDsOfOthers: what belongs to another project is not found in one's own,
// whatever is asked of it.
func TestIDsOfOthers(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	m.more(m.other)
	none := []string{":project", ":network", ":messenger"} // they name nothing of a project
	n := 0
	for _, e := range m.HTTP.Table() {
		names := pathParam.FindAllString(e.Path, -1)
		if e.Right.Role() == "" || !slices.ContainsFunc(names,
			func(name string) bool { return !slices.Contains(none, name) }) {
			continue
		}
		for _, v := range visitors() {
			if v.user != "owner" || !v.knownAs(t, e) || v.reads && e.Method != http.MethodGet {
				continue
			}
			params := maps.Clone(m.other)
			if strings.Contains(e.Path, "/users/:user") {
				params[":user"] = m.users["outsider"].ID
			}
			theirs, all := filled(e.Path, params)
			params[":project"] = m.project()
			at, _ := filled(e.Path, params)
			if !all {
				t.Errorf("%s: say what its parameters are of another project, in more", e.Path)
				continue
			}
			n++
			if code, to := m.knock(e, at, v); code != http.StatusNotFound {
				t.Errorf("%s %s, which is of %s, as %s: %d %s", e.Method, at, theirs, v.name, code, to)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d were tried", n)
	}
}

// more adds what a project that lived has beside what its pages show.
func (m *matrix) more(of map[string]string) {
	m.t.Helper()
	id, ctx := of[":project"], m.t.Context()
	operator := []string{"Authorization: Bearer the-operator", "Content-Type: application/json"}
	_, text := m.ask("POST", "/api/v1/projects/"+id+"/api-key", "{}", operator...)
	key := jsonField(text, "api_key")
	m.ask("PATCH", "/api/v1/projects/"+id, `{"limits":{"per_second":0}}`, operator...)
	m.ask("POST", "/api/v1/projects/"+id+"/ad-accounts", `{"network":"webhook","name":"All","activation_goal":"start",
		"settings":{"url":"https://crm.example.org/x","receive":"all"}}`, operator...)
	m.ask("POST", "/v1/"+key+"/user_did_start_bot", `{"user_id":"8"}`, "Content-Type: application/json")
	_, text = m.ask("GET", "/api/v1/projects/"+id+"/conversions", "", operator...)
	of[":conversion"] = jsonField(text, "id")
	_, text = m.ask("POST", "/api/v1/projects/"+id+"/utm-templates", `{"name":"VK","utm":{"source":"vk"}}`, operator...)
	of[":template"] = jsonField(text, "id")
	_, text = m.ask("POST", "/api/v1/replays", `{"kind":"conversions","project":"`+id+`"}`, operator...)
	of[":job"] = jsonField(text, "id")
	m.ok(m.Store.SetRole(ctx, id, m.users["outsider"].ID, domain.Owner, clock()))
	_, err := m.Access.Invite(ctx, id, domain.Viewer)
	m.ok(err)
	ls, err := m.Access.Invitations(ctx, id)
	m.ok(err)
	of[":invitation"] = ls[0].ID()
	hash := []byte("a code")
	m.ok(m.Store.CreateNoticeCode(ctx, notify.Code{
		Hash: hash, ProjectID: id, CreatedAt: clock(), ExpiresAt: clock().Add(time.Hour),
	}))
	_, err = m.Store.LinkChat(ctx, hash, notify.Chat{ChatID: -7, Kind: "group", LinkedAt: clock()})
	m.ok(err)
	of[":chat"] = "-7"
	of[":share"] = "share-of-" + id
	m.ok(m.Store.CreateReportShare(ctx, usecase.ReportShare{
		ID: of[":share"], Hash: []byte(id), ProjectID: id, Page: usecase.OverviewPage, CreatedAt: clock(),
		ExpiresAt: clock().Add(time.Hour),
	}))
}
