package store_test

import (
	"context"
	"errors"
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

// leaseSends takes conversions for ten minutes and begins attempts under the
// batch "b" and the time.
func (f *fixture) leaseSends(now time.Time, ids ...string) []domain.Conversion {
	f.t.Helper()
	cs, err := f.Lease(f.t.Context(), ids, "me", now, now.Add(10*time.Minute))
	f.ok(err)
	as, err := f.AccountsByID(f.t.Context(), []string{"a"})
	f.ok(err)
	for i := range cs {
		if !cs[i].AttemptOpen && cs[i].Status != domain.Accepted {
			cs[i].BatchID = "b" + now.Format("1504")
		}
	}
	begun := slices.Clone(cs)
	for i := range begun {
		begun[i].AccountVersion = as["a"].Version
	}
	_, err = f.Begin(f.t.Context(), begun, "me", now)
	f.ok(err)
	return cs
}

// TestBeginAsksTheAccount: no attempt begins for an account that was paused,
// changed or deleted since it was read.
func TestBeginAsksTheAccount(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		a := account("a")
		a.Paused = false
		f.ok(f.CreateAccount(t.Context(), a))
		f.conversions(nil, nil, nil)
		_, err := f.Lease(t.Context(), []string{"v0", "v1", "v2"}, "me", noon, noon.Add(time.Hour))
		f.ok(err)
		begins := func(id string, version int) bool {
			c := domain.Conversion{ID: id, BatchID: "b", AccountVersion: version}
			held, err := f.Begin(t.Context(), []domain.Conversion{c}, "me", noon)
			f.ok(err)
			return len(held) == 1
		}
		if !begins("v0", 1) {
			t.Error("no attempt for the account as it was read")
		}
		f.ok(f.UpdateAccount(t.Context(), a, usecase.AccountUpdate{}))
		if begins("v1", 1) || !begins("v1", 2) {
			t.Error("an attempt with settings that were replaced, or none with those that are there")
		}
		f.ok(f.SetHealth(t.Context(), "a", domain.Reauth, "revoked", true, noon))
		if begins("v2", 2) {
			t.Error("an attempt for an account that was paused")
		}
	})
}

// begin begins attempts of what somebody leased.
func (f *fixture) begin(owner string, now time.Time, ids ...string) []string {
	f.t.Helper()
	var cs []domain.Conversion
	for _, id := range ids {
		cs = append(cs, domain.Conversion{ID: id, BatchID: "b", AccountVersion: 1})
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
				cs, err := f.Lease(t.Context(), []string{"v2", "v0", "v1"}, "x", noon, noon.Add(time.Hour))
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
			if len(got) != 1 || got[0].Status != domain.Accepted || got[0].BatchID != "b1200" ||
				got[0].Handle != "upload 7" ||
				got[0].AttemptOpen {
				t.Errorf("polled: %+v", got)
			}
			f.exec("UPDATE sends SET lease_until = NULL")
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
			func(v *usecase.NewConversion) { v.ExpiresAt, v.NextAttemptAt = noon, later(-time.Hour) },
		)
		f.leaseSends(noon, "v4")                 // somebody is sending it
		f.leaseSends(noon.Add(-time.Hour), "v5") // whoever sent it died
		n, err := f.ExpireDue(t.Context(), noon, 10)
		if err != nil || n != 3 {
			t.Errorf("expired %d, %v", n, err)
		}
		want := map[string]domain.Status{"v0": domain.Expired, "v1": domain.Expired, "v2": domain.Pending,
			"v3": domain.Accepted, "v4": domain.Pending, "v5": domain.Uncertain}
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
		n, err := f.ExpireDue(t.Context(), noon, 10) // a start of this moment is in time
		if err != nil || n != 0 {
			t.Errorf("ended %d at the last moment, %v", n, err)
		}
		n, err = f.ExpireDue(t.Context(), noon.Add(time.Microsecond), 10)
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
		_, err := f.Lease(t.Context(), []string{"v0", "v1", "v2"}, "me", noon, noon.Add(10*time.Minute))
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

// relay hands over what is due at a time.
func (f *fixture) relay(now time.Time) []string {
	f.t.Helper()
	var got []string
	_, err := f.RelayConversions(f.t.Context(), now, now.Add(-5*time.Minute), 100, 100, func(_ context.Context,
		cs []usecase.DueConversion) error {
		for _, c := range cs {
			if c.Network != "yandex" || c.AccountID != "a" {
				f.t.Errorf("handed over %+v", c)
			}
			got = append(got, c.ID)
		}
		return nil
	})
	f.ok(err)
	return got
}

func TestRelayConversionsTakesWhatIsDue(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil,
			func(v *usecase.NewConversion) { v.Status, v.NextAttemptAt = domain.Parked, later(-time.Second) },
			func(v *usecase.NewConversion) { v.Status = domain.Accepted },
			func(v *usecase.NewConversion) { v.Status = domain.Retrying },
			func(v *usecase.NewConversion) { v.NextAttemptAt = later(time.Minute) },
			func(v *usecase.NewConversion) { v.Status, v.NextAttemptAt = domain.Parked, nil },
			func(v *usecase.NewConversion) { v.Status = domain.Delivered },
		)
		if diff := cmp.Diff([]string{"v0", "v1", "v2", "v3"}, sorted(f.relay(noon))); diff != "" {
			t.Errorf("due:\n%s", diff)
		}
		if got := f.relay(noon.Add(30 * time.Second)); got != nil {
			t.Errorf("handed over twice: %v", got)
		}
		if diff := cmp.Diff([]string{"v4"}, f.relay(noon.Add(time.Minute))); diff != "" {
			t.Errorf("due a minute later:\n%s", diff)
		}
		// Nobody answered for them in five minutes.
		if diff := cmp.Diff([]string{"v0", "v1", "v2", "v3"}, sorted(f.relay(noon.Add(5*time.Minute)))); diff != "" {
			t.Errorf("lost and handed over again:\n%s", diff)
		}
	})
}

