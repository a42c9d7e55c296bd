package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// conversion that waits to be sent, of account a.
func (f *fixture) conversion(id string) usecase.NewConversion {
	due, expires := noon, noon.AddDate(0, 0, 7)
	return usecase.NewConversion{CountKey: "g|" + id, Conversion: domain.Conversion{
		ID: id, ProjectID: "p", AccountID: "a", Network: "yandex", Kind: domain.Goal, Target: "buy", Name: "Buy", Value: amount(1_500_000),
		Currency: "RUB", OccurredAt: noon, CreatedAt: noon, EventID: "r-0", Messenger: domain.Telegram, UserID: 5, Source: "Spring", EpisodeID: "ep",
		Status: domain.Pending, NotBefore: noon.Add(-time.Second), ExpiresAt: expires, NextAttemptAt: &due,
	}}
}

func TestConversionsCountOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		again, organic := f.conversion("v2"), f.conversion("v3")
		again.CountKey = "g|v1"
		organic.Network, organic.AccountID, organic.Status, organic.NextAttemptAt = "", "", domain.Unattributed, nil
		f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{f.conversion("v1"), again, organic}})
		f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{again, f.conversion("v4")}})
		created, by, err := f.Ledger(t.Context(), "p")
		f.ok(err)
		want := []usecase.LedgerLine{{Network: "", Status: domain.Unattributed, Count: 1}, {Network: "yandex", Status: domain.Pending, Count: 2}}
		if diff := cmp.Diff(want, by); diff != "" || created != 3 {
			t.Errorf("created %d, want 3; ledger:\n%s", created, diff)
		}
	})
}

func TestMergeGivesEverythingToThePerson(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("c1", 0)}))
		anonymous := &domain.Subscriber{SubscriberKey: personKey(0), ID: "anon", FirstSeen: noon, Seq: 1}
		v := f.conversion("v1")
		v.SubscriberID, v.UserID = "anon", 0
		f.save(&usecase.IngestChanges{
			Inserted:    []*domain.Subscriber{anonymous},
			Episodes:    []domain.Episode{{ID: "ep", ProjectID: "p", SubscriberID: "anon", OpenedAt: noon}},
			Claims:      []usecase.Claim{{ClickID: "c1", SubscriberID: "anon", At: noon}},
			Events:      []domain.Event{{ID: "r-0", ProjectID: "p", SubscriberID: "anon", Seq: 1, Type: domain.BotStarted, OccurredAt: noon, ReceivedAt: noon}},
			Conversions: []usecase.NewConversion{v},
			Waiting:     []usecase.WaitingGoal{{EventID: "r-9", ProjectID: "p", SubscriberID: "anon", OccurredAt: noon, Until: noon}},
		})
		s := f.person(5)
		f.save(&usecase.IngestChanges{
			Merges: []usecase.Merge{{From: "anon", To: s.ID}},
			Claims: []usecase.Claim{{ClickID: "c1", SubscriberID: s.ID, At: noon}},
		})
		for what, query := range map[string]string{
			"episode": "episodes WHERE subscriber_id = ?", "event": "events WHERE subscriber_id = ?", "click": "clicks WHERE claimed_by = ?",
			"conversion": "conversions WHERE subscriber_id = ? AND user_id = 5", "waiting goal": "waiting_goals WHERE subscriber_id = ?",
		} {
			if f.count(query, s.ID) != 1 {
				t.Errorf("the %s did not go to the person", what)
			}
		}
		if n := f.count("subscribers WHERE id = 'anon'"); n != 0 {
			t.Error("the anonymous subscriber is still there")
		}
	})
}

// A start that named nobody and the person's own may come in one batch.
func TestMergeWithinOneBatch(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.person(5)
		f.save(&usecase.IngestChanges{
			Inserted: []*domain.Subscriber{{SubscriberKey: personKey(0), ID: "anon", FirstSeen: noon}},
			Episodes: []domain.Episode{{ID: "ep", ProjectID: "p", SubscriberID: "anon", OpenedAt: noon}},
			Merges:   []usecase.Merge{{From: "anon", To: s.ID}},
		})
		if f.count("episodes WHERE subscriber_id = ?", s.ID) != 1 || f.count("subscribers") != 1 {
			t.Error("not merged")
		}
	})
}

func TestWithdrawalMakesAGuessOrganic(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.person(5)
		guess := domain.Touch{At: noon, StartValue: "PJc1", LinkID: "l", ClickID: "c1", Source: "Spring", Reason: domain.ByGuess, Confidence: 0.5}
		open, sent := f.conversion("v1"), f.conversion("v2")
		open.SubscriberID, open.ClickID = s.ID, "c1"
		sent.SubscriberID, sent.ClickID, sent.Status, sent.NextAttemptAt = s.ID, "c1", domain.Delivered, nil
		f.save(&usecase.IngestChanges{ // in one batch with what it withdraws
			Episodes:    []domain.Episode{{ID: "ep", ProjectID: "p", SubscriberID: s.ID, OpenedAt: noon, Touch: guess}},
			Conversions: []usecase.NewConversion{open, sent},
			Withdrawals: []usecase.Withdrawal{{ClickID: "c1", SubscriberID: s.ID}},
		})
		record, err := f.Dossier(t.Context(), personKey(5))
		f.ok(err)
		if diff := cmp.Diff(domain.OrganicTouch(noon, ""), record.Episodes[0].Touch); diff != "" {
			t.Errorf("the episode's touch:\n%s", diff)
		}
		cs, _, err := f.Conversions(t.Context(), usecase.ConversionFilter{ProjectID: "p"}, usecase.Page{})
		f.ok(err)
		for _, c := range cs {
			switch {
			case c.ID == "v1" && (c.Status != domain.Unattributed || c.ClickID != "" || c.NextAttemptAt != nil ||
				c.StatusReason != "guess withdrawn: another person started with this click"):
				t.Errorf("what was not sent is %+v", c)
			case c.ID == "v2" && (c.Status != domain.Delivered || c.ClickID != "c1"):
				t.Errorf("what was sent is %+v", c)
			}
		}
		created, by, err := f.Ledger(t.Context(), "p")
		f.ok(err)
		if created != 2 || len(by) != 2 {
			t.Errorf("the ledger has %d created, %v", created, by)
		}
	})
}
