package manageapi

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestProjectShowsItsKeysOnce(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	code, p := st.manage(t, "POST", "/projects", `{"name":"a","username":"@a_bot"}`)
	key, _ := p["api_key"].(string)
	want := map[string]any{}
	for _, m := range append(st.api.Methods.Methods(), "get_user_info", "get_users_info", "batch") {
		want[m] = "https://go.example/v1/" + key + "/" + m
	}
	if d := cmp.Diff(want, p["urls"]); code != 201 || key == "" || p["report_key"] == "" || d != "" {
		t.Errorf("%d %v %s", code, p, d)
	}
	for _, c := range []struct{ method, body string }{{"GET", ""}, {"PATCH", `{"enabled":false}`}} {
		code, p := st.manage(t, c.method, "/projects/"+p["id"].(string), c.body)
		urls, _ := p["urls"].(map[string]any)
		if code != 200 || p["api_key"] != nil ||
			urls["add_event"] != "https://go.example/v1/***/add_event" || p["username"] != "a_bot" {
			t.Errorf("%s: %d %v", c.method, code, p)
		}
	}
	if code, out := st.manage(t, "DELETE", "/projects/"+p["id"].(string), ""); code != 204 || len(out) != 0 {
		t.Errorf("%d %v", code, out)
	}
}

func TestListGivesPageAndCursor(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	for _, name := range []string{"a", "b", "c"} {
		st.project(t, `{"name":"`+name+`"}`)
	}
	code, first := st.manage(t, "GET", "/projects?limit=2", "")
	next, _ := first["next"].(string)
	if items := first["items"].([]any); code != 200 || len(items) != 2 || next == "" {
		t.Fatalf("%d %v", code, first)
	}
	code, last := st.manage(t, "GET", "/projects?limit=2&cursor="+url.QueryEscape(next), "")
	if items := last["items"].([]any); code != 200 || len(items) != 1 || last["next"] != "" {
		t.Errorf("%d %v", code, last)
	}
	code, out := st.manage(t, "GET", "/projects?cursor=abc", "")
	if code != 422 || out["detail"] != `cursor: invalid cursor; use the previous page's "next"` {
		t.Errorf("a cursor that no page gave: %d %v", code, out)
	}
}

func TestLinkGivesTwoAddresses(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id := st.project(t, `{"name":"a","username":"a_bot"}`)
	code, l := st.manage(t, "POST", "/projects/"+id+"/links", `{"name":"Posts","utm":{"source":"vk"}}`)
	start, _ := l["start_value"].(string)
	if code != 201 || !strings.HasPrefix(start, "TGTrack-PJ") ||
		l["deep_link"] != "https://t.me/a_bot?start="+start ||
		l["click_url"] != "https://go.example/c/"+l["id"].(string) {
		t.Errorf("%d %v", code, l)
	}
}

func TestLinkIsChanged(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id, other := st.project(t, `{"name":"a","username":"a_bot"}`), st.project(t, `{"name":"b"}`)
	_, l := st.manage(t, "POST", "/projects/"+id+"/links", `{"name":"Posts","utm":{"source":"vk"}}`)
	path := "/projects/" + id + "/links/" + l["id"].(string)
	l["open_page"], l["name"] = "auto", "Stories"
	code, got := st.manage(t, "PATCH", path, `{"open_page":"auto","name":"Stories"}`)
	if d := cmp.Diff(l, got); code != 200 || d != "" {
		t.Errorf("%d %s", code, d)
	}
	_, list := st.manage(t, "GET", "/projects/"+id+"/links", "")
	if items, _ := list["items"].([]any); len(items) != 1 || items[0].(map[string]any)["open_page"] != "auto" {
		t.Errorf("%v", list)
	}
	if code, got := st.manage(t, "PATCH", path, `{"open_page":"sometimes"}`); code != 422 ||
		!strings.HasPrefix(got["detail"].(string), "open_page: must be one of") {
		t.Errorf("%d %v", code, got)
	}
	if code, _ := st.manage(t, "PATCH", "/projects/"+other+"/links/"+l["id"].(string), `{"name":"x"}`); code != 404 {
		t.Errorf("another project's link: %d", code)
	}
}

func TestAccountHidesSecrets(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	base := "/projects/" + st.project(t, `{"name":"a"}`) + "/ad-accounts"
	code, a := st.manage(t, "POST", base,
		`{"network":"beacon","settings":{"token":"make","id":5},"activation_goal":"start"}`)
	if d := cmp.Diff(map[string]any{"token": "made", "id": "5"}, a["settings"]); code != 201 || d != "" {
		t.Errorf("%d %v %s", code, a, d)
	}
	code, a = st.manage(t, "GET", base+"/"+a["id"].(string), "")
	if d := cmp.Diff(map[string]any{"token": "***", "id": "5"}, a["settings"]); code != 200 ||
		a["secrets"] != nil || d != "" {
		t.Errorf("%d %v %s", code, a, d)
	}
	if a["health"] != "healthy" || a["breaker"] != "closed" || a["last_error"] != "" ||
		a["activation_goal"] != "start" {
		t.Errorf("account %v", a)
	}
	code, r := st.manage(t, "POST", base+"/"+a["id"].(string)+"/test", "")
	if d := cmp.Diff(map[string]any{"ok": true, "checked": []any{"the token"}, "not_checked": []any{},
		"problems": []any{}}, r); code != 200 || d != "" {
		t.Errorf("%d %s", code, d)
	}
}

func TestAccountsArePaged(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	base := "/projects/" + st.project(t, `{"name":"a"}`) + "/ad-accounts"
	var want, got []string
	for range 3 {
		_, a := st.manage(t, "POST", base, `{"network":"beacon","settings":{"token":"t","id":5}}`)
		want = append(want, a["id"].(string))
	}
	cursor := ""
	for range 5 {
		code, out := st.manage(t, "GET", base+"?limit=2&cursor="+cursor, "")
		if code != 200 {
			t.Fatal(code, out)
		}
		for _, i := range out["items"].([]any) {
			got = append(got, i.(map[string]any)["id"].(string))
		}
		if cursor = out["next"].(string); cursor == "" {
			break
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if code, out := st.manage(t, "GET", base+"?cursor=zz", ""); code != 422 || out["field"] != "cursor" {
		t.Errorf("%d %v", code, out)
	}
}

func TestErasureReachesStoreAndLog(t *testing.T) {
	t.Parallel()
	st, id, _, _ := newReportStand(t)
	log := st.withLog()
	who := domain.SubscriberKey{ProjectID: id, Messenger: "telegram", UserID: 1}
	log.Keep(t.Context(), usecase.RequestRecord{
		ID: "r1", ProjectID: id, Method: "add_event", ReceivedAt: morning, Code: 200, Body: "{}",
		PersonHashes: []string{usecase.PersonHash(st.vault, who)},
	})
	if code, _ := st.manage(t, "DELETE", "/projects/"+id+"/subscribers/1", ""); code != 204 {
		t.Errorf("%d", code)
	}
	if _, err := st.Subscriber(t.Context(), who); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("still in the store: %v", err)
	}
	if rs, err := log.Last(t.Context(), id, 10); err != nil || len(rs) != 0 {
		t.Errorf("still in the log: %v %v", rs, err)
	}
	if code, _ := st.manage(t, "DELETE", "/projects/"+id+"/subscribers/1", ""); code != 404 {
		t.Errorf("erased again: %d", code)
	}
}
