// Package notify tells the users of projects what happened: a digest a day and
// alerts, in chats of Telegram and to a webhook. It decides what is told, when
// and to whom, and sends it; how Telegram is spoken to is an adapter's.
package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// Config sets when things happen.
type Config struct {
	// Interval between looks for digests that are due and for alerts.
	Interval time.Duration
	// Wait of a poll for what is written to the bot. Defaults to 25 s.
	Wait time.Duration
	// Timeout of sending one message. Defaults to 15 s.
	Timeout time.Duration
	// Lease is how long a process that died has the work. Defaults to 30 s.
	Lease time.Duration
	// Remind is how long after the last message an alert that goes on is told
	// again. Defaults to 24 h.
	Remind time.Duration
	// BreakerOpen is how long an ad network must fail for an alert. Defaults to
	// 30 min.
	BreakerOpen time.Duration
	// ExpiresWithin is how little time conversions must have left for an
	// alert. Defaults to 24 h.
	ExpiresWithin time.Duration
	// PublicURL is the base of the addresses in messages.
	PublicURL string
	// Says are the sentences that networks keep in English. Defaults to none: they
	// are told as they are.
	Says []i18n.Text
}

// Notifier tells users of projects in chats of Telegram what happened: a digest
// each day, and alerts.
type Notifier struct {
	cfg     Config
	store   Store
	reports *report.Reader
	facts   AlertFacts
	bot     Messenger
	hook    Hook
	newID   func() string
	now     func() time.Time
	logger  *slog.Logger
	texts   i18n.Catalogue
	says    *i18n.Sentences
	owner   string
	// wake is told that a message waits.
	wake chan struct{}

	sending sync.WaitGroup // messages under way

	mu     sync.Mutex
	failed map[string]bool // what failed last time, so that it is logged once
	busy   map[string]bool // projects of which a message is under way

	endings map[endingKey]endingCount // of whoever looks for alerts

	lately lately // see Troubles
}

// New makes a Notifier.
func New(
	cfg Config, store Store, reports *report.Reader, facts AlertFacts, bot Messenger, hook Hook,
	newID func() string, now func() time.Time, logger *slog.Logger,
) *Notifier {
	for value, otherwise := range map[*time.Duration]time.Duration{
		&cfg.Interval: 30 * time.Second, &cfg.Wait: 25 * time.Second, &cfg.Timeout: 15 * time.Second,
		&cfg.Lease: 30 * time.Second, &cfg.Remind: 24 * time.Hour, &cfg.BreakerOpen: 30 * time.Minute,
		&cfg.ExpiresWithin: 24 * time.Hour,
	} {
		if *value <= 0 {
			*value = otherwise
		}
	}
	return &Notifier{
		cfg: cfg, store: store, reports: reports, facts: facts, bot: bot, hook: hook, newID: newID, now: now,
		logger: logger,
		texts:  texts(), says: i18n.NewSentences(cfg.Says...), owner: newID(),
		wake: make(chan struct{}, 1), failed: map[string]bool{}, busy: map[string]bool{},
		endings: map[endingKey]endingCount{},
	}
}

// noticesLease is what one process at a time has: Telegram lets one read what
// is written to a bot.
const noticesLease = "notices"

// lookEvery is how often the sender looks for what is due.
const lookEvery = time.Second

// Run reads what is written to the bot and tells what is to be told, in one
// process at a time, until ctx ends.
func (n *Notifier) Run(ctx context.Context) error {
	tick := time.NewTicker(n.cfg.Lease / 3)
	defer tick.Stop()
	for {
		until := n.now().Add(n.cfg.Lease)
		held, err := n.holdLease(ctx, until)
		if ctx.Err() == nil {
			n.report("take the work of the notifications", err)
		}
		if held {
			n.work(ctx, until)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// work does it for as long as the lease is held.
func (n *Notifier) work(ctx context.Context, until time.Time) {
	work, stop := context.WithCancel(ctx)
	var parts sync.WaitGroup
	for _, part := range []func(context.Context){n.poll, n.look, n.sendAll} {
		parts.Go(func() { part(work) })
	}
	n.keepLease(ctx, until)
	stop()
	parts.Wait()
	if ctx.Err() != nil {
		// Another process need not wait for the lease to end.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		n.report("give the work of the notifications back", n.store.ReleaseLease(end, noticesLease, n.owner))
	}
}

// keepLease prolongs the lease until it is lost or ctx ends.
func (n *Notifier) keepLease(ctx context.Context, until time.Time) {
	tick := time.NewTicker(n.cfg.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		next := n.now().Add(n.cfg.Lease)
		held, err := n.holdLease(ctx, next)
		switch {
		case err == nil && held:
			until = next
		case err == nil, n.now().After(until.Add(-n.cfg.Lease / 3)):
			return // somebody else has it, or soon may
		}
	}
}

func (n *Notifier) holdLease(ctx context.Context, until time.Time) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Lease/3)
	defer cancel()
	return n.store.HoldLease(ctx, noticesLease, n.owner, n.now(), until)
}

// roundWithin is how long one look may take, or doing what was read and sending
// what waits: a database that hangs must not stop them for ever.
const roundWithin = 10 * time.Minute

func inTime(ctx context.Context, f func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, roundWithin)
	defer cancel()
	return f(ctx)
}

// poll hears what is written to the bot. What could not be done is asked for
// again.
func (n *Notifier) poll(ctx context.Context) {
	var offset int64
	for pause := time.Duration(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		ms, next, err := n.bot.Updates(ctx, offset, n.cfg.Wait)
		if errors.Is(err, domain.ErrNotFound) || ctx.Err() != nil {
			return // there is no bot
		}
		n.report("read what is written to the bot", err)
		if err == nil {
			hear := func(ctx context.Context) error { return n.hearAll(ctx, ms) }
			if err = inTime(ctx, hear); err == nil {
				offset, pause = next, 0
				continue
			}
			n.report("do what was written to the bot", err)
		}
		pause = min(max(2*pause, time.Second), time.Minute)
	}
}

func (n *Notifier) hearAll(ctx context.Context, ms []ChatMessage) error {
	for _, m := range ms {
		if err := n.hear(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// look finds what is to be told.
func (n *Notifier) look(ctx context.Context) {
	n.every(ctx, n.cfg.Interval, nil, func() {
		n.report("look for digests", inTime(ctx, n.digests))
		n.report("look for alerts", inTime(ctx, n.alerts))
		n.stir()
	})
}

// sendAll sends what waits.
func (n *Notifier) sendAll(ctx context.Context) {
	n.every(ctx, min(lookEvery, n.cfg.Interval), n.wake, func() { n.report("send what waits", inTime(ctx, n.sendDue)) })
	n.sending.Wait()
}

// every calls f at once, at intervals and when it is woken.
func (n *Notifier) every(ctx context.Context, interval time.Duration, wake <-chan struct{}, f func()) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		f()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-wake:
		}
	}
}

// report logs what fails when it begins to, and no more until it works again:
// most of this is tried every second.
func (n *Notifier) report(doing string, err error) {
	n.mu.Lock()
	before := n.failed[doing]
	n.failed[doing] = err != nil
	n.mu.Unlock()
	if err != nil && !before && !errors.Is(err, context.Canceled) {
		n.logger.Warn("notifications: "+doing, "error", err)
	}
}
