package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

func amount(n int64) *domain.Amount {
	a := domain.Amount(n)
	return &a
}

// full is a subscriber with nothing empty.
func full(s *domain.Subscriber) {
	yes := true
	s.Person = domain.Person{
		ID: s.UserID, Username: "Vasya", FirstName: "Вася", LastName: "O'Пуп", Language: "ru", IsPremium: &yes,
	}
	s.Seq, s.Subscribed, s.EpisodeID = 7, true, "ep1"
	s.EpisodeAt, s.StoppedAt = noon.Add(time.Second), noon.Add(2*time.Second)
	s.FirstJoin, s.LastStart = noon.Add(3*time.Second), noon.Add(4*time.Second)
	s.LastMove = noon.Add(5 * time.Second)
	s.FirstSource, s.FirstUTM = "Весна", domain.UTM{Source: "a", Term: "b"}
	s.FirstAttributed = true
	s.Touches = []domain.Touch{{
		At: noon, LinkID: "l", ClickID: "c1", Reason: domain.ByGuess, Confidence: 1.0 / 3,
		UTM: domain.UTM{Medium: "m"},
	}}
	s.WaitingGoals = 2
}

func TestSubscribersComeBackAsSaved(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		want := f.person(1 << 52)
		if !want.FirstSeen.Equal(noon) || want.ID == "" {
			t.Errorf("a new person is %+v", want)
		}
		full(want)
		f.save(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{want}})
		if diff := cmp.Diff(want, f.person(1<<52)); diff != "" {
			t.Errorf("subscriber (-saved +loaded):\n%s", diff)
		}
	})
}

func TestLoadFindsWhatDecisionsNeed(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.link("l", "Spring", "https://t.me/+AbC")
		other := f.link("l2", "Autumn", "")
		robot := f.click("c4", time.Minute)
		robot.Robot = true
		f.ok(f.SaveClicks(t.Context(), []domain.Click{
			f.click("c1", 0), f.click("c2", time.Second), f.click("c3", 2*time.Second), robot,
		}))
		f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("c1", 0)})) // twice is harmless

		anonymous := &domain.Subscriber{SubscriberKey: personKey(0), ID: "anon", FirstSeen: noon}
		guesser := f.person(5)
		guesser.Touches = []domain.Touch{{At: noon, LinkID: other.ID, ClickID: "c3"}}
		f.save(&usecase.IngestChanges{
			Inserted: []*domain.Subscriber{anonymous}, Subscribers: []*domain.Subscriber{guesser},
			Claims: []usecase.Claim{
				{ClickID: "c1", SubscriberID: "anon", At: noon},
				{ClickID: "c2", SubscriberID: guesser.ID, Guess: true, At: noon},
			},
			Events: []domain.Event{{ID: "r-0", ProjectID: "p", Type: domain.BotStarted, OccurredAt: noon,
				ReceivedAt: noon}},
		})
		start := func(v string) usecase.StartKey { return usecase.StartKey{ProjectID: "p", Value: v} }
		byAddress := usecase.InviteKey{ProjectID: "p", Address: "http://telegram.me/joinchat/AbC", Name: "Autumn"}
		byName := usecase.InviteKey{ProjectID: "p", Name: "Autumn"}
		got := f.load(usecase.IngestNeeds{
			Subscribers: []domain.SubscriberKey{personKey(6)},
			Starts: []usecase.StartKey{
				start("PJc1"), start("PJc2"), start(l.StartValue), start("PJnone"), {ProjectID: "q", Value: "PJc1"},
			},
			Invites:  []usecase.InviteKey{byAddress, byName, {ProjectID: "q", Name: "Autumn"}},
			Guesses:  map[string][]usecase.ClickWindow{"p": since(noon.Add(time.Second)), "q": since(noon)},
			Joins:    map[usecase.InviteKey][]usecase.ClickWindow{byAddress: since(noon), byName: since(noon)},
			EventIDs: []string{"r-0", "r-1"},
		})
		if got.ClickByStart[start("PJc1")].ClaimedBy != "anon" ||
			got.ClickByStart[start("PJc2")].ClaimedBy != guesser.ID ||
			!got.ClickByStart[start("PJc2")].Guessed {
			t.Errorf("clicks by start: %+v", got.ClickByStart)
		}
		if diff := cmp.Diff(f.click("c1", 0), got.ClickByStart[start("PJc1")].Click); diff != "" {
			t.Errorf("click (-saved +loaded):\n%s", diff)
		}
		if len(got.ClickByStart) != 2 || len(got.LinkByStart) != 1 || len(got.LinkByInvite) != 2 {
			t.Errorf("found %d clicks, %d links by start, %d by invite",
				len(got.ClickByStart), len(got.LinkByStart), len(got.LinkByInvite))
		}
		if diff := cmp.Diff(&l, got.LinkByInvite[byAddress]); diff != "" {
			t.Errorf("link by address (-saved +loaded):\n%s", diff)
		}
		if diff := cmp.Diff(&other, got.LinkByInvite[byName]); diff != "" {
			t.Errorf("link by name (-saved +loaded):\n%s", diff)
		}
		if got.ByID["anon"] == nil || got.ByID[guesser.ID] == nil {
			t.Errorf("holders: %v", got.ByID)
		}
		if got.ClickByID["c3"] == nil || got.Links["l2"] == nil {
			t.Error("the click or link of a holder's touch is missing")
		}
		if got.ClickByStart[start("PJc1")] != got.ClickByID["c1"] {
			t.Error("one click is two values")
		}
		if gs := got.Guesses["p"]; len(gs) != 1 || gs[0].ID != "c3" || gs[0] != got.ClickByID["c3"] {
			t.Errorf("guesses: %v", gs)
		}
		if gs := got.GuessesByLink["l"]; len(gs) != 1 || gs[0].ID != "c3" {
			t.Errorf("guesses of the link: %v", gs)
		}
		if diff := cmp.Diff(map[string]bool{"r-0": true}, got.Taken); diff != "" {
			t.Errorf("taken events:\n%s", diff)
		}
	})
}

