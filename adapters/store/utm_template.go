package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// templateRow is a row of utm_templates.
type templateRow struct {
	bun.BaseModel `bun:"table:utm_templates,alias:t"`

	ID        string               `bun:"id,pk"`
	ProjectID string               `bun:"project_id"`
	Name      string               `bun:"name"`
	UTM       jsonText[domain.UTM] `bun:"utm"`
	CreatedAt stamp                `bun:"created_at"`
}

func (r templateRow) template() domain.UTMTemplate {
	return domain.UTMTemplate{
		ID: r.ID, ProjectID: r.ProjectID, Name: r.Name, UTM: r.UTM.v, CreatedAt: r.CreatedAt.time(),
	}
}

// UTMTemplates implements usecase.UTMTemplateStore.
func (s *Store) UTMTemplates(ctx context.Context, projectID string) ([]domain.UTMTemplate, error) {
	var rows []templateRow
	err := s.read.NewSelect().Model(&rows).Where("t.project_id = ?", projectID).Order("t.name").Scan(ctx)
	return convert(rows, templateRow.template), mapError("list UTM templates", err)
}

// SaveUTMTemplate implements usecase.UTMTemplateStore.
func (s *Store) SaveUTMTemplate(ctx context.Context, t domain.UTMTemplate) error {
	r := &templateRow{
		ID: t.ID, ProjectID: t.ProjectID, Name: t.Name, UTM: jsonOf(t.UTM), CreatedAt: stamp(t.CreatedAt),
	}
	_, err := s.execute(ctx, "save a UTM template", func(tx bun.Tx) execer {
		return tx.NewInsert().Model(r).On("CONFLICT (project_id, name) DO UPDATE").Set("utm = EXCLUDED.utm")
	})
	return err
}

// DeleteUTMTemplate implements usecase.UTMTemplateStore.
func (s *Store) DeleteUTMTemplate(ctx context.Context, projectID, id string) error {
	n, err := s.execute(ctx, "delete a UTM template", func(tx bun.Tx) execer {
		return tx.NewDelete().Model((*templateRow)(nil)).Where("t.id = ?", id).Where("t.project_id = ?", projectID)
	})
	return orNotFound(n, err, "UTM template", id)
}
