package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// auditChange writes the entry of a change into its transaction. A change in
// several transactions has one.
func auditChange(ctx context.Context, tx bun.Tx) error {
	e, ok := usecase.AuditOf(ctx)
	if !ok {
		return nil
	}
	return insertAudit(ctx, tx, e)
}

func insertAudit(ctx context.Context, tx bun.Tx, e usecase.AuditEntry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING`, e.ID, stamp(e.At), e.UserID, e.Actor, e.ProjectID, e.Action, e.Subject, asJSON(e.Detail, len(e.Detail) == 0))
	return err
}

// AddAudit implements usecase.UserStore.
func (s *Store) AddAudit(ctx context.Context, e usecase.AuditEntry) error {
	return s.inTx(ctx, "write the audit log", func(ctx context.Context, tx bun.Tx) error { return insertAudit(ctx, tx, e) })
}

// Audit implements usecase.UserStore.
func (s *Store) Audit(ctx context.Context, projectID string, page usecase.Page) ([]usecase.AuditEntry, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	rows, err := s.read.QueryContext(ctx, `SELECT a.id, a.at, a.user_id, a.actor, a.project_id, a.action, a.subject, a.detail FROM audit_log a
		WHERE (? = '' OR a.project_id = ?) AND (? = '' OR a.id < ?) ORDER BY a.id DESC LIMIT ?`, projectID, projectID, before, before, limit+1)
	if err != nil {
		return nil, "", mapError("read the audit log", err)
	}
	var out []usecase.AuditEntry
	err = each(rows, func(r scanner) error {
		var e usecase.AuditEntry
		err := r.Scan(&e.ID, into{&e.At}, &e.UserID, &e.Actor, &e.ProjectID, &e.Action, &e.Subject, jsonInto{&e.Detail})
		out = append(out, e)
		return err
	})
	out, next := cut(out, limit, func(e usecase.AuditEntry) string { return idCursor(e.ID) })
	return out, next, mapError("read the audit log", err)
}
