package usecase

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// plainVault makes hashes readable.
type plainVault struct{}

func (plainVault) Hash(kind, value string) []byte { return []byte(kind + ":" + value) }
func (plainVault) Seal(plain []byte) []byte       { return append([]byte("sealed:"), plain...) }
func (plainVault) Open(sealed []byte) ([]byte, error) {
	return sealed[len("sealed:"):], nil
}

// erasures is a store and its streams: it records what was erased, and fails
// as told.
type erasures struct {
	keeping        map[string]int
	before         map[string]time.Time // by project asked for
	store, streams error
	left           []domain.SubscriberKey
	open           []Erasure
	done           []string
	searches       int
}

func (e *erasures) Erase(_ context.Context, k domain.SubscriberKey, _ time.Time) error {
	if e.store != nil {
		return e.store
	}
	id := "s" + strconv.FormatInt(k.UserID, 10)
	e.done = append(e.done, "person "+id)
	e.open = append(e.open, Erasure{
		SubscriberID: id, ProjectID: k.ProjectID, UserID: k.UserID, PersonHash: PersonHash(plainVault{}, k),
	})
	e.left = slices.DeleteFunc(e.left, func(l domain.SubscriberKey) bool { return l == k })
	return nil
}

func (e *erasures) Erasures(_ context.Context, hash string, limit int) ([]Erasure, error) {
	var out []Erasure
	for _, o := range e.open {
		if (hash == "" || o.PersonHash == hash) && len(out) < limit {
			out = append(out, o)
		}
	}
	return out, nil
}

func (e *erasures) ErasedEvents(_ context.Context, o Erasure) ([]string, time.Time, error) {
	return []string{"e" + o.SubscriberID}, morning, nil
}

func (e *erasures) EndErasure(_ context.Context, o Erasure) error {
	e.open = slices.DeleteFunc(e.open, func(x Erasure) bool { return x == o })
	return nil
}

func (e *erasures) LeftBefore(
	_ context.Context, projectID string, before time.Time, limit int,
) ([]domain.SubscriberKey, error) {
	var out []domain.SubscriberKey
	for _, k := range e.left {
		_, says := e.keeping[k.ProjectID]
		if (k.ProjectID == projectID || projectID == "" && !says) && len(out) < limit {
			out = append(out, k)
		}
	}
	if e.before == nil {
		e.before = map[string]time.Time{}
	}
	e.before[projectID] = before
	return out, nil
}

func (e *erasures) KeepingPeople(context.Context) (map[string]int, error) { return e.keeping, nil }

func (e *erasures) ErasePersons(_ context.Context, projectID string, people []Erasure) error {
	for _, o := range people {
		if e.streams == nil {
			e.done = append(e.done, "requests "+projectID+" "+strconv.FormatInt(o.UserID, 10)+" "+o.PersonHash)
		}
	}
	e.searches++
	return e.streams
}

func (e *erasures) EraseEvents(_ context.Context, projectID string, ids []string, since time.Time) error {
	e.done = append(e.done, "events "+projectID+" "+strings.Join(ids, " ")+" "+since.Format(time.TimeOnly))
	return nil
}

var morning = time.Date(2031, 3, 14, 9, 0, 0, 0, time.UTC)

func who(project string, id int64) domain.SubscriberKey {
	return domain.SubscriberKey{ProjectID: project, Messenger: domain.Telegram, UserID: id}
}

func TestEraseRemovesPersonThenStreams(t *testing.T) {
	t.Parallel()
	k := who("p1", 7)
	hash := PersonHash(plainVault{}, k)
	cases := map[string]struct {
		store, streams, want error
		open                 int
		done                 []string
	}{
		"both":         {done: []string{"person s7", "requests p1 7 " + hash, "events p1 es7 09:00:00"}},
		"nobody left":  {store: domain.ErrNotFound, want: domain.ErrNotFound, done: []string{"requests p1 7 " + hash}},
		"storage away": {store: domain.ErrUnavailable, want: domain.ErrUnavailable},
		"streams away": {streams: domain.ErrUnavailable, want: domain.ErrUnavailable, open: 1,
			done: []string{"person s7"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &erasures{store: c.store, streams: c.streams}
			err := NewPeople(e, e, plainVault{}, time.Now).Erase(t.Context(), k)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if d := cmp.Diff(c.done, e.done); d != "" || len(e.open) != c.open {
				t.Errorf("%d erasures are open: %s", len(e.open), d)
			}
		})
	}
}

