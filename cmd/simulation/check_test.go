package simulation

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

func itoa(n int) string { return strconv.Itoa(n) }

func line(
	account *domain.Account, target string, person who, click string, at time.Time, value *domain.Amount,
) string {
	to, when, sum := "nobody", "", ""
	if account != nil {
		to = account.ID
	}
	if !at.IsZero() {
		when = at.UTC().String()
	}
	if value != nil {
		sum = value.String()
	}
	of := "?"
	if person.id != 0 {
		of = person.String()
	}
	return strings.Join([]string{to, target, of, click, when, sum}, " | ")
}

func (x *wanted) line() string {
	p, click, at, value := x.person.really(), "", x.at, x.value
	if x.click != nil && x.account != nil {
		click = x.click.ID
	}
	k := p.who
	if p.erased {
		k, click, value = who{}, "", nil
	}
	if x.never && value == nil {
		at = time.Time{}
	}
	return line(x.account, x.target, k, click, at, value)
}

func (w *world) lineOf(c *domain.Conversion) string {
	var a *domain.Account
	if n := w.networks[c.AccountID]; n != nil {
		a = n.account
	}
	at := c.OccurredAt
	if c.ReasonCode == domain.ReasonNoStart && c.Value == nil {
		at = time.Time{}
	}
	return line(a, c.Target, who{c.Messenger, c.UserID}, c.ClickID, at, c.Value)
}

