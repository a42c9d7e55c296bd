package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func waitingReplay(id string) usecase.Replay {
	return usecase.Replay{
		ID: id, Kind: usecase.ReplayRequests, State: usecase.ReplayWaiting, DryRun: true, Rate: 7,
		CreatedAt: noon, UpdatedAt: noon,
		Filter: usecase.ReplayFilter{ProjectID: "p", Code: 422, UserID: 7, From: noon.Add(-time.Hour)},
	}
}

func TestReplayLives(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		if _, ok, err := f.ClaimReplay(ctx, "me", noon, noon.Add(time.Minute)); ok || err != nil {
			t.Errorf("of none: %v, %v", ok, err)
		}
		want := waitingReplay("r1")
		f.ok(f.CreateReplay(ctx, want))
		got, err := f.Replay(ctx, "r1")
		f.ok(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back:\n%s", diff)
		}
		if _, err := f.Replay(ctx, "r2"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
		r, ok, err := f.ClaimReplay(ctx, "me", noon, noon.Add(time.Minute))
		if err != nil || !ok || r.ID != "r1" || r.State != usecase.ReplayRunning {
			t.Fatalf("claim: %+v, %v, %v", r, ok, err)
		}
		if _, ok, err := f.ClaimReplay(ctx, "other", noon, noon.Add(time.Minute)); ok || err != nil {
			t.Errorf("it is leased: %v, %v", ok, err)
		}
		r.Progress = usecase.ReplayProgress{
			Total: 9, Seen: 3, Position: "3/9", Skipped: map[string]int64{"why": 1},
			Notes: []usecase.ReplayNote{{ID: "x", Text: "?"}},
		}
		if cancel, err := f.SaveReplay(ctx, r, "me", noon.Add(time.Minute)); cancel || err != nil {
			t.Errorf("save: %v, %v", cancel, err)
		}
		if _, err := f.SaveReplay(ctx, r, "other", noon); !errors.Is(err, usecase.ErrReplayLost) {
			t.Errorf("save of another's: %v", err)
		}
		later := noon.Add(2 * time.Minute) // the process died
		again, ok, err := f.ClaimReplay(ctx, "other", later, later.Add(time.Minute))
		if err != nil || !ok || !cmp.Equal(again.Progress, r.Progress) {
			t.Fatalf("taken over: %+v, %v, %v", again, ok, err)
		}
		if _, err := f.SaveReplay(ctx, r, "me", later); !errors.Is(err, usecase.ErrReplayLost) {
			t.Errorf("save of what was taken over: %v", err)
		}
		f.ok(f.CancelReplay(ctx, "r1", later))
		if got, _ := f.Replay(ctx, "r1"); got.State != usecase.ReplayRunning {
			t.Errorf("told to stop it is %s", got.State)
		}
		cancel, err := f.SaveReplay(ctx, again, "other", later.Add(time.Minute))
		if err != nil || !cancel {
			t.Errorf("it hears of the cancellation: %v, %v", cancel, err)
		}
		again.State, again.FinishedAt = usecase.ReplayCancelled, &later
		_, err = f.SaveReplay(ctx, again, "other", time.Time{})
		f.ok(err)
		if err := f.CancelReplay(ctx, "r1", later); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("cancel again: %v", err)
		}
		f.ok(f.ResumeReplay(ctx, "r1", later))
		if err := f.ResumeReplay(ctx, "r1", later); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("resume again: %v", err)
		}
		if r, ok, err := f.ClaimReplay(ctx, "me", later, later.Add(time.Minute)); err != nil || !ok ||
			r.FinishedAt != nil || r.Progress.Position != "3/9" {
			t.Errorf("resumed: %+v, %v, %v", r, ok, err)
		}
	})
}

// One that was told to stop when its process died is not taken up.
func TestReplayCancelledAndDead(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.ok(f.CreateReplay(ctx, waitingReplay("r1")))
		f.ok(f.CreateReplay(ctx, waitingReplay("r2")))
		f.ok(f.CancelReplay(ctx, "r2", noon))
		if got, _ := f.Replay(ctx, "r2"); got.State != usecase.ReplayCancelled || got.FinishedAt == nil {
			t.Errorf("one that waits is %+v", got)
		}
		_, _, err := f.ClaimReplay(ctx, "me", noon, noon.Add(time.Minute))
		f.ok(err)
		f.ok(f.CancelReplay(ctx, "r1", noon))
		if r, ok, err := f.ClaimReplay(ctx, "other", noon.Add(time.Hour), noon.Add(2*time.Hour)); ok || err != nil {
			t.Errorf("taken up: %+v, %v", r, err)
		}
		if got, _ := f.Replay(ctx, "r1"); got.State != usecase.ReplayCancelled {
			t.Errorf("it is %s", got.State)
		}
		rs, next, err := f.Replays(ctx, usecase.Page{Limit: 1})
		if err != nil || len(rs) != 1 || rs[0].ID != "r2" || next == "" {
			t.Errorf("list: %+v, %q, %v", rs, next, err)
		}
	})
}

