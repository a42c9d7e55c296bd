package usecase_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// What became of the conversions of a period: each that was made in it is in one
// status, by network, reason and day, and the ledger says the same.
func TestFatesOfConversions(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.account("yclid", nil)
		ad := l.link("ad", "")
		l.send(start(1, l.click(ad, "yclid=1").StartValue), start(2, ""))
		l.after(2 * day)
		l.send(start(3, l.click(ad, "yclid=2").StartValue), goal(3, "lead"), goal(2, "lead"))
		read := func(from, to string) *report.Fates {
			l.Helper()
			f, err := l.reports.Fates(l.Context(), &l.p.Project, l.span(from, to), report.ByDay)
			l.ok(err)
			return f
		}
		all := read("2031-03-01", "2031-03-07")
		created, lines, err := l.Ledger(l.Context(), l.p.ID)
		l.ok(err)
		want := map[domain.Status]int64{}
		for _, line := range lines {
			want[line.Status] += int64(line.Count)
		}
		if d := cmp.Diff(want, all.Total.By); d != "" || all.Total.Made != int64(created) {
			l.Errorf("made %d of %d (-ledger +fates):\n%s", all.Total.Made, created, d)
		}
		var days, networks int64
		for i := range all.Pieces {
			days += all.Pieces[i].Made
		}
		for _, n := range all.Networks {
			networks += n.Made
		}
		if days != all.Total.Made || networks != all.Total.Made || len(all.Pieces) != 7 {
			l.Errorf("%d by day, %d by network, %d in all", days, networks, all.Total.Made)
		}
		if first := read("2031-03-03", "2031-03-03"); first.Total.Made == 0 || first.Total.Made >= all.Total.Made ||
			first.Total.Made+read("2031-03-05", "2031-03-05").Total.Made != all.Total.Made {
			l.Errorf("of the first day: %+v of %+v", first.Total, all.Total)
		}
		found := false
		var rows int64
		for _, r := range all.Rows {
			rows += r.Count
		}
		for _, r := range all.Reasons() {
			found = found || r.Status == domain.Unattributed && r.Reason == domain.ReasonNoLink
		}
		if !found || rows != all.Total.Made || all.Total.Sent != 0 {
			l.Errorf("rows %+v, sent %d", all.Rows, all.Total.Sent)
		}
	})
}
