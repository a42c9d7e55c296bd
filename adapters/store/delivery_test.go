package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

func newSQLite(t *testing.T) *fixture { return newFixture(t, databasetest.SQLite(t)) }

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

// claim takes conversions for ten minutes under the batch "b" and the time.
func (f *fixture) claim(now time.Time, ids ...string) []domain.Conversion {
	f.t.Helper()
	cs, err := f.Claim(f.t.Context(), ids, "me", "b"+now.Format("1504"), now, now.Add(10*time.Minute))
	f.ok(err)
	_, err = f.Begin(f.t.Context(), ids, "me", now)
	f.ok(err)
	return cs
}

func (f *fixture) settle(ss ...usecase.Settlement) {
	f.t.Helper()
	f.ok(f.Settle(f.t.Context(), ss, noon))
}

// stored reads a conversion as lists show it.
func (f *fixture) stored(id string) domain.Conversion {
	f.t.Helper()
	cs, _, err := f.Conversions(f.t.Context(), usecase.ConversionFilter{ProjectID: "p"}, usecase.Page{})
	f.ok(err)
	i := slices.IndexFunc(cs, func(c domain.Conversion) bool { return c.ID == id })
	if i < 0 {
		f.t.Fatalf("no conversion %s", id)
	}
	return cs[i]
}

func TestClaimReadsEverything(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		click := f.click("c1", 0)
		f.ok(f.SaveClicks(t.Context(), []domain.Click{click}))
		f.conversions(nil, func(v *usecase.NewConversion) { v.ClickID, v.Handle, v.StatusReason = "c1", "h", "why" })
		got := f.claim(noon, "v1", "v0", "unknown", "v1")
		want := []domain.Conversion{f.conversion("v0").Conversion, f.conversion("v1").Conversion}
		want[0].BatchID, want[1].BatchID = "b1200", "b1200"
		want[1].ClickID, want[1].Handle, want[1].StatusReason, want[1].Click = "c1", "h", "why", &click
		slices.SortFunc(got, func(a, b domain.Conversion) int { return int(a.ID[1]) - int(b.ID[1]) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("claimed (-want +got):\n%s", diff)
		}
	})
}

func TestClaimTakesOnlyWhatMayBeSent(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(
			nil,
			func(v *usecase.NewConversion) { v.Status = domain.Delivered },
			func(v *usecase.NewConversion) { v.Status, v.NextAttemptAt = domain.Parked, nil },
			func(v *usecase.NewConversion) { v.NextAttemptAt = later(time.Hour) }, // settled since its message was written
			func(v *usecase.NewConversion) { v.Status = domain.Accepted },
		)
		all := []string{"v0", "v1", "v2", "v3", "v4"}
		var got []string
		for _, c := range f.claim(noon, all...) {
			got = append(got, c.ID)
		}
		if diff := cmp.Diff([]string{"v0", "v4"}, got); diff != "" {
			t.Errorf("claimed:\n%s", diff)
		}
		if again := f.claim(noon.Add(time.Minute), all...); len(again) != 0 {
			t.Errorf("claimed twice: %v", again)
		}
	})
}

// The same conversion offered to several at once goes to one.
func TestClaimsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil, nil)
		var mu sync.Mutex
		var got []string
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				cs, err := f.Claim(t.Context(), []string{"v2", "v0", "v1"}, "x", "b", noon, noon.Add(time.Hour))
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
			t.Errorf("claimed:\n%s", diff)
		}
	})
}

func TestAnAttemptNeverSettledIsResumed(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		f.claim(noon, "v0")
		got := f.claim(noon.Add(time.Hour), "v0")
		if len(got) != 1 || !got[0].Resumed || got[0].BatchID != "b1200" {
			t.Fatalf("after a crash: %+v", got)
		}
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Retrying, NextAttemptAt: later(time.Hour), KeepBatch: true})
		if got := f.claim(noon.Add(2*time.Hour), "v0"); !got[0].Resumed || got[0].BatchID != "b1200" {
			t.Errorf("after a settlement that keeps the batch: %+v", got)
		}
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Retrying, NextAttemptAt: later(time.Hour)})
		if got := f.claim(noon.Add(3*time.Hour), "v0"); got[0].Resumed || got[0].BatchID != "b1500" {
			t.Errorf("after a settlement: %+v", got)
		}
	})
}

