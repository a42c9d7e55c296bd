package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

// refusals counts what the trail tells metrics.
type refusals struct {
	mu sync.Mutex
	n  map[string]int
}

func (r *refusals) ObserveRefusal(action string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n[action]++
}

// slow is the store while it is away.
type slow struct {
	usecase.TrailStore
	err error
}

func (s *slow) SumAudit(ctx context.Context, es []usecase.AuditEntry) error {
	if s.err != nil {
		return s.err
	}
	return s.TrailStore.SumAudit(ctx, es)
}

type trailStand struct {
	*tale
	trail *usecase.Trail
	seen  *refusals
	store *slow
	lines *strings.Builder
}

func newTrailStand(s *tale) *trailStand {
	st := &trailStand{tale: s, seen: &refusals{n: map[string]int{}}, lines: &strings.Builder{}}
	st.store = &slow{TrailStore: s.Store}
	st.trail = usecase.NewTrail(st.store, st.seen, slog.New(slog.NewTextHandler(st.lines, nil)), s.NewID,
		func() time.Time { return s.now })
	return st
}

// trails tells a story on every database, each on one of its own.
func trails(t *testing.T, story func(s *trailStand)) {
	t.Helper()
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		st, made := openStore(t, db)
		story(newTrailStand(newTale(t, st, made)))
	})
}

func from(ctx context.Context, address, request string) context.Context {
	return usecase.WithOrigin(ctx, usecase.Origin{Address: address, RequestID: request})
}

// entries of the audit log, newest first, without their ids.
func (s *trailStand) entries() []usecase.AuditEntry {
	s.Helper()
	s.ok(s.trail.Flush(s.Context()))
	es, _, err := s.Audit(s.Context(), "", usecase.Page{Limit: 100})
	s.ok(err)
	for i := range es {
		es[i].ID = ""
	}
	return es
}

// TestTrailSumsWhatIsAlike: refusals of one network are one entry for a quarter
// of an hour, in the audit log and in the log, however many they are.
func TestTrailSumsWhatIsAlike(t *testing.T) {
	trails(t, func(s *trailStand) {
		t := s.T
		began := s.now
		for i := range 500 {
			s.trail.Refused(from(t.Context(), fmt.Sprintf("2001:db8:1:2::%x", i+1), fmt.Sprint("r", i)),
				usecase.TokenRefused, "", "")
		}
		s.trail.Refused(from(t.Context(), "203.0.113.7", "r-other"), usecase.LoginRefused, "", "anna@example.org")
		want := []usecase.AuditEntry{
			{At: began, Action: usecase.LoginRefused, Subject: "anna@example.org", Address: "203.0.113.7",
				RequestID: "r-other", Times: 1},
			{At: began, Action: usecase.TokenRefused, Address: "2001:db8:1:2::1", RequestID: "r0", Times: 500},
		}
		if d := cmp.Diff(want, s.entries()); d != "" {
			t.Errorf("audit log (-want +got):\n%s", d)
		}
		if n := strings.Count(s.lines.String(), "\n"); n != 2 || !strings.Contains(s.lines.String(), "request_id=r0") ||
			!strings.Contains(s.lines.String(), "level=WARN") {
			t.Errorf("the log has %d lines:\n%s", n, s.lines)
		}
		s.now = began.Add(14 * time.Minute)
		s.trail.Refused(from(t.Context(), "2001:db8:1:2::1", "late"), usecase.TokenRefused, "", "")
		s.now = began.Add(15 * time.Minute)
		s.trail.Refused(from(t.Context(), "2001:db8:1:2::1", "next"), usecase.TokenRefused, "", "")
		want[1].Times = 501
		want = append([]usecase.AuditEntry{{At: s.now, Action: usecase.TokenRefused, Address: "2001:db8:1:2::1",
			RequestID: "next", Times: 1}}, want...)
		if d := cmp.Diff(want, s.entries()); d != "" {
			t.Errorf("audit log, a quarter of an hour later (-want +got):\n%s", d)
		}
		if !strings.Contains(s.lines.String(), "times=501") {
			t.Errorf("the log does not say how many there were:\n%s", s.lines)
		}
		if d := cmp.Diff(map[string]int{usecase.TokenRefused: 502, usecase.LoginRefused: 1}, s.seen.n); d != "" {
			t.Errorf("metrics (-want +got):\n%s", d)
		}
	})
}

// TestStrangersDoNotFillTheAuditLog: from however many networks they come, they
// make no more entries; and they crowd out nobody who is known.
func TestStrangersDoNotFillTheAuditLog(t *testing.T) {
	trails(t, func(s *trailStand) {
		t := s.T
		for i := range 20_000 {
			s.trail.Refused(from(t.Context(), fmt.Sprintf("2001:db8:%x::1", i), "r"), usecase.LoginRefused, "", "")
		}
		anna := usecase.Actor{User: &domain.User{ID: "anna", Email: "anna@example.org"}}
		s.trail.Refused(usecase.WithActor(from(t.Context(), "203.0.113.9", "hers"), anna),
			usecase.AccessRefused, "p", "GET /x")
		es := s.entries()
		if len(es) != 66 || es[0].Actor != "anna@example.org" {
			t.Fatalf("%d entries, the last %+v", len(es), es[0])
		}
		if es[1].Address != usecase.ManyAddresses || es[1].Times != 20_000-64 || es[1].RequestID != "" {
			t.Errorf("the rest is %+v", es[1])
		}
		if n := strings.Count(s.lines.String(), "\n"); n != 66 {
			t.Errorf("the log has %d lines", n)
		}
		s.now = s.now.Add(15 * time.Minute)
		s.ok(s.trail.Flush(t.Context()))
		s.trail.Refused(from(t.Context(), "198.51.100.1", "fresh"), usecase.LoginRefused, "", "")
		if es := s.entries(); len(es) != 67 || es[0].Address != "198.51.100.1" {
			t.Errorf("a new quarter of an hour begins with %+v", es[0])
		}
	})
}

// TestTrailOutlivesTheStore: what could not be written is written later, what is
// over by then, too.
func TestTrailOutlivesTheStore(t *testing.T) {
	trails(t, func(s *trailStand) {
		t := s.T
		ctx := from(t.Context(), "203.0.113.7", "r")
		s.store.err = domain.ErrUnavailable
		s.trail.Refused(ctx, usecase.LoginRefused, "", "")
		if err := s.trail.Flush(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
			t.Fatal(err)
		}
		s.trail.Refused(ctx, usecase.LoginRefused, "", "")
		s.now = s.now.Add(time.Hour)
		if err := s.trail.Flush(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
			t.Fatal(err)
		}
		s.store.err = nil
		if es := s.entries(); len(es) != 1 || es[0].Times != 2 {
			t.Errorf("%+v", es)
		}
	})
}
