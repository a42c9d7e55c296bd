package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// projectColumns in the order of scanProject, of a table named p.
const projectColumns = `p.id, p.name, p.kind, p.username, p.constructor, p.mode, p.timezone, p.currency, p.attribution, p.send_guesses, p.enabled,
	p.amount_unit, p.per_second, p.per_hour, p.per_day, p.keep_people, p.created_at`

func scanProject(r scanner) (domain.Project, error) {
	var p domain.Project
	err := r.Scan(&p.ID, &p.Name, &p.Kind, &p.Username, &p.Constructor, &p.Mode, &p.Timezone, &p.Currency, &p.Attribution, &p.SendGuesses, &p.Enabled,
		&p.AmountUnit, &p.Limits.PerSecond, &p.Limits.PerHour, &p.Limits.PerDay, &p.KeepPeople, into{&p.CreatedAt})
	return p, err
}

// CreateProject implements usecase.ProjectStore.
func (s *Store) CreateProject(ctx context.Context, p domain.Project, keys []usecase.Key) error {
	return s.inTx(ctx, "create a project", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO projects (id, name, kind, username, constructor, mode, timezone, currency, attribution, send_guesses,
			enabled, amount_unit, per_second, per_hour, per_day, keep_people, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			p.ID, p.Name, string(p.Kind), p.Username, p.Constructor, string(p.Mode), p.Timezone, p.Currency, string(p.Attribution), p.SendGuesses,
			p.Enabled, p.AmountUnit, p.Limits.PerSecond, p.Limits.PerHour, p.Limits.PerDay, p.KeepPeople, stamp(p.CreatedAt))
		if err != nil {
			return err
		}
		for _, k := range keys {
			if err := insertKey(ctx, tx, k); err != nil {
				return err
			}
		}
		return nil
	})
}

// Project implements usecase.ProjectStore.
func (s *Store) Project(ctx context.Context, id string) (domain.Project, error) {
	var p domain.Project
	err := s.hotOne(ctx, func(r scanner) (err error) {
		p, err = scanProject(r)
		return err
	}, "SELECT "+projectColumns+" FROM projects p WHERE p.id = ?1 AND p.deleted_at IS NULL", id)
	return p, mapError("read project "+id, err)
}

// Projects implements usecase.ProjectStore: newest first.
func (s *Store) Projects(ctx context.Context, page usecase.Page) ([]domain.Project, string, error) {
	return s.projects(ctx, page, "")
}

// projects lists those that a further condition holds for.
func (s *Store) projects(ctx context.Context, page usecase.Page, and string, args ...any) ([]domain.Project, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	rows, err := s.read.QueryContext(ctx, "SELECT "+projectColumns+` FROM projects p WHERE p.deleted_at IS NULL AND (? = '' OR p.id < ?)`+and+`
		ORDER BY p.id DESC LIMIT ?`, append(append([]any{before, before}, args...), limit+1)...)
	if err != nil {
		return nil, "", mapError("list projects", err)
	}
	var out []domain.Project
	err = each(rows, func(r scanner) error {
		p, err := scanProject(r)
		out = append(out, p)
		return err
	})
	out, next := cut(out, limit, func(p domain.Project) string { return idCursor(p.ID) })
	return out, next, mapError("list projects", err)
}

// UpdateProject implements usecase.ProjectStore.
func (s *Store) UpdateProject(ctx context.Context, p domain.Project) error {
	n, err := s.change(ctx, "update project "+p.ID, `UPDATE projects SET name = ?, kind = ?, username = ?, constructor = ?, mode = ?, timezone = ?, currency = ?,
		attribution = ?, send_guesses = ?, enabled = ?, amount_unit = ?, per_second = ?, per_hour = ?, per_day = ?, keep_people = ?
		WHERE id = ? AND deleted_at IS NULL`,
		p.Name, string(p.Kind), p.Username, p.Constructor, string(p.Mode), p.Timezone, p.Currency,
		string(p.Attribution), p.SendGuesses, p.Enabled, p.AmountUnit, p.Limits.PerSecond, p.Limits.PerHour, p.Limits.PerDay, p.KeepPeople, p.ID)
	return orNotFound(n, err, "project", p.ID)
}

// DeleteProject implements usecase.ProjectStore. First nothing works with the
// project any longer; then everything of it goes, in pieces, so that nobody
// waits long for a lock. What a crash leaves over, Upkeep removes.
func (s *Store) DeleteProject(ctx context.Context, id string) error {
	err := s.inTx(ctx, "delete project "+id, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.ExecContext(ctx, "UPDATE projects SET deleted_at = ?, enabled = FALSE WHERE id = ? AND deleted_at IS NULL", stamp(s.now()), id)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return orNotFound(int(n), err, "project", id)
		}
		for _, table := range []string{"api_keys", "links", "ad_accounts", "project_users", "one_time_links", "link_costs", "notice_settings", "notice_codes", "notice_chats"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM ? WHERE project_id = ?", bun.Ident(table), id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.purge(ctx, id)
}

// projectTables hold rows of a project, each with the column that tells rows
// apart.
var projectTables = [][2]string{
	{"outbox", "id"}, {"waiting_goals", "event_id"}, {"attempts", "id"}, {"conversions", "id"}, {"events", "id"}, {"episodes", "id"},
	{"clicks", "id"}, {"subscribers", "id"}, {"event_keys", "key"}, {"idempotency_keys", "key"}, {"counters", "project_id"},
	{"conversion_totals", "network"}, {"notices", "id"}, {"alerts", "id"},
}

// purgeChunk is how many rows are deleted in one transaction.
const purgeChunk = 5000

func (s *Store) purge(ctx context.Context, id string) error {
	for _, t := range projectTables {
		for {
			n, err := s.change(ctx, "delete what belonged to project "+id,
				"DELETE FROM ?0 WHERE project_id = ?1 AND ?2 IN (SELECT ?2 FROM ?0 WHERE project_id = ?1 LIMIT ?3)", bun.Ident(t[0]), id, bun.Ident(t[1]), purgeChunk)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
	}
	_, err := s.change(ctx, "delete project "+id, "DELETE FROM projects WHERE id = ?", id)
	return err
}

// purgeDeleted finishes deletions that were interrupted.
func (s *Store) purgeDeleted(ctx context.Context) error {
	ids, err := texts(ctx, s.read, "SELECT id FROM projects WHERE deleted_at IS NOT NULL")
	if err != nil {
		return mapError("look for deleted projects", err)
	}
	for _, id := range ids {
		if err := s.purge(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func orNotFound(n int, err error, what, id string) error {
	if err == nil && n == 0 {
		return fmt.Errorf("%s %s: %w", what, id, domain.ErrNotFound)
	}
	return err
}
