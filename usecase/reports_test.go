package usecase_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// ledger is a tale whose reports are read: the worker runs when the test says
// so.
type ledger struct {
	*tale
	reports *report.Reader
	rollups *report.Rollups
	db      *database.DB
}

var reportsConfig = report.Config{
	Networks: []report.NetworkParam{{Param: "gclid", Network: "google"}, {Param: "yclid", Network: "yandex"}},
}

// ledgers tells a story on every database, alone in it.
func ledgers(t *testing.T, story func(l *ledger)) {
	t.Helper()
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		box, err := secrets.NewBox("key of the ledgers")
		if err != nil {
			t.Fatal(err)
		}
		made := &ids{}
		st, err := store.New(store.Options{
			Write: db.Write, Read: db.Read, Vault: box, Now: func() time.Time { return monday },
			NewID: made.next,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		l := &ledger{tale: newTale(t, st, made), db: db}
		l.reports = report.NewReader(reportsConfig, st, l.clock)
		l.rollups = l.worker()
		story(l)
	})
}

func (l *ledger) clock() time.Time { return l.now }

func (l *ledger) worker() *report.Rollups {
	cfg := report.RollupsConfig{Config: reportsConfig, Interval: time.Millisecond}
	return report.NewRollups(cfg, l.Store, "test", l.clock, slog.New(slog.NewTextHandler(l.Output(), nil)))
}

// settle makes the rollups catch up.
func (l *ledger) settle() {
	l.Helper()
	for {
		l.now = l.now.Add(time.Hour) // nobody rests
		n, err := l.rollups.Round(l.Context())
		l.ok(err)
		if n == 0 {
			return
		}
	}
}

func (l *ledger) span(from, to string) report.Range {
	l.Helper()
	r, err := l.reports.Range(&l.p.Project, report.RangeInput{From: from, To: to, Days: 30})
	l.ok(err)
	return r
}

// day gives the figures of one day as the rollups have them.
func (l *ledger) figures(date string) report.Figures {
	l.Helper()
	rows, err := l.reports.Daily(l.Context(), &l.p.Project, l.span(date, date), report.Filter{})
	l.ok(err)
	if len(rows) != 1 || rows[0].Date != date {
		l.Fatalf("rows of %s: %+v", date, rows)
	}
	return rows[0].Figures
}

func (l *ledger) want(date string, want report.Figures) {
	l.Helper()
	if diff := cmp.Diff(want, l.figures(date)); diff != "" {
		l.Errorf("%s (-want +rollup):\n%s", date, diff)
	}
}

// same compares every report from the rollups with the one from the rows.
func (l *ledger) same(what string, rng report.Range, f report.Filter) {
	l.Helper()
	ctx, p, raw := l.Context(), &l.p.Project, l.reports.WithoutRollups()
	compare := func(name string, a, b any, err1, err2 error) {
		l.Helper()
		l.ok(err1)
		l.ok(err2)
		if diff := cmp.Diff(b, a, cmpopts.EquateEmpty()); diff != "" {
			l.Errorf("%s: %s differs (-rows +rollups):\n%s", what, name, diff)
		}
	}
	d1, e1 := l.reports.Daily(ctx, p, rng, f)
	d2, e2 := raw.Daily(ctx, p, rng, f)
	compare("daily", d1, d2, e1, e2)
	s1, e1 := l.reports.Sources(ctx, p, rng, f)
	s2, e2 := raw.Sources(ctx, p, rng, f)
	compare("sources", s1, s2, e1, e2)
	f1, e1 := l.reports.Funnel(ctx, p, rng, f)
	f2, e2 := raw.Funnel(ctx, p, rng, f)
	compare("funnel", f1, f2, e1, e2)
	r1, e1 := l.reports.Retention(ctx, p, rng, f)
	r2, e2 := raw.Retention(ctx, p, rng, f)
	compare("retention", r1, r2, e1, e2)
}

