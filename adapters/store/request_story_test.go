package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestRequestStory follows what a request made: its events, their people and
// conversions, and of those of no other request or project.
func TestRequestStory(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.named(5, domain.Person{FirstName: "Anna"})
		event := func(id, project, subscriber string, seq int64) domain.Event {
			return domain.Event{
				ID:           id,
				ProjectID:    project,
				SubscriberID: subscriber,
				Seq:          seq,
				Type:         domain.BotStarted,
				OccurredAt:   noon,
				ReceivedAt:   noon,
			}
		}
		f.account("a")
		first, others := f.conversion("v1"), f.conversion("v2")
		first.SubscriberID, others.SubscriberID, others.EventID = s.ID, s.ID, "r-9"
		f.save(&usecase.IngestChanges{
			Inserted: []*domain.Subscriber{{SubscriberKey: personKey(0), ID: "anon", FirstSeen: noon}},
			Events: []domain.Event{
				event("r-0", "p", s.ID, 1),
				event("r-1", "p", "anon", 1),
				event("r-9", "p", s.ID, 2),
				event("q-0", "q", "", 1),
			},
			Conversions: []usecase.NewConversion{first, others},
		})
		f.leaseSends(noon, "v1")
		f.settle(
			usecase.Settlement{
				ID:          "v1",
				Attempt:     1,
				Status:      domain.Delivered,
				Attempted:   true,
				DeliveredAt: &noon,
				Verdict:     "delivered",
			},
		)

		ids := []string{"r-1", "r-0", "q-0", "not there"}
		events, err := f.EventsByID(t.Context(), "p", ids)
		f.ok(err)
		var got []string
		for _, e := range events {
			got = append(got, e.ID+" of "+e.SubscriberID)
			if named := e.Subscriber != nil; named != (e.SubscriberID == s.ID) ||
				named && e.Subscriber.Person.FirstName != "Anna" {
				t.Errorf("the person of %s is %+v", e.ID, e.Subscriber)
			}
		}
		if d := cmp.Diff([]string{"r-0 of " + s.ID, "r-1 of anon"}, got); d != "" {
			t.Errorf("events (-want +got):\n%s", d)
		}
		conversions, err := f.EventConversions(t.Context(), "p", ids)
		f.ok(err)
		if len(conversions) != 1 || conversions[0].ID != "v1" || conversions[0].EventID != "r-0" ||
			conversions[0].Status != domain.Delivered {
			t.Errorf("conversions: %+v", conversions)
		}
		if elsewhere, err := f.EventConversions(t.Context(), "q", ids); err != nil || len(elsewhere) != 0 {
			t.Errorf("another project sees %+v, %v", elsewhere, err)
		}
		attempts, err := f.Attempts(t.Context(), "p", "v1")
		f.ok(err)
		if len(attempts) != 1 || attempts[0].Verdict != "delivered" {
			t.Errorf("attempts: %+v", attempts)
		}
		if none, err := f.EventsByID(t.Context(), "p", nil); err != nil || len(none) != 0 {
			t.Errorf("of no request: %+v, %v", none, err)
		}
	})
}

// TestNewestStart finds the newest start or join of the project's own place,
// whatever came after it.
func TestNewestStart(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		if _, err := f.NewestStart(t.Context(), "p"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("before anything came: %v", err)
		}
		s := f.named(5, domain.Person{})
		event := func(id string, kind domain.EventType, minute int, change domain.Change) domain.Event {
			at := noon.Add(time.Duration(minute) * time.Minute)
			return domain.Event{
				ID: id, ProjectID: "p", SubscriberID: s.ID, Seq: int64(minute), Type: kind, OccurredAt: at,
				ReceivedAt: at.Add(time.Second), Change: change, Touch: &domain.Touch{At: at, LinkID: "l", Source: "Spring"},
			}
		}
		older := event("r-0", domain.BotStarted, 1, domain.Opened)
		newest := event("r-1", domain.BotStarted, 2, "")
		stopped := event("r-2", domain.BotStopped, 3, domain.Closed)
		elsewhere := event("r-3", domain.MemberJoined, 4, domain.JoinedElsewhere)
		stopped.Touch = nil
		f.save(&usecase.IngestChanges{Events: []domain.Event{older, newest, stopped, elsewhere}})
		got, err := f.NewestStart(t.Context(), "p")
		f.ok(err)
		if got.ID != "r-1" || got.RequestID != "r" || got.Touch == nil || got.Touch.Source != "Spring" ||
			!got.ReceivedAt.Equal(newest.ReceivedAt) {
			t.Errorf("%+v, %+v", got, got.Touch)
		}
		if _, err := f.NewestStart(t.Context(), "q"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("another project: %v", err)
		}
	})
}
