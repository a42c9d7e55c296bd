package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

func newSQLite(t *testing.T) *fixture { return newFixture(t, databasetest.SQLite(t)) }

// leaseSends takes conversions for ten minutes under the batch "b" and the time.
func (f *fixture) leaseSends(now time.Time, ids ...string) []domain.Conversion {
	f.t.Helper()
	cs, err := f.Lease(f.t.Context(), ids, "me", "b"+now.Format("1504"), now, now.Add(10*time.Minute))
	f.ok(err)
	_, err = f.Begin(f.t.Context(), cs, "me", now)
	f.ok(err)
	return cs
}

// begin begins attempts of what somebody leased.
func (f *fixture) begin(owner string, now time.Time, ids ...string) []string {
	f.t.Helper()
	var cs []domain.Conversion
	for _, id := range ids {
		cs = append(cs, domain.Conversion{ID: id, BatchID: "b"})
	}
	held, err := f.Begin(f.t.Context(), cs, owner, now)
	f.ok(err)
	return held
}

// settle writes outcomes of the attempts that are the last.
func (f *fixture) settle(ss ...usecase.Settlement) {
	f.t.Helper()
	for i := range ss {
		f.scan(&ss[i].Attempt, `SELECT coalesce(max(s.attempt), 0) FROM sends s JOIN conversions v ON v.no =
			s.conversion_no WHERE v.id = ?`, key(ss[i].ID))
	}
	f.ok(f.Settle(f.t.Context(), ss, noon))
}

func TestLeaseReadsEverything(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		click := f.click("c1", 0)
		f.ok(f.SaveClicks(t.Context(), []domain.Click{click}))
		s := f.person(5)
		f.save(&usecase.IngestChanges{Episodes: []domain.Episode{{ID: "ep", ProjectID: "p", SubscriberID: s.ID,
			OpenedAt: noon}}})
		f.conversions(nil, func(v *usecase.NewConversion) {
			v.SubscriberID, v.ClickID, v.Handle, v.ReasonCode, v.StatusReason = s.ID, "c1", "h",
				domain.ReasonNetwork, "why"
		})
		got := f.leaseSends(noon, "v1", "v0", "unknown", "v1")
		want := []domain.Conversion{f.conversion("v0").Conversion, f.conversion("v1").Conversion}
		want[0].BatchID, want[0].Messenger = "b1200", ""
		want[1].BatchID, want[1].UserID, want[1].ReasonCode, want[1].StatusReason = "b1200", 5,
			domain.ReasonNetwork, "why"
		want[1].ClickID, want[1].Handle, want[1].Click = "c1", "h", &click
		slices.SortFunc(got, func(a, b domain.Conversion) int { return int(a.ID[1]) - int(b.ID[1]) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("leased (-want +got):\n%s", diff)
		}
	})
}

func TestLeaseTakesOnlyWhatMayBeSent(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(
			nil,
			func(v *usecase.NewConversion) { v.Status = domain.Delivered },
			func(v *usecase.NewConversion) { v.Status, v.NextAttemptAt = domain.Parked, nil },
			func(v *usecase.NewConversion) { v.NextAttemptAt = later(time.Hour) },
			// settled since its message was written
			func(v *usecase.NewConversion) { v.Status = domain.Accepted },
		)
		all := []string{"v0", "v1", "v2", "v3", "v4"}
		var got []string
		for _, c := range f.leaseSends(noon, all...) {
			got = append(got, c.ID)
		}
		if diff := cmp.Diff([]string{"v0", "v4"}, got); diff != "" {
			t.Errorf("leased:\n%s", diff)
		}
		if again := f.leaseSends(noon.Add(time.Minute), all...); len(again) != 0 {
			t.Errorf("leased twice: %v", again)
		}
	})
}

// The same conversion offered to several at once goes to one.
func TestLeasesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil, nil)
		var mu sync.Mutex
		var got []string
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				cs, err := f.Lease(t.Context(), []string{"v2", "v0", "v1"}, "x", "b", noon, noon.Add(time.Hour))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, c := range cs {
					got = append(got, c.ID)
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff([]string{"v0", "v1", "v2"}, sorted(got)); diff != "" {
			t.Errorf("leased:\n%s", diff)
		}
	})
}

