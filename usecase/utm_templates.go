package usecase

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// UTMTemplateStore keeps the UTM templates of projects.
type UTMTemplateStore interface {
	// UTMTemplates are those of a project, by name.
	UTMTemplates(ctx context.Context, projectID string) ([]domain.UTMTemplate, error)
	// SaveUTMTemplate takes the place of one with the same name.
	SaveUTMTemplate(ctx context.Context, t domain.UTMTemplate) error
	DeleteUTMTemplate(ctx context.Context, projectID, id string) error
}

// maxUTMTemplates bounds those of a project.
const maxUTMTemplates = 100

// UTMTemplateInput is what is said of a UTM template.
type UTMTemplateInput struct {
	Name string     `json:"name"`
	UTM  domain.UTM `json:"utm"`
}

// SaveUTMTemplate keeps a UTM template. One of the same name is replaced.
func (p *Projects) SaveUTMTemplate(
	ctx context.Context, projectID string, in UTMTemplateInput,
) (domain.UTMTemplate, error) {
	if _, err := p.store.Project(ctx, projectID); err != nil {
		return domain.UTMTemplate{}, err
	}
	known, err := p.store.UTMTemplates(ctx, projectID)
	if err != nil {
		return domain.UTMTemplate{}, err
	}
	t := domain.UTMTemplate{ID: p.newID(), ProjectID: projectID, CreatedAt: p.now()}
	var f faults
	t.Name, err = requiredText("name", in.Name, maxLinkName)
	f.add(err)
	t.UTM, err = utm(in.UTM)
	f.add(err)
	if len(f) == 0 {
		f.add(t.Check())
	}
	named := slices.IndexFunc(known, func(k domain.UTMTemplate) bool { return k.Name == t.Name })
	switch {
	case named >= 0:
		t.ID = known[named].ID
	case len(known) >= maxUTMTemplates:
		f.add(domain.Invalid("name", "there are %d templates, which is the most; delete one first", maxUTMTemplates))
	}
	if err := f.err(); err != nil {
		return domain.UTMTemplate{}, err
	}
	return t, p.store.SaveUTMTemplate(p.audit.note(ctx, projectID, "utm_template.save", t.Name, nil), t)
}

// DeleteUTMTemplate removes a UTM template. Links that were made by it stay.
func (p *Projects) DeleteUTMTemplate(ctx context.Context, projectID, id string) error {
	ts, err := p.store.UTMTemplates(ctx, projectID)
	if err != nil {
		return err
	}
	t, ok := templateOf(ts, id)
	if !ok {
		return fmt.Errorf("UTM template %s: %w", id, domain.ErrNotFound)
	}
	ctx = p.audit.note(ctx, projectID, "utm_template.delete", t.Name, nil)
	if err := p.store.DeleteUTMTemplate(ctx, projectID, t.ID); !errors.Is(err, domain.ErrNotFound) {
		return err
	}
	return nil // somebody else did
}

// templateOf finds a template by id or name.
func templateOf(ts []domain.UTMTemplate, which string) (domain.UTMTemplate, bool) {
	for _, t := range ts {
		if t.ID == which || t.Name == which {
			return t, true
		}
	}
	return domain.UTMTemplate{}, false
}

// fill gives a link that is made the UTM of the template that is asked for.
func (in LinkInput) fill(p *domain.Project, ts []domain.UTMTemplate, l *domain.Link, f *faults) {
	if in.Template == "" {
		return
	}
	t, ok := templateOf(ts, in.Template)
	if !ok {
		f.add(domain.Invalid("template", "%q is no UTM template of the project", short(in.Template)))
		return
	}
	values := maps.Clone(in.Values)
	if values == nil {
		values = map[string]string{}
	}
	today := l.CreatedAt.In(p.Zone())
	values[domain.LinkNamePlaceholder], values[domain.SlugPlaceholder] = l.Name, l.Slug
	values[domain.DatePlaceholder], values[domain.MonthPlaceholder] = today.Format(time.DateOnly), today.Format("2006-01")
	filled, missing := t.Fill(values)
	for _, name := range missing {
		switch name {
		case domain.LinkNamePlaceholder: // the link lacks it, which is said already
		case domain.SlugPlaceholder:
			f.add(domain.Invalid("slug", "is required: the template puts it into UTM"))
		default:
			f.add(domain.Invalid("values."+name, "is required"))
		}
	}
	filled, err := utm(filled)
	f.add(err)
	l.UTM = l.UTM.Or(filled)
}
