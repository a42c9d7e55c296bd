package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// counting counts how many days are counted from the rows.
type counting struct {
	*store.Store
	days int
}

type countingSnapshot struct {
	report.RollupSnapshot
	days *int
}

func (w *counting) RollupSnapshot(ctx context.Context, look func(context.Context, report.RollupSnapshot) error) error {
	return w.Store.RollupSnapshot(ctx, func(ctx context.Context, s report.RollupSnapshot) error {
		return look(ctx, countingSnapshot{s, &w.days})
	})
}

func (s countingSnapshot) DayFacts(
	ctx context.Context, projectID string, from, to time.Time, sink report.FactSink,
) error {
	*s.days++
	return s.RollupSnapshot.DayFacts(ctx, projectID, from, to, sink)
}

// What is new is added to the days; only what is corrected has its day counted
// anew.
func TestNewIsAdded(t *testing.T) {
	ledgers(t, func(l *ledger) {
		w := &counting{Store: l.Store}
		l.rollups = report.NewRollups(report.RollupsConfig{Config: reportsConfig}, w, "watched", l.clock,
			slog.New(slog.DiscardHandler))
		l.account("yclid", nil)
		link := l.link("ad", "")
		l.send(start(9, ""))
		l.settle() // begins the project's rollups
		w.days = 0
		c, d := l.click(link, "yclid=1", "utm_campaign=spring"), l.click(link, "gclid=2")
		l.send(start(1, c.StartValue), start(2, "blog"), step(1, "buy", "100.5"))
		l.send(anonymous(d.StartValue))
		l.after(time.Minute)
		l.send(start(3, d.StartValue)) // takes the anonymous one over
		l.settle()
		l.after(2 * day)
		l.send(goal(1, "lead"), goal(1, "lead"), step(2, "", "-30"), step(3, "buy", "1"), start(2, "blog"), stop(1),
			stop(2), start(4, ""), stop(4))
		l.settle()
		l.same("what came", l.span("2031-03-01", "2031-03-08"), report.Filter{})
		if w.days != 0 {
			l.Errorf("%d days were counted from the rows", w.days)
		}
		l.send(at(monday.Add(-time.Hour), start(3, ""))) // began earlier
		l.settle()
		l.same("a correction", l.span("2031-03-01", "2031-03-08"), report.Filter{})
		if w.days == 0 {
			l.Error("a correction was not counted from the rows")
		}
	})
}

// Whatever corrects what was counted is seen in the figures, on its own day.
func TestCorrections(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.account("yclid", nil)
		link := l.link("ad", "")
		l.settle()
		for n, c := range []struct {
			what            string
			before, correct func(user int64, click *domain.Click)
		}{
			{"a start that is attributed by the next one", func(user int64, _ *domain.Click) {
				l.send(start(user, ""), step(user, "buy", "5"))
			}, func(user int64, click *domain.Click) {
				l.now = l.now.Add(30 * time.Second)
				l.send(start(user, click.StartValue))
			}},
			{"an earlier start", func(user int64, click *domain.Click) {
				l.send(start(user, click.StartValue))
			}, func(user int64, _ *domain.Click) { l.send(at(l.now.Add(-30*time.Hour), start(user, ""))) }},
			{"a stop between two starts, told last", func(user int64, click *domain.Click) {
				l.send(at(l.now.Add(-50*time.Hour), start(user, click.StartValue)), start(user, ""))
			}, func(user int64, _ *domain.Click) { l.send(at(l.now.Add(-30*time.Hour), stop(user))) }},
			{"an earlier stay, told last", func(user int64, click *domain.Click) {
				l.send(start(user, click.StartValue), at(l.now.Add(-30*time.Hour), stop(user)))
			}, func(user int64, _ *domain.Click) { l.send(at(l.now.Add(-50*time.Hour), start(user, "blog"))) }},
			{"a guess that was wrong", func(user int64, _ *domain.Click) {
				l.send(start(user, "auto_detect"), goal(user, "lead"), step(user, "buy", "7"))
			}, func(user int64, click *domain.Click) { l.send(start(user+100, click.StartValue)) }},
			{"a repeat of an anonymous start", func(user int64, click *domain.Click) {
				l.send(start(user, ""), anonymous(click.StartValue))
			}, func(user int64, click *domain.Click) {
				l.now = l.now.Add(2 * time.Minute)
				l.send(start(user, click.StartValue))
			}},
			{"an anonymous start that a stop has ended", func(user int64, click *domain.Click) {
				l.send(at(l.now.Add(time.Minute), stop(user)), anonymous(click.StartValue))
			}, func(user int64, click *domain.Click) { l.send(start(user, click.StartValue)) }},
			{"a goal that has waited", func(user int64, _ *domain.Click) {
				l.send(goal(user, "lead"), step(user, "buy", "3"))
			}, func(user int64, _ *domain.Click) {
				l.now = l.now.Add(20 * time.Hour)
				l.send(start(user, ""))
			}},
			{"an erasure", func(user int64, click *domain.Click) {
				l.send(start(user, click.StartValue), goal(user, "lead"), start(user+100, "own name"))
			}, func(user int64, _ *domain.Click) {
				l.ok(l.Erase(l.Context(), domain.SubscriberKey{ProjectID: l.p.ID, Messenger: domain.Telegram,
					UserID: user}, l.now))
				who := domain.SubscriberKey{ProjectID: l.p.ID, Messenger: domain.Telegram, UserID: user + 100}
				l.ok(l.Erase(l.Context(), who, l.now))
			}},
		} {
			for _, counted := range []bool{true, false} { // before it is corrected
				user := int64(1 + 2*n)
				if !counted {
					user++
				}
				l.now = l.now.Add(25 * time.Hour)
				click := l.click(link, "yclid=1", "utm_campaign=spring")
				c.before(user, click)
				if counted {
					now := l.now
					l.settle()
					l.now, l.rollups = now, l.worker() // who would rest until later
				}
				l.now = l.now.Add(time.Second)
				c.correct(user, click)
				l.settle()
				l.same(c.what, l.span("2031-03-01", "2031-03-31"), report.Filter{})
			}
		}
	})
}

