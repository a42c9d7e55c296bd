package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// userColumns in the order of userDest, of a table named u.
const userColumns = "u.id, u.email, u.name, u.password_hash, u.admin, u.language, u.created_at"

func userDest(u *domain.User) []any {
	return []any{&u.ID, &u.Email, &u.Name, &u.PasswordHash, &u.Admin, &u.Language, into{&u.CreatedAt}}
}

// CountUsers implements usecase.UserStore.
func (s *Store) CountUsers(ctx context.Context) (n int, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&n)
	return n, mapError("count users", err)
}

// CreateUser implements usecase.UserStore.
func (s *Store) CreateUser(ctx context.Context, u domain.User, link usecase.OneTimeLink) error {
	return s.inTx(ctx, "create a user", func(ctx context.Context, tx bun.Tx) error {
		if err := useLink(ctx, tx, link.Hash); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `INSERT INTO users (id, email, name, password_hash, admin, language, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (email) DO NOTHING`, u.ID, u.Email, u.Name, u.PasswordHash, u.Admin, u.Language, stamp(u.CreatedAt))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return fmt.Errorf("%w: there is a user with this e-mail", domain.ErrConflict)
		}
		if link.Kind == usecase.SetupLink {
			// Others were printed at other starts.
			_, err := tx.ExecContext(ctx, "DELETE FROM one_time_links WHERE kind = ?", string(usecase.SetupLink))
			return err
		}
		return join(ctx, tx, u.ID, link, u.CreatedAt)
	})
}

// useLink uses a one-time link up; the first of two at once wins.
func useLink(ctx context.Context, tx bun.Tx, hash []byte) error {
	result, err := tx.ExecContext(ctx, "DELETE FROM one_time_links WHERE hash = ?", hash)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return orNotFound(int(n), err, "one-time", "link")
	}
	return nil
}

// join gives what an invitation is for; a stronger role that was there stays.
func join(ctx context.Context, tx bun.Tx, userID string, link usecase.OneTimeLink, now time.Time) error {
	if link.ProjectID == "" {
		_, err := tx.ExecContext(ctx, "UPDATE users SET admin = TRUE WHERE id = ?", userID)
		return err
	}
	var has domain.Role
	err := tx.QueryRowContext(ctx, "SELECT coalesce(max(role), '') FROM project_users WHERE project_id = ? AND user_id = ?", link.ProjectID, userID).Scan(&has)
	if err != nil || has.Allows(link.Role) {
		return err
	}
	return setRole(ctx, tx, link.ProjectID, userID, link.Role, now)
}

// Join implements usecase.UserStore.
func (s *Store) Join(ctx context.Context, userID string, link usecase.OneTimeLink, now time.Time) error {
	return s.inTx(ctx, "join", func(ctx context.Context, tx bun.Tx) error {
		if err := useLink(ctx, tx, link.Hash); err != nil {
			return err
		}
		return join(ctx, tx, userID, link, now)
	})
}

func (s *Store) user(ctx context.Context, where string, arg any) (domain.User, error) {
	var u domain.User
	err := s.read.QueryRowContext(ctx, "SELECT "+userColumns+" FROM users u WHERE "+where, arg).Scan(userDest(&u)...)
	return u, mapError("read a user", err)
}

// User implements usecase.UserStore.
func (s *Store) User(ctx context.Context, id string) (domain.User, error) {
	return s.user(ctx, "u.id = ?", id)
}

// UserByEmail implements usecase.UserStore.
func (s *Store) UserByEmail(ctx context.Context, email string) (domain.User, error) {
	return s.user(ctx, "u.email = ?", email)
}

// Users implements usecase.UserStore: in the order of making.
func (s *Store) Users(ctx context.Context) ([]domain.User, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+userColumns+" FROM users u ORDER BY u.created_at, u.id")
	if err != nil {
		return nil, mapError("list users", err)
	}
	var out []domain.User
	err = each(rows, func(r scanner) error {
		var u domain.User
		err := r.Scan(userDest(&u)...)
		out = append(out, u)
		return err
	})
	return out, mapError("list users", err)
}

// UpdateUser implements usecase.UserStore.
func (s *Store) UpdateUser(ctx context.Context, u domain.User) error {
	n, err := s.change(ctx, "update a user", "UPDATE users SET name = ?, language = ? WHERE id = ?", u.Name, u.Language, u.ID)
	return orNotFound(n, err, "user", u.ID)
}

// SetPassword implements usecase.UserStore.
func (s *Store) SetPassword(ctx context.Context, userID, hash string, keepSession, link []byte) error {
	return s.inTx(ctx, "set a password", func(ctx context.Context, tx bun.Tx) error {
		if link != nil {
			if err := useLink(ctx, tx, link); err != nil {
				return err
			}
		}
		if keepSession == nil {
			keepSession = []byte{}
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE user_id = ? AND hash <> ?", userID, keepSession); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE users SET password_hash = ? WHERE id = ?", hash, userID)
		return err
	})
}

// DeleteUser implements usecase.UserStore.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	return s.inTx(ctx, "delete a user", func(ctx context.Context, tx bun.Tx) error {
		// Locks the administrators: two who delete each other leave one.
		query := "SELECT u.id FROM users u WHERE u.admin"
		if !s.lite {
			query += " ORDER BY u.id FOR UPDATE"
		}
		admins, err := texts(ctx, tx, query)
		if err != nil {
			return err
		}
		if len(admins) == 1 && admins[0] == id {
			return fmt.Errorf("%w: the last administrator can not be deleted", domain.ErrConflict)
		}
		for _, table := range []string{"sessions", "user_tokens", "project_users", "one_time_links"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM ? WHERE user_id = ?", bun.Ident(table), id); err != nil {
				return err
			}
		}
		result, err := tx.ExecContext(ctx, "DELETE FROM users WHERE id = ?", id)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		return orNotFound(int(n), err, "user", id)
	})
}

// CreateOneTimeLink implements usecase.UserStore.
func (s *Store) CreateOneTimeLink(ctx context.Context, l usecase.OneTimeLink) error {
	_, err := s.change(ctx, "make a one-time link", `INSERT INTO one_time_links (hash, kind, project_id, role, user_id, created_by, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, l.Hash, string(l.Kind), l.ProjectID, string(l.Role), l.UserID, l.CreatedBy, stamp(l.CreatedAt), stamp(l.ExpiresAt))
	return err
}

// OneTimeLink implements usecase.UserStore.
func (s *Store) OneTimeLink(ctx context.Context, hash []byte, now time.Time) (usecase.OneTimeLink, error) {
	var l usecase.OneTimeLink
	err := s.read.QueryRowContext(ctx, `SELECT l.hash, l.kind, l.project_id, l.role, l.user_id, l.created_by, l.created_at, l.expires_at FROM one_time_links l
		WHERE l.hash = ? AND l.expires_at > ?`, hash, stamp(now)).
		Scan(&l.Hash, &l.Kind, &l.ProjectID, &l.Role, &l.UserID, &l.CreatedBy, into{&l.CreatedAt}, into{&l.ExpiresAt})
	return l, mapError("read a one-time link", err)
}
