package store_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestDeleteProjectLeavesNothing(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		for _, id := range []string{"p", "q"} {
			f.ok(
				f.CreateProject(
					ctx,
					project(id),
					[]usecase.Key{{ID: "k" + id, ProjectID: id, Kind: usecase.APIKey, Hash: []byte(id),
						CreatedAt: noon}},
				),
			)
		}
		f.link("l", "Spring", "")
		f.ok(f.SaveClicks(ctx, []domain.Click{f.click("c1", 0), f.click("c2", 0)}))
		f.account("a")
		s := f.person(5)
		f.admit(
			usecase.AdmitNeeds{
				Now:      noon,
				KeepFrom: noon,
				Projects: map[string]domain.Use{"p": one},
				Keys: []usecase.KeptAnswer{{IdempotencyKey: usecase.IdempotencyKey{ProjectID: "p"},
					CreatedAt: noon}},
			},
		)
		v := f.conversion("v0")
		v.SubscriberID = s.ID
		f.save(&usecase.IngestChanges{
			Inserted: []*domain.Subscriber{
				{
					SubscriberKey: personKey(0),
					ID:            "anonymous by a click",
					FirstSeen:     noon,
				},
				{SubscriberKey: personKey(0), ID: "anonymous by an event", FirstSeen: noon},
			},
			Claims: []usecase.Claim{{ClickID: "c2", SubscriberID: "anonymous by a click", At: noon}},
			Episodes: []domain.Episode{
				{
					ID:           "ep",
					ProjectID:    "p",
					SubscriberID: s.ID,
					OpenedAt:     noon,
				},
				{ID: "ep2", ProjectID: "p", SubscriberID: "anonymous by a click", OpenedAt: noon},
				{ID: "ep3", ProjectID: "p", SubscriberID: "anonymous by an event", OpenedAt: noon},
			},
			Events: []domain.Event{
				{ID: "r-0", ProjectID: "p", OccurredAt: noon, ReceivedAt: noon},
				{ID: "r-2", ProjectID: "p", SubscriberID: "anonymous by an event", OccurredAt: noon, ReceivedAt: noon},
			},
			SenderKeys: map[usecase.SenderKey]usecase.KeyUse{
				{ProjectID: "p", Messenger: domain.Telegram, Key: "k"}: {EventID: "r-0", At: noon},
			},
			Waiting: []usecase.WaitingGoal{
				{EventID: "r-1", ProjectID: "p", SubscriberID: s.ID, OccurredAt: noon, Until: noon},
			},
			Conversions: []usecase.NewConversion{v},
		})
		f.words()
		f.leaseSends(noon, "v0")
		f.settle(
			usecase.Settlement{ID: "v0", Attempt: 1, Status: domain.Delivered, Attempted: true,
				Call: &usecase.Exchange{}},
		)
		f.event("q", "of another project", noon)
		f.ok(f.DeleteProject(ctx, "p"))
		for _, table := range []string{
			"api_keys WHERE project_id = 'p'", "links", "ad_accounts", "clicks", "people",
			"people_words WHERE person_no > 0", "episodes",
			"waiting_goals", "event_keys",
			"idempotency_keys", "conversions", "conversion_totals", "sends", "attempts", "calls", "counters",
		} {
			if n := f.count(table); n != 0 {
				t.Errorf("%s has %d rows still", table, n)
			}
		}
		if n := f.count("events"); n != 1 {
			t.Errorf("%d events are left, want the other project's", n)
		}
		_, err := f.Project(ctx, "p")
		wantNotFound(t, "Project", err)
		if _, err := f.KeyByHash(ctx, []byte("q")); err != nil {
			t.Errorf("the other project's key: %v", err)
		}
		// A deletion that was killed is finished later.
		f.exec("UPDATE projects SET deleted_at = created_at WHERE id = 'q'")
		f.ok(f.Upkeep(ctx, noon, store.Ages{SenderKeys: time.Hour, Answers: time.Hour}))
		if n := f.count("projects"); n != 0 {
			t.Errorf("%d projects are left", n)
		}
	})
}
