package store

import (
	"context"
	"time"

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
	Address   string                      `bun:"address"`
	RequestID string                      `bun:"request_id"`
	Times     int                         `bun:"times"`
}

func newAuditRow(e usecase.AuditEntry) *auditRow {
	return &auditRow{
		ID: e.ID, At: stamp(e.At), UserID: e.UserID, Actor: e.Actor, ProjectID: e.ProjectID, Action: e.Action,
		Subject: e.Subject, Detail: jsonOf(e.Detail), Address: e.Address, RequestID: e.RequestID,
		Times: max(e.Times, 1),
	}
}

func (r auditRow) entry() usecase.AuditEntry {
	return usecase.AuditEntry{
		ID: r.ID, At: r.At.time(), UserID: r.UserID, Actor: r.Actor, ProjectID: r.ProjectID,
		Action: r.Action, Subject: r.Subject, Detail: r.Detail.v, Address: r.Address, RequestID: r.RequestID,
		Times: r.Times,
	}
}

// auditChange writes the entry of a change into its transaction, and tells
// whether it did. A change in several transactions has one.
func auditChange(ctx context.Context, tx bun.Tx, e usecase.AuditEntry) (bool, error) {
	n, err := changed(tx.NewInsert().Model(newAuditRow(e)).On("CONFLICT (id) DO NOTHING").Exec(ctx))
	return n > 0, err
}

// AddAudit implements usecase.TrailStore.
func (s *Store) AddAudit(ctx context.Context, e usecase.AuditEntry) error {
	return s.inTx(usecase.WithAudit(ctx, e), "write the audit log",
		func(context.Context, bun.Tx) error { return nil })
}

// SumAudit implements usecase.TrailStore.
func (s *Store) SumAudit(ctx context.Context, es []usecase.AuditEntry) error {
	rows := convert(es, func(e usecase.AuditEntry) auditRow { return *newAuditRow(e) })
	_, err := s.execute(ctx, "write the audit log", func(tx bun.Tx) execer {
		return tx.NewInsert().Model(&rows).On("CONFLICT (id) DO UPDATE").Set("times = EXCLUDED.times")
	})
	return err
}

// forgetAddresses takes from old entries where they came from. Those of
// strangers say nothing without, and go.
func (s *Store) forgetAddresses(ctx context.Context, until time.Time) error {
	if err := s.deleteOld(ctx, "audit_log", "id", "address <> '' AND actor = '' AND at < ?", until); err != nil {
		return err
	}
	for n := upkeepStep; n == upkeepStep; {
		var err error
		n, err = s.execute(ctx, "forget old addresses", func(tx bun.Tx) execer {
			some := tx.NewSelect().Model((*auditRow)(nil)).Column("id").Where("a.address <> ''").
				Where("a.at < ?", stamp(until)).Limit(upkeepStep)
			return tx.NewUpdate().Model((*auditRow)(nil)).Set("address = ''").Where("a.id IN (?)", some)
		})
		if err != nil {
			return err
		}
	}
	return nil
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
