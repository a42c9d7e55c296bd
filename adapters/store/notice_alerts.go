package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// AlertSettings implements usecase.AlertStore.
func (s *Store) AlertSettings(ctx context.Context) ([]usecase.NoticeSettings, error) {
	ids, err := texts(ctx, s.read, `SELECT s.project_id FROM notice_settings s
		JOIN projects p ON p.id = s.project_id AND p.enabled AND p.deleted_at IS NULL WHERE s.alerts ORDER BY s.project_id`)
	if err != nil {
		return nil, mapError("list the projects with alerts", err)
	}
	out := make([]usecase.NoticeSettings, len(ids))
	for i, id := range ids {
		if out[i], err = s.NoticeSettings(ctx, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// failingLooked is how many conversions that are tried again are looked at:
// after an outage there may be very many.
const failingLooked = 100

// FailingSince implements usecase.AlertStore.
func (s *Store) FailingSince(ctx context.Context, accountID string) (at time.Time, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT min(a.at) FROM (SELECT v.id FROM conversions v WHERE v.account_id = ? AND v.status = 'retrying' LIMIT ?) AS r
		JOIN attempts a ON a.conversion_id = r.id`, accountID, failingLooked).Scan(into{&at})
	return at, mapError("look since when an account fails", err)
}

// OpenAlerts implements usecase.AlertStore: the newest first.
func (s *Store) OpenAlerts(ctx context.Context, projectID string) ([]usecase.Alert, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, project_id, kind, subject, detail, opened_at, told_at, told FROM alerts
		WHERE project_id = ? AND closed_at IS NULL ORDER BY opened_at DESC, id DESC`, projectID)
	if err != nil {
		return nil, mapError("list alerts", err)
	}
	var out []usecase.Alert
	err = each(rows, func(r scanner) error {
		var a usecase.Alert
		var detail string
		if err := r.Scan(&a.ID, &a.ProjectID, &a.Kind, &a.Subject, &detail, into{&a.OpenedAt}, into{&a.ToldAt}, &a.Told); err != nil {
			return err
		}
		err := json.Unmarshal([]byte(detail), &a.Detail)
		out = append(out, a)
		return err
	})
	return out, mapError("list alerts", err)
}

// SaveAlert implements usecase.AlertStore.
func (s *Store) SaveAlert(ctx context.Context, a usecase.Alert, ns []usecase.Notice) error {
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return fmt.Errorf("encode an alert: %w", err)
	}
	query, args := `UPDATE alerts SET detail = ?, told_at = ?, told = ? WHERE id = ? AND told = ? AND closed_at IS NULL`,
		[]any{string(detail), stamp(a.ToldAt), a.Told, a.ID, a.Told - 1}
	switch {
	case a.ClosedAt != nil:
		query, args = `UPDATE alerts SET closed_at = ? WHERE id = ? AND closed_at IS NULL`, []any{stampOf(a.ClosedAt), a.ID}
	case a.Told == 1:
		query, args = `INSERT INTO alerts (id, project_id, kind, subject, detail, opened_at, told_at, told) VALUES (?, ?, ?, ?, ?, ?, ?, 1)
			ON CONFLICT DO NOTHING`, []any{a.ID, a.ProjectID, string(a.Kind), a.Subject, string(detail), stamp(a.OpenedAt), stamp(a.ToldAt)}
	}
	return s.inTx(ctx, "save an alert", func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		for i := range ns {
			if err := insertNotice(ctx, tx, &ns[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
