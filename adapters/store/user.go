package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// userRow is a row of users.
type userRow struct {
	bun.BaseModel `bun:"table:users,alias:u"`

	ID           string        `bun:"id,pk"`
	Email        string        `bun:"email"`
	Name         string        `bun:"name"`
	PasswordHash string        `bun:"password_hash"`
	Admin        bool          `bun:"admin"`
	Language     i18n.Language `bun:"language"`
	CreatedAt    stamp         `bun:"created_at"`
	LastLoginAt  stamp         `bun:"last_login_at"`
	TOTPSecret   []byte        `bun:"totp_secret"`
	TOTPStep     int64         `bun:"totp_step"`
}

func newUserRow(u domain.User) *userRow {
	return &userRow{
		ID: u.ID, Email: u.Email, Name: u.Name, PasswordHash: u.PasswordHash, Admin: u.Admin,
		Language: u.Language, CreatedAt: stamp(u.CreatedAt), LastLoginAt: stampOf(u.LastLoginAt),
	}
}

func (r userRow) user() domain.User {
	return domain.User{
		ID: r.ID, Email: r.Email, Name: r.Name, PasswordHash: r.PasswordHash, Admin: r.Admin,
		Language: r.Language, CreatedAt: r.CreatedAt.time(), LastLoginAt: r.LastLoginAt.pointer(),
		SecondFactor: r.TOTPSecret != nil,
	}
}

// CountUsers implements usecase.UserStore.
func (s *Store) CountUsers(ctx context.Context) (int, error) {
	n, err := s.read.NewSelect().Model((*userRow)(nil)).Count(ctx)
	return int(n), mapError("count users", err)
}

// CreateUser implements usecase.UserStore.
func (s *Store) CreateUser(
	ctx context.Context, u domain.User, link usecase.OneTimeLink, ties ...usecase.UserIdentity,
) error {
	return s.inTx(ctx, "create a user", func(ctx context.Context, tx bun.Tx) error {
		if err := useLink(ctx, tx, link.Hash); err != nil {
			return err
		}
		n, err := changed(tx.NewInsert().Model(newUserRow(u)).On("CONFLICT (email) DO NOTHING").Exec(ctx))
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%w: a user with this e-mail already exists", domain.ErrConflict)
		}
		for _, tie := range ties {
			if err := addIdentity(ctx, tx, tie); err != nil {
				return err
			}
		}
		if link.Kind == usecase.SetupLink {
			// Others were printed at other starts.
			_, err := tx.NewDelete().Model((*oneTimeLinkRow)(nil)).Where("l.kind = ?", usecase.SetupLink).Exec(ctx)
			return err
		}
		return join(ctx, tx, u.ID, link, u.CreatedAt)
	})
}

// User implements usecase.UserStore.
func (s *Store) User(ctx context.Context, id string) (domain.User, error) {
	return s.user(ctx, "u.id = ?", id)
}

// UserByEmail implements usecase.UserStore.
func (s *Store) UserByEmail(ctx context.Context, email string) (domain.User, error) {
	return s.user(ctx, "u.email = ?", email)
}

func (s *Store) user(ctx context.Context, where string, arg any) (domain.User, error) {
	var r userRow
	err := s.read.NewSelect().Model(&r).Where(where, arg).Scan(ctx)
	return r.user(), mapError("read a user", err)
}

// Users implements usecase.UserStore: in the order of making.
func (s *Store) Users(ctx context.Context) ([]domain.User, error) {
	var rows []userRow
	err := s.read.NewSelect().Model(&rows).Order("u.created_at", "u.id").Scan(ctx)
	return convert(rows, userRow.user), mapError("list users", err)
}

// UpdateUser implements usecase.UserStore.
func (s *Store) UpdateUser(ctx context.Context, u domain.User) error {
	n, err := s.execute(ctx, "update a user", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model(newUserRow(u)).Column("name", "language").WherePK()
	})
	return orNotFound(n, err, "user", u.ID)
}

// SetPassword implements usecase.UserStore.
func (s *Store) SetPassword(ctx context.Context, n usecase.NewPassword) error {
	return s.inTx(ctx, "set a password", func(ctx context.Context, tx bun.Tx) error {
		if n.Link != nil {
			if err := useLink(ctx, tx, n.Link); err != nil {
				return err
			}
		}
		if _, err := otherSessions(tx, n.UserID, n.Keep).Exec(ctx); err != nil {
			return err
		}
		// Links to set a new one were made for the old password.
		if _, err := tx.NewDelete().Model((*oneTimeLinkRow)(nil)).Where("l.user_id = ?", n.UserID).
			Where("l.kind = ?", usecase.ResetLink).Exec(ctx); err != nil {
			return err
		}
		if n.EndTokens {
			_, err := tx.NewDelete().Model((*tokenRow)(nil)).Where("t.user_id = ?", n.UserID).Exec(ctx)
			if err != nil {
				return err
			}
		}
		_, err := tx.NewUpdate().Model(&userRow{ID: n.UserID, PasswordHash: n.Hash}).Column("password_hash").
			WherePK().Exec(ctx)
		return err
	})
}

