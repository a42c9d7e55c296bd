package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// sessionRow is a row of sessions.
type sessionRow struct {
	bun.BaseModel `bun:"table:sessions,alias:n"`

	Hash      []byte `bun:"hash,pk"`
	UserID    string `bun:"user_id"`
	UserAgent string `bun:"user_agent"`
	Network   string `bun:"network"`
	CreatedAt stamp  `bun:"created_at"`
	SeenAt    stamp  `bun:"seen_at"`
	ExpiresAt stamp  `bun:"expires_at"`

	User *userRow `bun:"rel:belongs-to,join:user_id=id"`
}

func (r sessionRow) session() usecase.Session {
	return usecase.Session{
		Hash: r.Hash, UserID: r.UserID, UserAgent: r.UserAgent, Network: r.Network, CreatedAt: r.CreatedAt.time(),
		SeenAt: r.SeenAt.time(), ExpiresAt: r.ExpiresAt.time(),
	}
}

// CreateSession implements usecase.UserStore.
func (s *Store) CreateSession(ctx context.Context, v usecase.Session) error {
	r := &sessionRow{
		Hash: v.Hash, UserID: v.UserID, UserAgent: v.UserAgent, Network: v.Network, CreatedAt: stamp(v.CreatedAt),
		SeenAt: stamp(v.SeenAt), ExpiresAt: stamp(v.ExpiresAt),
	}
	return s.inTx(ctx, "open a session", func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model(&userRow{ID: v.UserID, LastLoginAt: r.CreatedAt}).Column("last_login_at").
			WherePK().Exec(ctx)
		return err
	})
}

// Session implements usecase.UserStore.
func (s *Store) Session(ctx context.Context, hash []byte, now time.Time) (usecase.Session, domain.User, error) {
	var r sessionRow
	err := s.read.NewSelect().Model(&r).Relation("User").
		Where("n.hash = ?", hash).Where("n.expires_at > ?", stamp(now)).Scan(ctx)
	if err == nil && r.User == nil {
		err = sql.ErrNoRows
	}
	if err != nil {
		return usecase.Session{}, domain.User{}, mapError("read a session", err)
	}
	return r.session(), r.User.user(), nil
}

// SeeSession implements usecase.UserStore.
func (s *Store) SeeSession(ctx context.Context, hash []byte, now, expires time.Time) error {
	_, err := s.execute(ctx, "prolong a session", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model(&sessionRow{Hash: hash, SeenAt: stamp(now), ExpiresAt: stamp(expires)}).
			Column("seen_at", "expires_at").WherePK()
	})
	return err
}

// DeleteSession implements usecase.UserStore.
func (s *Store) DeleteSession(ctx context.Context, hash []byte) error {
	_, err := s.execute(ctx, "end a session", func(tx bun.Tx) execer {
		return tx.NewDelete().Model(&sessionRow{Hash: hash}).WherePK()
	})
	return err
}

// Sessions implements usecase.UserStore.
func (s *Store) Sessions(ctx context.Context, userID string, now time.Time) ([]usecase.Session, error) {
	var rows []sessionRow
	err := s.read.NewSelect().Model(&rows).Where("n.user_id = ?", userID).Where("n.expires_at > ?", stamp(now)).
		Order("n.seen_at DESC", "n.hash").Scan(ctx)
	return convert(rows, sessionRow.session), mapError("list sessions", err)
}

// EndSession implements usecase.UserStore.
func (s *Store) EndSession(ctx context.Context, userID string, hash []byte) error {
	n, err := s.execute(ctx, "end a session", func(tx bun.Tx) execer {
		return tx.NewDelete().Model(&sessionRow{Hash: hash}).WherePK().Where("n.user_id = ?", userID)
	})
	return orNotFound(n, err, "session", hex.EncodeToString(hash))
}

// EndOtherSessions implements usecase.UserStore.
func (s *Store) EndOtherSessions(ctx context.Context, userID string, keep []byte) error {
	_, err := s.execute(ctx, "end sessions", func(tx bun.Tx) execer { return otherSessions(tx, userID, keep) })
	return err
}

// otherSessions ends all sessions of a user but one, if it is given.
func otherSessions(tx bun.Tx, userID string, keep []byte) execer {
	end := tx.NewDelete().Model((*sessionRow)(nil)).Where("n.user_id = ?", userID)
	if keep != nil {
		end.Where("n.hash <> ?", keep)
	}
	return end
}

// tokenRow is a row of user_tokens.
type tokenRow struct {
	bun.BaseModel `bun:"table:user_tokens,alias:t"`

	ID        string       `bun:"id,pk"`
	UserID    string       `bun:"user_id"`
	Name      string       `bun:"name"`
	Hash      []byte       `bun:"hash"`
	Scope     domain.Scope `bun:"scope"`
	CreatedAt stamp        `bun:"created_at"`
	UsedAt    stamp        `bun:"used_at"`
	ExpiresAt stamp        `bun:"expires_at"`

	User *userRow `bun:"rel:belongs-to,join:user_id=id"`
}

