package usecase_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// erasures is the store, beside streams that record what they are asked to
// erase. Both fail as told.
type erasures struct {
	*store.Store
	away, streams error
	before        map[string]time.Time // by project asked for
	done          []string
	searches      int
}

func newErasures(s *tale) (*erasures, *usecase.People) {
	s.Helper()
	e := &erasures{Store: s.Store, before: map[string]time.Time{}}
	return e, usecase.NewPeople(e, e, box(s), s.NewID, func() time.Time { return s.now })
}

func (e *erasures) Erase(ctx context.Context, k domain.SubscriberKey, now time.Time) error {
	if e.away != nil {
		return e.away
	}
	err := e.Store.Erase(ctx, k, now)
	if err == nil {
		e.done = append(e.done, "person "+strconv.FormatInt(k.UserID, 10))
	}
	return err
}

func (e *erasures) LeftBefore(
	ctx context.Context, projectID string, before time.Time, limit int,
) ([]domain.SubscriberKey, error) {
	e.before[projectID] = before
	return e.Store.LeftBefore(ctx, projectID, before, limit)
}

func (e *erasures) ErasePersons(_ context.Context, projectID string, people []usecase.Erasure) error {
	for _, o := range people {
		if e.streams == nil {
			e.done = append(e.done, "requests "+projectID+" "+strconv.FormatInt(o.UserID, 10)+" "+o.PersonHash)
		}
	}
	e.searches++
	return e.streams
}

func (e *erasures) EraseClicks(_ context.Context, projectID string, startValues []string) error {
	e.done = append(e.done, "clicks "+projectID+" "+strings.Join(startValues, " "))
	return nil
}

func (e *erasures) EraseEvents(_ context.Context, projectID string, ids []string, since time.Time) error {
	e.done = append(e.done, "events "+projectID+" "+strings.Join(ids, " ")+" "+since.Format(time.TimeOnly))
	return nil
}

// listed lists people by the days on which they left, as the service does all
// the time.
func (s *tale) listed() {
	s.Helper()
	for {
		n, err := s.FillWords(s.Context())
		s.ok(err)
		if n == 0 {
			return
		}
	}
}

// underWay counts the erasures of a person that are not done with.
func (s *tale) underWay(user int64) int {
	s.Helper()
	open, err := s.Erasures(s.Context(), usecase.PersonHash(box(s), s.key(user)), 10)
	s.ok(err)
	return len(open)
}

// fromStreams is what the streams are asked to erase of a person with one
// event, which is kept at nine o'clock.
func (s *tale) fromStreams(user int64, event string) []string {
	return []string{
		"requests " + s.p.ID + " " + strconv.FormatInt(user, 10) + " " + usecase.PersonHash(box(s), s.key(user)),
		"events " + s.p.ID + " " + event + " 09:00:00",
	}
}

func TestEraseRemovesPersonThenStreams(t *testing.T) {
	stories := map[string]func(s *tale){}
	for name, c := range map[string]struct {
		nobody              bool
		away, streams, want error
		open                int
		done                func(person, requests, events string) []string
	}{
		"both": {done: func(person, requests, events string) []string {
			return []string{person, requests, events}
		}},
		"nobody left": {nobody: true, want: domain.ErrNotFound, done: func(_, requests, _ string) []string {
			return []string{requests}
		}},
		"storage away": {away: domain.ErrUnavailable, want: domain.ErrUnavailable,
			done: func(_, _, _ string) []string { return nil }},
		"streams away": {streams: domain.ErrUnavailable, want: domain.ErrUnavailable, open: 1,
			done: func(person, _, _ string) []string { return []string{person} }},
	} {
		stories[name] = func(s *tale) {
			event := ""
			if !c.nobody {
				event = s.send(start(7, "")).Receipts[0].ID
			}
			e, p := newErasures(s)
			e.away, e.streams = c.away, c.streams
			err := p.Erase(s.Context(), s.key(7))
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				s.Errorf("error %v, want %v", err, c.want)
			}
			want := s.fromStreams(7, event)
			if d := cmp.Diff(c.done("person 7", want[0], want[1]), e.done); d != "" || s.underWay(7) != c.open {
				s.Errorf("%d erasures are open: %s", s.underWay(7), d)
			}
			if c.away == nil {
				s.unknown(7)
			} else {
				s.who(7)
			}
		}
	}
	tales(t, stories)
}

