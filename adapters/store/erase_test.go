package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestEraseLeavesNothingPersonal(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.account("a")
		f.ok(f.SaveClicks(ctx, []domain.Click{f.click("c1", 0)}))
		s, other := f.named(777001, domain.Person{Username: "secret_name", FirstName: "Secretname"}), f.person(7770012)
		s.FirstSource = "secret_start"
		v := f.conversion("v1")
		v.SubscriberID, v.UserID, v.ClickID, v.Source = s.ID, s.UserID, "c1", "secret_start"
		touch := domain.Touch{At: noon, StartValue: "secret_start", Source: "secret_start",
			Reason: domain.ByStartValue}
		key := func(k string) usecase.SenderKey {
			return usecase.SenderKey{ProjectID: "p", Messenger: domain.Telegram, Key: k}
		}
		f.save(&usecase.IngestChanges{
			Subscribers: []*domain.Subscriber{s},
			Claims:      []usecase.Claim{{ClickID: "c1", SubscriberID: s.ID, At: noon}},
			Episodes: []domain.Episode{{ID: "ep", ProjectID: "p", SubscriberID: s.ID, OpenedAt: noon,
				Touch: touch}},
			Events: []domain.Event{
				{
					ID:           "r-0",
					ProjectID:    "p",
					SubscriberID: s.ID,
					Seq:          1,
					Type:         domain.BotStarted,
					OccurredAt:   noon,
					ReceivedAt:   noon,
					Touch:        &touch,
					InviteLink:   "secret_invite",
					Labels:       []domain.Label{{Name: "phone", Value: "secret_phone"}},
				},
				{
					ID:           "r-2",
					ProjectID:    "p",
					SubscriberID: other.ID,
					Seq:          1,
					Type:         domain.FunnelEvent,
					OccurredAt:   noon,
					ReceivedAt:   noon,
					Name:         "kept",
				},
			},
			SenderKeys: map[usecase.SenderKey]usecase.KeyUse{
				key("start:777001:9"):  {EventID: "x", At: noon},
				key("payment:5"):       {EventID: "r-0", At: noon},
				key("start:7770012:9"): {EventID: "y", At: noon},
			},
			Conversions: []usecase.NewConversion{v},
			Waiting: []usecase.WaitingGoal{
				{EventID: "r-1", ProjectID: "p", SubscriberID: s.ID, OccurredAt: noon, Until: noon},
			},
		})
		f.words()
		f.leaseSends(noon, "v1")
		f.settle(usecase.Settlement{
			ID:        "v1",
			Attempt:   1,
			Status:    domain.Retrying,
			Attempted: true,
			Call:      &usecase.Exchange{},
			Row:       `"777001"`,
			RowAnswer: `secret`,
			Reason:    "secret",
		})
		f.exec("DELETE FROM rollup_marks")
		f.ok(f.Erase(ctx, s.SubscriberKey, noon))

		_, err := f.Subscriber(ctx, s.SubscriberKey)
		wantNotFound(t, "Subscriber", err)
		wantNotFound(t, "Erase again", f.Erase(ctx, s.SubscriberKey, noon))
		if _, err := f.Subscriber(ctx, other.SubscriberKey); err != nil {
			t.Errorf("another person: %v", err)
		}
		if n := f.count("event_keys WHERE key = 'start:7770012:9'"); n != 1 || f.count("event_keys") != 1 {
			t.Error("the wrong keys were erased")
		}
		dump := f.dump()
		for _, personal := range []string{"secret", "777001|", "198.51.100.7", "Aa1"} {
			if strings.Contains(dump, personal) {
				t.Errorf("%s is left:\n%s", personal, dump)
			}
		}
		got := f.stored("v1")
		if got.Value != nil || got.UserID != 0 || got.ClickID != "" || got.Status != domain.Rejected ||
			got.ReasonCode != domain.ReasonPersonErased {
			t.Errorf("the conversion is %+v", got)
		}
		if n := f.count("rollup_marks WHERE at = ?", f.time(noon.Truncate(15*time.Minute))); n == 0 {
			t.Error("the day is not counted anew")
		}
		created, by, err := f.Ledger(ctx, "p")
		if err != nil || created != 1 || len(by) != 1 || by[0].Count != 1 {
			t.Errorf("ledger: %d, %v, %v", created, by, err)
		}
		// What the stream does not have yet it gets without the person.
		var ids []string
		for n := 1; n > 0; {
			n, err = f.RelayEvents(ctx, 1000, func(_ context.Context, es []usecase.OutboxEvent) error {
				for _, e := range es {
					ids = append(ids, e.EventID)
				}
				return nil
			})
			f.ok(err)
		}
		if d := cmp.Diff([]string{"r-2"}, ids); d != "" {
			t.Errorf("events for the stream (-want +got):\n%s", d)
		}
		f.erasedEvents(s)
	})
}

// erasedEvents tells whether the events of who was erased are found until the
// streams are done with them.
func (f *fixture) erasedEvents(s *domain.Subscriber) {
	f.t.Helper()
	open, err := f.Erasures(f.t.Context(), "", 10)
	f.ok(err)
	if len(open) != 1 || open[0].SubscriberID != s.ID || open[0].UserID != s.UserID || open[0].ProjectID != "p" {
		f.t.Fatalf("erasures under way: %+v", open)
	}
	ids, since, err := f.ErasedEvents(f.t.Context(), open[0])
	if f.ok(err); len(ids) != 1 || ids[0] != "r-0" || !since.Equal(noon) {
		f.t.Errorf("events of who was erased: %v since %v", ids, since)
	}
	f.ok(f.EndErasure(f.t.Context(), open[0]))
	if n := f.count("erasures"); n != 0 {
		f.t.Errorf("%d erasures are open", n)
	}
}