func TestDailyFigures(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.account("yclid", nil)
		link := l.link("ad", "")
		c := l.click(link, "yclid=1", "utm_campaign=spring")
		l.click(link, "gclid=2")
		l.clickOf(link, true)
		l.send(start(1, c.StartValue))
		l.after(time.Minute)
		l.send(start(1, c.StartValue), start(1, ""), start(2, "blog")) // two repeats, one organic
		l.send(goal(1, "lead"), goal(1, "lead"), step(1, "buy", "100.5"), step(1, "buy", "100.5"), step(2, "", "-30"))
		l.settle()
		l.want("2031-03-03", report.Figures{
			Clicks: 2, Presses: 4, Starts: 2, Joins: 2, ClickJoins: 1, Goals: 3,
			Money: report.Money{Revenue: 201_000_000, Costs: 30_000_000},
		})
		l.after(2 * day)
		l.send(stop(1), stop(1))
		l.settle()
		rows, err := l.reports.Sources(l.Context(), &l.p.Project, l.span("2031-03-03", ""), report.Filter{})
		l.ok(err)
		yandex := report.Source{
			Name: "ad", LinkID: link.ID, UTM: domain.UTM{Source: "link-ad", Medium: "post", Campaign: "spring"},
			Network: "yandex",
		}
		want := &report.SourceFigures{Figures: report.Figures{
			Clicks: 1, Presses: 3, Starts: 1, Joins: 1, ClickJoins: 1, Leaves: 1, Goals: 3,
			Money: report.Money{Revenue: 201_000_000},
		}, Eligible: [3]int64{1, 0, 0}}
		if diff := cmp.Diff(want, rows[yandex]); diff != "" {
			l.Errorf("source (-want +got):\n%s\n%v", diff, rows)
		}
		if rows[report.Source{Name: "blog", StartValue: "blog"}] == nil || len(rows) != 3 {
			l.Errorf("sources: %v", rows)
		}
		if rows[yandex].Stayed(0) != 1 {
			l.Error("who leaves on the third day has stayed for one")
		}
	})
}

// A start that named nobody and turns out to be a repeat by somebody who is
// there already is no subscription.
func TestAnonymousRepeatIsNoJoin(t *testing.T) {
	ledgers(t, func(l *ledger) {
		link := l.link("ad", "")
		l.send(start(1, ""))
		l.after(time.Hour)
		c := l.click(link)
		l.send(anonymous(c.StartValue), start(1, c.StartValue))
		l.settle()
		got := l.figures("2031-03-03")
		if got.Joins != 1 || got.Starts != 1 || got.Leaves != 0 {
			l.Errorf("%+v", got)
		}
		// Who comes and goes within the same second, though, did both.
		l.send(at(l.now, start(2, "")), at(l.now, stop(2)))
		l.settle()
		got = l.figures("2031-03-03")
		if got.Joins != 2 || got.Leaves != 1 {
			l.Errorf("%+v", got)
		}
	})
}

// What changes an earlier day without an event of that day is seen there.
func TestEarlierDaysAreMadeAnew(t *testing.T) {
	ledgers(t, func(l *ledger) {
		link := l.link("ad", "")
		l.account("yclid", nil)
		l.send(goal(1, "lead")) // before the start
		c := l.click(link, "yclid=1")
		l.send(start(2, "auto_detect")) // guesses the click
		l.settle()
		monday := l.figures("2031-03-03")
		if monday.Goals != 0 || monday.ClickJoins != 1 {
			l.Errorf("before: %+v", monday)
		}
		l.now = time.Date(2031, 3, 4, 3, 0, 0, 0, time.UTC)
		l.send(start(1, "")) // joins its goal
		l.send(start(3, c.StartValue))
		l.settle()
		monday = l.figures("2031-03-03")
		if monday.Goals != 1 || monday.ClickJoins != 0 || monday.Joins != 1 {
			l.Errorf("after the start and the exact click: %+v", monday)
		}
		// A start that is older than the one known moves the subscription.
		l.send(at(time.Date(2031, 3, 2, 20, 0, 0, 0, time.UTC), start(2, "")))
		l.settle()
		if got := l.figures("2031-03-03"); got.Joins != 0 || got.Starts != 0 {
			l.Errorf("after an earlier start: %+v", got)
		}
		if got := l.figures("2031-03-02"); got.Joins != 1 || got.Starts != 1 {
			l.Errorf("the earlier start: %+v", got)
		}
		l.ok(l.Erase(l.Context(), domain.SubscriberKey{ProjectID: l.p.ID, Messenger: domain.Telegram,
			UserID: 3}, l.now))
		l.settle()
		if got := l.figures("2031-03-04"); got.Joins != 2 || got.ClickJoins != 0 {
			l.Errorf("after an erasure: %+v", got)
		}
		l.same("all", l.span("2031-03-01", "2031-03-05"), report.Filter{})
	})
}