func TestAnAttemptNeverSettledIsResumed(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		f.leaseSends(noon, "v0")
		got := f.leaseSends(noon.Add(time.Hour), "v0")
		if len(got) != 1 || !got[0].AttemptOpen || got[0].BatchID != "b1200" {
			t.Fatalf("after a crash: %+v", got)
		}
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Retrying, NextAttemptAt: later(time.Hour),
			AttemptOpen: true})
		if got := f.leaseSends(noon.Add(2*time.Hour), "v0"); !got[0].AttemptOpen || got[0].BatchID != "b1200" {
			t.Errorf("after a settlement that keeps the batch: %+v", got)
		}
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Retrying, NextAttemptAt: later(time.Hour)})
		if got := f.leaseSends(noon.Add(3*time.Hour), "v0"); got[0].AttemptOpen || got[0].BatchID != "b1500" {
			t.Errorf("after a settlement: %+v", got)
		}
	})
}

func TestAPollKeepsTheBatch(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		f.leaseSends(noon, "v0")
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Accepted, Handle: "upload 7",
			NextAttemptAt: later(time.Minute), Attempted: true})
		for range 2 { // the second after a crash
			got := f.leaseSends(noon.Add(time.Hour), "v0")
			if len(got) != 1 || got[0].Status != domain.Accepted || got[0].BatchID != "b1200" || got[0].Handle != "upload 7" ||
				got[0].AttemptOpen {
				t.Errorf("polled: %+v", got)
			}
			f.exec("UPDATE sends SET lease_until = NULL")
		}
	})
}

func TestSettle(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		p := f.person(5)
		call := &usecase.Exchange{Method: "POST", URL: "https://x", StatusCode: 500, Upload: "u"}
		of := func(v *usecase.NewConversion) { v.SubscriberID = p.ID }
		f.conversions(of, of)
		f.leaseSends(noon, "v0", "v1")
		f.settle(
			usecase.Settlement{ID: "v1", Status: domain.Retrying, Reason: "500",
				ReasonCode: domain.ReasonNetwork, Attempted: true,
				NextAttemptAt: later(time.Hour), Verdict: "retry", Call: call, Row: "row 1", RowAnswer: "no"},
			usecase.Settlement{ID: "v0", Status: domain.Delivered, Attempted: true,
				DeliveredAt: later(time.Second), Verdict: "delivered", Call: call, Row: "row 0"},
		)
		v0, v1 := f.stored("v0"), f.stored("v1")
		if v0.Status != domain.Delivered || v0.Attempts != 1 || v0.DeliveredAt == nil ||
			!v0.DeliveredAt.Equal(noon.Add(time.Second)) || v0.NextAttemptAt != nil {
			t.Errorf("delivered: %+v", v0)
		}
		if v1.Status != domain.Retrying || v1.StatusReason != "500" || v1.Attempts != 1 ||
			!v1.NextAttemptAt.Equal(noon.Add(time.Hour)) {
			t.Errorf("retrying: %+v", v1)
		}
		got, err := f.Attempts(t.Context(), "p", "v1")
		f.ok(err)
		want := []usecase.Attempt{{
			At: noon, Verdict: "retry", ReasonCode: domain.ReasonNetwork, Reason: "500",
			Evidence: []byte(`{"method":"POST","url":"https://x","request":"","status_code":500,"response":"",` +
				`"upload":"u","row":"row 1","row_answer":"no"}`),
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("attempts:\n%s", diff)
		}
		if f.count("calls") != 1 || f.count("attempts") != 2 || f.count("sends") != 1 {
			t.Errorf("%d calls, %d attempts, %d open", f.count("calls"), f.count("attempts"), f.count("sends"))
		}
		if got, err := f.Attempts(t.Context(), "q", "v1"); err != nil || len(got) != 0 {
			t.Errorf("another project sees %v, %v", got, err)
		}
		// An answer that comes late does not reopen what was ended; that the
		// network has it is true all the same.
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Retrying})
		if got := f.stored("v0").Status; got != domain.Delivered {
			t.Errorf("a delivered conversion became %s", got)
		}
		f.ok(f.DeleteAccount(t.Context(), "p", "a", noon))
		if got := f.stored("v1"); got.Status != domain.Rejected || got.ReasonCode != domain.ReasonAccountDeleted ||
			got.Attempts != 1 {
			t.Errorf("of a deleted account: %+v", got)
		}
		f.settle(usecase.Settlement{ID: "v1", Status: domain.Delivered, Attempted: true, DeliveredAt: later(0),
			Call: call})
		if got := f.stored("v1"); got.Status != domain.Delivered || got.Attempts != 2 || got.DeliveredAt == nil {
			t.Errorf("a conversion that arrived is %+v", got)
		}
	})
}

