package manageapi

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestTablesForPrograms(t *testing.T) {
	t.Parallel()
	st, _, _, key := newReportStand(t)
	ask := func(address, more string) [][]string {
		t.Helper()
		res, text := st.ask(t, "GET", address+"?ver=2&platform=tg&format=csv&apiKey="+key+more, "")
		if res.StatusCode != 200 {
			t.Fatalf("%s: %d %s", address, res.StatusCode, text)
		}
		return lines(t, text)
	}
	members := [][]string{
		strings.Split("userID,status,joinDate,leftDate,eventDate,subscribersCount,unsubscribersCount,"+
			"first_name,last_name,username,utm_source,utm_medium,utm_campaign,utm_content,utm_term,"+
			"utm_source_id,utm_medium_id,utm_campaign_id,utm_content_id,utm_term_id", ","),
		{"1", "1", "1809587289", "0", "1809587289", "1", "0",
			"+Olga", `O;"`, "olga", "ya", "", "@home", "", `a,"b"`, "3", "", "1", "", "2"},
		{"2", "0", "1809328089", "1809500889", "1809500889", "1", "1",
			"Ivan", "", "", "", "", "", "", "", "", "", "", "", ""},
	}
	if d := cmp.Diff(members, ask("/api/get_chat_members.php", "")); d != "" {
		t.Errorf("members:\n%s", d)
	}
	if got := ask("/api/get_chat_members.php", "&limit=1"); len(got) != 2 {
		t.Errorf("limit: %q", got)
	}
	if got := ask("/api/get_chat_members.php", "&date_from=1809673689&date_to=1809673689"); len(got) != 1 {
		t.Errorf("nobody came or left at that second: %q", got)
	}
	if got := ask("/api/get_chat_members.php", "&date_to=1809500000000"); len(got) != 2 || got[1][0] != "2" {
		t.Errorf("until: %q", got)
	}
	for user, want := range map[string]int{"1": 1, "2": 1, " 2 ": 1, "3": 0, "": 2} {
		got := ask("/pro/chatMembers.php", "&userID="+url.QueryEscape(user))
		if len(got) != want+1 || want == 1 && got[1][0] != strings.TrimSpace(user) {
			t.Errorf("user %q: %q", user, got)
		}
	}
	if got := ask("/pro/chatMembers.php", "&userID=2&date_from=1809587289"); len(got) != 1 {
		t.Errorf("that person did neither then: %q", got)
	}
	for address, want := range map[string][][]string{
		"/api/get_tags.php": {{"id", "name"}, {"1", "@home"}, {"2", `a,"b"`}, {"3", "ya"}},
		"/api/get_click_data.php": {
			strings.Split("date,userID,first_name,last_name,username,"+
				"utm_source_id,utm_medium_id,utm_campaign_id,utm_content_id,utm_term_id", ","),
			{"1809587289", "1", "+Olga", `O;"`, "olga", "3", "", "1", "", "2"},
		},
		"/pro/join_left_by_date.php": {
			{"dayNum", "joinCount", "leftCount"}, {"20941", "1", "0"}, {"20943", "0", "1"}, {"20944", "1", "0"},
		},
		"/pro/chatMembers.php": {
			{"userId", "username", "chatTitle", "joinDate", "daysInChannel", "status"},
			{"1", "olga", "School", "1809587289", "0", "1"},
			{"2", "", "School", "1809328089", "2", "0"},
		},
	} {
		if d := cmp.Diff(want, ask(address, "")); d != "" {
			t.Errorf("%s:\n%s", address, d)
		}
	}
}

// TestTablesForMax: they have the id of MAX in a column of its own, which is
// empty for people of other messengers.
func TestTablesForMax(t *testing.T) {
	t.Parallel()
	for messenger, ids := range map[string][2]string{domain.MAX: {"1", "2"}, domain.Telegram: {"0", "0"}} {
		st := newStand(t)
		_, p := st.manage(t, "POST", "/projects", `{"name":"School","messenger":"`+messenger+`"}`)
		if err := fillReportsOf(t.Context(), st.Store, p["id"].(string), messenger); err != nil {
			t.Fatal(err)
		}
		for address, rows := range map[string]map[int]string{
			"get_chat_members.php": {1: ids[0], 2: ids[1]}, "get_click_data.php": {1: ids[0]},
		} {
			_, text := st.ask(t, "GET", "/api/"+address+"?apiKey="+p["report_key"].(string), "")
			want := lines(t, text)
			at := slices.Index(want[0], "userID") + 1
			for i := range want {
				id := "mxUserID"
				if i > 0 {
					id = rows[i]
				}
				want[i] = slices.Insert(want[i], at, id)
			}
			_, text = st.ask(t, "GET", "/max/api/"+address+"?apiKey="+p["report_key"].(string), "")
			if d := cmp.Diff(want, lines(t, text)); d != "" || len(want) != len(rows)+1 {
				t.Errorf("%s of %s:\n%s", address, messenger, d)
			}
		}
	}
}

func TestTablesAskForTheReportKey(t *testing.T) {
	t.Parallel()
	st, id, apiKey, key := newReportStand(t)
	for q, want := range map[string]int{
		"": 401, "?apiKey=": 401, "?apiKey=tgr_unknown": 401, "?apiKey=" + apiKey: 403,
		"?format=json&apiKey=" + key: 422, "?userID=olga&apiKey=" + key: 422, "?userID=-5&apiKey=" + key: 422,
		"?limit=0&apiKey=" + key: 422, "?date_from=soon&apiKey=" + key: 422,
		"?date_from=5&date_to=4&apiKey=" + key: 422,
	} {
		res, text := st.ask(t, "GET", "/api/get_tags.php"+q, "")
		if res.StatusCode != want || !strings.Contains(text, `"status":"error"`) ||
			strings.Contains(text, key) || strings.Contains(text, apiKey) {
			t.Errorf("%s: %d %s", q, res.StatusCode, text)
		}
	}
	if _, err := st.api.Projects.RotateKey(t.Context(), id, usecase.ReportKey, usecase.KeyInput{}); err != nil {
		t.Fatal(err)
	}
	if res, _ := st.ask(t, "GET", "/api/get_tags.php?apiKey="+key, ""); res.StatusCode != 401 {
		t.Errorf("a revoked key: %d", res.StatusCode)
	}
	st.away.Set(errors.Join(errors.New("away"), domain.ErrUnavailable))
	res, _ := st.ask(t, "GET", "/api/get_tags.php?apiKey="+key, "")
	if res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("storage away: %d", res.StatusCode)
	}
	if strings.Contains(st.log.String(), key) || strings.Contains(st.log.String(), apiKey) {
		t.Errorf("a key is in the log: %s", st.log.String())
	}
}
