package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Role implements usecase.UserStore.
func (s *Store) Role(ctx context.Context, projectID, userID string) (domain.Role, error) {
	var r domain.Role
	err := s.read.QueryRowContext(ctx, "SELECT m.role FROM project_users m WHERE m.project_id = ? AND m.user_id = ?", projectID, userID).Scan(&r)
	return r, mapError("read a role", err)
}

// ProjectUsers implements usecase.UserStore: in the order of joining.
func (s *Store) ProjectUsers(ctx context.Context, projectID string) ([]domain.ProjectUser, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+userColumns+`, m.role, m.since FROM project_users m JOIN users u ON u.id = m.user_id
		WHERE m.project_id = ? ORDER BY m.since, u.id`, projectID)
	if err != nil {
		return nil, mapError("list the users of a project", err)
	}
	var out []domain.ProjectUser
	err = each(rows, func(r scanner) error {
		var m domain.ProjectUser
		err := r.Scan(append(userDest(&m.User), &m.Role, into{&m.Since})...)
		out = append(out, m)
		return err
	})
	return out, mapError("list the users of a project", err)
}

func setRole(ctx context.Context, tx bun.Tx, projectID, userID string, r domain.Role, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO project_users (project_id, user_id, role, since) VALUES (?, ?, ?, ?)
		ON CONFLICT (project_id, user_id) DO UPDATE SET role = EXCLUDED.role`, projectID, userID, string(r), stamp(now))
	return err
}

// SetRole implements usecase.UserStore.
func (s *Store) SetRole(ctx context.Context, projectID, userID string, r domain.Role, now time.Time) error {
	return s.inTx(ctx, "set a role", func(ctx context.Context, tx bun.Tx) error { return setRole(ctx, tx, projectID, userID, r, now) })
}

// RemoveProjectUser implements usecase.UserStore.
func (s *Store) RemoveProjectUser(ctx context.Context, projectID, userID string) error {
	n, err := s.change(ctx, "remove a user from a project", "DELETE FROM project_users WHERE project_id = ? AND user_id = ?", projectID, userID)
	return orNotFound(n, err, "user of the project", userID)
}

// ProjectsOf implements usecase.UserStore.
func (s *Store) ProjectsOf(ctx context.Context, userID string, page usecase.Page) ([]domain.Project, string, error) {
	return s.projects(ctx, page, " AND p.id IN (SELECT m.project_id FROM project_users m WHERE m.user_id = ?)", userID)
}
