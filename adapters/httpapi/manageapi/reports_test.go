package manageapi

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// newReportStand is a stand whose reports come from a real store. In its
// project Olga came by a click and bought, and Ivan came by himself and left.
func newReportStand(t *testing.T) (st *stand, id, apiKey, reportKey string) {
	t.Helper()
	st = newStand(t)
	code, p := st.manage(t, "POST", "/projects", `{"name":"School","timezone":"Europe/Moscow","currency":"RUB"}`)
	if code != 201 {
		t.Fatal(p)
	}
	id = p["id"].(string)
	if err := fillReports(t.Context(), st.Store, id); err != nil {
		t.Fatal(err)
	}
	return st, id, p["api_key"].(string), p["report_key"].(string)
}

func fillReports(ctx context.Context, s *store.Store, id string) error {
	return fillReportsOf(ctx, s, id, domain.Telegram)
}

func fillReportsOf(ctx context.Context, s *store.Store, id, messenger string) error {
	link := domain.Link{
		ID: "l1", ProjectID: id, Name: "=cmd()", StartValue: "PJ01",
		UTM: domain.UTM{Source: "ya", Campaign: "@home"}, CreatedAt: morning,
	}
	click := domain.Click{
		ID: "c1", ProjectID: id, LinkID: "l1", StartValue: "PJ02", At: morning,
		Params: map[string]string{"yclid": "5", "utm_term": "a,\"b\""},
	}
	if err := s.CreateLink(ctx, link); err != nil {
		return err
	}
	if err := s.SaveClicks(ctx, []domain.Click{click}); err != nil {
		return err
	}
	key := func(user int64) domain.SubscriberKey {
		return domain.SubscriberKey{ProjectID: id, Messenger: messenger, UserID: user}
	}
	sum := domain.Amount(1_500_500_000)
	return s.Ingest(ctx, func(ctx context.Context, tx usecase.IngestTx) error {
		state, err := tx.Load(ctx, usecase.IngestNeeds{
			Now: morning, Subscribers: []domain.SubscriberKey{key(1), key(2)},
			NewIDs: map[domain.SubscriberKey]string{key(1): "s1", key(2): "s2"},
			Starts: []usecase.StartKey{{ProjectID: id, Value: click.StartValue}},
		})
		if err != nil {
			return err
		}
		olga, ivan := state.Subscribers[key(1)], state.Subscribers[key(2)]
		olga.Learn(domain.Person{FirstName: "+Olga", LastName: "O;\"", Username: "olga"})
		ivan.Learn(domain.Person{FirstName: "Ivan"})
		joined, left := morning.AddDate(0, 0, -3), morning.AddDate(0, 0, -1)
		olga.Start(morning, "e1")
		ivan.Start(joined, "e2")
		ivan.Stop(left)
		touch := domain.ClickTouch(morning, &link, &click, domain.ByClick, 1)
		event := func(n int, t domain.EventType, sub, episode string, at time.Time) domain.Event {
			return domain.Event{
				ID: fmt.Sprintf("r-%d", n), ProjectID: id, SubscriberID: sub, EpisodeID: episode, Type: t,
				OccurredAt: at, ReceivedAt: at, Seq: int64(n),
			}
		}
		opened := event(1, domain.BotStarted, "s1", "e1", morning)
		came := event(2, domain.BotStarted, "s2", "e2", joined)
		buys := event(4, domain.FunnelEvent, "s1", "e1", morning)
		opened.Change, opened.Touch, came.Change = domain.Opened, &touch, domain.Opened
		buys.Name, buys.Result, buys.Amount = "buy", domain.Success, &sum
		buys.Labels = []domain.Label{{Name: "plan", Value: "-1"}}
		return tx.Save(ctx, &usecase.IngestChanges{
			Now: morning, Subscribers: []*domain.Subscriber{olga, ivan},
			Claims: []usecase.Claim{{ClickID: "c1", SubscriberID: "s1", At: morning}},
			Episodes: []domain.Episode{
				{ID: "e1", ProjectID: id, SubscriberID: "s1", OpenedAt: morning, Touch: touch},
				{
					ID: "e2", ProjectID: id, SubscriberID: "s2", OpenedAt: joined, ClosedAt: &left,
					Touch: domain.OrganicTouch(joined, ""),
				},
			},
			Events: []domain.Event{opened, came, event(3, domain.BotStopped, "s2", "e2", left), buys},
		})
	})
}

