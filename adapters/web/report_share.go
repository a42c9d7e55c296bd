package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// sharedBase is where the addresses of shared reports begin.
const sharedBase = "/shared/report/"

func (w *Cabinet) reportShareRoutes() []route {
	return []route{
		{get, project + "/shares", editor, (*visit).reportShares},
		{post, project + "/shares", editor, (*visit).shareReport},
		{post, project + "/shares/:share/withdraw", editor, (*visit).withdrawReport},
		{get, sharedBase + ":secret", public, (*visit).sharedReport},
		{post, sharedBase + ":secret", public, (*visit).passReport},
	}
}

// shareMenu is the form by which the report of a page is shared.
type shareMenu struct {
	Page usecase.ReportPage
	// Values are the filter of the page, and its period in both ways: by its days,
	// and by its name, which goes along with time.
	Values   map[string]string
	From, To string
	Moving   string // the name of the period, "" for one of days alone
	// What was entered, where the form comes back.
	Days   string
	Faults faults
}

// mayShare puts the form on the page of a report, for those who may share it.
func (v *visit) mayShare(w *view, p usecase.ReportPage) {
	if !v.role.Allows(domain.Editor) {
		return
	}
	v.toShare = &shareMenu{Page: p, Values: w.kept(w.extra, w.filterValues(), w.Period.comparison()), From: w.Period.From, To: w.Period.To, Days: defaultShareDays}
	if w.Period.Name != customPeriod {
		v.toShare.Moving = w.Period.Name
	}
}

// ShareForm shares the report of the page; nil where it can not be.
func (p page) ShareForm() *shareMenu { return p.v.toShare }

// sharesPage lists the reports that are shared.
type sharesPage struct {
	Shares []sharedRow
	Link   string // to the one that was shared just now
}

// sharedRow is a shared report with what it is about.
type sharedRow struct {
	usecase.ReportShare
	From, To string // days, empty where the period goes along
	Moving   string // name of the period
	Filter   []chosen
}

func (v *visit) sharedRow(s usecase.ReportShare) sharedRow {
	row := sharedRow{ReportShare: s}
	q, _ := url.ParseQuery(s.Query) // of our own making
	if row.From, row.To = q.Get("from"), q.Get("to"); row.From == "" {
		row.Moving = q.Get("period")
		if row.Moving == "" {
			row.Moving = defaultPeriod
		}
	}
	for _, d := range report.Dimensions() {
		if q.Has(string(d)) {
			row.Filter = append(row.Filter, chosen{d, q.Get(string(d))})
		}
	}
	return row
}

func (v *visit) reportShares() error { return v.sendShares(sharesPage{}) }

func (v *visit) sendShares(p sharesPage) error {
	all, err := v.Reported.List(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	for _, s := range all {
		p.Shares = append(p.Shares, v.sharedRow(s))
	}
	status := http.StatusOK
	if v.toShare != nil { // with what was wrong
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "shares", p, v.text("shares.title"))
}

// shareReport shares what the form names: a page, with a period and a filter that
// the page can have.
func (v *visit) shareReport() error {
	v.fixed = url.Values{}
	for name, value := range v.c.Request().PostArgs().All() {
		v.fixed.Set(string(name), string(value))
	}
	if v.form("moves") == "" {
		v.fixed.Del("period")
	} else {
		v.fixed.Del("from")
		v.fixed.Del("to")
	}
	w, err := v.readView(keptBeside()...)
	if err != nil {
		return err
	}
	page := usecase.ReportPage(v.form("report"))
	secret, err := v.Reported.Make(v.ctx, v.project.ID, usecase.ReportShareInput{
		Page: page, Days: v.form("days"), Password: v.secret("password"),
		Query: w.query(),
	})
	if f := v.faultsOf(err); f != nil {
		v.mayShare(w, page)
		v.toShare.Days, v.toShare.Faults = v.form("days"), f
		return v.sendShares(sharesPage{})
	}
	if err != nil {
		return err
	}
	return v.sendShares(sharesPage{Link: v.PublicURL + sharedBase + secret})
}

func (v *visit) withdrawReport() error {
	if err := v.Reported.Withdraw(v.ctx, v.project.ID, v.param("share")); err != nil {
		return err
	}
	return v.redirect(v.url("shares"))
}

// openReport makes the visit one of a shared report: of its project, without a
// role, and with the parameters that were fixed.
func (v *visit) openReport() error {
	// The address is all it takes: nobody keeps it for others.
	v.c.Set(fiber.HeaderCacheControl, "no-store")
	v.c.Set("X-Robots-Tag", "noindex, nofollow")
	s, p, err := v.Reported.Open(v.ctx, v.param("secret"))
	if err != nil {
		return err
	}
	if v.fixed, err = url.ParseQuery(s.Query); err != nil {
		return err
	}
	v.shared, v.project, v.role = &s, &p, ""
	return nil
}

// passCookie remembers that the password of a shared report was right.
func passCookie(s *usecase.ReportShare) string { return "tgtrack_report_" + s.ID }

// sharedReport shows a report to whoever has its address.
func (v *visit) sharedReport() error {
	if err := v.openReport(); err != nil {
		return v.noReport(err)
	}
	if v.shared.PasswordHash != "" && !v.Reported.Passed(v.shared, v.saved(passCookie(v.shared))) {
		return v.askPass(http.StatusOK, "")
	}
	leave, err := v.Reported.Enter(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	defer leave()
	switch v.shared.Page {
	case usecase.SourcesPage:
		return v.sources()
	case usecase.LifetimePage:
		return v.lifetime()
	case usecase.CohortsPage:
		return v.cohorts()
	case usecase.FunnelPage:
		return v.funnel()
	}
	return v.overview()
}

// noReport explains an address that opens no report.
func (v *visit) noReport(err error) error {
	if !errors.Is(err, domain.ErrNotFound) {
		return err
	}
	return v.render(http.StatusNotFound, "fail", failPage{Status: http.StatusNotFound}, v.text("shares.over"))
}

// passPage asks for the password of a shared report.
type passPage struct{ Problem string }

func (v *visit) askPass(status int, problem string) error {
	return v.render(status, "shared_pass", passPage{problem}, v.text("shares.pass_title"))
}

func (v *visit) passReport() error {
	if err := v.openReport(); err != nil {
		return v.noReport(err)
	}
	pass, err := v.Reported.Pass(v.ctx, v.shared, v.secret("password"))
	switch {
	case errors.Is(err, domain.ErrLimited):
		v.c.Set(fiber.HeaderRetryAfter, "900")
		return v.askPass(http.StatusTooManyRequests, v.text("login.limited"))
	case errors.Is(err, domain.ErrInvalid):
		return v.askPass(http.StatusUnprocessableEntity, v.faultsOf(err)["password"])
	case err != nil:
		return err
	}
	v.cookie(passCookie(v.shared), pass, passSeconds)
	return v.redirect(string(v.c.Request().URI().Path()))
}

const (
	// passSeconds is how long a browser keeps the pass, which ends by itself.
	passSeconds = 12 * 60 * 60
	// defaultShareDays is what the form proposes.
	defaultShareDays = "30"
)

// customPeriod is the name of a period that is told by its days.
const customPeriod = "custom"

// lookedAt are the parameters that show the same figures in another way: whoever
// has the address of a shared report may choose them.
func lookedAt() []string { return []string{sortParam, searchParam, pageParam, "metric", "grain"} }

// keptBeside are the parameters that a page of reports has beside period and
// filter.
func keptBeside() []string {
	return []string{"by", "metric", "grain", "compare", "compare_from", "compare_to", "archive", "tag"}
}
