package manageapi

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n/i18ntest"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestTableTexts: each column of each table has a name in both languages, and no
// name is left over.
func TestTableTexts(t *testing.T) {
	t.Parallel()
	texts := tableTexts()
	i18ntest.Texts(t, texts)
	used := map[string]bool{}
	for table, row := range map[string]reflect.Type{
		"daily": reflect.TypeFor[dailyView](), "hourly": reflect.TypeFor[hourView](),
		"sources": reflect.TypeFor[sourceView](), "links": reflect.TypeFor[linkFiguresView](),
		"lifetime": reflect.TypeFor[lifetimeLine](), "audience": reflect.TypeFor[audienceView](),
		"funnel": reflect.TypeFor[stepLine](), "retention": reflect.TypeFor[cohortLine](),
		"places": reflect.TypeFor[placeLine](), "fates": reflect.TypeFor[fateView](),
		"costs":          reflect.TypeFor[spentView](),
		tableSubscribers: reflect.TypeFor[personLine](), tableConversions: reflect.TypeFor[conversionLine](),
	} {
		used[tableKey+table] = true
		for _, c := range columnsOf(row) {
			key := columnKey + table + "." + c.name
			if _, own := texts[key]; !own {
				key = columnKey + c.name
			}
			used[key] = true
		}
	}
	for key := range used {
		if _, ok := texts[key]; !ok {
			t.Errorf("there is no text %s", key)
		}
	}
	for key := range texts {
		if !used[key] {
			t.Errorf("nothing says %s", key)
		}
	}
}

// bigStand has a project in which many people joined, each with a conversion.
func bigStand(t *testing.T, people int) (*stand, string) {
	t.Helper()
	st := newStand(t)
	id := st.project(t, `{"name":"Цветы 24/7: \"весна\"","username":"flowers_bot","timezone":"Asia/Vladivostok"}`)
	key := func(i int) domain.SubscriberKey {
		return domain.SubscriberKey{ProjectID: id, Messenger: domain.Telegram, UserID: int64(1000 + i)}
	}
	err := st.Ingest(t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
		needs := usecase.IngestNeeds{Now: morning, NewIDs: map[domain.SubscriberKey]string{}}
		for i := range people {
			needs.Subscribers = append(needs.Subscribers, key(i))
			needs.NewIDs[key(i)] = "s" + strconv.Itoa(i)
		}
		state, err := tx.Load(ctx, needs)
		if err != nil {
			return err
		}
		save := &usecase.IngestChanges{Now: morning}
		for i := range people {
			n, at := strconv.Itoa(i), morning.Add(-time.Duration(people-i)*time.Second)
			who := state.Subscribers[key(i)]
			who.Learn(domain.Person{FirstName: "=Вера " + n})
			who.Start(at, "e"+n)
			save.Subscribers = append(save.Subscribers, who)
			save.Episodes = append(save.Episodes, domain.Episode{
				ID: "e" + n, ProjectID: id, SubscriberID: who.ID, OpenedAt: at, Touch: domain.OrganicTouch(at, ""),
			})
			save.Events = append(save.Events, domain.Event{
				ID: "v" + n + "-0", ProjectID: id, SubscriberID: who.ID, EpisodeID: "e" + n, Type: domain.BotStarted,
				OccurredAt: at, ReceivedAt: at, Seq: int64(i + 1), Change: domain.Opened,
			})
			save.Conversions = append(save.Conversions, usecase.NewConversion{SubscriberID: who.ID, Conversion: domain.Conversion{
				ID: "c" + n, ProjectID: id, EventID: "v" + n + "-0", Kind: domain.Goal,
				Status: domain.Unattributed, OccurredAt: at, CreatedAt: at, UserID: who.UserID,
				Messenger: domain.Telegram,
			}})
		}
		return tx.Save(ctx, save)
	})
	if err != nil {
		t.Fatal(err)
	}
	return st, id
}

// TestFilesAreWhole: a file has every row, however many pages are read for it,
// each once.
func TestFilesAreWhole(t *testing.T) {
	t.Parallel()
	const people = 2*usecase.MaxPage + 17
	st, id := bigStand(t, people)
	for table, column := range map[string]int{
		"subscribers?": 0, "subscribers?joined_from=2020-01-01&": 0, "conversions?": 0, "reports/audience?": 0,
	} {
		res, text := st.table(t, "/projects/"+id+"/"+table+"format=csv&headers=en")
		rows := lines(t, text)
		seen := map[string]bool{}
		for _, r := range rows[1:] {
			seen[r[column]] = true
		}
		if len(rows) != people+1 || len(seen) != people {
			t.Errorf("%s: %d rows, %d of them different", table, len(rows)-1, len(seen))
		}
		if l := res.Header.Get("Content-Length"); l != "" {
			t.Errorf("%s was written before it was sent: %s bytes", table, l)
		}
		sheetRows := xlsxRows(t, st, "/projects/"+id+"/"+table+"format=xlsx&headers=ru")
		if len(sheetRows) != people+1 {
			t.Errorf("%s: %d rows of the sheet", table, len(sheetRows))
		}
	}
}