// table asks for a report as the operator.
func (st *stand) table(t *testing.T, path string) (*http.Response, string) {
	t.Helper()
	return st.ask(t, "GET", httpapi.APIBase+path, "", "Authorization: Bearer "+adminToken)
}

// lines reads a CSV: the header and the rows.
func lines(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return rows
}

func TestReportDaily(t *testing.T) {
	t.Parallel()
	st, id, _, _ := newReportStand(t)
	code, got := st.manage(t, "GET", "/projects/"+id+"/reports/daily?from=2027-05-03&to=2027-05-06&limit=100", "")
	if code != 200 || len(got["items"].([]any)) != 4 || got["timezone"] != "Europe/Moscow" || got["next"] != "" {
		t.Fatalf("%d %v", code, got)
	}
	want := map[string]any{
		"date": "2027-05-06", "clicks": 1.0, "starts": 1.0, "joins": 1.0, "leaves": 0.0, "net": 1.0,
		"conversion": 1.0, "goals": 0.0, "revenue": 1500.5,
		"costs": 0.0, "uncounted": 0.0, "stars": 0.0, "presses": 1.0, "click_joins": 1.0,
	}
	if d := cmp.Diff(want, got["items"].([]any)[3]); d != "" {
		t.Error(d)
	}
	_, got = st.manage(t, "GET", "/projects/"+id+"/reports/daily?from=2027-05-03&to=2027-05-06"+
		"&limit=3&cursor=row-2", "")
	if items := got["items"].([]any); len(items) != 2 || items[0].(map[string]any)["leaves"] != 1.0 {
		t.Errorf("a page: %v", got)
	}
	res, text := st.table(t, "/projects/"+id+"/reports/daily?from=2027-05-06&format=csv&bom=1")
	wantText := "\ufeffdate,clicks,starts,joins,leaves,net,conversion,goals,revenue,costs,uncounted,stars,presses," +
		"click_joins\r\n2027-05-06,1,1,1,0,1,1,0,1500.5,0,0,0,1,1\r\n"
	if d := cmp.Diff(wantText, text); d != "" || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("%s %s", res.Header.Get("Content-Type"), d)
	}
}

func TestReportRangesAndFilters(t *testing.T) {
	t.Parallel()
	st, id, _, _ := newReportStand(t)
	for q, want := range map[string]float64{ // joins in all
		"":                                      2,
		"from=2027-05-06":                       1,
		"to=2027-05-05":                         1,
		"from=2027-05-06T07:08:09Z":             1,
		"from=2027-05-06T07:08:10Z":             0,
		"to=2027-05-06T10:08:09+03:00":          1, // excluded
		"source=":                               1,
		"source=%3Dcmd()":                       1,
		"network=yandex":                        1,
		"network=google":                        0,
		"link=l1&utm_source=ya":                 1,
		"utm_campaign=@home&utm_term=a,%22b%22": 1,
		"utm_content=":                          2,
		"utm_medium=x":                          0,
		"timezone=Asia/Tokyo&to=2027-05-06":     2,
	} {
		q = strings.ReplaceAll(q, "+", "%2B")
		code, got := st.manage(t, "GET", "/projects/"+id+"/reports/daily?"+q, "")
		if code != 200 {
			t.Errorf("%s: %d %v", q, code, got)
			continue
		}
		sum := 0.0
		for _, item := range got["items"].([]any) {
			sum += item.(map[string]any)["joins"].(float64)
		}
		if sum != want {
			t.Errorf("%s: %v joins, want %v", q, sum, want)
		}
	}
	for q, field := range map[string]string{
		"from=yesterday": "from", "to=1": "to", "from=2027-05-07&to=2027-05-06": "to",
		"from=1900-01-01": "from", "timezone=Mars": "timezone",
		"timezone=Local": "timezone", "format=xml": "format", "limit=0": "limit", "limit=5&cursor=x": "cursor",
	} {
		code, got := st.manage(t, "GET", "/projects/"+id+"/reports/daily?"+q, "")
		if code != 422 || got["field"] != field {
			t.Errorf("%s: %d %v", q, code, got)
		}
	}
	if code, _ := st.manage(t, "GET", "/projects/none/reports/daily", ""); code != 404 {
		t.Errorf("no such project: %d", code)
	}
}