// DeleteUser implements usecase.UserStore.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	return s.inTx(ctx, "delete a user", func(ctx context.Context, tx bun.Tx) error {
		var admins []string
		query := tx.NewSelect().Model((*userRow)(nil)).Column("id").Where("u.admin").Order("u.id")
		if !s.sqlite {
			// Locks the administrators: two who delete each other leave one.
			query.For("UPDATE")
		}
		if err := query.Scan(ctx, &admins); err != nil {
			return err
		}
		if len(admins) == 1 && admins[0] == id {
			return fmt.Errorf("%w: the last administrator cannot be deleted", domain.ErrConflict)
		}
		for _, table := range []string{"sessions", "user_tokens", "project_users", "one_time_links",
			"recovery_codes", "user_identities"} {
			if _, err := tx.NewDelete().Table(table).Where("user_id = ?", id).Exec(ctx); err != nil {
				return err
			}
		}
		for _, made := range []any{(*oneTimeLinkRow)(nil), (*reportShareRow)(nil)} {
			if _, err := tx.NewDelete().Model(made).Where("creator_id = ?", id).Exec(ctx); err != nil {
				return err
			}
		}
		if err := endPrivateChats(ctx, tx, id, ""); err != nil {
			return err
		}
		n, err := changed(tx.NewDelete().Model((*userRow)(nil)).Where("u.id = ?", id).Exec(ctx))
		return orNotFound(n, err, "user", id)
	})
}

// projectUserRow is a row of project_users: a user's role in a project.
type projectUserRow struct {
	bun.BaseModel `bun:"table:project_users,alias:m"`

	ProjectID string      `bun:"project_id,pk"`
	UserID    string      `bun:"user_id,pk"`
	Role      domain.Role `bun:"role"`
	Since     stamp       `bun:"since"`

	User *userRow `bun:"rel:belongs-to,join:user_id=id"`
}

// Role implements usecase.UserStore.
func (s *Store) Role(ctx context.Context, projectID, userID string) (domain.Role, error) {
	r := projectUserRow{ProjectID: projectID, UserID: userID}
	err := s.read.NewSelect().Model(&r).WherePK().Scan(ctx)
	return r.Role, mapError("read a role", err)
}

// ProjectUsers implements usecase.UserStore: in the order of joining.
func (s *Store) ProjectUsers(ctx context.Context, projectID string) ([]domain.ProjectUser, error) {
	var rows []projectUserRow
	err := s.read.NewSelect().Model(&rows).Relation("User").Where("m.project_id = ?", projectID).
		Order("m.since", "m.user_id").Scan(ctx)
	if err != nil {
		return nil, mapError("list the users of a project", err)
	}
	var out []domain.ProjectUser
	for _, r := range rows {
		if r.User != nil {
			out = append(out, domain.ProjectUser{User: r.User.user(), Role: r.Role, Since: r.Since.time()})
		}
	}
	return out, nil
}

// SetRole implements usecase.UserStore.
func (s *Store) SetRole(ctx context.Context, projectID, userID string, r domain.Role, now time.Time) error {
	_, err := s.execute(ctx, "set a role", func(tx bun.Tx) execer { return setRole(tx, projectID, userID, r, now) })
	return err
}

func setRole(tx bun.Tx, projectID, userID string, r domain.Role, now time.Time) execer {
	return tx.NewInsert().Model(&projectUserRow{ProjectID: projectID, UserID: userID, Role: r, Since: stamp(now)}).
		On("CONFLICT (project_id, user_id) DO UPDATE").Set("role = EXCLUDED.role")
}

// RemoveProjectUser implements usecase.UserStore. The invitations that the user
// made to the project go, and the reports that they shared; their private chat is told no more of it.
func (s *Store) RemoveProjectUser(ctx context.Context, projectID, userID string) error {
	return s.inTx(ctx, "remove a user from a project", func(ctx context.Context, tx bun.Tx) error {
		for _, made := range []any{(*oneTimeLinkRow)(nil), (*reportShareRow)(nil)} {
			_, err := tx.NewDelete().Model(made).Where("creator_id = ?", userID).
				Where("project_id = ?", projectID).Exec(ctx)
			if err != nil {
				return err
			}
		}
		if err := endPrivateChats(ctx, tx, userID, projectID); err != nil {
			return err
		}
		n, err := changed(tx.NewDelete().Model(&projectUserRow{ProjectID: projectID, UserID: userID}).
			WherePK().Exec(ctx))
		return orNotFound(n, err, "user of the project", userID)
	})
}

// oneTimeLinkRow is a row of one_time_links.
type oneTimeLinkRow struct {
	bun.BaseModel `bun:"table:one_time_links,alias:l"`

	Hash      []byte           `bun:"hash,pk"`
	Kind      usecase.LinkKind `bun:"kind"`
	ProjectID string           `bun:"project_id"`
	Role      domain.Role      `bun:"role"`
	UserID    string           `bun:"user_id"`
	CreatedBy string           `bun:"created_by"`
	CreatorID string           `bun:"creator_id"`
	CreatedAt stamp            `bun:"created_at"`
	ExpiresAt stamp            `bun:"expires_at"`
}