// Streams that were away are done with later: by asking again, or by itself.
func TestEraseIsFinished(t *testing.T) {
	finish := func(by func(ctx context.Context, s *tale, p *usecase.People) error) func(s *tale) {
		return func(s *tale) {
			event := s.send(start(7, "")).Receipts[0].ID
			e, p := newErasures(s)
			e.streams = domain.ErrUnavailable
			if err := p.Erase(s.Context(), s.key(7)); !errors.Is(err, domain.ErrUnavailable) {
				s.Fatalf("Erase = %v", err)
			}
			e.streams, e.done = nil, nil
			if err := by(s.Context(), s, p); err != nil && !errors.Is(err, domain.ErrNotFound) {
				s.Fatal(err)
			}
			if d := cmp.Diff(s.fromStreams(7, event), e.done); d != "" || s.underWay(7) != 0 {
				s.Errorf("%d erasures are open: %s", s.underWay(7), d)
			}
		}
	}
	askedAgain := finish(func(ctx context.Context, s *tale, p *usecase.People) error {
		return p.Erase(ctx, s.key(7))
	})
	byItself := finish(func(ctx context.Context, _ *tale, p *usecase.People) error { return p.Finish(ctx) })
	// One after the other, since all erasures of a database are finished.
	tales(t, map[string]func(s *tale){"asked again, and by itself": func(s *tale) {
		askedAgain(s)
		byItself(newTale(s.T, s.Store, s.ids))
	}})
}

// TestEraseLeft is about all people of a database, so it has one of its own.
func TestEraseLeft(t *testing.T) {
	tales(t, map[string]func(s *tale){"in batches": func(s *tale) {
		const many = usecase.ErasuresAtOnce + 1
		var starts, stops []domain.Signal
		for i := range int64(many) {
			starts, stops = append(starts, start(i+1, "")), append(stops, stop(i+1))
		}
		s.ok(s.together(s.request("starts", starts...))[0].err)
		s.after(time.Minute)
		s.ok(s.together(s.request("stops", stops...))[0].err)
		s.after(2 * day)
		s.listed()
		e, p := newErasures(s)
		n, err := p.EraseLeft(s.Context(), time.Hour)
		s.ok(err)
		left, err := s.LeftBefore(s.Context(), "", s.now, many)
		s.ok(err)
		open, err := s.Erasures(s.Context(), "", many)
		s.ok(err)
		if n != many || len(left) != 0 || len(open) != 0 {
			s.Errorf("erased %d, %d are left, %d erasures are open", n, len(left), len(open))
		}
		if e.searches != 2 {
			s.Errorf("the requests were searched %d times, want once for each batch", e.searches)
		}
	}})
}

// TestEraseLeftByProject: a project that says how long it keeps people is not
// touched by the service's own setting.
func TestEraseLeftByProject(t *testing.T) {
	tales(t, map[string]func(s *tale){"each as long as it says": func(s *tale) {
		other := newTale(s.T, s.Store, s.ids)
		other.p.KeepPeople = 10
		s.ok(s.UpdateProject(s.Context(), other.p.Project))
		s.send(start(1, ""), stop(1))
		other.send(start(2, ""), stop(2))
		other.after(5 * day)
		other.send(start(3, ""), stop(3))
		s.after(12 * day)
		s.listed()
		e, p := newErasures(s)
		if n, err := p.EraseLeft(s.Context(), 0); err != nil || n != 1 {
			s.Errorf("erased %d: %v", n, err)
		}
		s.who(1)
		other.unknown(2)
		if want := s.now.AddDate(0, 0, -10); !e.before[other.p.ID].Equal(want) {
			s.Errorf("looked for those who left before %s, want %s", e.before[other.p.ID], want)
		}
		if n, err := p.EraseLeft(s.Context(), 48*time.Hour); err != nil || n != 1 ||
			!e.before[""].Equal(s.now.Add(-48*time.Hour)) {
			s.Errorf("erased %d of those that the service's setting is for, before %s: %v", n, e.before[""], err)
		}
		s.unknown(1)
		other.who(3)
	}})
}

func TestPersonHashTellsPeopleApart(t *testing.T) {
	t.Parallel()
	seen := map[string]domain.SubscriberKey{}
	for _, k := range []domain.SubscriberKey{
		{ProjectID: "p1", Messenger: "telegram", UserID: 1}, {ProjectID: "p2", Messenger: "telegram", UserID: 1},
		{ProjectID: "p1", Messenger: "max", UserID: 1}, {ProjectID: "p1", Messenger: "telegram", UserID: 11},
	} {
		h := usecase.PersonHash(box(t), k)
		if other, ok := seen[h]; ok {
			t.Errorf("%v and %v have one hash", k, other)
		}
		seen[h] = k
	}
}