func TestParkAndResumeAccount(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil,
			func(v *usecase.NewConversion) { v.Status, v.Attempts = domain.Retrying, 2 },
			func(v *usecase.NewConversion) { v.Status = domain.Accepted },
			func(v *usecase.NewConversion) { v.AccountID = "b" })
		n, err := f.ParkAccount(t.Context(), "a", "revoked", noon)
		if err != nil || n != 2 {
			t.Errorf("parked %d, %v", n, err)
		}
		if got := f.stored("v0"); got.Status != domain.Parked || got.StatusReason != "revoked" || got.NextAttemptAt != nil {
			t.Errorf("parked: %+v", got)
		}
		n, err = f.ResumeAccount(t.Context(), "a", false, noon)
		if err != nil || n != 2 {
			t.Errorf("resumed %d, %v", n, err)
		}
		if v0, v1 := f.stored("v0"),
			f.stored("v1"); v0.Status != domain.Pending || v1.Status != domain.Retrying || !v0.NextAttemptAt.Equal(noon) {
			t.Errorf("resumed: %+v, %+v", v0, v1)
		}
		_, err = f.ParkAccount(t.Context(), "a", "again", noon)
		f.ok(err)
		n, err = f.ResumeAccount(t.Context(), "a", true, noon)
		if err != nil || n != 2 || f.stored("v0").Status != domain.Rejected {
			t.Errorf("skipped %d, %v: %+v", n, err, f.stored("v0"))
		}
		if f.stored("v2").Status != domain.Accepted || f.stored("v3").Status != domain.Pending {
			t.Error("conversions that wait for nobody's account were touched")
		}
	})
}

func TestExpireDue(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(
			func(v *usecase.NewConversion) { v.ExpiresAt = noon },
			func(v *usecase.NewConversion) { v.ExpiresAt, v.Status, v.NextAttemptAt = noon, domain.Parked, nil },
			func(v *usecase.NewConversion) { v.ExpiresAt = noon.Add(time.Second) },
			func(v *usecase.NewConversion) { v.ExpiresAt, v.Status = noon, domain.Accepted },
			func(v *usecase.NewConversion) { v.ExpiresAt = noon },
		)
		f.leaseSends(noon, "v4") // somebody is sending it
		n, err := f.ExpireDue(t.Context(), noon, 10)
		if err != nil || n != 2 {
			t.Errorf("expired %d, %v", n, err)
		}
		want := map[string]domain.Status{"v0": domain.Expired, "v1": domain.Expired, "v2": domain.Pending,
			"v3": domain.Accepted, "v4": domain.Pending}
		for id, status := range want {
			if got := f.stored(id); got.Status != status {
				t.Errorf("%s is %s, want %s", id, got.Status, status)
			}
		}
	})
}

func TestExpireDueEndsGoalsWithoutAStart(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c := &usecase.IngestChanges{}
		for n, user := range []int64{5, 5, 6, 7} {
			s := f.person(user)
			s.WaitingGoals = 1
			w := usecase.WaitingGoal{EventID: f.id("e"), ProjectID: "p", SubscriberID: s.ID, Target: "buy",
				Amount: amount(int64(n)), OccurredAt: noon.Add(-time.Hour), Until: noon}
			if user == 7 {
				w.Until = noon.Add(time.Hour)
			}
			c.Subscribers, c.Waiting = append(c.Subscribers, s), append(c.Waiting, w)
		}
		f.save(c)
		f.exec("DELETE FROM rollup_marks")
		n, err := f.ExpireDue(t.Context(), noon, 10)
		if err != nil || n != 3 {
			t.Errorf("ended %d, %v", n, err)
		}
		if n := f.count("rollup_marks WHERE at = ?", f.time(noon.Add(-time.Hour).Truncate(15*time.Minute))); n != 1 {
			t.Errorf("%d marks let the reports count the goals", n)
		}
		cs, _, err := f.Conversions(t.Context(), usecase.ConversionFilter{ProjectID: "p"}, usecase.Page{})
		f.ok(err)
		people := map[int64]int{}
		for _, v := range cs {
			people[v.UserID]++
			if v.Status != domain.Unattributed || v.ReasonCode != domain.ReasonNoStart ||
				v.StatusReason != "no start within the time goals wait" || v.Target != "buy" || v.Currency != "RUB" {
				t.Errorf("kept as %+v", v)
			}
		}
		// The first has no amount and so counts once for a person, the second
		// has one.
		if diff := cmp.Diff(map[int64]int{5: 2, 6: 1}, people); diff != "" {
			t.Errorf("goals kept by person:\n%s", diff)
		}
		if f.person(5).WaitingGoals != 0 || f.person(7).WaitingGoals != 1 {
			t.Error("the people's count of waiting goals is wrong")
		}
		created, by, err := f.Ledger(t.Context(), "p")
		if err != nil || created != 3 || len(by) != 1 || by[0].Count != 3 {
			t.Errorf("ledger: %d, %v, %v", created, by, err)
		}
		if n, err := f.ExpireDue(t.Context(), noon, 10); n != 0 || err != nil {
			t.Errorf("ended again: %d, %v", n, err)
		}
	})
}

