package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

//go:embed all:templates
var templates embed.FS

// pages are the templates of all pages, each part once: what templates/NAME.html
// shows inside the layout is called "page NAME", and every other part as in its
// file. Files that begin with "_" hold what pages share.
type pages struct{ *template.Template }

// inside is what a page's file calls that which stands inside the layout.
const inside = "main"

func loadPages() (pages, error) {
	all := pages{template.New("")}
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return all, err
	}
	for _, name := range names {
		if err := all.load(name); err != nil {
			return all, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return all, nil
}

func (all pages) load(name string) error {
	file, err := template.ParseFS(templates, name)
	if err != nil {
		return err
	}
	for _, part := range file.Templates() {
		as := part.Name()
		switch as {
		case path.Base(name): // what stands around the parts
			continue
		case inside:
			as = pageName(path.Base(name))
		}
		if all.Lookup(as) != nil {
			return fmt.Errorf("another part is called %q, too", as)
		}
		if _, err := all.AddParseTree(as, part.Tree); err != nil {
			return err
		}
	}
	return nil
}

// pageName is what the inside of a page is called, by the page's file.
func pageName(file string) string { return "page " + strings.TrimSuffix(file, ".html") }

// page is what a template is given: the page's own data in D, and words,
// numbers and addresses in the language and the time zone of the visit.
type page struct {
	v     *visit
	Name  string // of the template
	Title string
	D     any
}

// show answers a page with status 200. The title is a text already.
func (v *visit) show(name string, data any, title string) error {
	return v.render(200, name, data, title)
}

// render makes the page as a whole before anything is sent.
func (v *visit) render(status int, name string, data any, title string) error {
	var b bytes.Buffer
	if err := v.pages.ExecuteTemplate(&b, "layout", page{v: v, Name: name, Title: title, D: data}); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	v.c.Type("html", "utf-8")
	if v.shared != nil {
		return v.c.Status(status).Send(withoutWays(b.Bytes(), string(v.c.Request().URI().Path())))
	}
	return v.c.Status(status).Send(b.Bytes())
}

// part makes a part of a page.
func (v *visit) part(name string, data any) (template.HTML, error) {
	return page{v: v, D: data}.part(name)
}

// Main is what the page shows inside the layout.
func (p page) Main() (template.HTML, error) { return p.part(pageName(p.Name)) }

func (p page) part(name string) (template.HTML, error) {
	var b bytes.Buffer
	if err := p.v.pages.ExecuteTemplate(&b, name, p); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return template.HTML(b.String()), nil // it is escaped
}

// T gives a text; further arguments are for its verbs.
func (p page) T(key string, args ...any) string { return p.v.text(key, args...) }

// N gives a text in the plural form of a count, which it shows.
func (p page) N(key string, count int, args ...any) string { return p.v.count(key, count, args...) }

// Int writes a whole number.
func (p page) Int(n any) string { return p.v.lang.Number(toInt(n)) }

func toInt(n any) int64 {
	switch n := n.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	case uint64:
		return int64(n)
	}
	return 0
}

// Percent writes a share of a whole with one digit; "–" where there is no
// whole.
func (p page) Percent(part, whole any) string {
	w := toInt(whole)
	if w == 0 {
		return "–"
	}
	share := 100 * float64(toInt(part)) / float64(w)
	return p.Decimal(&share) + p.v.lang.PercentSign()
}

// Signed writes by how many percent something changed.
func (p page) Signed(percent int) string {
	sign := ""
	switch {
	case percent > 0:
		sign = "+"
	case percent < 0:
		sign, percent = "−", -percent
	}
	return sign + p.Int(percent) + p.v.lang.PercentSign()
}

// Money writes an amount with the project's currency.
func (p page) Money(a domain.Amount) string { return amountText(p.v.lang, a) + p.currency() }

// currency is what is written behind an amount.
func (p page) currency() string {
	if p.v.project == nil {
		return ""
	}
	return "\u202f" + currencySign(p.v.project.Currency)
}

// Income is the revenue, and beside it the stars that nobody gave a rate for.
func (p page) Income(m report.Money) string {
	return p.moneyAlike(m.Revenue, m.Stars, hasHundredths(m.Revenue))
}

// moneyAlike writes an amount with hundredths or without, as the others of a
// column, and the stars beside it.
func (p page) moneyAlike(a domain.Amount, stars int64, fraction bool) string {
	text := amountTo(p.v.lang, a, fraction) + p.currency()
	if stars == 0 {
		return text
	}
	beside := p.Int(stars) + "\u202f★"
	if a == 0 {
		return beside
	}
	return text + " + " + beside
}

// Decimal writes a number with one digit; "–" for none.
func (p page) Decimal(f *float64) string {
	if f == nil {
		return "–"
	}
	return strings.Replace(fmt.Sprintf("%.1f", *f), ".", p.v.lang.Point(), 1)
}