// A holder who is neither unknown nor guessed loses nothing and is not read.
func TestLoadLeavesSureHoldersAlone(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.link("l", "Spring", "")
		f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("c1", 0)}))
		holder := f.person(5)
		f.save(&usecase.IngestChanges{Claims: []usecase.Claim{{ClickID: "c1", SubscriberID: holder.ID, At: noon}}})
		got := f.load(usecase.IngestNeeds{Starts: []usecase.StartKey{{ProjectID: "p", Value: "PJc1"}}})
		if len(got.ByID) != 0 {
			t.Errorf("read %v", got.ByID)
		}
	})
}

// since is a window that one start looks for clicks in.
func since(at time.Time) []usecase.ClickWindow {
	return []usecase.ClickWindow{{Since: at, Until: noon.Add(time.Hour), For: 1}}
}

func TestGuessesAreTheNewestFifty(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		var cs []domain.Click
		for n := range 60 {
			cs = append(cs, f.click(f.id("c"), time.Duration(n)*time.Second))
		}
		f.ok(f.SaveClicks(t.Context(), cs))
		guesses := func(ws []usecase.ClickWindow) []*usecase.ClaimedClick {
			return f.load(usecase.IngestNeeds{Guesses: map[string][]usecase.ClickWindow{"p": ws}}).Guesses["p"]
		}
		gs := guesses(since(noon))
		if len(gs) != 50 || gs[0].ID != cs[59].ID || gs[49].ID != cs[10].ID {
			t.Errorf("%d guesses, first %s", len(gs), gs[0].ID)
		}
		// One more for each other start at the same time, and none of later.
		ws := []usecase.ClickWindow{{Since: noon, Until: noon.Add(56 * time.Second), For: 6}}
		if gs = guesses(ws); len(gs) != 55 || gs[0].ID != cs[56].ID {
			t.Errorf("%d guesses, first %s", len(gs), gs[0].ID)
		}
		ws = append(ws, usecase.ClickWindow{Since: noon, Until: noon.Add(time.Second), For: 1})
		if gs = guesses(ws); len(gs) != 57 {
			t.Errorf("%d guesses of two windows", len(gs))
		}
	})
}