func TestOnlyABegunAttemptIsResumed(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil, nil, nil)
		_, err := f.Lease(t.Context(), []string{"v0", "v1", "v2"}, "me", "b", noon, noon.Add(10*time.Minute))
		f.ok(err)
		f.settle(usecase.Settlement{ID: "v2", Status: domain.Rejected, Reason: "its account was deleted"})
		held := f.begin("me", noon.Add(time.Minute), "v3", "v2", "v1")
		if diff := cmp.Diff([]string{"v1"}, held); diff != "" {
			t.Errorf("held (v2 is done, v3 was never leased):\n%s", diff)
		}
		if held := f.begin("another", noon, "v0"); len(held) != 0 {
			t.Errorf("another process began it: %v", held)
		}
		if held := f.begin("me", noon.Add(time.Hour), "v0"); len(held) != 0 {
			t.Errorf("begun after the lease ended: %v", held)
		}
		resumed := map[string]bool{}
		for _, c := range f.leaseSends(noon.Add(time.Hour), "v0", "v1", "v3") {
			resumed[c.ID] = c.AttemptOpen
		}
		if diff := cmp.Diff(map[string]bool{"v0": false, "v1": true, "v3": false}, resumed); diff != "" {
			t.Errorf("resumed:\n%s", diff)
		}
	})
}

// The outcome of an attempt that was given up is none of the next one's; that
// the network has it is true of any.
func TestOutcomesAreOfTheirAttempt(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil, nil)
		all := []string{"v0", "v1", "v2"}
		f.leaseSends(noon, all...)
		again := f.leaseSends(noon.Add(time.Hour), all...) // the first process is only slow
		for _, c := range again {
			if c.Attempt != 1 || !c.AttemptOpen {
				t.Errorf("leased again: %+v", c)
			}
		}
		f.ok(f.Settle(t.Context(), []usecase.Settlement{
			{ID: "v0", Attempt: 1, Status: domain.Retrying, Attempted: true, NextAttemptAt: later(time.Minute),
				Verdict: "retry"},
			{ID: "v1", Attempt: 1, Status: domain.Rejected, Attempted: true, Verdict: "rejected"},
			{ID: "v2", Attempt: 1, Status: domain.Delivered, Attempted: true, DeliveredAt: later(0),
				Verdict: "delivered"},
		}, noon))
		for id, want := range map[string]domain.Status{"v0": domain.Pending, "v1": domain.Pending,
			"v2": domain.Delivered} {
			if got := f.stored(id); got.Status != want {
				t.Errorf("%s is %s, want %s", id, got.Status, want)
			}
		}
		if held := f.count("sends WHERE lease_owner = 'me' AND attempt_open"); held != 2 {
			t.Errorf("%d attempts are under way", held)
		}
		f.ok(f.Settle(t.Context(), []usecase.Settlement{
			{ID: "v0", Attempt: 2, Status: domain.Delivered, Attempted: true, DeliveredAt: later(0)},
			{ID: "v1", Attempt: 2, Status: domain.Retrying, Attempted: true, NextAttemptAt: later(time.Minute)},
			{ID: "v2", Attempt: 2, Status: domain.Rejected, Attempted: true},
		}, noon))
		for id, want := range map[string]domain.Status{"v0": domain.Delivered, "v1": domain.Retrying,
			"v2": domain.Delivered} {
			if got := f.stored(id); got.Status != want || got.Attempts != 1 {
				t.Errorf("%s is %+v, want %s", id, got, want)
			}
		}
	})
}

// What nobody heard of being written is written again.
func TestSettleTwice(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil)
		f.leaseSends(noon, "v0", "v1")
		ss := []usecase.Settlement{
			{ID: "v0", Attempt: 1, Status: domain.Delivered, Attempted: true, DeliveredAt: later(0),
				Verdict: "delivered"},
			{ID: "v1", Attempt: 1, Status: domain.Retrying, Attempted: true, NextAttemptAt: later(time.Minute),
				Verdict: "retry"},
		}
		f.ok(f.Settle(t.Context(), ss, noon))
		f.ok(f.Settle(t.Context(), ss, noon))
		if v := f.stored("v1"); v.Attempts != 1 || v.Status != domain.Retrying {
			t.Errorf("retrying: %+v", v)
		}
		if v := f.stored("v0"); v.Attempts != 1 || v.Status != domain.Delivered || f.count("attempts") != 2 {
			t.Errorf("delivered: %+v", v)
		}
	})
}