func TestReportSources(t *testing.T) {
	t.Parallel()
	st, id, _, _ := newReportStand(t)
	_, got := st.manage(t, "GET", "/projects/"+id+"/reports/sources", "")
	items := got["items"].([]any)
	organic, ad := items[1].(map[string]any), items[0].(map[string]any)
	if len(items) != 2 || ad["source"] != "=cmd()" || ad["utm_term"] != `a,"b"` || ad["network"] != "yandex" ||
		ad["revenue"] != 1500.5 || ad["stayed_1_of"] != 0.0 {
		t.Errorf("by ad: %v", items)
	}
	if organic["source"] != "" || organic["stayed_1"] != 1.0 || organic["stayed_1_of"] != 1.0 ||
		organic["stayed_7_of"] != 0.0 || organic["leaves"] != 1.0 {
		t.Errorf("organic: %v", organic)
	}
	_, got = st.manage(t, "GET", "/projects/"+id+"/reports/sources?group_by=utm_medium", "")
	if items := got["items"].([]any); len(items) != 1 || items[0].(map[string]any)["joins"] != 2.0 {
		t.Errorf("grouped: %v", got)
	}
	_, got = st.manage(t, "GET", "/projects/"+id+"/reports/sources?group_by=start_value", "")
	if items := got["items"].([]any); len(items) != 1 || items[0].(map[string]any)["source"] != "" {
		t.Errorf("by start value: %v", got)
	}
	code, got := st.manage(t, "GET", "/projects/"+id+"/reports/sources?group_by=colour", "")
	if code != 422 || got["field"] != "group_by" {
		t.Errorf("%d %v", code, got)
	}
	_, text := st.table(t, "/projects/"+id+"/reports/sources?format=csv&source=%3Dcmd()")
	if row := lines(t, text)[1]; row[0] != "'=cmd()" || row[4] != "'@home" || row[6] != `a,"b"` {
		t.Errorf("what a spreadsheet would run: %q", row)
	}
}