// TestAProjectReplaysOneAtATime: others need not wait for it, nor what a change
// of its ad account asks for.
func TestAProjectReplaysOneAtATime(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		add := func(id, project string, kind usecase.ReplayKind) {
			r := waitingReplay(id)
			r.Filter = usecase.ReplayFilter{ProjectID: project}
			r.Kind = kind
			f.ok(f.CreateReplay(ctx, r))
		}
		add("r1", "p", usecase.ReplayRequests)
		add("r2", "p", usecase.ReplayRefill)
		add("r3", "p", usecase.ReplayRequests)
		add("r4", "q", usecase.ReplayRequests)
		add("r5", "", usecase.ReplayEvents)
		add("r6", "", usecase.ReplayEvents)
		add("r7", "p", usecase.ReplayResume)
		var claims sync.WaitGroup
		got := make(chan usecase.Replay, 20)
		for range 12 { // also at once
			claims.Go(func() {
				if r, ok, err := f.ClaimReplay(ctx, "me", noon, noon.Add(time.Minute)); err != nil {
					t.Error(err)
				} else if ok {
					got <- r
				}
			})
		}
		claims.Wait()
		for { // whoever found the same as another found nothing
			r, ok, err := f.ClaimReplay(ctx, "me", noon, noon.Add(time.Minute))
			f.ok(err)
			if !ok {
				break
			}
			got <- r
		}
		close(got)
		var ids []string
		var first usecase.Replay
		for r := range got {
			if ids = append(ids, r.ID); r.ID == "r1" {
				first = r
			}
		}
		slices.Sort(ids)
		if d := cmp.Diff([]string{"r1", "r4", "r5", "r7"}, ids); d != "" {
			t.Fatalf("claimed (-want +got):\n%s", d)
		}
		first.State = usecase.ReplayDone
		_, err := f.SaveReplay(ctx, first, "me", time.Time{})
		f.ok(err)
		if r, ok, err := f.ClaimReplay(ctx, "me", noon, noon.Add(time.Minute)); err != nil || !ok || r.ID != "r2" {
			t.Errorf("when the first has ended: %s, %v, %v", r.ID, ok, err)
		}
		late := noon.Add(time.Hour) // all their processes died
		if r, ok, err := f.ClaimReplay(ctx, "me", late, late.Add(time.Minute)); err != nil || !ok || r.ID != "r2" {
			t.Errorf("of dead processes: %s, %v, %v", r.ID, ok, err)
		}
	})
}

func TestReplayIsClaimedOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateReplay(t.Context(), waitingReplay("r1")))
		var got atomic.Int64
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				_, ok, err := f.ClaimReplay(t.Context(), fmt.Sprint(n), noon, noon.Add(time.Minute))
				if err != nil {
					t.Error(err)
				}
				if ok {
					got.Add(1)
				}
			})
		}
		wg.Wait()
		if got.Load() != 1 {
			t.Errorf("%d processes have it", got.Load())
		}
	})
}

func TestEventsAreReadInOrder(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		var all []string
		var events []domain.Event
		for n := range 25 {
			e := domain.Event{
				ID: fmt.Sprintf("%08x-%d", n/2, n%2), ProjectID: "p", Type: domain.BotStarted, Seq: int64(n),
				OccurredAt: noon,
				ReceivedAt: noon.Add(time.Duration(n) * time.Minute),
			}
			if n%5 == 0 {
				e.Type = domain.BotStopped
			}
			events, all = append(events, e), append(all, e.ID)
		}
		f.save(&usecase.IngestChanges{Events: events[20:]}) // not in the order of their ids
		f.save(&usecase.IngestChanges{Events: events[:20]})
		var got []string
		for after := ""; ; {
			es, err := f.EventsAfter(ctx, usecase.EventSelection{ProjectID: "p"}, after, 4)
			f.ok(err)
			if len(es) == 0 {
				break
			}
			for _, e := range es {
				got = append(got, e.ID)
			}
			after = es[len(es)-1].ID
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("read:\n%s", diff)
		}
		ids, err := f.EventIDs(ctx, usecase.EventSelection{UpTo: all[20]}, all[3], 100)
		f.ok(err)
		if diff := cmp.Diff(all[4:21], ids); diff != "" {
			t.Errorf("ids:\n%s", diff)
		}
		for name, c := range map[string]struct {
			sel  usecase.EventSelection
			want int64
		}{
			"type":  {usecase.EventSelection{Type: domain.BotStopped}, 5},
			"other": {usecase.EventSelection{ProjectID: "q"}, 0},
			"time":  {usecase.EventSelection{From: noon.Add(5 * time.Minute), To: noon.Add(7 * time.Minute)}, 2},
		} {
			if n, err := f.CountEvents(ctx, c.sel); err != nil || n != c.want {
				t.Errorf("%s: %d, %v, want %d", name, n, err, c.want)
			}
		}
		taken, err := f.TakenEvents(ctx, append([]string{"unknown"}, all...))
		if err != nil || len(taken) != 25 || taken[all[5]] != domain.BotStopped || taken[all[6]] != domain.BotStarted {
			t.Errorf("taken: %v, %v", taken, err)
		}
		waiting, err := f.Unpublished(ctx, all[0], all[9])
		if err != nil || len(waiting) != 9 {
			t.Errorf("%d wait for the relay, %v", len(waiting), err)
		}
		first, last, err := f.EventDays(ctx, "p")
		if err != nil || !first.Equal(noon) || !last.Equal(noon) {
			t.Errorf("days: %v to %v, %v", first, last, err)
		}
	})
}
