package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase/report"
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
		text = n.digestText(s.Language, &p, at, lines)
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
	rng := report.Range{From: at.Add(-24 * time.Hour).UTC(), To: at.UTC(), Zone: p.Zone()}
	sources, err := n.reports.Sources(ctx, p, rng, report.Filter{})
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
		return cmp.Or(
			cmp.Compare(b.joins, a.joins), cmp.Compare(b.leaves, a.leaves), cmp.Compare(a.name, b.name),
		)
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

// digestText writes the message of a day.
func (n *Notifier) digestText(l i18n.Language, p *domain.Project, at time.Time, lines []sourceLine) string {
	var joins, leaves int64
	for _, line := range lines {
		joins += line.joins
		leaves += line.leaves
	}
	head := n.texts.Text(l, "digest.until", p.Name, at.Format("15:04"), at.Format(l.DateLayout()))
	if len(lines) == 0 {
		return head + "\n" + n.texts.Text(l, "digest.quiet")
	}
	out := []string{
		head,
		fmt.Sprintf("%s: %d", n.texts.Text(l, "digest.joins"), joins),
		fmt.Sprintf("%s: %d", n.texts.Text(l, "digest.leaves"), leaves),
		"",
		n.texts.Text(l, "digest.by_source"),
	}
	for i, line := range lines {
		if i == shownSources {
			out = append(out, "• "+n.texts.Text(l, "digest.others", len(lines)-shownSources))
			break
		}
		name := cmp.Or(cutText(line.name, 80), n.texts.Text(l, "digest.no_source"))
		out = append(out, fmt.Sprintf("• %s: %d / %d", name, line.joins, line.leaves))
	}
	return strings.Join(out, "\n")
}
