package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// onPage asks for a page of a project and does something there.
func onPage(t *testing.T, address string, do func(v *visit)) {
	t.Helper()
	w, err := New(Options{}, Deps{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	app, done := fiber.New(), false
	app.Get("/*", func(c *fiber.Ctx) error {
		do(&visit{
			Cabinet: w, c: c, ctx: t.Context(), lang: i18n.English, role: domain.Viewer,
			project: &domain.Project{ID: "p", Currency: "RUB", Timezone: "UTC"},
		})
		done = true
		return nil
	})
	res, err := app.Test(httptest.NewRequest(http.MethodGet, address, nil), -1)
	if err != nil || res.StatusCode != http.StatusOK || !done {
		t.Fatal(res, err)
	}
	res.Body.Close()
}

// rendered is a table as a page has it.
func rendered(t *testing.T, v *visit, table *table) string {
	t.Helper()
	var b bytes.Buffer
	if err := v.pages.ExecuteTemplate(&b, "table", table); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// place is a row of the tables here.
type place struct {
	name    string
	visits  int64
	bought  int64
	revenue *domain.Amount
	at      time.Time
}

func sum(rubles float64) *domain.Amount {
	a := domain.Amount(rubles * 1e6)
	return &a
}

func placeColumns() []column[place] {
	return []column[place]{
		wordColumn("name", "Name", func(p *place) cell { return cell{Text: p.name} }),
		countColumn("visits", "Visits", func(p *place) int64 { return p.visits }),
		shareColumn("bought", "Bought", func(p *place) (int64, int64) { return p.bought, p.visits }),
		moneyColumn("revenue", "Revenue", func(p *place) *domain.Amount { return p.revenue }),
		ratioColumn("each", "For each", func(p *place) (*domain.Amount, int64) { return p.revenue, p.visits }),
		momentColumn("at", "At", func(p *place) time.Time { return p.at }),
	}
}

func somePlaces() []place {
	day := time.Date(2031, 3, 14, 12, 0, 0, 0, time.UTC)
	return []place{
		{"Берёза", 30, 3, sum(539), day}, {"ель", 10, 5, sum(463.81), day.AddDate(0, 0, 2)},
		{"Ash", 20, 0, sum(0), day.AddDate(0, 0, 1)}, {"", 0, 0, nil, time.Time{}},
	}
}

func texts(t *table, column int) string {
	var out []string
	for _, r := range t.Rows {
		out = append(out, r.Cells[column].Text)
	}
	return strings.Join(out, " ")
}

// Rows are sorted by any column, and who has nothing there comes last.
func TestTableIsSorted(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]string{
		"": "Берёза ель Ash ", "name": "Ash Берёза ель ", "-name": "ель Берёза Ash ", "visits": " ель Ash Берёза",
		"bought": "Ash Берёза ель ", "-bought": "ель Берёза Ash ", "-revenue": "Берёза ель Ash ",
		"revenue": "Ash ель Берёза ", "-each": "ель Берёза Ash ", "-at": "ель Ash Берёза ", "at": "Берёза Ash ель ",
		"nothing": "Берёза ель Ash ", "-": "Берёза ель Ash ",
	} {
		onPage(t, "/projects/p?sort="+by, func(v *visit) {
			got, err := makeTable(v, listing[place]{Columns: placeColumns(), Rows: somePlaces(), Sort: "-visits"})
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(got, 0); got != want {
				t.Errorf("by %q: %s, want %s", by, got, want)
			}
		})
	}
}

// Whatever is pressed in a table keeps period, filter and the other tables of
// the page, and leads to the first of its pages.
func TestTableKeepsTheAddress(t *testing.T) {
	t.Parallel()
	onPage(t, "/projects/p?period=7d&source=ads&a_q=x&b_page=2&b_sort=name&b_cursor=c", func(v *visit) {
		got, err := makeTable(v, listing[place]{ID: "b", Columns: placeColumns(), Rows: somePlaces(), Sort: "-visits"})
		if err != nil {
			t.Fatal(err)
		}
		const kept = "/projects/p?a_q=x&"
		want := map[string]string{
			"Name":   kept + "b_sort=-name&period=7d&source=ads",
			"Visits": kept + "period=7d&source=ads",
			"At":     kept + "b_sort=-at&period=7d&source=ads",
		}
		for _, h := range got.Heads {
			if href, ok := want[h.Title]; ok && h.Href != href {
				t.Errorf("%s leads to %s, want %s", h.Title, h.Href, href)
			}
			if sorted := h.Sorted != ""; sorted != (h.Title == "Name") {
				t.Errorf("%s is sorted %q", h.Title, h.Sorted)
			}
		}
		if html := rendered(t, v, got); !strings.Contains(html, `<th scope="col" aria-sort="ascending">`) {
			t.Errorf("nothing says by what the rows are sorted:\n%s", html)
		}
	})
}

// A table that is not whole says so, and its sums are of everything.
func TestTableOfManySumsToAll(t *testing.T) {
	t.Parallel()
	var rows []place
	for n := range int64(1000) {
		name := fmt.Sprintf("place %d", n)
		rows = append(rows, place{name: name, visits: 1000 - n, bought: n, revenue: sum(float64(n))})
	}
	onPage(t, "/projects/p?page=20", func(v *visit) {
		got, err := makeTable(v, listing[place]{Columns: placeColumns(), Rows: rows, Sort: "-visits", Total: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Rows) != 50 || got.Rows[0].Cells[0].Text != "place 950" || got.Status != "951–1,000 of 1,000" {
			t.Errorf("%d rows from %s, %q", len(got.Rows), got.Rows[0].Cells[0].Text, got.Status)
		}
		var pages []string
		for _, l := range got.Pages {
			pages = append(pages, l.Text)
		}
		if d := cmp.Diff("‹ Back 1 … 18 19 20", strings.Join(pages, " ")); d != "" {
			t.Error(d)
		}
		var sums []string
		for _, c := range got.Total {
			sums = append(sums, c.Text)
		}
		if d := cmp.Diff("Total|500,500|99.8%|499,500\u202f₽|1.00\u202f₽|", strings.Join(sums, "|")); d != "" {
			t.Error(d)
		}
	})
	onPage(t, "/projects/p?q=CE+99&page=7", func(v *visit) {
		got, err := makeTable(v, listing[place]{Columns: placeColumns(), Rows: rows, Sort: "-visits", Total: true})
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != "Found 11 of 1,000." || len(got.Rows) != 11 || got.All != "/projects/p" {
			t.Errorf("%q, %d rows, all by %s", got.Status, len(got.Rows), got.All)
		}
		if visits := got.Total[1].Text; visits != "956" { // of 99 and of 990 to 999
			t.Errorf("%s visits were found, want 956", visits)
		}
	})
}

// A column of money has hundredths everywhere or nowhere, and nothing that is
// nothing shouts.
func TestTableWritesMoneyAlike(t *testing.T) {
	t.Parallel()
	onPage(t, "/projects/p", func(v *visit) {
		got, err := makeTable(v, listing[place]{Columns: placeColumns(), Rows: somePlaces(), Sort: "-visits", Total: true})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff("539.00\u202f₽ 463.81\u202f₽ 0.00\u202f₽ –", texts(got, 3)); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff("1,002.81\u202f₽", got.Total[3].Text); d != "" {
			t.Error(d)
		}
		for i, r := range got.Rows {
			if quiet := r.Cells[3].Quiet; quiet != (i > 1) {
				t.Errorf("row %d: quiet %t", i, quiet)
			}
		}
	})
}

// What is cut has its whole in a title.
func TestTableCutsLongNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{strings.Repeat("Ж", 64), strings.Repeat("W", 64)} {
		onPage(t, "/projects/p", func(v *visit) {
			got, err := makeTable(v, listing[place]{Columns: placeColumns(), Rows: []place{{name: name}}})
			if err != nil {
				t.Fatal(err)
			}
			if html := rendered(t, v, got); !strings.Contains(html, `<span class="cut" title="`+name+`">`+name) {
				t.Errorf("%s has no title:\n%s", name, html)
			}
		})
	}
}

var numbers = regexp.MustCompile(`[^0-9]`)

// The breakdown of the overview has all sources, its sums are the tiles, and a
// page of very many is small.
func TestBreakdownIsWhole(t *testing.T) {
	t.Parallel()
	sources := map[report.Source]*report.SourceFigures{}
	for n := range int64(10_000) {
		name := fmt.Sprintf("%s %d", strings.Repeat("Длинное имя ", 5), n)
		f := &report.SourceFigures{Figures: report.Figures{
			Clicks: 3 * n, Joins: 2 * n, ClickJoins: n, Leaves: n / 2, Goals: n / 3,
			Money: report.Money{Revenue: domain.Amount(n) * 1e6},
		}, Eligible: [3]int64{n, n, n}}
		sources[report.Source{Name: name, LinkID: name}] = f
	}
	onPage(t, "/projects/p?period=30d&q="+url.QueryEscape("длинное"), func(v *visit) {
		w := &view{Period: &period{Name: "30d"}, Filter: report.Filter{}, path: "/projects/p", extra: url.Values{}}
		got, err := v.groups(w, sources, report.BySource)
		if err != nil {
			t.Fatal(err)
		}
		var o report.Overview
		for _, f := range sources {
			o.Now.Add(f)
		}
		for _, tile := range v.tiles(w, &o, "joins") {
			for i, column := range map[string]int{"joins": 2, "leaves": 4} {
				if tile.Key == i && tile.Value != got.Total[column].Text {
					t.Errorf("%s: the tile says %s and the table %s", i, tile.Value, got.Total[column].Text)
				}
			}
		}
		if numbers.ReplaceAllString(got.Total[2].Text, "") != "99990000" {
			t.Errorf("%s joined", got.Total[2].Text)
		}
		if html := rendered(t, v, got); len(html) > 100<<10 || strings.Count(html, "<tr") != 52 {
			t.Errorf("the table has %d bytes and %d rows", len(html), strings.Count(html, "<tr"))
		}
	})
}

// What each person brought is what all brought by all who joined, whatever the
// ratios of the rows are.
func TestLifetimesAreSummedUp(t *testing.T) {
	t.Parallel()
	days := 2.5
	rows := []report.LifetimeRow{
		{Source: report.Source{Name: "ads"}, Joined: 30, Left: 10, AverageDays: &days,
			OfJoined: report.Money{Revenue: 300e6}},
		{Source: report.Source{Name: "blog"}, Joined: 10, OfJoined: report.Money{Revenue: 500e6}},
	}
	onPage(t, "/projects/p/lifetime?sort=-each", func(v *visit) {
		w := &view{Period: &period{Name: "30d"}, Filter: report.Filter{}, path: "/projects/p/lifetime", extra: url.Values{}}
		got, err := v.lifetimes(w, report.BySource, rows)
		if err != nil {
			t.Fatal(err)
		}
		if order := texts(got, 0); order != "blog ads" {
			t.Errorf("by revenue for each: %s", order)
		}
		var sums []string
		for _, c := range got.Total {
			sums = append(sums, c.Text)
		}
		if d := cmp.Diff("Total|40|75.0%|10||800\u202f₽|20\u202f₽", strings.Join(sums, "|")); d != "" {
			t.Error(d)
		}
	})
}

// What was sent for a conversion, and answered, stands under it.
func TestAttemptsStandUnderTheirConversion(t *testing.T) {
	t.Parallel()
	onPage(t, "/projects/p/accounts/a?conversion=c2", func(v *visit) {
		p := &accountPage{
			accountRow: accountRow{Account: domain.Account{ID: "a"}}, Opened: "c2",
			Conversions: []domain.Conversion{{ID: "c1", Status: domain.Delivered}, {ID: "c2", Status: domain.Delivered}},
			Attempts:    []usecase.Attempt{{Verdict: string(usecase.VerdictDelivered), Evidence: []byte(`{"answer":"taken"}`)}},
		}
		got, err := v.conversionsTable(p, "")
		if err != nil {
			t.Fatal(err)
		}
		html := rendered(t, v, got)
		if at := strings.Index(html, "taken"); at < strings.Index(html, `id="c2"`) || strings.Count(html, "taken") != 1 {
			t.Errorf("the answer stands elsewhere:\n%s", html)
		}
	})
}

// What a page tells of once is not told again by what is pressed in a table.
func TestTableDropsWhatIsSaidOnce(t *testing.T) {
	t.Parallel()
	onPage(t, "/projects/p/sources?done=deleted&period=7d", func(v *visit) {
		got, err := makeTable(v, listing[place]{Columns: placeColumns(), Rows: somePlaces(), Once: []string{"done"}})
		if err != nil {
			t.Fatal(err)
		}
		if href := got.Heads[0].Href; href != "/projects/p/sources?period=7d&sort=name" {
			t.Errorf("a head leads to %s", href)
		}
	})
}