// Each look for the outcome of what was accepted is kept beside the attempt.
func TestLooksAreKept(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		p := f.person(5)
		f.conversions(func(v *usecase.NewConversion) { v.SubscriberID = p.ID })
		f.leaseSends(noon, "v0")
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Accepted, Attempted: true, Verdict: "accepted",
			NextAttemptAt: later(time.Minute)})
		for _, answer := range []string{"wait", "wait still"} {
			call := &usecase.Exchange{Response: answer}
			f.settle(usecase.Settlement{ID: "v0", Status: domain.Accepted, Verdict: "accepted",
				NextAttemptAt: later(time.Minute), Call: call})
		}
		as, err := f.Attempts(t.Context(), "p", "v0")
		f.ok(err)
		newest := `{"method":"","url":"","request":"","status_code":0,"response":"wait still"}`
		if len(as) != 3 || string(as[0].Evidence) != newest || as[2].Evidence != nil || f.stored("v0").Attempts != 1 {
			t.Errorf("attempts: %+v", as)
		}
	})
}

// A call that was under way when its person was erased leaves nothing of them.
func TestNothingIsKeptOfTheErased(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		p := f.person(5)
		f.conversions(func(v *usecase.NewConversion) { v.SubscriberID = p.ID })
		f.leaseSends(noon, "v0")
		f.ok(f.Erase(t.Context(), p.SubscriberKey, noon))
		f.ok(f.Settle(t.Context(), []usecase.Settlement{{
			ID: "v0", Attempt: 1, Status: domain.Delivered, Attempted: true, DeliveredAt: later(0),
			Verdict: "delivered", Handle: "of 5",
			ReasonCode: domain.ReasonNetwork, Reason: "5 is known",
			Call: &usecase.Exchange{URL: "/5"}, Row: "5",
		}}, noon))
		as, err := f.Attempts(t.Context(), "p", "v0")
		f.ok(err)
		if len(as) != 1 || as[0].Evidence != nil || as[0].Reason != "" || f.count("calls") != 0 {
			t.Errorf("kept: %+v and %d calls", as, f.count("calls"))
		}
		if v := f.stored("v0"); v.Status != domain.Delivered || v.Handle != "" {
			t.Errorf("the conversion: %+v", v)
		}
	})
}

// One text that PostgreSQL can not keep costs nobody's outcome.
func TestSettleTakesAnyText(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil)
		f.leaseSends(noon, "v0", "v1")
		f.settle(
			usecase.Settlement{ID: "v0", Status: domain.Rejected, ReasonCode: domain.ReasonNetwork,
				Reason: "bad\x00gateway", Handle: "\x00", Attempted: true},
			usecase.Settlement{ID: "v1", Status: domain.Delivered, DeliveredAt: later(0), Attempted: true},
		)
		if v0, v1 := f.stored("v0"), f.stored("v1"); v0.StatusReason != "badgateway" || v1.Status != domain.Delivered {
			t.Errorf("%+v, %+v", v0, v1)
		}
	})
}

func TestOldAttemptsGo(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		p := f.person(5)
		of := func(v *usecase.NewConversion) { v.SubscriberID = p.ID }
		f.conversions(of, of)
		for i, at := range []time.Time{noon, noon.Add(48 * time.Hour)} {
			id := []string{"v0", "v1"}[i]
			f.leaseSends(noon, id)
			f.ok(f.Settle(t.Context(), []usecase.Settlement{
				{ID: id, Attempt: 1, Status: domain.Delivered, Attempted: true, DeliveredAt: &at,
					Call: &usecase.Exchange{}},
			}, at))
		}
		f.ok(f.Upkeep(t.Context(), noon.Add(49*time.Hour), store.Ages{Attempts: 24 * time.Hour}))
		if f.count("attempts") != 1 || f.count("calls") != 1 || len(f.attempts("v1")) != 1 {
			t.Errorf("%d attempts and %d calls are left", f.count("attempts"), f.count("calls"))
		}
	})
}

func (f *fixture) attempts(id string) []usecase.Attempt {
	f.t.Helper()
	as, err := f.Attempts(f.t.Context(), "p", id)
	f.ok(err)
	return as
}
