package usecase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// KeyState is what a key is worth at a moment.
type KeyState int

// States of a key.
const (
	KeyWorks KeyState = iota
	KeyMissing
	KeyUnknown
	KeyReplaced // by a new one
	KeyExpired
	KeyOrphaned    // its project was deleted
	KeyOfOtherKind // reports take one, the event API the other
	KeySwitchedOff // the project is
)

// State says what a key is worth, seen by itself: whether it was replaced or
// has expired.
func (k *Key) State(now time.Time) KeyState {
	switch {
	case k.RevokedAt != nil && !now.Before(*k.RevokedAt):
		return KeyReplaced
	case k.ExpiresAt != nil && !now.Before(*k.ExpiresAt):
		return KeyExpired
	}
	return KeyWorks
}

// KeyHolder is who came with a key.
type KeyHolder struct {
	Key   Key
	View  *ProjectView // nil where the key leads to no project
	State KeyState
}

// KeyError says why a key opens nothing. It wraps domain.ErrUnauthenticated,
// domain.ErrExpired or domain.ErrForbidden.
type KeyError struct{ KeyHolder }

// Error names the state.
func (e *KeyError) Error() string {
	switch e.State {
	case KeyMissing:
		return "the key is missing"
	case KeyReplaced:
		return "the key was replaced by a new one"
	case KeyExpired:
		return "the key expired at " + e.Key.ExpiresAt.UTC().Format(time.RFC3339)
	case KeyOrphaned:
		return "the key's project was deleted"
	case KeyOfOtherKind:
		return "the key is for something else"
	case KeySwitchedOff:
		return "the project is switched off"
	}
	return "the key is unknown"
}

// Unwrap tells apart keys that are no good, no longer good, and good for
// something else.
func (e *KeyError) Unwrap() error {
	switch e.State {
	case KeyExpired:
		return domain.ErrExpired
	case KeyOfOtherKind, KeySwitchedOff:
		return domain.ErrForbidden
	}
	return domain.ErrUnauthenticated
}

// kindFor is the kind of key that gives a right.
func kindFor(right Right) KeyKind {
	if right == ForReportKey {
		return ReportKey
	}
	return APIKey
}

// Admit finds the project of a key and decides whether the key gives a right.
// A KeyError says why not.
func (d *Directory) Admit(ctx context.Context, key string, right Right) (*KeyHolder, error) {
	refuse := func(h KeyHolder, s KeyState) (*KeyHolder, error) {
		h.State = s
		return &h, &KeyError{h}
	}
	if !right.ByKey() {
		return nil, fmt.Errorf("the right %q is not about keys", right)
	}
	var h KeyHolder
	if key == "" {
		return refuse(h, KeyMissing)
	}
	var err error
	if h.Key, err = d.Key(ctx, key); errors.Is(err, domain.ErrNotFound) {
		return refuse(h, KeyUnknown)
	} else if err != nil {
		return nil, fmt.Errorf("find the key: %w", err)
	}
	alone := h.Key.State(d.now())
	if alone == KeyReplaced {
		// Its project is told that somebody uses it still, if it can be found.
		h.View, _ = d.View(ctx, h.Key.ProjectID)
		return refuse(h, KeyReplaced)
	}
	if h.View, err = d.View(ctx, h.Key.ProjectID); errors.Is(err, domain.ErrNotFound) {
		return refuse(h, KeyOrphaned)
	} else if err != nil {
		return nil, fmt.Errorf("read the key's project: %w", err)
	}
	switch {
	case h.Key.Kind != kindFor(right):
		return refuse(h, KeyOfOtherKind)
	case alone == KeyExpired:
		h.State = KeyExpired
	case !h.View.Enabled:
		h.State = KeySwitchedOff
	}
	if opens(right, h.State) {
		return &h, nil
	}
	return refuse(h, h.State)
}

// opens tells whether a key of the right kind gives a right in its state. What
// a key has brought in may be looked at afterwards, too; figures are told of a
// project that is switched off.
func opens(right Right, s KeyState) bool {
	switch s {
	case KeyWorks:
		return true
	case KeyExpired:
		return right == ForPastAPIKey
	case KeySwitchedOff:
		return right == ForPastAPIKey || right == ForReportKey
	}
	return false
}
