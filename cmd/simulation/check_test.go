package simulation

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

func itoa(n int) string { return strconv.Itoa(n) }

func line(
	account *domain.Account, target string, person int64, click string, at fmt.Stringer, value *domain.Amount,
) string {
	who, sum := "nobody", ""
	if account != nil {
		who = account.ID
	}
	if value != nil {
		sum = value.String()
	}
	return strings.Join([]string{who, target, itoa(int(person)), click, at.String(), sum}, " | ")
}

// check holds what the service made of the history against the truth.
func (w *world) check() {
	// Goals whose start never came are told of when their time is over.
	for _, p := range w.truth.people {
		for _, g := range p.waiting {
			if g.until.Before(w.clock()) {
				w.truth.never(p, g)
			}
		}
		p.waiting = slices.DeleteFunc(p.waiting, func(g goal) bool { return g.until.Before(w.clock()) })
	}
	cs := w.conversions()
	var want, got []string
	late := map[string]bool{}
	for _, x := range w.truth.wanted {
		click := ""
		if x.click != nil && x.account != nil {
			click = x.click.ID
		}
		l := line(x.account, x.target, x.person, click, x.at.UTC(), x.value)
		want = append(want, l)
		late[l] = x.tooLate
	}
	for _, c := range cs {
		var a *domain.Account
		if n := w.networks[c.AccountID]; n != nil {
			a = n.account
		}
		at := c.OccurredAt.UTC()
		if c.ReasonCode == domain.ReasonNoStart && c.Value == nil {
			at = time.Time{}
		}
		l := line(a, c.Target, c.UserID, c.ClickID, at, c.Value)
		got = append(got, l)
		w.checkOne(c, late[l])
	}
	slices.Sort(want)
	slices.Sort(got)
	for _, x := range missing(want, got) {
		w.fail("missing: %s", x)
	}
	for _, x := range missing(got, want) {
		w.fail("not wanted: %s", x)
	}
	w.checkNetworks(cs)
	w.checkEvents()
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
func (w *world) checkOne(c domain.Conversion, tooLate bool) {
	n := w.networks[c.AccountID]
	if n == nil {
		if c.Status != domain.Unattributed && !(tooLate && c.Status == domain.Expired) {
			w.fail("%s of nobody is %s", c.ID, c.Status)
		}
		return
	}
	times := n.counted[c.ID]
	if times > 1 {
		w.fail("%s %s was counted %d times at %s", c.Target, c.ID, times, n.account.Network)
	}
	ok := false
	switch c.Status {
	case domain.Delivered:
		ok = times == 1
	case domain.Uncertain:
		ok = n.account.Network == counts || !w.clock().Before(c.ExpiresAt)
	case domain.Rejected:
		ok = n.refused[c.ID] && (times == 0 || n.unsure[c.ID])
	case domain.Expired:
		ok = times == 0
	}
	if !ok {
		w.fail("%s %s at %s is %s (%s), counted %d times", c.Target, c.ID, n.account.Network, c.Status,
			c.StatusReason, times)
	}
	if told := n.values[c.ID]; times > 0 && (!told.OccurredAt.Equal(c.OccurredAt) || told.ClickID != c.ClickID) {
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
			if !known[id+c] {
				w.fail("%s has %s, which nobody knows", n, c)
			}
		}
	}
}

// checkEvents holds that the stream got all that was taken.
func (w *world) checkEvents() {
	for _, a := range w.truth.taken {
		if !w.truth.events[domain.EventID(a.RequestID, 0)] {
			w.fail("the event of request %s was never published", a.RequestID)
		}
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
	span, err := r.Range(p, report.RangeInput{From: "2031-02-01", To: "2031-12-31", Days: 30})
	w.must(err)
	for name, read := range map[string]func(r *report.Reader) (any, error){
		"daily":     func(r *report.Reader) (any, error) { return r.Daily(w.ctx, p, span, report.Filter{}) },
		"sources":   func(r *report.Reader) (any, error) { return r.Sources(w.ctx, p, span, report.Filter{}) },
		"funnel":    func(r *report.Reader) (any, error) { return r.Funnel(w.ctx, p, span, report.Filter{}) },
		"retention": func(r *report.Reader) (any, error) { return r.Retention(w.ctx, p, span, report.Filter{}) },
	} {
		counted, err := read(r)
		w.must(err)
		rows, err := read(r.WithoutRollups())
		w.must(err)
		if d := cmp.Diff(rows, counted, cmpopts.EquateEmpty()); d != "" {
			w.fail("the report %s differs (-rows +counted):\n%s", name, d)
		}
	}
}

// erase forgets a person: nobody knows them any more.
func (w *world) erase(id int64) {
	k := domain.SubscriberKey{ProjectID: w.project.ID, Messenger: domain.Telegram, UserID: id}
	if _, err := w.Subscriber(w.ctx, k); err != nil {
		return // never seen
	}
	before := len(w.conversions())
	w.must(w.Erase(w.ctx, k, w.clock()))
	if _, err := w.Subscriber(w.ctx, k); !errors.Is(err, domain.ErrNotFound) {
		w.fail("%d was erased and is still known: %v", id, err)
	}
	cs := w.conversions()
	if len(cs) != before {
		w.fail("erasing a person took conversions out of the ledger: %d of %d are left", len(cs), before)
	}
	for _, c := range cs {
		if c.UserID == id || c.ReasonCode == domain.ReasonPersonErased && c.ClickID != "" {
			w.fail("%s still tells of the erased person", c.ID)
		}
	}
	w.checkLedger(len(cs))
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