// Streams that were away are done with later: by asking again, or by itself.
func TestEraseIsFinished(t *testing.T) {
	t.Parallel()
	for name, finish := range map[string]func(*People, context.Context) error{
		"asked again": func(p *People, ctx context.Context) error { return p.Erase(ctx, who("p1", 7)) },
		"by itself":   func(p *People, ctx context.Context) error { return p.Finish(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &erasures{streams: domain.ErrUnavailable}
			p := NewPeople(e, e, plainVault{}, time.Now)
			if err := p.Erase(t.Context(), who("p1", 7)); !errors.Is(err, domain.ErrUnavailable) {
				t.Fatalf("Erase = %v", err)
			}
			e.streams, e.store, e.done = nil, domain.ErrNotFound, nil
			if err := finish(p, t.Context()); err != nil && !errors.Is(err, domain.ErrNotFound) {
				t.Fatal(err)
			}
			want := []string{"requests p1 7 " + PersonHash(plainVault{}, who("p1", 7)), "events p1 es7 09:00:00"}
			if d := cmp.Diff(want, e.done); d != "" || len(e.open) != 0 {
				t.Errorf("%d erasures are open: %s", len(e.open), d)
			}
		})
	}
}

func TestEraseLeft(t *testing.T) {
	t.Parallel()
	e := &erasures{}
	for i := range int64(erasuresAtOnce + 1) {
		e.left = append(e.left, who("p1", i+1))
	}
	n, err := NewPeople(e, e, plainVault{}, time.Now).EraseLeft(t.Context(), time.Hour)
	if err != nil || n != erasuresAtOnce+1 || len(e.left) != 0 || len(e.open) != 0 {
		t.Errorf("erased %d, %d are left, %d erasures are open: %v", n, len(e.left), len(e.open), err)
	}
	if e.searches != 2 {
		t.Errorf("the requests were searched %d times, want once for each batch", e.searches)
	}
}

// TestEraseLeftByProject: a project that says how long it keeps people is not
// touched by the service's own setting.
func TestEraseLeftByProject(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return morning }
	e := &erasures{left: []domain.SubscriberKey{who("p1", 1), who("p2", 2)}, keeping: map[string]int{"p2": 10}}
	if n, err := NewPeople(e, e, plainVault{}, now).EraseLeft(t.Context(), 0); err != nil || n != 1 ||
		len(e.left) != 1 || e.left[0] != who("p1", 1) {
		t.Errorf("erased %d, left %v: %v", n, e.left, err)
	}
	if want := morning.AddDate(0, 0, -10); !e.before["p2"].Equal(want) {
		t.Errorf("looked for those who left before %s, want %s", e.before["p2"], want)
	}
	if n, err := NewPeople(e, e, plainVault{}, now).EraseLeft(t.Context(), 48*time.Hour); err != nil || n != 1 ||
		!e.before[""].Equal(morning.Add(-48*time.Hour)) {
		t.Errorf("erased %d of those that the service's setting is for, before %s: %v", n, e.before[""], err)
	}
}

func TestPersonHashTellsPeopleApart(t *testing.T) {
	t.Parallel()
	seen := map[string]domain.SubscriberKey{}
	for _, k := range []domain.SubscriberKey{
		{ProjectID: "p1", Messenger: "telegram", UserID: 1}, {ProjectID: "p2", Messenger: "telegram", UserID: 1},
		{ProjectID: "p1", Messenger: "max", UserID: 1}, {ProjectID: "p1", Messenger: "telegram", UserID: 11},
	} {
		h := PersonHash(plainVault{}, k)
		if other, ok := seen[h]; ok {
			t.Errorf("%v and %v have one hash", k, other)
		}
		seen[h] = k
	}
}