// Batches that are stored while others are counted, by two processes that take
// the work from each other, are counted once.
func TestRoundsAmongBatches(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.account("yclid", nil)
		link := l.link("ad", "")
		l.settle()
		in, now := l.ingest(), l.now
		ctx, end := context.WithCancel(l.Context())
		ended := make(chan error)
		go func() { ended <- in.Run(ctx) }()
		var senders, counters sync.WaitGroup
		over := make(chan struct{})
		for n := range 2 {
			clock := func() time.Time { return now.Add(time.Duration(n) * time.Hour) } // the lease is over
			r := report.NewRollups(report.RollupsConfig{Config: reportsConfig}, l.Store,
				fmt.Sprint("process ", n), clock,
				slog.New(slog.DiscardHandler))
			counters.Go(func() {
				for {
					select {
					case <-over:
						return
					default:
					}
					if _, err := r.Round(l.Context()); err != nil && !errors.Is(err, domain.ErrConflict) {
						l.Error(err)
						return
					}
				}
			})
		}
		var clicks []*domain.Click
		for range 20 {
			clicks = append(clicks, l.click(link, "yclid=1"))
		}
		for n := range 4 {
			rnd := rand.New(rand.NewPCG(uint64(n), 3))
			senders.Go(func() {
				for range 40 {
					user := int64(1 + rnd.IntN(15))
					value := []string{"", "auto_detect", clicks[rnd.IntN(len(clicks))].StartValue}[rnd.IntN(3)]
					when := now.Add(-time.Duration(rnd.IntN(40)) * time.Hour)
					sig := []domain.Signal{
						start(user, value), at(when, start(user, value)), anonymous(value), stop(user),
						at(when, stop(user)), goal(user, "lead"), step(user, "buy", "10"),
						at(when, step(user, "", "5")),
					}[rnd.IntN(8)]
					if _, err := in.Submit(l.Context(), l.request(l.ids.next(), sig)); err != nil {
						l.Error(err)
						return
					}
				}
			})
		}
		senders.Wait()
		close(over)
		counters.Wait()
		end()
		<-ended
		l.now = l.now.Add(2 * time.Hour)
		l.settle()
		l.same("after all", l.span("2031-02-27", "2031-03-05"), report.Filter{})
		if got := l.figures("2031-03-03"); got.Joins == 0 || got.Clicks != 20 || got.Goals == 0 || got.Leaves == 0 {
			l.Errorf("too little happened: %+v", got)
		}
	})
}

// What is no longer kept is not counted anew: it would be lost.
func TestOldDaysAreLeftAlone(t *testing.T) {
	ledgers(t, func(l *ledger) {
		link := l.link("ad", "")
		l.click(link)
		l.send(start(1, ""))
		l.settle()
		cfg := reportsConfig
		cfg.Kept = 10 * day
		kept := report.NewRollups(report.RollupsConfig{Config: cfg, Interval: time.Millisecond}, l.Store, "other",
			l.clock, slog.New(slog.DiscardHandler))
		l.after(20 * day)
		l.ok(l.Erase(l.Context(), domain.SubscriberKey{ProjectID: l.p.ID, Messenger: domain.Telegram,
			UserID: 1}, l.now))
		before := l.figures("2031-03-03")
		if n, err := kept.Round(l.Context()); err != nil || n != 1 {
			l.Fatalf("%d projects, %v", n, err)
		}
		l.want("2031-03-03", before)
		l.p.Timezone = "Asia/Tokyo"
		l.ok(l.UpdateProject(l.Context(), l.p.Project))
		if _, err := kept.Rebuild(l.Context(), l.p.ID, time.Time{}, time.Time{}); err != nil {
			l.Error(err)
		}
		l.want("2031-03-03", before)
	})
}

// Run makes rollups that were never made or have another fingerprint, and adds
// what comes. They go with the project.
func TestRollupsRun(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.send(start(1, ""))
		ctx, cancel := context.WithCancel(l.Context())
		done := make(chan error)
		go func() { done <- l.rollups.Run(ctx) }()
		eventually(l.T, "the rollups", func() bool {
			days, err := l.RollupDays(l.Context(), report.RollupQuery{
				ProjectID: l.p.ID, First: "2031-03-03", Last: "2031-03-03",
			})
			l.ok(err)
			fingerprint, err := l.RollupFingerprint(l.Context(), l.p.ID)
			l.ok(err)
			return fingerprint != "" && days["2031-03-03"] != nil && days["2031-03-03"].Joins == 1
		})
		cancel()
		l.ok(<-done)
		l.ok(l.DeleteProject(l.Context(), l.p.ID))
		days, err := l.RollupDays(l.Context(), report.RollupQuery{
			ProjectID: l.p.ID, First: "2031-03-03", Last: "2031-03-03",
		})
		l.ok(err)
		if len(days) != 0 {
			l.Errorf("a deleted project has figures: %v", days)
		}
	})
}
