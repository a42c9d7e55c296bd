package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// Exports hands out a table of the project in an address as a file: the same
// that the API answers to the same question.
type Exports interface {
	Export(ctx context.Context, c *fiber.Ctx, table string) error
}

func (w *Cabinet) exportRoutes() []route {
	return []route{{get, project + "/export", viewer, (*visit).exportTable}}
}

// exportCookie remembers how somebody likes their files.
const exportCookie = "tgtrack_export"

// exportChoice is how a CSV is written.
type exportChoice struct{ Separator, Decimal string }

// exportMenu is the form that a page's table is taken along with.
type exportMenu struct {
	exportChoice
	Tables []string          // the first is meant unless another one is chosen
	Values map[string]string // what the tables are asked with
}

// Separators and Decimals are what can be chosen.
func (exportMenu) Separators() []string { return []string{"semicolon", "comma"} }

// Decimals are what can stand between the whole and its fraction.
func (exportMenu) Decimals() []string { return []string{"comma", "point"} }

// exports is the form for tables that are asked with some values; nil for
// visitors of a shared report, who only look.
func (v *visit) exports(q url.Values, tables ...string) *exportMenu {
	if v.shared != nil {
		return nil
	}
	m := &exportMenu{exportChoice: v.exportChoice(), Tables: tables, Values: map[string]string{
		"headers": string(v.lang), "bom": "1",
	}}
	for name := range q {
		m.Values[name] = q.Get(name)
	}
	return m
}

// exportChoice is what was chosen last, at first what spreadsheets of the
// language's country read.
func (v *visit) exportChoice() exportChoice {
	separator, decimal, _ := strings.Cut(v.saved(exportCookie), ".")
	c := exportChoice{oneOf(separator, "semicolon", "comma"), oneOf(decimal, "comma", "point")}
	if c.Separator == "" || c.Decimal == "" {
		c = exportChoice{"comma", "point"}
		if v.lang == i18n.Russian {
			c = exportChoice{"semicolon", "comma"}
		}
	}
	return c
}

// reports is the form for tables about the period and the filter of a page.
func (v *visit) reports(w *view, more url.Values, tables ...string) *exportMenu {
	q := w.filterValues()
	q.Set("from", w.Period.From)
	q.Set("to", w.Period.To)
	for name, values := range more {
		q[name] = values
	}
	return v.exports(q, tables...)
}

// groupedBy are the values of a table that tells sources apart by a dimension.
func groupedBy(d report.Dimension) url.Values { return url.Values{"group_by": {string(d)}} }

// exportPeople is the form for a list of people.
func (v *visit) exportPeople(f *usecase.PeopleFilter) *exportMenu {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("search", f.Search)
	if f.Source != nil {
		q.Set("source", *f.Source)
	}
	if f.Subscribed != nil {
		q.Set("subscribed", map[bool]string{true: "true", false: "false"}[*f.Subscribed])
	}
	set("joined_from", moment(f.From))
	set("joined_to", moment(f.To))
	return v.exports(q, "subscribers")
}

// exportConversions is the form for a list of conversions.
func (v *visit) exportConversions(f *usecase.ConversionFilter) *exportMenu {
	q := url.Values{}
	if f.AccountID != "" {
		q.Set("ad_account_id", f.AccountID)
	}
	if f.Status != "" {
		q.Set("status", string(f.Status))
	}
	return v.exports(q, "conversions")
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// exportTable answers the table of a form, and remembers how it was wanted.
func (v *visit) exportTable() error {
	if v.query("format") == "" {
		return v.noFile(domain.Invalid("format", "must be csv or xlsx"))
	}
	c := exportChoice{oneOf(v.query("separator"), "semicolon", "comma"), oneOf(v.query("decimal"), "comma", "point")}
	if c.Separator != "" && c.Decimal != "" {
		v.cookie(exportCookie, c.Separator+"."+c.Decimal, year)
	}
	return v.noFile(v.Exports.Export(v.ctx, v.c, v.query("table")))
}

// noFile says why there is no file, in words alone: the fields are those of the
// API.
func (v *visit) noFile(err error) error {
	f := v.faultsOf(err)
	if f == nil {
		return err
	}
	why := strings.Join(slices.Sorted(maps.Values(f)), "; ")
	return v.render(http.StatusUnprocessableEntity, "fail",
		failPage{http.StatusUnprocessableEntity, v.cameFrom()}, why)
}
