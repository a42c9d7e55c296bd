package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

// Batches that meet on one person come one after the other: no event is lost
// and no number given twice.
func TestBatchesOnOnePerson(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		const workers, rounds = 4, 10
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for range rounds {
					err := f.Ingest(t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
						state, err := tx.Load(ctx, usecase.IngestNeeds{
							Now: noon, Subscribers: []domain.SubscriberKey{personKey(5)},
							NewIDs: map[domain.SubscriberKey]string{personKey(5): f.id("sub")},
						})
						if err != nil {
							return err
						}
						s := state.Subscribers[personKey(5)]
						s.Seq++
						return tx.Save(ctx, &usecase.IngestChanges{
							Now: noon, Subscribers: []*domain.Subscriber{s},
							Events: []domain.Event{{
								ID: f.id("e"), ProjectID: "p", SubscriberID: s.ID, Seq: s.Seq, OccurredAt: noon,
								ReceivedAt: noon,
							}},
						})
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := f.person(5).Seq; got != workers*rounds {
			t.Errorf("the last event has number %d, want %d", got, workers*rounds)
		}
		var numbers int
		f.scan(&numbers, "SELECT count(DISTINCT seq) FROM events")
		if numbers != workers*rounds || f.count("people") != 1 {
			t.Errorf("%d numbers of events, %d rows of the person", numbers, f.count("people"))
		}
	})
}

// A limit holds for all processes together.
func TestCountersOfBatchesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		var taken atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 10 {
					var admitted bool
					err := f.Ingest(t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
						got, err := tx.Admit(ctx, usecase.AdmitNeeds{Now: noon, Projects: map[string]domain.Use{"p": one}})
						if err != nil {
							return err
						}
						_, admitted = got.Counters["p"].Take(domain.Limits{PerDay: 25}, one, noon)
						if !admitted {
							return tx.Save(ctx, &usecase.IngestChanges{Now: noon})
						}
						return tx.Save(ctx, &usecase.IngestChanges{Now: noon,
							Counters: []*domain.Counters{got.Counters["p"]}})
					})
					if err != nil {
						t.Error(err)
					}
					if admitted {
						taken.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if taken.Load() != 25 {
			t.Errorf("%d requests were admitted, the limit is 25", taken.Load())
		}
	})
}

// Two transactions that lock the same people the other way round: PostgreSQL
// ends one of them, and the store runs it again.
func TestADeadlockIsRepeated(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Postgres(t))
	f.person(1)
	f.person(2)
	var meet sync.WaitGroup
	meet.Add(2)
	var runs atomic.Int64
	lock := func(first, second int64) error {
		attempt := 0
		return f.Ingest(t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
			runs.Add(1)
			attempt++
			for i, id := range []int64{first, second} {
				k := personKey(id)
				_, err := tx.Load(ctx, usecase.IngestNeeds{
					Now: noon, Subscribers: []domain.SubscriberKey{k},
					NewIDs: map[domain.SubscriberKey]string{k: "unused"},
				})
				if err != nil {
					return err
				}
				if i == 0 && attempt == 1 {
					meet.Done()
					meet.Wait()
				}
			}
			return nil
		})
	}
	var wg sync.WaitGroup
	for _, order := range [][2]int64{{1, 2}, {2, 1}} {
		wg.Go(func() {
			if err := lock(order[0], order[1]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if runs.Load() < 3 {
		t.Errorf("%d runs: there was no deadlock to repeat", runs.Load())
	}
}

// A connection that breaks is storage's fault, and the next batch gets
// another one.
func TestALostConnection(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Postgres(t))
	f.person(5)
	needs := usecase.IngestNeeds{
		Now: noon, Subscribers: []domain.SubscriberKey{personKey(5)},
		NewIDs: map[domain.SubscriberKey]string{personKey(5): "unused"},
	}
	err := f.Ingest(t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
		if _, err := tx.Load(ctx, needs); err != nil {
			return err
		}
		f.exec(`SELECT pg_terminate_backend(pid) FROM pg_locks
			WHERE relation = 'people'::regclass AND pid <> pg_backend_pid()`)
		_, err := tx.Load(ctx, needs)
		return err
	})
	if !errors.Is(err, domain.ErrUnavailable) || errors.Is(err, domain.ErrInvalid) {
		t.Errorf("a lost connection: %v, want ErrUnavailable", err)
	}
	f.person(5)
}

// A table may change under a process that runs on: a statement planned before
// is planned anew, below bun and through it.
func TestATableThatChanges(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Postgres(t))
	needs := usecase.IngestNeeds{
		Now: noon, Subscribers: []domain.SubscriberKey{personKey(5)},
		NewIDs: map[domain.SubscriberKey]string{personKey(5): "unused"},
	}
	f.person(5)
	read := func() {
		t.Helper()
		if s := f.load(needs).Subscribers[personKey(5)]; s == nil || s.UserID != 5 {
			t.Errorf("read %+v", s)
		}
		_, err := f.Subscriber(t.Context(), personKey(5))
		f.ok(err)
		_, _, err = f.Subscribers(t.Context(), usecase.SubscriberFilter{ProjectID: "p", Search: "5"},
			usecase.Page{Limit: 1})
		f.ok(err)
	}
	for range 3 { // on each connection of the pool
		read()
	}
	f.exec(`ALTER TABLE people ALTER COLUMN first_name TYPE TEXT COLLATE "C"`)
	for range 5 {
		read()
	}
}