func TestChangeOfTimeZoneMakesAllAnew(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.now = time.Date(2031, 3, 3, 22, 30, 0, 0, time.UTC)
		l.send(start(1, ""))
		l.settle()
		l.p.Timezone = "Asia/Kolkata"
		l.ok(l.UpdateProject(l.Context(), l.p.Project))
		if got := l.figures("2031-03-04"); got.Joins != 1 {
			l.Errorf("before the rollups are made anew: %+v", got)
		}
		n, err := l.rollups.Rebuild(l.Context(), l.p.ID, time.Time{}, time.Time{})
		l.ok(err)
		if n != 1 {
			l.Errorf("%d days were made anew, want the one on which anything happened", n)
		}
		if got := l.figures("2031-03-04"); got.Joins != 1 {
			l.Errorf("after: %+v", got)
		}
		if got := l.figures("2031-03-03"); got.Joins != 0 {
			l.Errorf("the old day is left: %+v", got)
		}
		fingerprint, err := l.RollupFingerprint(l.Context(), l.p.ID)
		l.ok(err)
		if fingerprint == "" {
			l.Error("the rollups were not made")
		}
	})
}

// TestRollupsAndRowsAgree lets random people do random things, and holds every
// report from the rollups against the one from the rows.
func TestRollupsAndRowsAgree(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.p.Timezone = "Europe/Berlin" // the clocks change on 30 March 2031
		l.ok(l.UpdateProject(l.Context(), l.p.Project))
		l.now = time.Date(2031, 3, 24, 9, 0, 0, 0, time.UTC)
		l.account("yclid", nil)
		rnd := rand.New(rand.NewPCG(7, 11))
		crowd := &crowd{ledger: l, rnd: rnd,
			links: []*domain.Link{l.link("one", ""), l.link("two", "https://t.me/+two")}}
		for round := range 4 {
			for range 60 {
				crowd.act()
				if crowd.rnd.IntN(4) == 0 { // counted in between, while projects rest
					_, err := l.rollups.Round(l.Context())
					l.ok(err)
				}
			}
			if round == 2 {
				l.account("all", func(a *domain.Account) { a.Settings["receive"] = "all" })
			}
			l.settle()
			first, last := "2031-03-20", "2031-04-20"
			l.same(fmt.Sprint("round ", round), l.span(first, last), report.Filter{})
			l.same("a network", l.span(first, last), report.Filter{report.ByNetwork: "yandex"})
			l.same("organic", l.span(first, last), report.Filter{report.BySource: ""})
			l.same("no start value", l.span(first, last), report.Filter{report.ByStartValue: ""})
			l.same("a campaign of a link", l.span(first, last),
				report.Filter{report.ByUTMCampaign: "c1", report.ByLink: crowd.links[0].ID})
			l.same("days cut", l.span("2031-03-25T13:00:00Z", "2031-04-02T07:30:00+02:00"), report.Filter{})
		}
		total := report.Figures{}
		rows, err := l.reports.Daily(l.Context(), &l.p.Project, l.span("2031-03-20", "2031-04-20"), report.Filter{})
		l.ok(err)
		for i := range rows {
			total.Add(&rows[i].Figures)
		}
		if total.Clicks == 0 || total.Joins == 0 || total.Leaves == 0 || total.Goals == 0 || total.Revenue == 0 ||
			total.Costs == 0 || total.Uncounted == 0 {
			l.Errorf("the crowd did too little: %+v", total)
		}
		before := rows
		_, err = l.rollups.Rebuild(l.Context(), l.p.ID, l.now.AddDate(0, 0, -40), l.now.AddDate(0, 0, 1))
		l.ok(err)
		rows, err = l.reports.Daily(l.Context(), &l.p.Project, l.span("2031-03-20", "2031-04-20"), report.Filter{})
		l.ok(err)
		if diff := cmp.Diff(before, rows); diff != "" {
			l.Errorf("a rebuild changed figures:\n%s", diff)
		}
	})
}

// Name and UTM of a link are today's; the click's own stays.
func TestLinkIsTodays(t *testing.T) {
	ledgers(t, func(l *ledger) {
		link := l.link("ad", "")
		l.send(start(1, l.click(link, "utm_campaign=spring").StartValue), start(2, link.StartValue))
		l.settle()
		changed := *link
		changed.Name, changed.UTM = "new name", domain.UTM{Source: "new", Campaign: "of the link"}
		_, err := l.db.Write.ExecContext(l.Context(), "UPDATE links SET name = ?, utm = ? WHERE id = ?", changed.Name,
			`{"source":"new","campaign":"of the link"}`, link.ID)
		l.ok(err)
		rows, err := l.reports.Sources(l.Context(), &l.p.Project, l.span("2031-03-01", "2031-03-05"), report.Filter{})
		l.ok(err)
		for _, campaign := range []string{"spring", "of the link"} {
			k := report.Source{Name: "new name", LinkID: link.ID, UTM: domain.UTM{Source: "new", Campaign: campaign}}
			if rows[k] == nil || rows[k].Joins != 1 {
				l.Errorf("%s: %+v", campaign, rows)
			}
		}
		l.same("all", l.span("2031-03-01", "2031-03-05"), report.Filter{report.BySource: changed.Name})
	})
}