// The name of a source goes that was one person's start value, and stays where
// somebody else came by it, too.
func TestEraseForgetsSourcesOfOnePerson(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) { eraseOfSource(t, f) })
}

// The same while the words of people are lost.
func TestEraseForgetsSourcesWithoutWords(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) { eraseOfSource(t, f, "DELETE FROM people_words") })
}

func eraseOfSource(t *testing.T, f *fixture, before ...string) {
	touch := func(value string) domain.Touch {
		return domain.Touch{At: noon, StartValue: value, Source: value, Reason: domain.ByStartValue}
	}
	changes := &usecase.IngestChanges{}
	var people []*domain.Subscriber
	for i, value := range []string{"own", "shared", "shared"} {
		s := f.person(int64(i + 1))
		s.FirstSource = value
		people = append(people, s)
		changes.Subscribers = append(changes.Subscribers, s)
		changes.Episodes = append(
			changes.Episodes,
			domain.Episode{ID: f.id("ep"), ProjectID: "p", SubscriberID: s.ID, OpenedAt: noon, Touch: touch(value)},
		)
	}
	f.save(changes)
	f.words()
	for _, query := range before {
		f.exec(query)
	}
	for _, source := range []string{"own", "shared"} {
		f.exec(
			`INSERT INTO rollup_sources (id, project_no, link_no, source, utm_source, utm_medium, utm_campaign,
				utm_content, utm_term, network) VALUES (?, ?, 0, ?, '', '', '', '', '', '')`,
			"id of "+source,
			f.no("projects", "p"),
			source,
		)
	}
	for _, s := range people[:2] {
		f.ok(f.Erase(t.Context(), s.SubscriberKey, noon))
	}
	if f.count("rollup_sources WHERE source = 'own'") != 0 || f.count("rollup_sources WHERE source = 'shared'") != 1 {
		t.Error("the wrong names of sources were erased")
	}
}

// Answers that tell of the person's events go, others stay.
func TestEraseForgetsAnswers(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s, other := f.person(71), f.person(72)
		id := func(n int) string { return fmt.Sprintf("%032x-0", n) }
		event := func(id string, s *domain.Subscriber) domain.Event {
			return domain.Event{
				ID:           id,
				ProjectID:    "p",
				SubscriberID: s.ID,
				Seq:          1,
				Type:         domain.FunnelEvent,
				OccurredAt:   noon,
				ReceivedAt:   noon,
			}
		}
		f.save(&usecase.IngestChanges{Events: []domain.Event{event(id(1), s), event(id(2), other)}})
		for key, answer := range map[string]string{"a": id(1), "b": id(2), "of 71": "{}", "of 712": "{}"} {
			f.exec(
				`INSERT INTO idempotency_keys (project_no, method, key, body_hash, answer, created_at)
				VALUES (?, 'm', ?, ?, ?, ?)`,
				f.no("projects", "p"),
				key,
				[]byte{1},
				[]byte(`{"events":["`+answer+`"]}`),
				f.time(noon),
			)
		}
		f.ok(f.Erase(t.Context(), s.SubscriberKey, noon))
		if f.count("idempotency_keys") != 2 || f.count("idempotency_keys WHERE key IN ('b', 'of 712')") != 2 {
			t.Error("the wrong answers were erased")
		}
	})
}

// dump is all text and numbers that the tables of people hold.
func (f *fixture) dump() string {
	f.t.Helper()
	var b strings.Builder
	for _, table := range []string{
		"people", "people_words", "episodes", "events", "clicks", "conversions", "sends", "event_keys",
		"waiting_goals", "attempts", "calls",
	} {
		rows, err := f.db.Read.QueryContext(f.t.Context(), "SELECT * FROM "+table)
		f.ok(err)
		columns, err := rows.Columns()
		f.ok(err)
		for rows.Next() {
			values := make([]any, len(columns))
			dest := make([]any, len(columns))
			for i := range values {
				dest[i] = &values[i]
			}
			f.ok(rows.Scan(dest...))
			for _, v := range values {
				if raw, ok := v.([]byte); ok {
					v = string(raw)
				}
				fmt.Fprintf(&b, "%v|", v)
			}
			b.WriteString("\n")
		}
		f.ok(rows.Close())
	}
	return b.String()
}

// A job of one person that failed keeps whose it was, until they are erased.
func TestEraseForgetsReplaysOfThePerson(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.named(71, domain.Person{FirstName: "A"})
		for id, filter := range map[string]usecase.ReplayFilter{
			"theirs": {ProjectID: "p", UserID: 71}, "longer id": {ProjectID: "p", UserID: 712},
			"elsewhere":  {ProjectID: "q", UserID: 71},
			"everywhere": {UserID: 71}, "of nobody": {ProjectID: "p"},
		} {
			f.ok(
				f.CreateReplay(
					t.Context(),
					usecase.Replay{
						ID:        id,
						Kind:      "requests",
						Filter:    filter,
						State:     usecase.ReplayFailed,
						CreatedAt: noon,
						UpdatedAt: noon,
					},
				),
			)
		}
		f.ok(f.Erase(t.Context(), personKey(71), noon))
		if n := f.count("replays"); n != 3 {
			t.Errorf("%d jobs are left, want those of others: 3", n)
		}
	})
}