func (r tokenRow) token() usecase.Token {
	return usecase.Token{
		ID: r.ID, UserID: r.UserID, Name: r.Name, Hash: r.Hash, Scope: r.Scope, CreatedAt: r.CreatedAt.time(),
		UsedAt: r.UsedAt.pointer(), ExpiresAt: r.ExpiresAt.pointer(),
	}
}

// CreateToken implements usecase.UserStore.
func (s *Store) CreateToken(ctx context.Context, t usecase.Token) error {
	r := &tokenRow{
		ID: t.ID, UserID: t.UserID, Name: t.Name, Hash: t.Hash, Scope: t.Scope, CreatedAt: stamp(t.CreatedAt),
		UsedAt: stampOf(t.UsedAt), ExpiresAt: stampOf(t.ExpiresAt),
	}
	_, err := s.execute(ctx, "make a token", func(tx bun.Tx) execer { return tx.NewInsert().Model(r) })
	return err
}

// Tokens implements usecase.UserStore: newest first.
func (s *Store) Tokens(ctx context.Context, userID string) ([]usecase.Token, error) {
	var rows []tokenRow
	err := s.read.NewSelect().Model(&rows).Where("t.user_id = ?", userID).Order("t.id DESC").Scan(ctx)
	return convert(rows, tokenRow.token), mapError("list tokens", err)
}

// DeleteToken implements usecase.UserStore.
func (s *Store) DeleteToken(ctx context.Context, userID, id string) error {
	n, err := s.execute(ctx, "delete a token", func(tx bun.Tx) execer {
		return tx.NewDelete().Model((*tokenRow)(nil)).Where("t.id = ?", id).Where("t.user_id = ?", userID)
	})
	return orNotFound(n, err, "token", id)
}

// TokenByHash implements usecase.UserStore.
func (s *Store) TokenByHash(ctx context.Context, hash []byte, now time.Time) (usecase.Token, domain.User, error) {
	var r tokenRow
	err := s.read.NewSelect().Model(&r).Relation("User").
		Where("t.hash = ?", hash).Where("t.expires_at IS NULL OR t.expires_at > ?", stamp(now)).Scan(ctx)
	if err == nil && r.User == nil {
		err = sql.ErrNoRows
	}
	if err != nil {
		return usecase.Token{}, domain.User{}, mapError("read a token", err)
	}
	return r.token(), r.User.user(), nil
}

// UseToken implements usecase.UserStore.
func (s *Store) UseToken(ctx context.Context, id string, now time.Time) error {
	n, err := s.execute(ctx, "note the use of a token", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model(&tokenRow{ID: id, UsedAt: stamp(now)}).Column("used_at").WherePK()
	})
	return orNotFound(n, err, "token", id)
}

// loginAttemptRow is a row of login_attempts.
type loginAttemptRow struct {
	bun.BaseModel `bun:"table:login_attempts,alias:a"`

	Key string `bun:"key"`
	At  stamp  `bun:"at"`
}

// AttemptLogin implements usecase.UserStore.
func (s *Store) AttemptLogin(
	ctx context.Context, keys []string, most []int, now, since time.Time,
) (may bool, err error) {
	err = s.inTx(ctx, "note an attempt to log in", func(ctx context.Context, tx bun.Tx) error {
		may = false
		rows := make([]loginAttemptRow, len(keys))
		for i, key := range keys {
			if !s.sqlite { // many at once are counted one after the other
				if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtext(?))", key).Exec(ctx); err != nil {
					return err
				}
			}
			n, err := tx.NewSelect().Model((*loginAttemptRow)(nil)).
				Where("a.key = ?", key).Where("a.at > ?", stamp(since)).Count(ctx)
			if err != nil || int(n) >= most[i] {
				return err
			}
			rows[i] = loginAttemptRow{Key: key, At: stamp(now)}
		}
		may = true
		_, err := tx.NewInsert().Model(&rows).Exec(ctx)
		return err
	})
	return may, err
}

// ForgetLogins implements usecase.UserStore.
func (s *Store) ForgetLogins(ctx context.Context, key string) error {
	_, err := s.execute(ctx, "forget attempts to log in", func(tx bun.Tx) execer {
		return tx.NewDelete().Model((*loginAttemptRow)(nil)).Where("a.key = ?", key)
	})
	return err
}

// loginAttemptsKept is how long attempts to log in are kept; nothing looks at
// older ones.
const loginAttemptsKept = 24 * time.Hour

// purgeAccess removes sessions, links and attempts whose time is over.
func (s *Store) purgeAccess(ctx context.Context, now time.Time) error {
	for _, d := range []struct {
		doing  string
		model  any
		column string
		before time.Time
	}{
		{"remove old sessions", (*sessionRow)(nil), "expires_at", now},
		{"remove old one-time links", (*oneTimeLinkRow)(nil), "expires_at", now},
		{"remove old shared reports", (*reportShareRow)(nil), "expires_at", now},
		{"remove old attempts to log in", (*loginAttemptRow)(nil), "at", now.Add(-loginAttemptsKept)},
	} {
		_, err := s.execute(ctx, d.doing, func(tx bun.Tx) execer {
			return tx.NewDelete().Model(d.model).Where("? <= ?", bun.Ident(d.column), stamp(d.before))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