// TestReportDimensions holds the columns of rows and the description of the
// calls against the dimensions.
func TestReportDimensions(t *testing.T) {
	t.Parallel()
	var columns, names []string
	for _, d := range report.Dimensions() {
		names = append(names, string(d))
		if !slices.Contains(columns, d.Column()) {
			columns = append(columns, d.Column())
		}
	}
	slices.Sort(columns)
	var ours []string
	for _, c := range columnsOf(reflect.TypeFor[originView]()) {
		ours = append(ours, c.name)
	}
	slices.Sort(ours)
	if d := cmp.Diff(columns, ours); d != "" {
		t.Errorf("columns of a source (-dimensions +rows):\n%s", d)
	}
	text, err := os.ReadFile("../public/assets/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type parameter struct {
		Ref         string `yaml:"$ref"`
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []parameter `yaml:"parameters"`
		} `yaml:"paths"`
		Components struct {
			Parameters map[string]parameter `yaml:"parameters"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	calls := 0
	for path, verbs := range doc.Paths {
		if !strings.Contains(path, "/reports/") {
			continue
		}
		calls++
		parameters := map[string]string{}
		for _, p := range verbs["get"].Parameters {
			if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
				p = doc.Components.Parameters[name]
			}
			parameters[p.Name] = p.Description
		}
		unfiltered := slices.Contains([]string{"places", "fates", "costs"}, path[strings.LastIndex(path, "/")+1:])
		for _, name := range names {
			if _, described := parameters[name]; described == unfiltered {
				t.Errorf("%s: the filter %s is described: %t", path, name, described)
			}
		}
		by, grouped := parameters["group_by"]
		if grouped && !strings.Contains(by, "some of "+strings.Join(names, ", ")) {
			t.Errorf("%s: group_by: %s", path, by)
		}
	}
	if calls != len((&API{}).reportRoutes()) {
		t.Errorf("%d calls are described", calls)
	}
}

func TestReportAudience(t *testing.T) {
	t.Parallel()
	st, id, _, _ := newReportStand(t)
	_, got := st.manage(t, "GET", "/projects/"+id+"/reports/audience?limit=1", "")
	olga := got["items"].([]any)[0].(map[string]any)
	if olga["user_id"] != "1" || olga["source"] != "=cmd()" || olga["utm_source"] != "ya" ||
		olga["left"] != nil || olga["joined"] != "2027-05-06T07:08:09Z" {
		t.Errorf("the newest: %v", olga)
	}
	next := url.QueryEscape(got["next"].(string))
	_, got = st.manage(t, "GET", "/projects/"+id+"/reports/audience?limit=1&cursor="+next, "")
	ivan := got["items"].([]any)[0].(map[string]any)
	if ivan["user_id"] != "2" || ivan["left"] != "2027-05-05T07:08:09Z" || ivan["days_in"] != 2.0 ||
		got["next"] != "" {
		t.Errorf("the next: %v", got)
	}
	_, got = st.manage(t, "GET", "/projects/"+id+"/reports/audience?utm_campaign=@home&network=yandex", "")
	if len(got["items"].([]any)) != 1 {
		t.Errorf("of a campaign: %v", got)
	}
	code, got := st.manage(t, "GET", "/projects/"+id+"/reports/audience?cursor=row-1", "")
	if code != 422 || got["field"] != "cursor" {
		t.Errorf("%d %v", code, got)
	}
	res, text := st.table(t, "/projects/"+id+"/reports/audience?format=csv&limit=1")
	rows := lines(t, text)
	if len(rows) != 2 || rows[1][3] != "'+Olga" || rows[1][4] != `O;"` || res.Header.Get("Tgtrack-Next") == "" {
		t.Errorf("%q %v", rows, res.Header)
	}
}

func TestReportFunnelAndRetention(t *testing.T) {
	t.Parallel()
	st, id, _, _ := newReportStand(t)
	_, got := st.manage(t, "GET", "/projects/"+id+"/reports/funnel", "")
	none := map[string]any{"in_progress": 0.0, "success": 1.0, "failure": 0.0}
	want := []any{map[string]any{
		"step": "buy", "people": 1.0, "events": 1.0, "results": none, "revenue": 1500.5, "costs": 0.0,
		"uncounted": 0.0, "stars": 0.0,
		"labels": []any{map[string]any{
			"name": "plan", "value": "-1", "events": 1.0, "results": none, "revenue": 1500.5, "costs": 0.0,
			"uncounted": 0.0, "stars": 0.0,
		}},
	}}
	if d := cmp.Diff(want, got["items"]); d != "" {
		t.Error(d)
	}
	_, got = st.manage(t, "GET", "/projects/"+id+"/reports/funnel?source=", "")
	if len(got["items"].([]any)) != 0 {
		t.Errorf("organic people bought: %v", got)
	}
	_, text := st.table(t, "/projects/"+id+"/reports/funnel?format=csv")
	if rows := lines(t, text); len(rows) != 3 || rows[2][2] != "'-1" {
		t.Errorf("%q", rows)
	}
	_, got = st.manage(t, "GET", "/projects/"+id+"/reports/retention?from=2027-04-26&to=2027-05-09", "")
	wantWeeks := []any{
		map[string]any{"week": "2027-04-26", "days": 7.0, "joined": 0.0, "stayed": []any{}},
		map[string]any{"week": "2027-05-03", "days": 7.0, "joined": 2.0, "stayed": []any{}},
	}
	if d := cmp.Diff(wantWeeks, got["items"]); d != "" {
		t.Error(d)
	}
}

