package usecase

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
)

// ID names a session to its user, who may end it; it opens nothing.
func (s Session) ID() string { return hex.EncodeToString(s.Hash) }

// Of tells whether it is the session of a secret.
func (s Session) Of(secret string) bool { return string(s.Hash) == string(secretHash(secret)) }

// Sessions lists those of a user, the one seen last first.
func (a *Access) Sessions(ctx context.Context, userID string) ([]Session, error) {
	all, err := a.store.Sessions(ctx, userID, a.now())
	var open []Session
	for _, s := range all {
		if s.CreatedAt.Add(a.cfg.SessionMax).After(a.now()) {
			open = append(open, s)
		}
	}
	return open, err
}

// EndSession ends a session of a user; id is the one of the list.
func (a *Access) EndSession(ctx context.Context, u *domain.User, id string) error {
	hash, err := hex.DecodeString(id)
	if err != nil {
		return fmt.Errorf("session %q: %w", id, domain.ErrNotFound)
	}
	return a.store.EndSession(a.audit.note(ctx, "", "session.end", u.Email, nil), u.ID, hash)
}

// EndOtherSessions ends all sessions of a user but the one of a secret.
func (a *Access) EndOtherSessions(ctx context.Context, u *domain.User, secret string) error {
	return a.store.EndOtherSessions(a.audit.note(ctx, "", "session.end_others", u.Email, nil), u.ID,
		secretHash(secret))
}

// EndSessionsOf ends all sessions of a user: an administrator does it when
// somebody else may have one.
func (a *Access) EndSessionsOf(ctx context.Context, userID string) error {
	u, err := a.store.User(ctx, userID)
	if err != nil {
		return err
	}
	return a.store.EndOtherSessions(a.audit.note(ctx, "", "session.end_all", u.Email, nil), u.ID, nil)
}
