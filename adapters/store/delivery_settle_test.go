package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

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
				NextAttemptAt: later(time.Hour), Verdict: "retry", Call: call, Row: "row 1",
				RowAnswer: "no"},
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
		f.deleteAccount("a")
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

// An outcome is written however late, also over an uncertain that was set
// meanwhile, if its attempt is the conversion's last.
func TestOutcomesAfterUncertain(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		p := f.person(5)
		of := func(v *usecase.NewConversion) { v.SubscriberID = p.ID }
		f.conversions(of, of, of, of, of)
		all := []string{"v0", "v1", "v2", "v3", "v4"}
		f.leaseSends(noon, all...)
		_, err := f.Lease(t.Context(), all, "another", noon.Add(time.Hour), noon.Add(2*time.Hour))
		f.ok(err) // it sees attempts that were interrupted
		given := make([]usecase.Settlement, len(all))
		for i, id := range all {
			given[i] = usecase.Settlement{ID: id, Attempt: 1, Status: domain.Uncertain,
				ReasonCode: domain.ReasonInterrupted}
		}
		f.ok(f.Settle(t.Context(), given, noon))
		// v3 was asked for again, and v4 is another attempt's.
		asked, err := f.RetrySome(t.Context(), usecase.RetrySelection{
			ConversionFilter: usecase.ConversionFilter{ProjectID: "p", ID: "v3"},
			Statuses:         []domain.Status{domain.Uncertain},
		}, "", 10, false, noon, nil)
		if err != nil || asked.Scheduled != 1 {
			t.Fatalf("asked for again: %+v, %v", asked, err)
		}
		f.leaseSends(noon.Add(2*time.Hour), "v3")
		late := []usecase.Settlement{
			{ID: "v0", Attempt: 1, BatchID: "b1200", Status: domain.Delivered, Attempted: true, Verdict: "delivered",
				DeliveredAt: later(0)},
			{ID: "v1", Attempt: 1, BatchID: "b1200", Status: domain.Rejected, Attempted: true, Verdict: "rejected",
				ReasonCode: domain.ReasonNetwork, Reason: "no"},
			{ID: "v2", Attempt: 1, BatchID: "b1200", Status: domain.Retrying, Attempted: true, Verdict: "retry",
				NextAttemptAt: later(time.Minute), ReasonCode: domain.ReasonNetwork, Reason: "503"},
			{ID: "v3", Attempt: 1, BatchID: "b1200", Status: domain.Rejected, Attempted: true, Verdict: "rejected"},
			{ID: "v4", Attempt: 1, BatchID: "b1100", Status: domain.Rejected, Attempted: true, Verdict: "rejected"},
		}
		for range 2 { // the answer to the first write was lost
			f.ok(f.Settle(t.Context(), late, noon))
			for id, want := range map[string]domain.Status{"v0": domain.Delivered, "v1": domain.Rejected,
				"v2": domain.Retrying, "v3": domain.Retrying, "v4": domain.Uncertain} {
				if got := f.stored(id); got.Status != want {
					t.Errorf("%s is %s, want %s", id, got.Status, want)
				}
			}
		}
		v2 := f.stored("v2")
		if v2.Attempts != 1 || !v2.NextAttemptAt.Equal(noon.Add(time.Minute)) || v2.StatusReason != "503" {
			t.Errorf("goes on as %+v", v2)
		}
		if got := f.relay(noon.Add(time.Minute)); !slices.Contains(got, "v2") {
			t.Errorf("due are %q", got)
		}
		f.ok(f.Settle(t.Context(), []usecase.Settlement{{ID: "v3", Attempt: 1, BatchID: "b1400",
			Status: domain.Delivered, Attempted: true, DeliveredAt: later(0)}}, noon))
		created, by, err := f.Ledger(t.Context(), "p")
		sum := 0
		for _, l := range by {
			sum += l.Count
		}
		if err != nil || created != 5 || sum != 5 {
			t.Errorf("ledger: %d, %v, %v", created, by, err)
		}
	})
}

// What nobody heard of being written is written again.
// The outcome of an earlier attempt waited for the database until that of a
// later one came: both are written at once, and the conversion ends.
func TestTwoOutcomesOfOneConversion(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil, nil)
		f.leaseSends(noon, "v0", "v1")
		f.leaseSends(noon.Add(time.Hour), "v0", "v1")
		early := func(id string) usecase.Settlement {
			return usecase.Settlement{ID: id, Attempt: 1, Status: domain.Accepted, Attempted: true}
		}
		late := func(id string) usecase.Settlement {
			return usecase.Settlement{
				ID: id, Attempt: 2, Status: domain.Delivered, Attempted: true, DeliveredAt: later(time.Hour),
			}
		}
		f.ok(f.Settle(t.Context(), []usecase.Settlement{early("v0"), late("v0"), late("v1"), early("v1")}, noon))
		for _, id := range []string{"v0", "v1"} {
			if got := f.stored(id); got.Status != domain.Delivered {
				t.Errorf("%s is %q", id, got.Status)
			}
		}
		created, by, err := f.Ledger(t.Context(), "p")
		f.ok(err)
		if created != 2 || len(by) != 1 || by[0].Count != 2 {
			t.Errorf("the ledger has %d created, %v", created, by)
		}
	})
}

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
		if len(as) != 3 || string(as[0].Evidence) != newest || as[2].Evidence != nil ||
			f.stored("v0").Attempts != 1 {
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
		if v := f.stored("v0"); v.Status != domain.Delivered || v.Handle != "" || v.StatusReason != "" {
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