func TestClaimsAreConditional(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("c1", 0)}))
		claim := func(by *domain.Subscriber, guess bool) {
			f.save(&usecase.IngestChanges{Claims: []usecase.Claim{
				{ClickID: "c1", SubscriberID: by.ID, Guess: guess, At: noon}}})
		}
		holds := func(want *domain.Subscriber) {
			t.Helper()
			k := usecase.StartKey{ProjectID: "p", Value: "PJc1"}
			if got := f.load(usecase.IngestNeeds{Starts: []usecase.StartKey{k}}).
				ClickByStart[k].ClaimedBy; got != want.ID {
				t.Errorf("the click is %s's, want %s's", got, want.ID)
			}
		}
		a, b, c := f.person(1), f.person(2), f.person(3)
		claim(a, true)
		holds(a)
		claim(b, false) // sure beats guess
		holds(b)
		claim(c, false)
		holds(b)
	})
}

func TestEventsAndWhatTheStreamGets(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.person(5)
		e := domain.Event{
			ID: "r-0", ProjectID: "p", RequestID: "r", SubscriberID: s.ID, Messenger: s.Messenger,
			EpisodeID: "ep", Type: domain.PaymentCreated,
			OccurredAt: noon.Add(-time.Hour),
			ReceivedAt: noon, Seq: 3, Change: domain.Opened, Touch: &domain.Touch{
				At: noon, LinkID: "l", ClickID: "c", Reason: domain.ByClick, Confidence: 1,
				Source: "A link", UTM: domain.UTM{Source: "s", Term: "t"}, // the link's of today
			},
			ChatID: -100123, InviteLink: "Имя", Name: "n", Target: "t", Result: domain.Success, Amount: amount(-5),
			RawAmount: amount(1 << 60), Currency: "RUB", Labels: []domain.Label{{Name: "a", Value: "б"}},
			GoalState: domain.GoalCounts,
		}
		start := domain.OrganicTouch(noon, "")
		first := domain.Event{
			ID: "q-1", ProjectID: "p", RequestID: "q", SubscriberID: s.ID, Messenger: s.Messenger,
			EpisodeID: "ep", Type: domain.BotStarted,
			OccurredAt: noon, ReceivedAt: noon, Seq: 2, Change: domain.Opened, Touch: &start,
		}
		f.save(&usecase.IngestChanges{
			Events:   []domain.Event{first, e},
			Episodes: []domain.Episode{{ID: "ep", ProjectID: "p", SubscriberID: s.ID, OpenedAt: noon}},
		})
		record, err := f.Dossier(t.Context(), personKey(5))
		f.ok(err)
		if diff := cmp.Diff([]domain.Event{e, first}, record.Events); diff != "" {
			t.Errorf("events (-saved +read):\n%s", diff)
		}
		var want, got []usecase.OutboxEvent
		for _, e := range []domain.Event{first, e} {
			document, err := usecase.EventDocument(&e)
			f.ok(err)
			want = append(want, usecase.OutboxEvent{EventID: e.ID, ProjectID: "p", Type: e.Type, Payload: document})
		}
		n, err := f.RelayEvents(t.Context(), 100, func(_ context.Context, es []usecase.OutboxEvent) error {
			got = es
			return nil
		})
		f.ok(err)
		if diff := cmp.Diff(want, got); diff != "" || n != 2 {
			t.Errorf("%d for the stream:\n%s", n, diff)
		}
	})
}

