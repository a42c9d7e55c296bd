package usecase_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// requestLog is a log of requests, oldest first.
type requestLog []usecase.RequestRecord

func (k requestLog) ReadRequests(
	_ context.Context, _ usecase.RequestSelection, after uint64, limit int,
) (out usecase.KeptRequests, err error) {
	out.End = uint64(len(k))
	for n := after; n < out.End && len(out.Requests) < limit; n++ {
		out.Requests = append(out.Requests, usecase.KeptRequest{RequestRecord: k[n], Place: n + 1})
		out.Last = n + 1
	}
	return out, nil
}

func (k requestLog) CountRequests(context.Context, usecase.RequestSelection) (int64, error) {
	return int64(len(k)), nil
}

// goals reads each letter of a body as a goal of person 1.
type goals struct{}

func (goals) SecretOf(_, _ string) string { return "" }

func (goals) DecodeKept(
	_ context.Context, _ *usecase.ProjectView, _ *usecase.RequestRecord, body []byte,
) (out []domain.Signal, _ []domain.Warning, _ error) {
	for _, letter := range string(body) {
		out = append(out, goal(1, string(letter)))
	}
	return out, nil, nil
}

// answered is a request in the log that was answered by receipts of its goals.
func (s *tale) answered(body string, receipts int) usecase.RequestRecord {
	r := usecase.RequestRecord{
		ID: s.ids.next(), ProjectID: s.p.ID, Method: "method", Body: body, ReceivedAt: s.now, Code: 200,
	}
	for n := range receipts {
		r.Receipts = append(r.Receipts, usecase.Receipt{ID: domain.EventID(r.ID, n), Type: domain.GoalReached})
	}
	return r
}

// again takes the requests of a log again, and gives what became of it.
func (s *tale) again(l usecase.RequestSource) usecase.ReplayProgress {
	s.Helper()
	return s.replayed(l, usecase.Replay{Kind: usecase.ReplayRequests, Filter: usecase.ReplayFilter{ProjectID: s.p.ID}})
}

func (s *tale) replayed(l usecase.RequestSource, r usecase.Replay) usecase.ReplayProgress {
	s.Helper()
	clock := func() time.Time { return s.now }
	replays := usecase.NewReplays(usecase.ReplayConfig{Look: time.Millisecond, Save: time.Millisecond}, s.Store,
		usecase.ReplayParts{
			Projects: s.Store, Ingest: s.ingest(), Vault: box(s), Requests: l, Decoder: goals{}, Taken: s.Store,
			Sends: s.Store, Wake: func() {},
			Directory: usecase.NewDirectory(s.Store, box(s), time.Minute, clock, func(string) {}),
		}, s.ids.next, clock, slog.New(slog.DiscardHandler))
	made, err := replays.Create(s.Context(), r)
	s.ok(err)
	done := s.settled(replays, made.ID)
	if done.State != usecase.ReplayDone {
		s.Fatalf("the replay is %s: %s", done.State, done.Error)
	}
	return done.Progress
}

// TestRestored: what was taken before a restore, and what the database does
// not know any more, goes out by itself only where the network drops repeats
// still.
func TestRestored(t *testing.T) {
	lone(t, func(s *tale) {
		for name, drops := range map[string]string{"once": "", "ever": "always", "days": "48h"} {
			s.account("beacon", func(a *domain.Account) {
				takesAll(a)
				a.Name, a.Settings["drops"] = name, drops
			})
		}
		s.account("beacon", func(a *domain.Account) {
			takesAll(a)
			a.Name, a.Settings["drops"], a.Paused = "later", "48h", true
		})
		c := s.click(s.link("ad", ""), "beacon=1")
		s.send(start(1, c.StartValue))
		var l requestLog
		l = append(l, s.answered("o", 1)) // old
		s.after(3 * day)
		l = append(l, s.answered("nm", 1)) // new, with one that the decoder overlooked
		l = append(l, s.answered("r", 0))  // refused then
		s.after(time.Hour)
		if p := s.again(l); p.Events != 4 {
			s.Errorf("taken again: %+v", p)
		}
		sent := []string{
			"once m pending", "once r pending", "ever o pending", "ever n pending", "ever m pending", "ever r pending",
			"days n pending", "days m pending", "days r pending", "later m parked", "later r parked",
		}
		doubtful := []string{"once o", "once n", "days o", "later o", "later n"}
		want := append([]string{}, sent...)
		for _, d := range doubtful {
			want = append(want, d+" uncertain restored")
		}
		s.accountsHave(want)
		if p := s.again(l); p.Events != 0 {
			s.Errorf("taken a third time: %+v", p)
		}
		s.replayed(l, usecase.Replay{
			Kind: usecase.ReplayConversions, Filter: usecase.ReplayFilter{ProjectID: s.p.ID, Status: domain.Uncertain},
		})
		want = append([]string{}, sent...)
		for _, d := range doubtful {
			want = append(want, d+" retrying asked_again")
		}
		s.accountsHave(want)
	})
}

// accountsHave compares the conversions: "account target status reason".
func (s *tale) accountsHave(want []string) {
	s.Helper()
	names := map[string]string{}
	as, err := s.Accounts(s.Context(), s.p.ID)
	s.ok(err)
	for _, a := range as {
		names[a.ID] = a.Name
	}
	var got []string
	for _, c := range s.all() {
		text := names[c.AccountID] + " " + c.Target + " " + string(c.Status)
		if c.ReasonCode != "" && c.ReasonCode != domain.ReasonAccountPaused {
			text += " " + string(c.ReasonCode)
		}
		got = append(got, text)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("conversions: %s", diff)
	}
}
