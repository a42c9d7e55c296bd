package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestMergeGivesEverythingToThePerson(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("c1", 0)}))
		anonymous := &domain.Subscriber{SubscriberKey: personKey(0), ID: "anon", FirstSeen: noon, Seq: 1}
		v := f.conversion("v1")
		v.SubscriberID, v.UserID = "anon", 0
		f.save(&usecase.IngestChanges{
			Inserted: []*domain.Subscriber{anonymous},
			Episodes: []domain.Episode{{ID: "ep", ProjectID: "p", SubscriberID: "anon", OpenedAt: noon}},
			Claims:   []usecase.Claim{{ClickID: "c1", SubscriberID: "anon", At: noon}},
			Events: []domain.Event{{
				ID: "r-0", ProjectID: "p", SubscriberID: "anon", Seq: 1, Type: domain.BotStarted,
				OccurredAt: noon, ReceivedAt: noon,
			}},
			Conversions: []usecase.NewConversion{v},
			Waiting: []usecase.WaitingGoal{{
				EventID: "r-9", ProjectID: "p", SubscriberID: "anon", OccurredAt: noon, Until: noon,
			}},
		})
		s := f.person(5)
		f.save(&usecase.IngestChanges{
			Merges: []usecase.Merge{{From: "anon", To: s.ID}},
			Claims: []usecase.Claim{{ClickID: "c1", SubscriberID: s.ID, At: noon}},
		})
		for what, query := range map[string]string{
			"episode": "episodes WHERE person_no = ?", "event": "events WHERE person_no = ?",
			"click": "clicks WHERE claimed_by = ?", "conversion": "conversions WHERE person_no = ?",
			"waiting goal": "waiting_goals WHERE person_no = ?",
		} {
			if f.count(query, f.personNo(s.ID)) != 1 {
				t.Errorf("the %s did not go to the person", what)
			}
		}
		if n := f.count("people WHERE id = ?", key("anon")); n != 0 {
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
		if f.count("episodes WHERE person_no = ?", f.personNo(s.ID)) != 1 || f.count("people") != 1 {
			t.Error("not merged")
		}
	})
}

func TestWithdrawalMakesAGuessOrganic(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("c1", 0)}))
		s := f.person(5)
		guess := domain.Touch{
			At: noon, StartValue: "PJc1", LinkID: "l", ClickID: "c1", Source: "Spring", Reason: domain.ByGuess,
			Confidence: 0.5,
		}
		open, sent, started := f.conversion("v1"), f.conversion("v2"), f.conversion("v3")
		started.SubscriberID, started.ClickID, started.Kind = s.ID, "c1", domain.Activation
		open.SubscriberID, open.ClickID = s.ID, "c1"
		sent.SubscriberID, sent.ClickID, sent.Status, sent.NextAttemptAt = s.ID, "c1", domain.Delivered, nil
		f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{open, sent, started}})
		theirs := started
		theirs.SubscriberID = f.person(6).ID
		f.save(&usecase.IngestChanges{ // in one batch with the episode of the guess
			Episodes: []domain.Episode{{ID: "ep", ProjectID: "p", SubscriberID: s.ID, OpenedAt: noon,
				Touch: guess}},
			Withdrawals: []usecase.Withdrawal{{ClickID: "c1", SubscriberID: s.ID}},
			Conversions: []usecase.NewConversion{theirs},
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
			case c.ID == "v3" && (c.Status != domain.Pending || c.UserID != 6):
				t.Errorf("the activation of who started with it is %+v", c)
			case c.Kind == domain.Activation && c.ID != "v3" &&
				(c.ID != domain.ConversionID("w|v3") || c.Status != domain.Unattributed || c.UserID != 5):
				t.Errorf("the activation of the guess is %+v", c)
			case c.ID == "v2" && (c.Status != domain.Delivered || c.ClickID != "c1"):
				t.Errorf("what was sent is %+v", c)
			}
		}
		created, by, err := f.Ledger(t.Context(), "p")
		f.ok(err)
		if created != 4 || len(cs) != 4 || len(by) != 3 {
			t.Errorf("the ledger has %d created, %v", created, by)
		}
	})
}
