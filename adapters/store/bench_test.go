package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

// BenchmarkIngestBatch stores batches of 500 arrivals of one event each:
// starts of new people, each by a click of their own and with the conversion
// that comes of it; and steps of a funnel of people who are known.
func BenchmarkIngestBatch(b *testing.B) {
	const size = 500
	for name, open := range map[string]func(testing.TB) *database.DB{
		database.SQLite: databasetest.SQLite, database.Postgres: databasetest.Postgres,
	} {
		b.Run("starts/"+name, func(b *testing.B) {
			f := newFixture(b, open(b))
			f.link("l", "Spring", "")
			next := int64(0)
			for b.Loop() {
				b.StopTimer()
				clicks := make([]domain.Click, size)
				for i := range clicks {
					clicks[i] = f.click(fmt.Sprintf("%032x", next+int64(i)), 0)
				}
				f.ok(f.SaveClicks(b.Context(), clicks))
				b.StartTimer()
				f.ok(f.Ingest(b.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
					return benchBatch(ctx, f, tx, clicks, next)
				}))
				next += size
			}
			b.ReportMetric(float64(next)/b.Elapsed().Seconds(), "events/s")
		})
		b.Run("steps/"+name, func(b *testing.B) {
			f := newFixture(b, open(b))
			batches := int64(0)
			for b.Loop() {
				f.ok(f.Ingest(b.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
					return benchSteps(ctx, f, tx, size, batches)
				}))
				batches++
			}
			b.ReportMetric(float64(batches*size)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// benchSteps is a batch of funnel steps of one of ten thousand people each.
func benchSteps(ctx context.Context, f *fixture, tx usecase.IngestTx, size, batch int64) error {
	admitted, err := tx.Admit(ctx, usecase.AdmitNeeds{Now: noon,
		Projects: map[string]domain.Use{"p": {Requests: int(size), Signals: int(size)}}})
	if err != nil {
		return err
	}
	needs := usecase.IngestNeeds{Now: noon, NewIDs: map[domain.SubscriberKey]string{}}
	changes := &usecase.IngestChanges{Now: noon, SenderKeys: map[usecase.SenderKey]usecase.KeyUse{}}
	for i := range size {
		k := personKey((batch*size+i)%10_000 + 1)
		needs.Subscribers = append(needs.Subscribers, k)
		needs.NewIDs[k] = f.id("subscriber-of-a-benchmark-")
		needs.SenderKeys = append(needs.SenderKeys, usecase.SenderKey{
			ProjectID: "p", Key: fmt.Sprintf("same:%d", batch*size+i),
		})
		admitted.Counters["p"].Take(domain.Limits{}, one, noon)
	}
	state, err := tx.Load(ctx, needs)
	if err != nil {
		return err
	}
	for i, k := range needs.Subscribers {
		s := state.Subscribers[k]
		s.Seq++
		id := fmt.Sprintf("%032x-0", batch*size+int64(i))
		changes.Subscribers = append(changes.Subscribers, s)
		changes.Events = append(changes.Events, domain.Event{
			ID: id, ProjectID: "p", RequestID: id[:32], SubscriberID: s.ID, Type: domain.FunnelEvent, OccurredAt: noon,
			ReceivedAt: noon, Seq: s.Seq, Name: "step",
		})
		changes.SenderKeys[needs.SenderKeys[i]] = usecase.KeyUse{EventID: id, At: noon}
	}
	changes.Counters = append(changes.Counters, admitted.Counters["p"])
	return tx.Save(ctx, changes)
}

func benchBatch(ctx context.Context, f *fixture, tx usecase.IngestTx, clicks []domain.Click, base int64) error {
	admitted, err := tx.Admit(ctx, usecase.AdmitNeeds{Now: noon,
		Projects: map[string]domain.Use{"p": {Requests: len(clicks), Signals: len(clicks)}}})
	if err != nil {
		return err
	}
	needs := usecase.IngestNeeds{Now: noon, NewIDs: map[domain.SubscriberKey]string{}}
	changes := &usecase.IngestChanges{Now: noon, SenderKeys: map[usecase.SenderKey]usecase.KeyUse{}}
	for i, c := range clicks {
		k := personKey(base + int64(i) + 1)
		needs.Subscribers = append(needs.Subscribers, k)
		needs.NewIDs[k] = f.id("subscriber-of-a-benchmark-")
		needs.Starts = append(needs.Starts, usecase.StartKey{ProjectID: "p", Value: c.StartValue})
		needs.SenderKeys = append(needs.SenderKeys, usecase.SenderKey{
			ProjectID: "p", Key: fmt.Sprintf("update:%d", base+int64(i)),
		})
		admitted.Counters["p"].Take(domain.Limits{}, one, noon)
	}
	state, err := tx.Load(ctx, needs)
	if err != nil {
		return err
	}
	for i, k := range needs.Subscribers {
		s, c := state.Subscribers[k], state.ClickByStart[needs.Starts[i]]
		t := domain.ClickTouch(noon, state.Links[c.LinkID], &c.Click, domain.ByClick, 1)
		id := fmt.Sprintf("%032x-0", base+int64(i))
		s.Learn(domain.Person{Username: "somebody", FirstName: "Some", LastName: "Body", Language: "ru"})
		s.Seq++
		change := s.Start(noon, "ep"+id)
		s.Attribute(t, 21*24*time.Hour)
		changes.Subscribers = append(changes.Subscribers, s)
		changes.Episodes = append(changes.Episodes, domain.Episode{
			ID: s.EpisodeID, ProjectID: "p", SubscriberID: s.ID, OpenedAt: noon, Touch: t,
		})
		changes.Claims = append(changes.Claims, usecase.Claim{ClickID: c.ID, SubscriberID: s.ID, At: noon})
		changes.Events = append(changes.Events, domain.Event{
			ID: id, ProjectID: "p", RequestID: id[:32], SubscriberID: s.ID, EpisodeID: s.EpisodeID,
			Type:       domain.BotStarted,
			OccurredAt: noon, ReceivedAt: noon, Seq: s.Seq, Change: change, Touch: &t,
		})
		changes.SenderKeys[needs.SenderKeys[i]] = usecase.KeyUse{EventID: id, At: noon}
		v := f.conversion("v" + id)
		v.SubscriberID, v.UserID, v.ClickID = s.ID, s.UserID, c.ID
		changes.Conversions = append(changes.Conversions, v)
	}
	changes.Counters = append(changes.Counters, admitted.Counters["p"])
	return tx.Save(ctx, changes)
}
