package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// CreateSession implements usecase.UserStore.
func (s *Store) CreateSession(ctx context.Context, v usecase.Session) error {
	_, err := s.change(ctx, "open a session", "INSERT INTO sessions (hash, user_id, user_agent, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
		v.Hash, v.UserID, v.UserAgent, stamp(v.CreatedAt), stamp(v.SeenAt), stamp(v.ExpiresAt))
	return err
}

// Session implements usecase.UserStore.
func (s *Store) Session(ctx context.Context, hash []byte, now time.Time) (usecase.Session, domain.User, error) {
	var v usecase.Session
	var u domain.User
	err := s.read.QueryRowContext(ctx, `SELECT n.hash, n.user_id, n.user_agent, n.created_at, n.seen_at, n.expires_at, `+userColumns+`
		FROM sessions n JOIN users u ON u.id = n.user_id WHERE n.hash = ? AND n.expires_at > ?`, hash, stamp(now)).
		Scan(append([]any{&v.Hash, &v.UserID, &v.UserAgent, into{&v.CreatedAt}, into{&v.SeenAt}, into{&v.ExpiresAt}}, userDest(&u)...)...)
	return v, u, mapError("read a session", err)
}

// SeeSession implements usecase.UserStore.
func (s *Store) SeeSession(ctx context.Context, hash []byte, now, expires time.Time) error {
	_, err := s.change(ctx, "prolong a session", "UPDATE sessions SET seen_at = ?, expires_at = ? WHERE hash = ?", stamp(now), stamp(expires), hash)
	return err
}

// DeleteSession implements usecase.UserStore.
func (s *Store) DeleteSession(ctx context.Context, hash []byte) error {
	_, err := s.change(ctx, "end a session", "DELETE FROM sessions WHERE hash = ?", hash)
	return err
}

// CreateToken implements usecase.UserStore.
func (s *Store) CreateToken(ctx context.Context, t usecase.Token) error {
	_, err := s.change(ctx, "make a token", "INSERT INTO user_tokens (id, user_id, name, hash, scope, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		t.ID, t.UserID, t.Name, t.Hash, string(t.Scope), stamp(t.CreatedAt), stampOf(t.ExpiresAt))
	return err
}

// tokenColumns in the order of tokenDest, of a table named t.
const tokenColumns = "t.id, t.user_id, t.name, t.hash, t.scope, t.created_at, t.used_at, t.expires_at"

func tokenDest(t *usecase.Token) []any {
	return []any{&t.ID, &t.UserID, &t.Name, &t.Hash, &t.Scope, into{&t.CreatedAt}, intoPtr{&t.UsedAt}, intoPtr{&t.ExpiresAt}}
}

// Tokens implements usecase.UserStore: newest first.
func (s *Store) Tokens(ctx context.Context, userID string) ([]usecase.Token, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+tokenColumns+" FROM user_tokens t WHERE t.user_id = ? ORDER BY t.id DESC", userID)
	if err != nil {
		return nil, mapError("list tokens", err)
	}
	var out []usecase.Token
	err = each(rows, func(r scanner) error {
		var t usecase.Token
		err := r.Scan(tokenDest(&t)...)
		out = append(out, t)
		return err
	})
	return out, mapError("list tokens", err)
}

// DeleteToken implements usecase.UserStore.
func (s *Store) DeleteToken(ctx context.Context, userID, id string) error {
	n, err := s.change(ctx, "delete a token", "DELETE FROM user_tokens WHERE id = ? AND user_id = ?", id, userID)
	return orNotFound(n, err, "token", id)
}

// TokenByHash implements usecase.UserStore.
func (s *Store) TokenByHash(ctx context.Context, hash []byte, now time.Time) (usecase.Token, domain.User, error) {
	var t usecase.Token
	var u domain.User
	err := s.read.QueryRowContext(ctx, "SELECT "+tokenColumns+", "+userColumns+` FROM user_tokens t JOIN users u ON u.id = t.user_id
		WHERE t.hash = ? AND (t.expires_at IS NULL OR t.expires_at > ?)`, hash, stamp(now)).Scan(append(tokenDest(&t), userDest(&u)...)...)
	return t, u, mapError("read a token", err)
}

// UseToken implements usecase.UserStore.
func (s *Store) UseToken(ctx context.Context, id string, now time.Time) error {
	n, err := s.change(ctx, "note the use of a token", "UPDATE user_tokens SET used_at = ? WHERE id = ?", stamp(now), id)
	return orNotFound(n, err, "token", id)
}

// AttemptLogin implements usecase.UserStore.
func (s *Store) AttemptLogin(ctx context.Context, keys []string, now, since time.Time) ([]int, error) {
	counts := make([]int, len(keys))
	err := s.inTx(ctx, "note an attempt to log in", func(ctx context.Context, tx bun.Tx) error {
		for i, key := range keys {
			if _, err := tx.ExecContext(ctx, "INSERT INTO login_attempts (key, at) VALUES (?, ?)", key, stamp(now)); err != nil {
				return err
			}
			err := tx.QueryRowContext(ctx, "SELECT count(*) FROM login_attempts WHERE key = ? AND at > ?", key, stamp(since)).Scan(&counts[i])
			if err != nil {
				return err
			}
		}
		return nil
	})
	return counts, err
}

// ForgetLogins implements usecase.UserStore.
func (s *Store) ForgetLogins(ctx context.Context, key string) error {
	_, err := s.change(ctx, "forget attempts to log in", "DELETE FROM login_attempts WHERE key = ?", key)
	return err
}

// loginAttemptsKept is how long attempts to log in are kept; nothing looks at
// older ones.
const loginAttemptsKept = 24 * time.Hour

// purgeAccess removes sessions, links and attempts whose time is over.
func (s *Store) purgeAccess(ctx context.Context, now time.Time) error {
	for _, d := range []struct {
		doing, query string
		before       time.Time
	}{
		{"remove old sessions", "DELETE FROM sessions WHERE expires_at <= ?", now},
		{"remove old one-time links", "DELETE FROM one_time_links WHERE expires_at <= ?", now},
		{"remove old attempts to log in", "DELETE FROM login_attempts WHERE at <= ?", now.Add(-loginAttemptsKept)},
	} {
		if _, err := s.change(ctx, d.doing, d.query, stamp(d.before)); err != nil {
			return err
		}
	}
	return nil
}
