package usecase

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// LateClicksConfig sets the times of LateClicks.
type LateClicksConfig struct {
	// Timeout bounds one round.
	Timeout time.Duration
}

// LateClicks stores the clicks that came while storage was away.
type LateClicks struct {
	cfg    LateClicksConfig
	store  ClickStore
	logger *slog.Logger
}

// NewLateClicks makes a LateClicks.
func NewLateClicks(cfg LateClicksConfig, store ClickStore, logger *slog.Logger) *LateClicks {
	return &LateClicks{cfg: cfg, store: store, logger: logger}
}

// Handle stores clicks; those that are stored already are left alone. After an
// error all come again.
func (l *LateClicks) Handle(ctx context.Context, cs []domain.Click) error {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	defer cancel()
	return l.save(ctx, cs)
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