func (r oneTimeLinkRow) link() usecase.OneTimeLink {
	return usecase.OneTimeLink{
		Hash: r.Hash, Kind: r.Kind, ProjectID: r.ProjectID, Role: r.Role, UserID: r.UserID,
		CreatedBy: r.CreatedBy, CreatorID: r.CreatorID, CreatedAt: r.CreatedAt.time(), ExpiresAt: r.ExpiresAt.time(),
	}
}

// CreateOneTimeLink implements usecase.UserStore.
func (s *Store) CreateOneTimeLink(ctx context.Context, l usecase.OneTimeLink) error {
	r := &oneTimeLinkRow{
		Hash: l.Hash, Kind: l.Kind, ProjectID: l.ProjectID, Role: l.Role, UserID: l.UserID,
		CreatedBy: l.CreatedBy, CreatorID: l.CreatorID, CreatedAt: stamp(l.CreatedAt), ExpiresAt: stamp(l.ExpiresAt),
	}
	_, err := s.execute(ctx, "make a one-time link", func(tx bun.Tx) execer { return tx.NewInsert().Model(r) })
	return err
}

// OneTimeLink implements usecase.UserStore.
func (s *Store) OneTimeLink(ctx context.Context, hash []byte, now time.Time) (usecase.OneTimeLink, error) {
	var r oneTimeLinkRow
	err := s.read.NewSelect().Model(&r).Where("l.hash = ?", hash).Where("l.expires_at > ?", stamp(now)).Scan(ctx)
	return r.link(), mapError("read a one-time link", err)
}

// Invitations implements usecase.UserStore.
func (s *Store) Invitations(ctx context.Context, projectID string, now time.Time) ([]usecase.OneTimeLink, error) {
	var rows []oneTimeLinkRow
	err := s.read.NewSelect().Model(&rows).Where("l.kind = ?", usecase.InviteLink).
		Where("l.project_id = ?", projectID).Where("l.expires_at > ?", stamp(now)).
		Order("l.created_at", "l.hash").Scan(ctx)
	var out []usecase.OneTimeLink
	for _, r := range rows {
		out = append(out, r.link())
	}
	return out, mapError("list invitations", err)
}

// OneTimeLinks implements usecase.UserStore.
func (s *Store) OneTimeLinks(ctx context.Context, now time.Time) ([]usecase.OneTimeLink, error) {
	var rows []oneTimeLinkRow
	err := s.read.NewSelect().Model(&rows).Where("l.kind <> ?", usecase.SetupLink).
		Where("l.expires_at > ?", stamp(now)).Order("l.created_at", "l.hash").Scan(ctx)
	return convert(rows, oneTimeLinkRow.link), mapError("list one-time links", err)
}

// DeleteOneTimeLink implements usecase.UserStore.
func (s *Store) DeleteOneTimeLink(ctx context.Context, hash []byte) error {
	n, err := s.execute(ctx, "withdraw a one-time link", func(tx bun.Tx) execer {
		return tx.NewDelete().Model(&oneTimeLinkRow{Hash: hash}).WherePK().Where("l.kind <> ?", usecase.SetupLink)
	})
	return orNotFound(n, err, "one-time link", hex.EncodeToString(hash))
}

// DeleteInvitation implements usecase.UserStore.
func (s *Store) DeleteInvitation(ctx context.Context, projectID string, hash []byte) error {
	n, err := s.execute(ctx, "withdraw an invitation", func(tx bun.Tx) execer {
		return tx.NewDelete().Model(&oneTimeLinkRow{Hash: hash}).WherePK().
			Where("l.kind = ?", usecase.InviteLink).Where("l.project_id = ?", projectID)
	})
	return orNotFound(n, err, "invitation", hex.EncodeToString(hash))
}

// useLink uses a one-time link up; the first of two at once wins.
func useLink(ctx context.Context, tx bun.Tx, hash []byte) error {
	n, err := changed(tx.NewDelete().Model(&oneTimeLinkRow{Hash: hash}).WherePK().Exec(ctx))
	return orNotFound(n, err, "one-time", "link")
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

// join gives what an invitation is for; a stronger role that was there stays.
func join(ctx context.Context, tx bun.Tx, userID string, link usecase.OneTimeLink, now time.Time) error {
	if link.ProjectID == "" {
		_, err := tx.NewUpdate().Model(&userRow{ID: userID, Admin: true}).Column("admin").WherePK().Exec(ctx)
		return err
	}
	var has domain.Role
	err := tx.NewSelect().Model((*projectUserRow)(nil)).ColumnExpr("coalesce(max(m.role), '')").
		Where("m.project_id = ?", link.ProjectID).Where("m.user_id = ?", userID).Scan(ctx, &has)
	if err != nil || has.Allows(link.Role) {
		return err
	}
	_, err = setRole(tx, link.ProjectID, userID, link.Role, now).Exec(ctx)
	return err
}
