package usecase

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// plainVault makes hashes readable.
type plainVault struct{}

func (plainVault) Hash(kind, value string) []byte    { return []byte(kind + ":" + value) }
func (plainVault) Seal(plain []byte) ([]byte, error) { return append([]byte("sealed:"), plain...), nil }
func (plainVault) Open(sealed []byte) ([]byte, error) {
	return sealed[len("sealed:"):], nil
}

// erasures records what was erased, and fails as told.
type erasures struct {
	RequestLog
	store, log error
	done       []string
}

func (e *erasures) Erase(_ context.Context, k domain.SubscriberKey, _ time.Time) error {
	if e.store == nil {
		e.done = append(e.done, "person "+k.ProjectID)
	}
	return e.store
}

func (e *erasures) ErasePerson(_ context.Context, projectID, hash string) error {
	if e.log == nil {
		e.done = append(e.done, "requests "+projectID+" "+hash)
	}
	return e.log
}

func TestEraseRemovesPersonThenRequests(t *testing.T) {
	t.Parallel()
	k := domain.SubscriberKey{ProjectID: "p1", Messenger: domain.Telegram, UserID: 7}
	hash := PersonHash(plainVault{}, k)
	cases := map[string]struct {
		store, log, want error
		done             []string
	}{
		"both": {done: []string{"person p1", "requests p1 " + hash}},
		// The second call of an erasure whose first one lost the log.
		"nobody left":  {store: domain.ErrNotFound, want: domain.ErrNotFound, done: []string{"requests p1 " + hash}},
		"storage away": {store: domain.ErrUnavailable, want: domain.ErrUnavailable},
		"log away":     {log: domain.ErrUnavailable, want: domain.ErrUnavailable, done: []string{"person p1"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &erasures{store: c.store, log: c.log}
			err := NewPeople(e, e, plainVault{}, time.Now).Erase(t.Context(), k)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if d := cmp.Diff(c.done, e.done); d != "" {
				t.Error(d)
			}
		})
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
