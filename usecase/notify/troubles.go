package notify

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Troubles are what a project needs somebody for right now, whether or not it
// wants to be told in a chat: ad accounts that stopped, silence and conversions
// that are about to expire are looked for at once, and what else is the matter
// is taken from the open alerts. AlertText says each. Whoever asks twice within
// a few seconds gets the same answer.
func (n *Notifier) Troubles(ctx context.Context, p *domain.Project) ([]Alert, error) {
	if found, known := n.lately.get(p.ID, n.now()); known {
		return found, nil
	}
	found, err := n.troubles(ctx, p)
	if err == nil {
		n.lately.put(p.ID, n.now(), found)
	}
	return found, err
}

func (n *Notifier) troubles(ctx context.Context, p *domain.Project) ([]Alert, error) {
	s, err := n.Settings(ctx, p.ID, "")
	if err != nil {
		return nil, err
	}
	w := &alertWatch{Notifier: n, project: p, settings: &s, found: map[alertKey]AlertDetail{}}
	looks := []func(context.Context) error{w.lookAccess, w.lookExpiring, w.lookSilence}
	if !p.Enabled {
		looks = looks[:2] // it is meant to be silent
	}
	for _, look := range looks {
		if err := look(ctx); err != nil {
			return nil, err
		}
	}
	var out []Alert
	for k, detail := range w.found {
		out = append(out, Alert{ProjectID: p.ID, Kind: k.kind, Subject: k.subject, Detail: detail})
	}
	open, err := n.store.OpenAlerts(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	order := urgency()
	for _, a := range open {
		if !slices.Contains(order[:3], a.Kind) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b Alert) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)),
			cmp.Compare(a.Detail.Name, b.Detail.Name), cmp.Compare(a.Subject, b.Subject))
	})
	return out, nil
}

// urgency orders the kinds of troubles; the first three are looked for at once,
// so that an open alert of these may be over already.
func urgency() []AlertKind {
	return []AlertKind{
		AlertAccess, AlertExpiring, AlertSilence, AlertNetwork, AlertErrors, AlertDecoder, AlertUncertain, AlertExpired,
		AlertRejected,
	}
}

// lately keeps what was found a moment ago: every page asks.
type lately struct {
	mu    sync.Mutex
	found map[string]foundAt
}

type foundAt struct {
	at    time.Time
	found []Alert
}

const (
	// latelyFor is how long an answer is good.
	latelyFor = 10 * time.Second
	// latelyMost is of how many projects answers are kept.
	latelyMost = 2000
)

func (l *lately) get(projectID string, now time.Time) ([]Alert, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, known := l.found[projectID]
	return f.found, known && now.Sub(f.at) < latelyFor && !now.Before(f.at)
}

func (l *lately) put(projectID string, now time.Time, found []Alert) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.found == nil || len(l.found) >= latelyMost {
		l.found = map[string]foundAt{}
	}
	l.found[projectID] = foundAt{now, found}
}