// check holds what the service made of the history against the truth.
func (w *world) check() {
	// Goals whose start never came are told of when their time is over.
	w.truth.gaveUp(w.clock())
	cs := w.conversions()
	var want, got []string
	of, maybe := map[string]*wanted{}, map[string]int{}
	for _, x := range w.truth.wanted {
		l := x.line()
		want = append(want, l)
		of[l] = x
		if x.maybe {
			maybe[l]++
		}
	}
	for i := range cs {
		l := w.lineOf(&cs[i])
		got = append(got, l)
		if x := of[l]; x != nil {
			w.checkOne(cs[i], x)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	for _, x := range missing(want, got) {
		if maybe[x]--; maybe[x] < 0 {
			w.fail("missing: %s", x)
		}
	}
	for _, x := range missing(got, want) {
		w.fail("not wanted: %s", x)
	}
	w.checkNetworks(cs)
	w.checkEvents()
	w.checkPeople(cs)
	w.checkLedger(len(cs))
}

// missing are the lines of one sorted list that another one does not have.
func missing(of, in []string) (out []string) {
	i := 0
	for _, x := range of {
		for i < len(in) && in[i] < x {
			i++
		}
		if i < len(in) && in[i] == x {
			i++
			continue
		}
		out = append(out, x)
	}
	return out
}

// checkOne holds the status of a conversion against what its network has.
func (w *world) checkOne(c domain.Conversion, x *wanted) {
	n := w.networks[c.AccountID]
	if n == nil {
		if c.Status != domain.Unattributed && !(x.tooLate && c.Status == domain.Expired) {
			w.fail("%s of nobody is %s", c.ID, c.Status)
		}
		return
	}
	times, erased := n.counted[c.ID], x.person.really().erased
	if times > 1 {
		w.fail("%s %s was counted %d times at %s", c.Target, c.ID, times, n.account.Network)
	}
	ok := false
	switch c.Status {
	case domain.Delivered:
		ok = times == 1
	case domain.Uncertain:
		ok = n.unsure[c.ID] && (n.account.Network == counts || !w.clock().Before(c.ExpiresAt) || erased) ||
			c.ReasonCode == domain.ReasonRestored && w.restored && n.account.Network != drops ||
			w.restored && !w.clock().Before(c.ExpiresAt)
	case domain.Rejected:
		ok = n.refused[c.ID] && (times == 0 || n.unsure[c.ID] || n.earlier[c.ID]) || erased
	case domain.Expired: // what was sent before a restore is sent again, if there is time
		ok = times == 0 || n.earlier[c.ID]
	}
	if !ok {
		w.fail("%s %s at %s is %s (%s), counted %d times", c.Target, c.ID, n.account.Network, c.Status,
			c.StatusReason, times)
	}
	told := n.values[c.ID]
	if times > 0 && !erased && !n.earlier[c.ID] &&
		(!told.OccurredAt.Equal(c.OccurredAt) || told.ClickID != c.ClickID) {
		w.fail("%s was told as %s by %q", c.ID, told.OccurredAt, told.ClickID)
	}
}

func (w *world) checkNetworks(cs []domain.Conversion) {
	known := map[string]bool{}
	for _, c := range cs {
		known[c.AccountID+c.ID] = true
	}
	for id, n := range w.networks {
		for c := range n.counted {
			if !known[id+c] && !n.earlier[c] {
				w.fail("%s has %s, which nobody knows", n, c)
			}
		}
	}
}

// checkEvents holds that the stream got all that was taken.
func (w *world) checkEvents() {
	for _, e := range w.truth.log {
		if a := e.arrival; a != nil && !e.who.really().erased && !w.truth.events[domain.EventID(a.RequestID, 0)] {
			w.fail("the event of request %s was never published", a.RequestID)
		}
	}
}

// checkPeople holds what is shown of people against the truth, and against the
// list of conversions.
func (w *world) checkPeople(cs []domain.Conversion) {
	shown := map[who]domain.Subscriber{}
	for page := (usecase.Page{Limit: 3}); ; {
		subs, next, err := w.Subscribers(w.ctx, usecase.SubscriberFilter{ProjectID: w.project.ID}, page)
		w.must(err)
		for i := range subs {
			shown[who{subs[i].Messenger, subs[i].UserID}] = subs[i]
		}
		if next == "" || err != nil {
			break
		}
		page.Cursor = next
	}
	named := 0
	for k := range shown {
		if k.id != 0 {
			named++
		}
	}
	if named != len(w.truth.people) {
		w.fail("%d people are listed, there are %d", named, len(w.truth.people))
	}
	for k, p := range w.truth.people {
		if shown[k].Subscribed != p.open {
			w.fail("%s is listed as subscribed: %v, and is: %v", k, shown[k].Subscribed, p.open)
		}
		w.checkDossier(p, cs)
	}
}

func (w *world) checkDossier(p *soul, cs []domain.Conversion) {
	d, err := w.Dossier(w.ctx, w.key(p.who))
	w.must(err)
	var episodes []time.Time
	for _, e := range d.Episodes {
		episodes = append(episodes, e.OpenedAt)
	}
	slices.SortFunc(episodes, time.Time.Compare)
	var truly []time.Time
	for _, e := range p.episodes {
		truly = append(truly, e.at)
	}
	if diff := cmp.Diff(truly, episodes, cmpopts.EquateEmpty()); diff != "" {
		w.fail("the episodes of %s differ (-truth +dossier):\n%s", p.who, diff)
	}
	var all, theirs []string
	for _, c := range cs {
		if (who{c.Messenger, c.UserID}) == p.who {
			all = append(all, c.ID)
		}
	}
	of, _, err := w.Conversions(w.ctx, usecase.ConversionFilter{
		ProjectID: w.project.ID, Messenger: p.messenger, UserID: p.id,
	}, usecase.Page{Limit: 1000})
	w.must(err)
	for _, c := range of {
		theirs = append(theirs, c.ID)
	}
	if diff := cmp.Diff(all, theirs, cmpopts.EquateEmpty()); diff != "" {
		w.fail("the conversions of %s differ (-list +dossier):\n%s", p.who, diff)
	}
}

var reports = report.Config{Networks: []report.NetworkParam{{Param: drops, Network: drops}}}

// checkReports holds the figures that were counted on the way against those of
// the rows.
func (w *world) checkReports() {
	for n, err := 1, error(nil); n > 0 && err == nil; {
		w.pass(time.Hour)
		n, err = w.rollups.Round(w.ctx)
		w.must(err)
	}
	r := report.NewReader(reports, w.Store, w.clock)
	p := &w.project.Project
	span, err := r.Range(p, report.RangeInput{
		From: monday.AddDate(0, 0, -10).Format(time.DateOnly),
		To:   w.clock().AddDate(0, 0, 1).Format(time.DateOnly), Days: 30,
	})
	w.must(err)
	for i, kind := range []struct {
		name string
		read func(r *report.Reader) (any, error)
	}{
		{"daily", func(r *report.Reader) (any, error) { return r.Daily(w.ctx, p, span, report.Filter{}) }},
		{"sources", func(r *report.Reader) (any, error) { return r.Sources(w.ctx, p, span, report.Filter{}) }},
		{"funnel", func(r *report.Reader) (any, error) { return r.Funnel(w.ctx, p, span, report.Filter{}) }},
		{"retention", func(r *report.Reader) (any, error) { return r.Retention(w.ctx, p, span, report.Filter{}) }},
	} {
		if i > 0 && i-1 != len(w.clicks)%3 { // they read the same rows: each history has two of them
			continue
		}
		counted, err := kind.read(r)
		w.must(err)
		rows, err := kind.read(r.WithoutRollups())
		w.must(err)
		if d := cmp.Diff(rows, counted, cmpopts.EquateEmpty()); d != "" {
			w.fail("the report %s differs (-rows +counted):\n%s", kind.name, d)
		}
	}
}

func (w *world) checkLedger(n int) {
	created, by, err := w.Ledger(w.ctx, w.project.ID)
	w.must(err)
	sum := 0
	for _, l := range by {
		sum += l.Count
	}
	if created != n || sum != n {
		w.fail("the ledger has %d created and %d in a status, there are %d", created, sum, n)
	}
}