func TestSenderKeys(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		update, same := usecase.SenderKey{ProjectID: "p", Messenger: "telegram", Key: "update:1"},
			usecase.SenderKey{ProjectID: "p", Messenger: "telegram", Key: "same:x", Same: true}
		use := func(event string, at time.Time) {
			f.save(&usecase.IngestChanges{SenderKeys: map[usecase.SenderKey]usecase.KeyUse{
				update: {EventID: event, At: at}, same: {EventID: event, At: at},
			}})
		}
		use("e1", noon)
		use("e2", noon.Add(time.Minute))
		got := f.load(usecase.IngestNeeds{SenderKeys: []usecase.SenderKey{
			update, same, {ProjectID: "q", Messenger: "telegram", Key: "update:1"},
			{ProjectID: "p", Messenger: "max", Key: "update:1"},
		}}).SenderKeys
		want := map[usecase.SenderKey]usecase.KeyUse{
			update: {EventID: "e1", At: noon}, same: {EventID: "e2", At: noon.Add(time.Minute)},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("keys:\n%s", diff)
		}
	})
}

func TestIdempotencyKeys(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		key := func(k string) usecase.IdempotencyKey {
			return usecase.IdempotencyKey{ProjectID: "p", Method: "m", Key: k}
		}
		admit := func(now time.Time, ks ...string) map[usecase.IdempotencyKey]usecase.KeptAnswer {
			n := usecase.AdmitNeeds{Now: now, KeepFrom: now.Add(-24 * time.Hour)}
			for _, k := range ks {
				n.Keys = append(n.Keys, usecase.KeptAnswer{IdempotencyKey: key(k), BodyHash: [32]byte{1},
					CreatedAt: now})
			}
			return f.admit(n).Answers
		}
		if got := admit(noon, "kept", "free"); len(got) != 0 {
			t.Errorf("new keys were there before: %v", got)
		}
		kept := usecase.KeptAnswer{
			IdempotencyKey: key("kept"), BodyHash: [32]byte{2}, Answer: []byte(`{"a":1}`), CreatedAt: noon,
		}
		f.save(&usecase.IngestChanges{Answers: []usecase.KeptAnswer{kept},
			FreeKeys: []usecase.IdempotencyKey{key("free")}})
		got := admit(noon.Add(time.Hour), "kept", "free", "kept")
		if diff := cmp.Diff(map[usecase.IdempotencyKey]usecase.KeptAnswer{key("kept"): kept}, got); diff != "" {
			t.Errorf("kept answers:\n%s", diff)
		}
		if got := admit(noon.Add(25*time.Hour), "kept"); len(got) != 0 {
			t.Errorf("an answer older than a day is kept: %v", got)
		}
	})
}

func TestCounters(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		limits := domain.Limits{PerSecond: 9, PerHour: 2}
		for want := 1; want <= 3; want++ {
			f.ok(f.Ingest(t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
				got, err := tx.Admit(ctx, usecase.AdmitNeeds{Now: noon, Projects: map[string]domain.Use{"p": one, "q": one}})
				if err != nil {
					return err
				}
				if e, fits := got.Counters["p"].Take(limits, one, noon); fits != (want < 3) {
					t.Errorf("take %d: %+v", want, e)
				}
				if got.Counters["q"].Day != 0 {
					t.Error("another project's counter was raised")
				}
				return tx.Save(ctx, &usecase.IngestChanges{Now: noon, Counters: []*domain.Counters{got.Counters["p"]}})
			}))
		}
	})
}

// The second counts requests, the hour and the day what they bring; what is not
// taken after all is taken off each.
func TestCountersOfManySignals(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		many := domain.Use{Requests: 1, Signals: 40}
		for n, c := range []struct {
			take bool
			want domain.Use // before
		}{{true, domain.Use{}}, {false, many}, {true, many}, {true, many.Plus(many)}} {
			f.ok(f.Ingest(t.Context(), func(ctx context.Context, tx usecase.IngestTx) error {
				got, err := tx.Admit(ctx, usecase.AdmitNeeds{Now: noon, Projects: map[string]domain.Use{"p": many}})
				if err != nil {
					return err
				}
				k := got.Counters["p"]
				if k.Second != c.want.Requests || k.Hour != c.want.Signals || k.Day != c.want.Signals {
					t.Errorf("step %d: %+v, want %+v", n, k, c.want)
				}
				changes := &usecase.IngestChanges{Now: noon}
				if c.take {
					k.Take(domain.Limits{}, many, noon)
					changes.Counters = []*domain.Counters{k}
				}
				return tx.Save(ctx, changes)
			}))
		}
	})
}

