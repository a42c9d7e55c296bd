package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// auditRow is a row of audit_log.
type auditRow struct {
	bun.BaseModel `bun:"table:audit_log,alias:a"`

	ID        string                      `bun:"id,pk"`
	At        stamp                       `bun:"at"`
	UserID    string                      `bun:"user_id"`
	Actor     string                      `bun:"actor"`
	ProjectID string                      `bun:"project_id"`
	Action    string                      `bun:"action"`
	Subject   string                      `bun:"subject"`
	Detail    jsonText[map[string]string] `bun:"detail"`
}

func (r auditRow) entry() usecase.AuditEntry {
	return usecase.AuditEntry{
		ID: r.ID, At: r.At.time(), UserID: r.UserID, Actor: r.Actor, ProjectID: r.ProjectID,
		Action: r.Action, Subject: r.Subject, Detail: r.Detail.v,
	}
}

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
	r := &auditRow{
		ID: e.ID, At: stamp(e.At), UserID: e.UserID, Actor: e.Actor, ProjectID: e.ProjectID,
		Action: e.Action, Subject: e.Subject, Detail: jsonOf(e.Detail),
	}
	_, err := tx.NewInsert().Model(r).On("CONFLICT (id) DO NOTHING").Exec(ctx)
	return err
}

// AddAudit implements usecase.UserStore.
func (s *Store) AddAudit(ctx context.Context, e usecase.AuditEntry) error {
	return s.inTx(ctx, "write the audit log", func(ctx context.Context, tx bun.Tx) error {
		return insertAudit(ctx, tx, e)
	})
}

// Audit implements usecase.UserStore: newest first, of one project or of all.
func (s *Store) Audit(
	ctx context.Context, projectID string, page usecase.Page,
) ([]usecase.AuditEntry, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	var rows []auditRow
	query := s.read.NewSelect().Model(&rows).Order("a.id DESC").Limit(int64(limit + 1))
	if projectID != "" {
		query.Where("a.project_id = ?", projectID)
	}
	if before != "" {
		query.Where("a.id < ?", before)
	}
	if err := query.Scan(ctx); err != nil {
		return nil, "", mapError("read the audit log", err)
	}
	out, next := cut(convert(rows, auditRow.entry), limit, func(e usecase.AuditEntry) string { return idCursor(e.ID) })
	return out, next, nil
}
