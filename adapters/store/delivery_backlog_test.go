package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// of gives a conversion to an account, so many milliseconds after noon.
func of(account string, after int) func(v *usecase.NewConversion) {
	return func(v *usecase.NewConversion) {
		v.AccountID = account
		v.NextAttemptAt = later(time.Duration(after) * time.Millisecond)
		v.OccurredAt = *v.NextAttemptAt
	}
}

// handOver gives what the relay hands over, by account.
func (f *fixture) handOver(now time.Time, limit, perAccount int) map[string][]string {
	f.t.Helper()
	got := map[string][]string{}
	_, err := f.RelayConversions(f.t.Context(), now, now.Add(-5*time.Minute), limit, perAccount,
		func(_ context.Context, cs []usecase.DueConversion) error {
			for _, c := range cs {
				got[c.AccountID] = append(got[c.AccountID], c.ID)
			}
			return nil
		})
	f.ok(err)
	for _, ids := range got {
		slices.Sort(ids)
	}
	return got
}

// takeBacklog leases from the backlogs of accounts for a minute.
func (f *fixture) takeBacklog(now time.Time, shares ...usecase.BacklogShare) (ids []string) {
	f.t.Helper()
	cs, err := f.LeaseBacklog(f.t.Context(), shares, "me", now, now.Add(time.Minute))
	f.ok(err)
	for _, c := range cs {
		ids = append(ids, c.ID)
	}
	return ids
}

func (f *fixture) backlogged(now time.Time, most int) map[string]int {
	f.t.Helper()
	found, err := f.Backlogged(f.t.Context(), nil, now, most)
	f.ok(err)
	out := map[string]int{}
	for _, b := range found {
		out[b.AccountID+" "+b.Network] = b.Count
	}
	return out
}

func TestWhatAnAccountHasBeyondItsShareWaitsInItsBacklog(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(of("a", 1), of("a", 2), of("a", 3), of("a", 4), of("c", 5))
		now := noon.Add(time.Second)
		want := map[string][]string{"a": {"v0", "v1"}, "c": {"v4"}}
		if diff := cmp.Diff(want, f.handOver(now, 100, 2)); diff != "" {
			t.Errorf("handed over:\n%s", diff)
		}
		for i, id := range []string{"v5", "v6"} { // what comes later does not overtake it
			v := f.conversion(id)
			of([]string{"a", "c"}[i], 6)(&v)
			f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{v}})
		}
		if diff := cmp.Diff(map[string][]string{"c": {"v6"}}, f.handOver(now, 100, 2)); diff != "" {
			t.Errorf("handed over later:\n%s", diff)
		}
		if diff := cmp.Diff(map[string]int{"a yandex": 3}, f.backlogged(now, 10)); diff != "" {
			t.Errorf("backlogs:\n%s", diff)
		}
		if diff := cmp.Diff(map[string]int{"a yandex": 2}, f.backlogged(now, 2)); diff != "" {
			t.Errorf("backlogs, counted up to 2:\n%s", diff)
		}
		if found, err := f.Backlogged(t.Context(), []string{"a"}, now, 2); err != nil || len(found) > 0 {
			t.Errorf("found though it is known: %v, %v", found, err)
		}
		two := usecase.BacklogShare{AccountID: "a", Most: 2}
		if diff := cmp.Diff([]string{"v2", "v3"}, f.takeBacklog(now, two)); diff != "" {
			t.Errorf("taken:\n%s", diff)
		}
		other := usecase.BacklogShare{AccountID: "c", Most: 2}
		if diff := cmp.Diff([]string{"v5"}, f.takeBacklog(now, other, two)); diff != "" {
			t.Errorf("taken then:\n%s", diff)
		}
		if got := f.takeBacklog(now, two); len(got) > 0 || len(f.backlogged(now, 10)) > 0 {
			t.Errorf("taken twice: %v", got)
		}
	})
}

// What a sender took from a backlog and never settled is handed over when its
// lease is over, before all that waits.
func TestWhatWasLostIsHandedOverBeforeTheBacklog(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(of("a", 1), of("a", 2), of("a", 3), of("a", 4))
		now := noon.Add(time.Second)
		f.handOver(now, 100, 1)
		f.takeBacklog(now, usecase.BacklogShare{AccountID: "a", Most: 1})
		if got := f.handOver(now.Add(30*time.Second), 100, 1); len(got) > 0 {
			t.Errorf("handed over while it is leased: %v", got)
		}
		want := map[string][]string{"a": {"v1"}}
		if diff := cmp.Diff(want, f.handOver(now.Add(time.Minute), 100, 1)); diff != "" {
			t.Errorf("handed over after the lease:\n%s", diff)
		}
		want = map[string][]string{"a": {"v0"}}
		if diff := cmp.Diff(want, f.handOver(now.Add(5*time.Minute), 100, 1)); diff != "" {
			t.Errorf("handed over when nobody took it:\n%s", diff)
		}
	})
}

