package usecase

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// LateClickStore keeps clicks that come late, and knows which starts came
// before them.
type LateClickStore interface {
	ClickStore
	// FoundStarts gives the values that starts named when they were not known,
	// and whose clicks are there now, of starts received at a time or later; of
	// these values, or without any of all.
	FoundStarts(ctx context.Context, values []string, since time.Time, limit int) ([]StartKey, error)
}

// LateClicksConfig sets the times of LateClicks.
type LateClicksConfig struct {
	// Timeout bounds one round.
	Timeout time.Duration
	// Every is how often starts are looked for whose clicks were stored at the
	// same moment.
	Every time.Duration
	// Wait is how long a start waits for its click.
	Wait time.Duration
}

// LateClicks stores the clicks that came while storage was away, and has the
// starts attributed that were told before their clicks.
type LateClicks struct {
	cfg       LateClicksConfig
	store     LateClickStore
	ingest    *Ingest
	directory *Directory
	now       func() time.Time
	logger    *slog.Logger
}

// NewLateClicks makes a LateClicks.
func NewLateClicks(cfg LateClicksConfig, store LateClickStore, ingest *Ingest, directory *Directory,
	now func() time.Time, logger *slog.Logger) *LateClicks {
	return &LateClicks{cfg: cfg, store: store, ingest: ingest, directory: directory, now: now, logger: logger}
}

// Handle stores clicks; those that are stored already are left alone. After an
// error all come again, those whose starts were attributed, too: it changes
// nothing.
func (l *LateClicks) Handle(ctx context.Context, cs []domain.Click) error {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	defer cancel()
	if err := l.save(ctx, cs); err != nil {
		return err
	}
	values := make([]string, len(cs))
	for i := range cs {
		values[i] = cs[i].StartValue
	}
	return l.attribute(ctx, values, l.now().Add(-l.cfg.Wait))
}

// save leaves out the clicks that can never be stored, such as those of a
// project that was deleted meanwhile.
func (l *LateClicks) save(ctx context.Context, cs []domain.Click) error {
	err := l.store.SaveClicks(ctx, cs)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, domain.ErrNotFound) && !errors.Is(err, domain.ErrInvalid):
		return err
	case len(cs) == 1:
		l.logger.Warn("a click that waited can not be stored", "project", cs[0].ProjectID, "link", cs[0].LinkID,
			"error", err)
		return nil
	}
	for i := range cs {
		if err := l.save(ctx, cs[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// lookBack is how far back a round looks: a start and its click may be stored at
// the same moment, and neither sees the other.
const lookBack = 2 * time.Minute

// Run looks for starts whose clicks came later, however they came, until ctx
// ends: at first for all, since a process may have died between the two.
func (l *LateClicks) Run(ctx context.Context) error {
	back, failing := l.cfg.Wait, false
	tick := time.NewTicker(l.cfg.Every)
	defer tick.Stop()
	for {
		err := l.look(ctx, back)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			back, failing = lookBack, false
		case !failing:
			failing = true
			l.logger.Warn("starts can not be given their clicks, will try again", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (l *LateClicks) look(ctx context.Context, back time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	defer cancel()
	return l.attribute(ctx, nil, l.now().Add(-back))
}

// lateAtOnce is how many start values are looked for at once, and lateTogether
// for how many of a project one transaction attributes the starts.
const (
	lateAtOnce   = 1000
	lateTogether = 100
)

// attribute has all such starts attributed. It ends when nothing is found, or
// nothing of what is found can be attributed.
func (l *LateClicks) attribute(ctx context.Context, values []string, since time.Time) error {
	for {
		found, err := l.store.FoundStarts(ctx, values, since, lateAtOnce)
		if err != nil || len(found) == 0 {
			return err
		}
		projects := map[string][]string{}
		for _, k := range found {
			projects[k.ProjectID] = append(projects[k.ProjectID], k.Value)
		}
		total := 0
		for id, vs := range projects {
			n, err := l.attributeIn(ctx, id, vs)
			if total += n; err != nil {
				return err
			}
		}
		if total > 0 {
			l.logger.Info("starts were given the clicks that came after them", "starts", total)
		}
		if total == 0 || len(found) < lateAtOnce {
			return nil
		}
	}
}

func (l *LateClicks) attributeIn(ctx context.Context, projectID string, values []string) (total int, err error) {
	p, err := l.directory.View(ctx, projectID)
	if errors.Is(err, domain.ErrNotFound) {
		return 0, nil // deleted meanwhile
	}
	for err == nil && len(values) > 0 {
		some := values[:min(len(values), lateTogether)]
		values = values[len(some):]
		var n int
		n, err = l.attributeSome(ctx, p, some)
		total += n
	}
	return total, err
}

// attributeSome leaves out what can not be attributed, so that it keeps no other
// start away from its click.
func (l *LateClicks) attributeSome(ctx context.Context, p *ProjectView, values []string) (int, error) {
	n, err := l.ingest.AttributeLate(ctx, p, values)
	switch {
	case err == nil || errors.Is(err, domain.ErrUnavailable):
		return n, err
	case len(values) == 1:
		l.logger.Error("a start can not be given the click that came after it", "project", p.ID, "error", err)
		return 0, nil
	}
	half := len(values) / 2
	n, err = l.attributeSome(ctx, p, values[:half])
	if err != nil {
		return n, err
	}
	more, err := l.attributeSome(ctx, p, values[half:])
	return n + more, err
}
