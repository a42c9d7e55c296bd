package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// alertRow is a row of alerts.
type alertRow struct {
	bun.BaseModel `bun:"table:alerts,alias:a"`

	ID        string                       `bun:"id,pk"`
	ProjectID string                       `bun:"project_id"`
	Kind      notify.AlertKind             `bun:"kind"`
	Subject   string                       `bun:"subject"`
	Detail    jsonText[notify.AlertDetail] `bun:"detail"`
	OpenedAt  stamp                        `bun:"opened_at"`
	ToldAt    stamp                        `bun:"told_at"`
	Told      int                          `bun:"told"`
	ClosedAt  stamp                        `bun:"closed_at"`
}

func newAlertRow(a notify.Alert) *alertRow {
	return &alertRow{
		ID: a.ID, ProjectID: a.ProjectID, Kind: a.Kind, Subject: a.Subject, Detail: jsonOf(a.Detail),
		OpenedAt: stamp(a.OpenedAt), ToldAt: stamp(a.ToldAt), Told: a.Told, ClosedAt: stampOf(a.ClosedAt),
	}
}

func (r alertRow) alert() notify.Alert {
	return notify.Alert{
		ID: r.ID, ProjectID: r.ProjectID, Kind: r.Kind, Subject: r.Subject, Detail: r.Detail.v,
		OpenedAt: r.OpenedAt.time(), ToldAt: r.ToldAt.time(), Told: r.Told, ClosedAt: r.ClosedAt.pointer(),
	}
}

// AlertSettings implements notify.AlertStore.
func (s *Store) AlertSettings(ctx context.Context) ([]notify.Settings, error) {
	var rows []noticeSettingsRow
	err := s.read.NewSelect().Model(&rows).Apply(ofProjectsInUse).Where("s.alerts").Order("s.project_id").Scan(ctx)
	if err != nil {
		return nil, mapError("list the projects with alerts", err)
	}
	out := make([]notify.Settings, len(rows))
	for i := range rows {
		if out[i], err = s.openNoticeSettings(&rows[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// failingLooked is how many conversions that are tried again are looked at:
// after an outage there may be very many.
const failingLooked = 100

// FailingSince implements notify.AlertStore.
func (s *Store) FailingSince(ctx context.Context, accountID string) (time.Time, error) {
	no, err := s.accountNo(ctx, accountID)
	if err != nil {
		return time.Time{}, mapError("look since when an account fails", err)
	}
	retried := s.read.NewSelect().Model((*sendRow)(nil)).Column("conversion_no").
		Where("s.account_no = ?", no).Where("s.status = ?", domain.Retrying).Limit(failingLooked)
	var at stamp
	err = s.read.NewSelect().TableExpr("(?) AS r", retried).
		Join("JOIN attempts AS a ON a.conversion_no = r.conversion_no").ColumnExpr("min(a.at)").Scan(ctx, &at)
	return at.time(), mapError("look since when an account fails", err)
}

// OpenAlerts implements notify.AlertStore: the newest first.
func (s *Store) OpenAlerts(ctx context.Context, projectID string) ([]notify.Alert, error) {
	var rows []alertRow
	err := s.read.NewSelect().Model(&rows).Where("a.project_id = ?", projectID).Where("a.closed_at IS NULL").
		Order("a.opened_at DESC", "a.id DESC").Scan(ctx)
	return convert(rows, alertRow.alert), mapError("list alerts", err)
}

// RefreshAlert implements notify.AlertStore.
func (s *Store) RefreshAlert(ctx context.Context, a notify.Alert) error {
	_, err := s.execute(ctx, "write what an alert is about", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model(newAlertRow(a)).Column("detail").WherePK().
			Where("a.told = ?", a.Told).Where("a.closed_at IS NULL")
	})
	return err
}

// AddNotices implements notify.AlertStore.
func (s *Store) AddNotices(ctx context.Context, ns []notify.Notice) error {
	return s.inTx(ctx, "add messages", func(ctx context.Context, tx bun.Tx) error {
		return insertNotices(ctx, tx, ns)
	})
}

// SaveAlert implements notify.AlertStore.
func (s *Store) SaveAlert(ctx context.Context, a notify.Alert, ns []notify.Notice) error {
	return s.inTx(ctx, "save an alert", func(ctx context.Context, tx bun.Tx) error {
		n, err := changed(alertChange(tx, a).Exec(ctx))
		if err != nil || n == 0 {
			return err
		}
		return insertNotices(ctx, tx, ns)
	})
}

// alertChange closes an alert, opens it, or notes that it was told again. It
// changes nothing when another process did so first.
func alertChange(tx bun.Tx, a notify.Alert) execer {
	row := newAlertRow(a)
	switch {
	case a.ClosedAt != nil:
		return tx.NewUpdate().Model(row).Column("closed_at").WherePK().Where("a.closed_at IS NULL")
	case a.Told == 1:
		return tx.NewInsert().Model(row).On("CONFLICT DO NOTHING")
	}
	return tx.NewUpdate().Model(row).Column("detail", "told_at", "told").WherePK().
		Where("a.told = ?", a.Told-1).Where("a.closed_at IS NULL")
}