func TestRelayConversionsLeavesWhatIsLeased(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		f.relay(noon)
		f.leaseSends(noon, "v0")
		if got := f.relay(noon.Add(6 * time.Minute)); got != nil {
			t.Errorf("handed over although somebody has it: %v", got)
		}
		if diff := cmp.Diff([]string{"v0"}, f.relay(noon.Add(11*time.Minute))); diff != "" {
			t.Errorf("after the lease ended:\n%s", diff)
		}
	})
}

// What a process held that died is handed over at once, whatever was noted of
// it; what its account parked meanwhile stays parked.
func TestFreeLeases(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateAccount(t.Context(), account("a")))
		f.conversions(nil, nil, nil)
		f.relay(noon)
		f.leaseSends(noon, "v0", "v1")
		_, err := f.Lease(t.Context(), []string{"v2"}, "another", noon, noon.Add(time.Hour))
		f.ok(err)
		owners, err := f.LeaseOwners(t.Context())
		f.ok(err)
		if diff := cmp.Diff([]string{"another", "me"}, sorted(owners)); diff != "" {
			t.Errorf("who holds conversions:\n%s", diff)
		}
		f.exec("UPDATE sends SET status = 'parked', due_at = NULL WHERE conversion_no = "+
			"(SELECT no FROM conversions WHERE id = ?)", key("v1"))
		if n, err := f.FreeLeases(t.Context(), "me", noon.Add(time.Minute)); n != 2 || err != nil {
			t.Errorf("freed %d, %v", n, err)
		}
		if n, err := f.FreeLeases(t.Context(), "me", noon.Add(time.Minute)); n != 0 || err != nil {
			t.Errorf("freed %d again, %v", n, err)
		}
		if diff := cmp.Diff([]string{"v0"}, f.relay(noon.Add(time.Minute))); diff != "" {
			t.Errorf("handed over:\n%s", diff)
		}
		if held := f.begin("me", noon.Add(time.Minute), "v0"); len(held) != 0 {
			t.Error("an attempt was begun without a lease")
		}
	})
}

// Whoever gets the message may be faster than the relay's own mark.
func TestRelayConversionsSettledMeanwhile(t *testing.T) {
	t.Parallel()
	f := newSQLite(t)
	f.conversions(nil)
	_, err := f.RelayConversions(t.Context(), noon, noon, 10, 10, func(context.Context, []usecase.DueConversion) error {
		f.leaseSends(noon, "v0")
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Retrying, Attempted: true,
			NextAttemptAt: later(time.Second)})
		return nil
	})
	f.ok(err)
	if diff := cmp.Diff([]string{"v0"}, f.relay(noon.Add(time.Second))); diff != "" {
		t.Errorf("the next attempt:\n%s", diff)
	}
}

func TestRelayConversionsKeepsWhatWasNotTaken(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		_, err := f.RelayConversions(t.Context(), noon, noon, 10, 10, func(context.Context,
			[]usecase.DueConversion) error {
			return errors.New("away")
		})
		if err == nil {
			t.Error("no error")
		}
		if diff := cmp.Diff([]string{"v0"}, f.relay(noon)); diff != "" {
			t.Errorf("after a failure:\n%s", diff)
		}
	})
}