// crowd does random things.
type crowd struct {
	*ledger
	rnd    *rand.Rand
	links  []*domain.Link
	clicks []*domain.Click
}

func (c *crowd) act() {
	c.Helper()
	c.after(time.Duration(c.rnd.IntN(100)) * time.Minute)
	user := int64(1 + c.rnd.IntN(12))
	when := func(s domain.Signal) domain.Signal {
		if c.rnd.IntN(4) == 0 { // late
			return at(c.now.Add(-time.Duration(c.rnd.IntN(3000))*time.Minute), s)
		}
		return s
	}
	value := func() string {
		if len(c.clicks) > 0 && c.rnd.IntN(3) > 0 {
			return c.clicks[c.rnd.IntN(len(c.clicks))].StartValue
		}
		return []string{"", "blog", "auto_detect", c.links[0].StartValue}[c.rnd.IntN(4)]
	}
	switch c.rnd.IntN(12) {
	case 0, 1, 2:
		params := [][]string{
			{"yclid=1", "utm_campaign=c1"}, {"gclid=2", "yclid=3"}, {"utm_campaign=c1"}, {"utm_source=a\x00b"},
		}[c.rnd.IntN(4)]
		c.clicks = append(c.clicks, c.click(c.links[c.rnd.IntN(2)], params...))
	case 3, 4, 5:
		c.send(when(start(user, value())))
	case 6:
		c.send(anonymous(value()))
	case 7, 8:
		c.send(when(stop(user)))
	case 9:
		c.send(when(join(user, "https://t.me/+two", "")))
	case 10:
		c.money(user, when)
	case 11:
		if c.rnd.IntN(3) > 0 {
			c.send(when(goal(user, "lead")))
			return
		}
		err := c.Erase(c.Context(), domain.SubscriberKey{ProjectID: c.p.ID, Messenger: domain.Telegram,
			UserID: user}, c.now)
		if !errors.Is(err, domain.ErrNotFound) {
			c.ok(err)
		}
	}
}

func (c *crowd) money(user int64, when func(domain.Signal) domain.Signal) {
	c.Helper()
	s := step(user, []string{"", "buy"}[c.rnd.IntN(2)], []string{"", "10", "-2.5", "0"}[c.rnd.IntN(4)])
	s.Name = []string{"cart", "paid"}[c.rnd.IntN(2)]
	s.Labels = []domain.Label{{Name: "plan", Value: []string{"a", "b"}[c.rnd.IntN(2)]}}
	if c.rnd.IntN(4) == 0 {
		s.Currency = "EUR"
	}
	if c.rnd.IntN(4) == 0 {
		raw := domain.Amount(5_000_000)
		s = domain.Signal{Type: domain.PaymentRefunded, Person: person(user), RawAmount: &raw}
	}
	c.send(when(s))
}

// A program asks for one person among many, whatever time it names.
func TestMembersOfOnePerson(t *testing.T) {
	ledgers(t, func(l *ledger) {
		for _, id := range []int64{600701, 600702} {
			l.send(start(id, ""))
		}
		l.send(stop(600702))
		other := start(600701, "") // somebody else, who has that number elsewhere
		other.Messenger = domain.MAX
		l.send(other)
		ever := report.Range{From: time.Unix(0, 0), To: l.now.Add(time.Hour), Zone: time.UTC}
		for id, want := range map[int64]int{600701: 1, 600702: 1, 600703: 0, 0: 3} {
			found, _, err := l.reports.Members(l.Context(), &l.p.Project, ever, id, 10)
			l.ok(err)
			if len(found) != want || want == 1 && (found[0].Person.ID != id || found[0].Joins != 1) {
				l.Errorf("%d: %+v", id, found)
			}
		}
		later := report.Range{From: l.now.Add(time.Hour), To: l.now.Add(2 * time.Hour), Zone: time.UTC}
		found, _, err := l.reports.Members(l.Context(), &l.p.Project, later, 600701, 10)
		if err != nil || len(found) != 0 {
			l.Errorf("later: %+v, %v", found, err)
		}
	})
}