// xlsxRows gives the texts and values of a sheet.
func xlsxRows(t *testing.T, st *stand, path string) (out [][]string) {
	t.Helper()
	res, text := st.table(t, path)
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.StatusCode, text)
	}
	z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	var book struct {
		Rows []struct {
			Cells []struct {
				Value  string `xml:"v"`
				Inline string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	if err := xml.NewDecoder(f).Decode(&book); err != nil {
		t.Fatal(err)
	}
	for _, r := range book.Rows {
		var cells []string
		for _, c := range r.Cells {
			cells = append(cells, c.Value+c.Inline)
		}
		out = append(out, cells)
	}
	return out
}

// TestFilesForPeople: heads in the language, the project's clock, the separator
// and the decimals that were asked for, and a name that says what it is.
func TestFilesForPeople(t *testing.T) {
	t.Parallel()
	st, id := bigStand(t, 2)
	_, text := st.table(t, "/projects/"+id+"/subscribers?format=csv&separator=semicolon&decimal=comma&headers=ru&bom=1")
	heads, rest, _ := strings.Cut(text, "\r\n")
	if !strings.HasPrefix(heads, "\ufeffID человека;Мессенджер;Имя пользователя;Имя;") ||
		!strings.Contains(heads, ";Замечен впервые (Asia/Vladivostok);") {
		t.Error(heads)
	}
	local := morning.Add(-time.Second).In(mustZone(t, "Asia/Vladivostok")).Format(time.DateTime)
	if !strings.HasPrefix(rest, "1001;telegram;;'=Вера 1;") || !strings.Contains(rest, ";"+local+";") {
		t.Error(rest)
	}
	_, text = st.table(t, "/projects/"+id+"/reports/daily?format=csv&from=2027-05-06&to=2027-05-06&headers=ru")
	if !strings.HasPrefix(text, "День,Клики,") {
		t.Error(text)
	}
	res, _ := st.table(t, "/projects/"+id+"/reports/daily?format=xlsx&from=2027-05-01&to=2027-05-06&headers=ru")
	want := `attachment; filename="daily_2027-05-01_2027-05-06.xlsx"; filename*=UTF-8''` +
		url.PathEscape("Цветы-247-весна_По-дням_2027-05-01_2027-05-06.xlsx")
	if d := cmp.Diff(want, res.Header.Get("Content-Disposition")); d != "" {
		t.Error(d)
	}
	for q, field := range map[string]string{
		"separator=tab": "separator", "decimal=dot": "decimal", "headers=de": "headers", "format=pdf": "format",
	} {
		for _, table := range []string{"subscribers", "conversions", "reports/daily"} {
			code, got := st.manage(t, "GET", "/projects/"+id+"/"+table+"?"+q, "")
			if code != 422 || got["field"] != field {
				t.Errorf("%s?%s: %d %v", table, q, code, got)
			}
		}
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// endless is a list of people without an end.
type endless struct {
	usecase.Reader
	pages int
}

func (e *endless) Subscribers(
	context.Context, usecase.SubscriberFilter, usecase.Page,
) ([]domain.Subscriber, string, error) {
	e.pages++
	return make([]domain.Subscriber, usecase.MaxPage), "more", nil
}

// many is a project with more people than a sheet has rows.
type many struct{ RowCounter }

func (many) CountPeople(_ context.Context, _ string, most int) (int, error) { return most, nil }

// TestTooLongForASheet: what an XLSX file can not have is refused before
// anything is sent, with the way out.
func TestTooLongForASheet(t *testing.T) {
	t.Parallel()
	st, id := bigStand(t, 1)
	list := &endless{Reader: st.api.Reader}
	st.api.Reader, st.api.Rows = list, many{st.Store}
	code, got := st.manage(t, "GET", "/projects/"+id+"/subscribers?format=xlsx", "")
	if code != 422 || got["field"] != "format" || !strings.Contains(fmt.Sprint(got["detail"]), "CSV") {
		t.Errorf("%d %v", code, got)
	}
}

// broken is a list that fails behind its first page.
type broken struct{ usecase.Reader }

func (broken) Subscribers(
	_ context.Context, _ usecase.SubscriberFilter, at usecase.Page,
) ([]domain.Subscriber, string, error) {
	if at.Cursor != "" {
		return nil, "", fmt.Errorf("the database is gone")
	}
	return make([]domain.Subscriber, 10), "more", nil
}

// TestPartIsNotTheWhole: a file that fails midway ends without its end.
func TestPartIsNotTheWhole(t *testing.T) {
	t.Parallel()
	st, id := bigStand(t, 1)
	st.api.Reader = broken{st.api.Reader}
	req, err := http.NewRequest(http.MethodGet, httpapi.APIBase+"/projects/"+id+"/subscribers?format=csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+adminToken)
	if res, err := st.App().Test(req, -1); err == nil {
		_ = res.Body.Close()
		t.Errorf("answered %d with a whole body", res.StatusCode)
	}
	st.api.files.mu.Lock()
	defer st.api.files.mu.Unlock()
	if st.api.files.all != 0 {
		t.Error("the place of the file is not free again")
	}
}

// TestFewFilesAtOnce: one project does not take all places.
func TestFewFilesAtOnce(t *testing.T) {
	t.Parallel()
	var f files
	for i := range exportsOfProject {
		if _, err := f.enter("p"); err != nil {
			t.Fatal(i, err)
		}
	}
	if _, err := f.enter("p"); httpapi.StatusOf(err) != http.StatusTooManyRequests {
		t.Errorf("one more of the project: %v", err)
	}
	leave, err := f.enter("q")
	if err != nil {
		t.Fatal(err)
	}
	leave()
	if f.all != exportsOfProject || f.by["q"] != 0 {
		t.Errorf("%d, %v", f.all, f.by)
	}
}
