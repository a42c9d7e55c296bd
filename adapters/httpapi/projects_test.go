package httpapi

import (
	"strings"
	"testing"
	"time"

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
	for _, m := range []string{"add_event", "my_bot_was_started", "get_user_info"} {
		want[m] = "https://go.example/v1/" + key + "/" + m
	}
	if d := cmp.Diff(want, p["urls"]); code != 201 || key == "" || p["report_key"] == "" || d != "" {
		t.Errorf("%d %v %s", code, p, d)
	}
	for _, c := range []struct{ method, body string }{{"GET", ""}, {"PATCH", `{"enabled":false}`}} {
		code, p := st.manage(t, c.method, "/projects/"+p["id"].(string), c.body)
		urls, _ := p["urls"].(map[string]any)
		if code != 200 || p["api_key"] != nil || urls["add_event"] != "https://go.example/v1/***/add_event" || p["username"] != "a_bot" {
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
	code, out := st.manage(t, "GET", "/projects?limit=7&cursor=abc", "")
	if d := cmp.Diff(map[string]any{"items": []any{}, "next": "more"}, out); code != 200 || d != "" {
		t.Errorf("%d %s", code, d)
	}
	if d := cmp.Diff(usecase.Page{Limit: 7, Cursor: "abc"}, st.asked); d != "" {
		t.Error(d)
	}
}

func TestLinkGivesTwoAddresses(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id := st.project(t, `{"name":"a","username":"a_bot"}`)
	code, l := st.manage(t, "POST", "/projects/"+id+"/links", `{"name":"Posts","utm":{"source":"vk"}}`)
	start, _ := l["start_value"].(string)
	if code != 201 || !strings.HasPrefix(start, "TGTrack-PJ") || l["deep_link"] != "https://t.me/a_bot?start="+start || l["click_url"] != "https://go.example/c/"+l["id"].(string) {
		t.Errorf("%d %v", code, l)
	}
}

func TestAccountHidesSecrets(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	base := "/projects/" + st.project(t, `{"name":"a"}`) + "/ad-accounts"
	code, a := st.manage(t, "POST", base, `{"network":"beacon","settings":{"token":"make","id":5},"activation_goal":"start"}`)
	if d := cmp.Diff(map[string]any{"token": "made", "id": "5"}, a["settings"]); code != 201 || d != "" {
		t.Errorf("%d %v %s", code, a, d)
	}
	code, a = st.manage(t, "GET", base+"/"+a["id"].(string), "")
	if d := cmp.Diff(map[string]any{"token": "***", "id": "5"}, a["settings"]); code != 200 || a["secrets"] != nil || d != "" {
		t.Errorf("%d %v %s", code, a, d)
	}
	if a["health"] != "healthy" || a["breaker"] != "closed" || a["last_error"] != "" || a["activation_goal"] != "start" {
		t.Errorf("account %v", a)
	}
	code, r := st.manage(t, "POST", base+"/"+a["id"].(string)+"/test", "")
	if d := cmp.Diff(map[string]any{"ok": true, "checked": []any{"the token"}, "not_checked": []any{}, "problems": []any{}}, r); code != 200 || d != "" {
		t.Errorf("%d %s", code, d)
	}
}

func TestAccountsArePaged(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	base := "/projects/" + st.project(t, `{"name":"a"}`) + "/ad-accounts"
	st.accounts = []domain.Account{{ID: "a1"}, {ID: "a2"}, {ID: "a3"}}
	var got []string
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
	if d := cmp.Diff([]string{"a1", "a2", "a3"}, got); d != "" {
		t.Error(d)
	}
	if code, out := st.manage(t, "GET", base+"?cursor=zz", ""); code != 422 || out["field"] != "cursor" {
		t.Errorf("%d %v", code, out)
	}
}

func TestConversionsAreFilteredAndShown(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id := st.project(t, `{"name":"a"}`)
	code, out := st.manage(t, "GET", "/projects/"+id+"/conversions?user_id=42&target=lead&network=beacon&status=delivered&from=2027-05-01&to=2027-06-01T00:00:00%2B03:00", "")
	want := usecase.ConversionFilter{
		ProjectID: id, UserID: 42, Target: "lead", Network: "beacon", Status: domain.Delivered, From: time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2027, 5, 31, 21, 0, 0, 0, time.UTC),
	}
	if d := cmp.Diff(want, st.filter); d != "" {
		t.Error(d)
	}
	c := out["items"].([]any)[0].(map[string]any)
	if code != 200 || c["user_id"] != "42" || c["value"] != 12.5 || c["delivered_at"] != "2027-05-06T07:08:09Z" || c["expires_at"] != nil {
		t.Errorf("%d %v", code, c)
	}
	if code, c := st.manage(t, "GET", "/projects/"+id+"/conversions/c1", ""); code != 200 || c["history"].([]any)[0].(map[string]any)["evidence"].(map[string]any)["status_code"] != 200.0 {
		t.Errorf("%d %v", code, c)
	}
	if code, _ := st.manage(t, "GET", "/projects/"+id+"/conversions/other", ""); code != 404 {
		t.Errorf("another conversion was shown: %d", code)
	}
}

func TestRetryTakesTheSameFilters(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id := st.project(t, `{"name":"a"}`)
	for body, want := range map[string]map[string]any{
		`{"user_id":42,"dry_run":true}`:           {"matched": 5.0, "scheduled": 0.0},
		`{"user_id":"42","status":"rejected"}`:    {"matched": 5.0, "scheduled": 4.0},
		`{"user_id":null,"ad_account_id":"acc1"}`: {"matched": 5.0, "scheduled": 4.0},
	} {
		code, out := st.manage(t, "POST", "/projects/"+id+"/conversions/retry", body)
		if d := cmp.Diff(want, out); code != 200 || d != "" {
			t.Errorf("%s: %d %s", body, code, d)
		}
		if asked := strings.Contains(body, "42"); asked != (st.filter.UserID == 42) {
			t.Errorf("%s asked for %+v", body, st.filter)
		}
	}
}

func TestLedgerTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	code, out := st.manage(t, "GET", "/projects/"+st.project(t, `{"name":"a"}`)+"/ledger", "")
	want := map[string]any{"created": 3.0, "balanced": false, "by": []any{map[string]any{"network": "beacon", "status": "delivered", "count": 2.0}}}
	if d := cmp.Diff(want, out); code != 200 || d != "" {
		t.Errorf("%d %s", code, d)
	}
	if b := balance(0, nil); !b.Balanced || b.By == nil {
		t.Errorf("an empty ledger is %+v", b)
	}
}

func TestErasureReachesStoreAndLog(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id := st.project(t, `{"name":"a"}`)
	if code, _ := st.manage(t, "DELETE", "/projects/"+id+"/subscribers/42", ""); code != 204 {
		t.Errorf("%d", code)
	}
	want := []string{"telegram 42", usecase.PersonHash(st.Vault, domain.SubscriberKey{ProjectID: id, Messenger: "telegram", UserID: 42})}
	if d := cmp.Diff(want, st.erased); d != "" {
		t.Error(d)
	}
}