func TestWaitingGoals(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.person(5)
		s.WaitingGoals = 1
		w := usecase.WaitingGoal{
			EventID: "r-0", ProjectID: "p", SubscriberID: s.ID, Target: "buy", Amount: amount(5), RawAmount: amount(7),
			Currency: "EUR", OccurredAt: noon, Until: noon.Add(time.Hour),
		}
		f.save(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{s}, Waiting: []usecase.WaitingGoal{w}})
		got := f.load(usecase.IngestNeeds{Subscribers: []domain.SubscriberKey{personKey(5)}}).Waiting
		if diff := cmp.Diff(map[string][]usecase.WaitingGoal{s.ID: {w}}, got); diff != "" {
			t.Errorf("waiting goals:\n%s", diff)
		}
		f.save(&usecase.IngestChanges{Joined: []string{s.ID}})
		if n := f.count("waiting_goals"); n != 0 {
			t.Errorf("%d goals wait still", n)
		}
	})
}

func TestEpisodeUpdates(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := f.person(5)
		later := domain.Touch{
			At: noon, LinkID: "l", ClickID: "c", Reason: domain.ByClick, Confidence: 1,
			Source: "A link", UTM: domain.UTM{Source: "s", Term: "t"}, // the link's of today
		}
		f.save(&usecase.IngestChanges{
			Episodes: []domain.Episode{{
				ID: "ep", ProjectID: "p", SubscriberID: s.ID, OpenedAt: noon, Touch: domain.OrganicTouch(noon, ""),
			}},
			Updates: []usecase.EpisodeUpdate{{
				ID: "ep", ClosedAt: noon.Add(time.Hour), Touch: &later, OpenedAt: noon.Add(-time.Hour),
			}},
		})
		got, err := f.Dossier(t.Context(), personKey(5))
		f.ok(err)
		closed := noon.Add(time.Hour)
		want := []domain.Episode{{
			ID: "ep", ProjectID: "p", SubscriberID: s.ID, OpenedAt: noon.Add(-time.Hour),
			ClosedAt: &closed, Touch: later,
		}}
		if diff := cmp.Diff(want, got.Episodes); diff != "" {
			t.Errorf("episodes:\n%s", diff)
		}
	})
}

// The data of one arrival at fault must be told from storage at fault: it
// decides whether a batch is split.
func TestErrorsOfData(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		s := &domain.Subscriber{SubscriberKey: personKey(0), ID: "anon", FirstSeen: noon}
		err := f.trySave(&usecase.IngestChanges{Inserted: []*domain.Subscriber{s, s}})
		if !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("the same person twice: %v, want ErrInvalid", err)
		}
		if n := f.count("people"); n != 0 {
			t.Errorf("%d people of a failed batch are there", n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err = f.Ingest(ctx, func(ctx context.Context, tx usecase.IngestTx) error {
			return tx.Save(ctx, &usecase.IngestChanges{})
		})
		if !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("cancelled: %v, want ErrUnavailable", err)
		}
		own := errors.New("the use case's own")
		if err := f.Ingest(t.Context(), func(context.Context,
			usecase.IngestTx) error {
			return own
		}); !errors.Is(err, own) {
			t.Errorf("an error of the caller became %v", err)
		}
	})
}

func TestNULIsTheDatasFault(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Postgres(t))
	s := f.person(5)
	s.Person.FirstName = "a\x00b"
	if err := f.trySave(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{s}}); !errors.Is(err,
		domain.ErrInvalid) {
		t.Errorf("NUL in a name: %v, want ErrInvalid", err)
	}
}

func TestAMissingPartitionIsMade(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.save(&usecase.IngestChanges{
			Now: noon.AddDate(2, 0, 0),
			Events: []domain.Event{{ID: "r-0", ProjectID: "p", Type: domain.BotStarted, OccurredAt: noon,
				ReceivedAt: noon}},
		})
		if n := f.count("events"); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}