// TestReportPlaces: a channel that is not the project's own is a row of its own.
func TestReportPlaces(t *testing.T) {
	t.Parallel()
	st, id, _, _ := newReportStand(t)
	const path = "/projects/"
	_, got := st.manage(t, "GET", path+id+"/reports/places", "")
	if items, ok := got["items"].([]any); !ok || len(items) != 0 {
		t.Errorf("before: %v", got)
	}
	if err := joinElsewhere(t.Context(), st.Store, id); err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{
		"chat_id": "-1000000000777", "kind": "chat", "messenger": "telegram",
		"in": 1.0, "subscribed": 1.0, "joined": 1.0, "left": 0.0,
	}}
	_, got = st.manage(t, "GET", path+id+"/reports/places?from=2027-05-06&to=2027-05-06", "")
	if d := cmp.Diff(want, got["items"]); d != "" {
		t.Error(d)
	}
	_, text := st.table(t, path+id+"/reports/places?from=2027-05-01&to=2027-05-02&format=csv")
	wantText := [][]string{
		{"chat_id", "kind", "messenger", "in", "subscribed", "joined", "left"},
		{"-1000000000777", "chat", "telegram", "1", "1", "0", "0"},
	}
	if d := cmp.Diff(wantText, lines(t, text)); d != "" {
		t.Error(d)
	}
	code, got := st.manage(t, "GET", path+id+"/reports/places?utm_source=", "")
	if code != 422 || got["field"] != "utm_source" {
		t.Errorf("a filter: %d %v", code, got)
	}
}

// joinElsewhere has Olga join a channel.
func joinElsewhere(ctx context.Context, s *store.Store, id string) error {
	olga := domain.SubscriberKey{ProjectID: id, Messenger: domain.Telegram, UserID: 1}
	return s.Ingest(ctx, func(ctx context.Context, tx usecase.IngestTx) error {
		if _, err := tx.Load(ctx, usecase.IngestNeeds{Now: morning, Subscribers: []domain.SubscriberKey{olga}}); err != nil {
			return err
		}
		return tx.Save(ctx, &usecase.IngestChanges{
			Now: morning,
			Memberships: []usecase.MembershipChange{{
				SubscriberID: "s1", ProjectID: id,
				Membership: domain.Membership{Place: -1000000000777, In: true, JoinedAt: morning},
			}},
			Events: []domain.Event{{
				ID: "r-9", ProjectID: id, SubscriberID: "s1", Type: domain.MemberJoined, ChatID: -1000000000777,
				Change: domain.JoinedElsewhere, OccurredAt: morning, ReceivedAt: morning, Seq: 9,
			}},
		})
	})
}

// TestReportFates: each conversion is in one row, in JSON and in a file.
func TestReportFates(t *testing.T) {
	t.Parallel()
	st, id := bigStand(t, 3)
	path := "/projects/" + id + "/reports/fates"
	_, got := st.manage(t, "GET", path, "")
	want := []any{map[string]any{"network": "", "status": "unattributed", "reason_code": "", "made": 3.0, "sent": 0.0}}
	if d := cmp.Diff(want, got["items"]); d != "" {
		t.Error(d)
	}
	_, text := st.table(t, path+"?format=csv&headers=en")
	if d := cmp.Diff([][]string{
		{"Ad network", "Status", "Reason", "Conversions", "Of them sent"}, {"", "unattributed", "", "3", "0"},
	}, lines(t, strings.TrimPrefix(text, "\ufeff"))); d != "" {
		t.Error(d)
	}
	if code, got := st.manage(t, "GET", path+"?network=meta", ""); code != 422 || got["field"] != "network" {
		t.Errorf("a filter: %d %v", code, got)
	}
}