func TestAPollKeepsTheBatch(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		f.claim(noon, "v0")
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Accepted, Handle: "upload 7", NextAttemptAt: later(time.Minute), Attempted: true})
		for range 2 { // the second after a crash
			got := f.claim(noon.Add(time.Hour), "v0")
			if len(got) != 1 || got[0].Status != domain.Accepted || got[0].BatchID != "b1200" || got[0].Handle != "upload 7" || got[0].Resumed {
				t.Errorf("polled: %+v", got)
			}
			f.exec("UPDATE conversions SET lease_until = NULL")
		}
	})
}

func TestSettle(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil)
		f.claim(noon, "v0", "v1")
		f.settle(
			usecase.Settlement{ID: "v1", Status: domain.Retrying, Reason: "500", Attempted: true, NextAttemptAt: later(time.Hour), Verdict: "retry", Evidence: []byte(`{"code":500}`)},
			usecase.Settlement{ID: "v0", Status: domain.Delivered, Attempted: true, DeliveredAt: later(time.Second), Verdict: "delivered"},
		)
		v0, v1 := f.stored("v0"), f.stored("v1")
		if v0.Status != domain.Delivered || v0.Attempts != 1 || v0.DeliveredAt == nil || !v0.DeliveredAt.Equal(noon.Add(time.Second)) || v0.NextAttemptAt != nil {
			t.Errorf("delivered: %+v", v0)
		}
		if v1.Status != domain.Retrying || v1.StatusReason != "500" || v1.Attempts != 1 || !v1.NextAttemptAt.Equal(noon.Add(time.Hour)) {
			t.Errorf("retrying: %+v", v1)
		}
		got, err := f.Attempts(t.Context(), "p", "v1")
		f.ok(err)
		want := []usecase.Attempt{{At: noon, Verdict: "retry", Reason: "500", Evidence: []byte(`{"code":500}`)}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("attempts:\n%s", diff)
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
		f.exec("UPDATE conversions SET status = 'rejected' WHERE id = 'v1'")
		f.settle(usecase.Settlement{ID: "v1", Status: domain.Delivered, DeliveredAt: later(0)})
		if got := f.stored("v1").Status; got != domain.Delivered {
			t.Errorf("a conversion that arrived is %s", got)
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
		if v0, v1 := f.stored("v0"), f.stored("v1"); v0.Status != domain.Pending || v1.Status != domain.Retrying || !v0.NextAttemptAt.Equal(noon) {
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
		f.claim(noon, "v4") // somebody is sending it
		n, err := f.ExpireDue(t.Context(), noon, 10)
		if err != nil || n != 2 {
			t.Errorf("expired %d, %v", n, err)
		}
		want := map[string]domain.Status{"v0": domain.Expired, "v1": domain.Expired, "v2": domain.Pending, "v3": domain.Accepted, "v4": domain.Pending}
		for id, status := range want {
			if got := f.stored(id); got.Status != status {
				t.Errorf("%s is %s, want %s", id, got.Status, status)
			}
		}
	})
}

func TestExpireDueEndsGoalsWithoutAStart(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.project("p")
		c := &usecase.IngestChanges{}
		for n, user := range []int64{5, 5, 6, 7} {
			s := f.person(user)
			s.WaitingGoals = 1
			w := usecase.WaitingGoal{EventID: f.id("e"), ProjectID: "p", SubscriberID: s.ID, Target: "buy", Amount: amount(int64(n)), OccurredAt: noon.Add(-time.Hour), Until: noon}
			if user == 7 {
				w.Until = noon.Add(time.Hour)
			}
			c.Subscribers, c.Waiting = append(c.Subscribers, s), append(c.Waiting, w)
		}
		f.save(c)
		n, err := f.ExpireDue(t.Context(), noon, 10)
		if err != nil || n != 3 {
			t.Errorf("ended %d, %v", n, err)
		}
		cs, _, err := f.Conversions(t.Context(), usecase.ConversionFilter{ProjectID: "p"}, usecase.Page{})
		f.ok(err)
		people := map[int64]int{}
		for _, v := range cs {
			people[v.UserID]++
			if v.Status != domain.Unattributed || v.StatusReason != "no start within the time goals wait" || v.Target != "buy" || v.Currency != "RUB" {
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
