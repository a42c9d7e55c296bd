package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// digestLate is how long after its hour a digest is still sent: what a process
// that was down owes.
const digestLate = 12 * time.Hour

// digests makes the messages of the digests that are due. A chat gets one for
// each local date, however often and in how many processes this runs.
func (n *Notifier) digests(ctx context.Context) error {
	chats, err := n.store.DigestChats(ctx)
	if err != nil {
		return err
	}
	// Chats of one project stand together: its figures are read once.
	for len(chats) > 0 {
		count := 1
		for count < len(chats) && chats[count].ProjectID == chats[0].ProjectID {
			count++
		}
		n.report("make a digest", n.digest(ctx, chats[:count]))
		chats = chats[count:]
	}
	return nil
}

// digest makes the digest of one project for those of its chats that have not
// had it.
func (n *Notifier) digest(ctx context.Context, chats []DigestChat) error {
	p, err := n.store.Project(ctx, chats[0].ProjectID)
	if err != nil {
		return err
	}
	s := &chats[0].Settings
	at, ok := digestMoment(n.now(), s.DigestHour, p.Zone())
	date := at.Format(time.DateOnly)
	due := slices.DeleteFunc(slices.Clone(chats), func(c DigestChat) bool { return c.Date >= date })
	if !ok || len(due) == 0 {
		return nil
	}
	lines, err := n.digestLines(ctx, &p, at)
	if err != nil {
		return err
	}
	text := ""
	if len(lines) > 0 || s.DigestEmpty {
		text = noticeWords[s.Language].digest(&p, at, lines)
	}
	for _, c := range due {
		var m *Notice
		if text != "" {
			made := n.notice(p.ID, KindDigest, "digest "+date, c.ChatID, text, at.Add(digestLate))
			m = &made
		}
		if err := n.store.SaveDigest(ctx, p.ID, c.ChatID, date, m); err != nil {
			return err
		}
	}
	return nil
}

// digestMoment is the last moment of the day's digest; false when it was too
// long ago.
func digestMoment(now time.Time, hour int, zone *time.Location) (time.Time, bool) {
	local := now.In(zone)
	at := time.Date(local.Year(), local.Month(), local.Day(), hour, 0, 0, 0, zone)
	if at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()-1, hour, 0, 0, 0, zone)
	}
	return at, now.Sub(at) < digestLate
}

// digestLines are the sources at which anything happened within 24 hours, the
// largest first.
func (n *Notifier) digestLines(ctx context.Context, p *domain.Project, at time.Time) ([]sourceLine, error) {
	rng := usecase.ReportRange{From: at.Add(-24 * time.Hour).UTC(), To: at.UTC(), Zone: p.Zone()}
	sources, err := n.reports.Sources(ctx, p, rng, usecase.ReportFilter{})
	if err != nil {
		return nil, err
	}
	sums := map[string]*sourceLine{}
	for s, f := range sources {
		if f.Joins == 0 && f.Leaves == 0 {
			continue
		}
		if sums[s.Name] == nil {
			sums[s.Name] = &sourceLine{name: s.Name}
		}
		sums[s.Name].joins += f.Joins
		sums[s.Name].leaves += f.Leaves
	}
	var out []sourceLine
	for _, l := range sums {
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b sourceLine) int {
		return cmp.Or(cmp.Compare(b.joins, a.joins), cmp.Compare(b.leaves, a.leaves), cmp.Compare(a.name, b.name))
	})
	return out, nil
}

// sourceLine is a line of the digest.
type sourceLine struct {
	name          string
	joins, leaves int64
}

// shownSources is how many sources a digest lists.
const shownSources = 15

// digest writes the message of a day.
func (w noticeText) digest(p *domain.Project, at time.Time, lines []sourceLine) string {
	var joins, leaves int64
	for _, l := range lines {
		joins += l.joins
		leaves += l.leaves
	}
	var b strings.Builder
	fmt.Fprintf(&b, w.until+"\n", p.Name, at.Format("15:04"), at.Format(w.date))
	if len(lines) == 0 {
		return b.String() + w.quiet
	}
	fmt.Fprintf(&b, "%s: %d\n%s: %d\n\n%s\n", w.joins, joins, w.leaves, leaves, w.bySource)
	for i, l := range lines {
		if i == shownSources {
			fmt.Fprintf(&b, "• "+w.others+"\n", len(lines)-shownSources)
			break
		}
		name := cutText(l.name, 80)
		if name == "" {
			name = w.noSource
		}
		fmt.Fprintf(&b, "• %s: %d / %d\n", name, l.joins, l.leaves)
	}
	return strings.TrimSpace(b.String())
}