// Sum writes an amount in its own currency, the project's where it has none.
func (p page) Sum(a domain.Amount, currency string) string {
	return p.sumAlike(a, currency, hasHundredths(a))
}

// sumAlike writes a sum with hundredths or without, as the others of a column.
func (p page) sumAlike(a domain.Amount, currency string, fraction bool) string {
	unit := p.currency()
	if currency != "" {
		unit = "\u202f" + currencySign(currency)
	}
	return amountTo(p.v.lang, a, fraction) + unit
}

// MaybeMoney writes an amount that may not be known.
func (p page) MaybeMoney(a *domain.Amount) string {
	if a == nil {
		return "–"
	}
	return p.Money(*a)
}

func currencySign(code string) string {
	switch code {
	case "RUB":
		return "₽"
	case "USD":
		return "$"
	case "EUR":
		return "€"
	case domain.Stars:
		return "★"
	}
	return code
}

// amountText writes a sum: hundredths only where there are any.
func amountText(l i18n.Language, a domain.Amount) string { return amountTo(l, a, hasHundredths(a)) }

// amountTo writes a sum with hundredths or without.
func amountTo(l i18n.Language, a domain.Amount, fraction bool) string {
	sign := ""
	if a < 0 {
		sign, a = "−", -a
	}
	n := hundredths(a)
	s := sign + l.Number(n/100)
	if fraction {
		s += fmt.Sprintf("%s%02d", l.Point(), n%100)
	}
	return s
}

// hundredths of an amount that is not negative, rounded.
func hundredths(a domain.Amount) int64 { return (int64(a) + 5000) / 10000 }

func hasHundredths(a domain.Amount) bool { return hundredths(a.Abs())%100 != 0 }

// zone is the project's, UTC outside of one.
func (v *visit) zone() *time.Location {
	if v.project != nil {
		return v.project.Zone()
	}
	return time.UTC
}

// Zone is the name of the time zone whose days and times a page shows.
func (p page) Zone() string { return p.v.zone().String() }

// Moment writes a time in the project's zone; "–" for none.
func (p page) Moment(t any) string { return p.at(t, "15:04") }

// Second writes a time to the second.
func (p page) Second(t any) string { return p.at(t, "15:04:05") }

// Day writes a date.
func (p page) Day(t any) string { return p.at(t, "") }

func (p page) at(v any, clock string) string {
	var t time.Time
	switch v := v.(type) {
	case time.Time:
		t = v
	case *time.Time:
		if v != nil {
			t = *v
		}
	}
	if t.IsZero() {
		return "–"
	}
	return t.In(p.v.zone()).Format(strings.TrimSpace(p.v.lang.DateLayout() + " " + clock))
}

// Date writes a day of a report.
func (p page) Date(day string) string {
	t, err := time.ParseInLocation(time.DateOnly, day, p.v.zone())
	if err != nil {
		return day
	}
	return p.Day(t)
}

// monthName writes the month and the year of a local time.
func (v *visit) monthName(t time.Time) string {
	return v.text("month."+strings.ToLower(t.Month().String()[:3])) + " " + strconv.Itoa(t.Year())
}

// ISO writes a time for programs.
func (p page) ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// JSON writes a value for a script, into an attribute.
func (p page) JSON(value any) (string, error) {
	b, err := json.Marshal(value)
	return string(b), err
}

// Asset gives the address of a file of ours.
func (p page) Asset(name string) (string, error) { return p.v.assets.address(name) }

// Lang and Theme are those of the visit.
func (p page) Lang() i18n.Language { return p.v.lang }

// Languages are those that pages can be read in.
func (p page) Languages() []i18n.Language { return i18n.Languages() }

// Theme is "light", "dark" or "" for the system's.
func (p page) Theme() string { return p.v.theme }

// User is who is logged in, nil for nobody and on a shared report, which is the
// same for everybody.
func (p page) User() *domain.User {
	if p.v.shared != nil {
		return nil
	}
	return p.v.user
}

// Project is the one the page is about, nil for none.
func (p page) Project() *domain.Project { return p.v.project }

// Shared is what the page shows to somebody who has no more than its address;
// nil: it is the user's own.
func (p page) Shared() *usecase.ReportShare { return p.v.shared }

// Can tells whether the user has at least a role in the project.
func (p page) Can(role string) bool { return p.v.role.Allows(domain.Role(role)) }

// FormToken goes into each form; it is another text in each answer.
func (p page) FormToken() string {
	if p.v.formToken == "" && p.v.session != "" {
		p.v.formToken = p.v.Access.FormToken(p.v.session)
	}
	return p.v.formToken
}

// Path is the address of the page, to come back to.
func (p page) Path() string { return p.v.c.OriginalURL() }

// URL gives an address below the project's.
func (p page) URL(parts ...string) string { return p.v.url(parts...) }

// Public gives an address as the world sees it.
func (p page) Public(path string) string { return p.v.PublicURL + path }

// Roles are those that a user can have.
func (p page) Roles() []domain.Role { return domain.Roles() }
