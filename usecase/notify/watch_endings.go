package notify

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

const (
	// endingsWindow is for how long conversions that ended badly are gathered.
	endingsWindow = time.Hour
	// rejectedMany of them are told of where they are three times as many as in
	// the window before: a network rejects some every day.
	rejectedMany = 10
)

// endingKey is conversions of one account that ended in one way.
type endingKey struct {
	account string
	status  domain.Status
}

// endingCount is how many there were when a window began. It is kept in memory:
// who takes over the work begins to count.
type endingCount struct {
	count  int
	at     time.Time // when the window began
	seen   time.Time
	before int // how many came in the window before; -1: nobody knows
}

// lookEndings finds accounts of which ever more conversions end in a way that
// somebody should know of. An alert is over when a window brought none.
func (w *alertWatch) lookEndings(
	kind AlertKind, status domain.Status, many func(grown, before int) bool,
) func(context.Context) error {
	return func(ctx context.Context) error {
		as, err := w.store.Accounts(ctx, w.project.ID)
		if err != nil {
			return err
		}
		backlogs, err := w.backlogs(ctx)
		if err != nil {
			return err
		}
		for i := range as {
			a := &as[i]
			grown, over := w.counted(endingKey{a.ID, status}, backlogs[a.ID].By[status], many)
			switch open := w.open[alertKey{kind, a.ID}]; {
			case grown > 0:
				w.add(kind, a.ID, AlertDetail{Name: cutText(a.Name, 80), Count: grown})
			case open != nil && !over:
				w.add(kind, a.ID, open.Detail)
			}
		}
		return nil
	}
}

// counted takes the number of today. It answers how many came in this window
// if these are many, and whether a window is over that brought none.
func (w *alertWatch) counted(k endingKey, n int, many func(grown, before int) bool) (grown int, over bool) {
	now := w.now()
	e, known := w.endings[k]
	if !known || now.Sub(e.seen) > endingsWindow {
		e = endingCount{count: n, at: now, before: -1}
	}
	e.count, e.seen = min(e.count, n), now // fewer: some were sent again
	came := n - e.count
	if many(came, e.before) {
		grown = came
	}
	if now.Sub(e.at) >= endingsWindow {
		over = came == 0
		e.count, e.at, e.before = n, now, came
	}
	w.endings[k] = e
	return grown, over
}

// some are as many as it takes where each is one too many.
func some(grown, _ int) bool { return grown > 0 }

// rising are as many as it takes where some are there at all times.
func rising(grown, before int) bool {
	return before >= 0 && grown >= rejectedMany && grown >= 3*before
}

// forgetEndings drops what was not looked at for long: accounts that are gone.
func (n *Notifier) forgetEndings() {
	for k, e := range n.endings {
		if n.now().Sub(e.seen) > endingsWindow {
			delete(n.endings, k)
		}
	}
}

// backlogs of the project's accounts, read once for a look.
func (w *alertWatch) backlogs(ctx context.Context) (map[string]usecase.Backlog, error) {
	if w.counts != nil {
		return w.counts, nil
	}
	found, err := w.facts.Backlogs.Backlogs(ctx, w.project.ID, w.now().Add(w.cfg.ExpiresWithin))
	if err == nil {
		w.counts = found
	}
	return found, err
}