// What a process held that died does not wait behind the backlog either.
func TestWhatADeadSenderHeldComesBeforeTheBacklog(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(of("a", 1), of("a", 2), of("a", 3))
		now := noon.Add(time.Second)
		f.handOver(now, 100, 1)
		_, err := f.Lease(t.Context(), []string{"v0"}, "dead", now, now.Add(time.Hour))
		f.ok(err)
		_, err = f.FreeLeases(t.Context(), "dead", now.Add(time.Second))
		f.ok(err)
		want := map[string][]string{"a": {"v0"}}
		if diff := cmp.Diff(want, f.handOver(now.Add(time.Second), 100, 1)); diff != "" {
			t.Errorf("handed over:\n%s", diff)
		}
	})
}

// What did not fit is put back where it was.
func TestWhatIsPutAsideKeepsItsPlace(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(of("a", 1), of("a", 2), of("a", 3), of("a", 4))
		now := noon.Add(time.Second)
		f.handOver(now, 100, 2)
		cs, err := f.Lease(t.Context(), []string{"v1"}, "me", now, now.Add(time.Minute))
		f.ok(err)
		f.settle(usecase.Settlement{ID: cs[0].ID, Status: domain.Pending, NextAttemptAt: &now, Backlog: true})
		if got := f.handOver(now, 100, 2); len(got) > 0 {
			t.Errorf("handed over: %v", got)
		}
		all := usecase.BacklogShare{AccountID: "a", Most: 10}
		if diff := cmp.Diff([]string{"v1", "v2", "v3"}, f.takeBacklog(now, all)); diff != "" {
			t.Errorf("taken:\n%s", diff)
		}
	})
}

// However much an account has in its backlog, the relay sees what others have,
// and hands each conversion over once.
func TestABacklogStandsInNobodysWay(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		slow := make([]func(*usecase.NewConversion), 6000)
		for i := range slow {
			slow[i] = of("slow", i)
		}
		f.conversions(slow...)
		now := noon.Add(10 * time.Second)
		handed := 0
		for n := 0; n < 6; n++ {
			handed += len(f.handOver(now, 1000, 100)["slow"])
		}
		if handed != 100 {
			t.Errorf("%d are handed over", handed)
		}
		v := f.conversion("healthy")
		of("a", 9000)(&v)
		f.hasAccount("p", "a", "yandex")
		f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{v}})
		if diff := cmp.Diff(map[string][]string{"a": {"healthy"}}, f.handOver(now, 1, 100)); diff != "" {
			t.Errorf("handed over first:\n%s", diff)
		}
		if diff := cmp.Diff(map[string]int{"slow yandex": 5900}, f.backlogged(now, 10_000)); diff != "" {
			t.Errorf("backlogs:\n%s", diff)
		}
		first := f.takeBacklog(now, usecase.BacklogShare{AccountID: "slow", Most: 50})
		if want := fmt.Sprintf("v%d", 100); len(first) != 50 || first[0] != want {
			t.Errorf("%d are taken, the first is %v", len(first), first)
		}
	})
}

// Resumed conversions are many at once.
func TestResumedConversionsWaitInTheBacklog(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		parked := func(v *usecase.NewConversion) { v.Status, v.NextAttemptAt = domain.Parked, nil }
		f.conversions(parked, parked)
		f.ok(f.UpdateAccount(t.Context(), on(account("a")), usecase.AccountUpdate{}))
		_, err := f.ofAccount("a", usecase.ReplayResume, domain.Parked)
		f.ok(err)
		if got := f.handOver(noon, 100, 100); len(got) > 0 {
			t.Errorf("handed over: %v", got)
		}
		if got := f.takeBacklog(noon, usecase.BacklogShare{AccountID: "a", Most: 10}); len(got) != 2 {
			t.Errorf("taken: %v", got)
		}
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Retrying, NextAttemptAt: later(time.Second)})
		want := map[string][]string{"a": {"v0"}}
		if diff := cmp.Diff(want, f.handOver(noon.Add(time.Second), 100, 100)); diff != "" {
			t.Errorf("the next attempt:\n%s", diff)
		}
	})
}
