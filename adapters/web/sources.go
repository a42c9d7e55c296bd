package web

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"slices"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

func (w *Cabinet) sourcesRoutes() []route {
	return []route{
		{get, project + "/sources", viewer, (*visit).sources},
		{post, project + "/sources", editor, (*visit).createLink},
		{post, project + "/sources/import", editor, (*visit).importCosts},
		{get, project + "/sources/rules", viewer, (*visit).startRules},
		{post, project + "/sources/rules", editor, (*visit).setStartRules},
		{get, project + "/sources/:link", viewer, (*visit).link},
		{post, project + "/sources/:link", editor, (*visit).changeLink},
		{post, project + "/sources/:link/costs", editor, (*visit).setCosts},
		{get, project + "/sources/:link/qr.png", viewer, (*visit).linkQR},
	}
}

// sourcesPage lists the tracking links with what each brought.
type sourcesPage struct {
	View   *view
	Links  []report.LinkRow
	New    newLink
	Import *importPage
	Export string
	// Placeholders by link.
	Placeholders map[string][]domain.LinkPlaceholder
}

// Unready tells whether a link leads nowhere yet, since the project lacks the
// name of its bot or channel.
func (p sourcesPage) Unready(project *domain.Project) bool {
	return slices.ContainsFunc(p.Links, func(l report.LinkRow) bool {
		return usecase.DeepLink(project, &l.Link, l.Link.StartValue) == ""
	})
}

// placeholdersSince is how far back placeholders are shown.
const placeholdersSince = 7 * 24 * time.Hour

// placeholders are what came in clicks instead of values, by link.
func (v *visit) placeholders() (map[string][]domain.LinkPlaceholder, error) {
	all, err := v.Store.Placeholders(v.ctx, v.project.ID, v.Now().Add(-placeholdersSince))
	if err != nil {
		return nil, err
	}
	out := map[string][]domain.LinkPlaceholder{}
	for _, p := range all {
		out[p.LinkID] = append(out[p.LinkID], p)
	}
	return out, nil
}

// newLink is the form of a link.
type newLink struct {
	Name, InviteLink string
	UTM              domain.UTM
	Faults           faults
}

func (v *visit) sources() error { return v.sendSources(sourcesPage{}) }

func (v *visit) sendSources(p sourcesPage) error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	p.View, p.Export = w, v.export(w, "links", nil)
	if p.Links, err = v.Reports.Links(v.ctx, v.project, w.Period.Range, w.Filter); err != nil {
		return err
	}
	if p.Placeholders, err = v.placeholders(); err != nil {
		return err
	}
	status := http.StatusOK
	if p.New.Faults != nil || p.Import != nil && p.Import.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "sources", p, v.text("nav.sources"))
}

func (v *visit) createLink() error {
	f := newLink{Name: v.form("name"), InviteLink: v.form("invite_link"), UTM: domain.UTM{
		Source: v.form("utm_source"), Medium: v.form("utm_medium"), Campaign: v.form("utm_campaign"),
		Content: v.form("utm_content"), Term: v.form("utm_term"),
	}}
	l, err := v.Projects.CreateLink(v.ctx, v.project.ID, usecase.LinkInput{
		Name: &f.Name, InviteLink: &f.InviteLink, UTM: &f.UTM,
	})
	if f.Faults = v.faultsOf(err); f.Faults != nil {
		return v.sendSources(sourcesPage{New: f})
	}
	if err != nil {
		return err
	}
	return v.redirect(v.url("sources", l.ID))
}

// linkPage shows the two addresses of a link.
type linkPage struct {
	domain.Link
	ClickURL, DeepLink string
	Costs              []domain.LinkCost // newest first
	From, To, Amount   string            // the form of costs
	Faults             faults
	Placeholders       []domain.LinkPlaceholder
	Crowded            int64 // visits of these days that made no click, see usecase.ClickRate
}

// readLink reads the link of the address, if it is the project's.
func (v *visit) readLink() (linkPage, error) {
	l, err := v.Store.Link(v.ctx, v.param("link"))
	if err != nil {
		return linkPage{}, err
	}
	if l.ProjectID != v.project.ID {
		return linkPage{}, domain.ErrNotFound
	}
	costs, err := v.Costs.Days(v.ctx, v.project.ID, l.ID)
	if err != nil {
		return linkPage{}, err
	}
	lost, err := v.placeholders()
	if err != nil {
		return linkPage{}, err
	}
	crowded, err := v.Store.CrowdedVisits(v.ctx, v.project.ID, l.ID, v.Now().Add(-placeholdersSince))
	if err != nil {
		return linkPage{}, err
	}
	return linkPage{
		Placeholders: lost[l.ID], Crowded: crowded, Costs: costs, Link: l, ClickURL: v.PublicURL + "/c/" + l.ID,
		DeepLink: usecase.DeepLink(v.project, &l, l.StartValue),
	}, nil
}

func (v *visit) link() error {
	p, err := v.readLink()
	if err != nil {
		return err
	}
	return v.show("link", p, p.Name)
}

// changeLink saves how visitors of the link are sent on.
func (v *visit) changeLink() error {
	open := v.form("open_page")
	_, err := v.Projects.UpdateLink(v.ctx, v.project.ID, v.param("link"), usecase.LinkInput{OpenPage: &open})
	if err != nil {
		return err
	}
	return v.redirect(v.url("sources", v.param("link")))
}

// OpenPages are the ways in which visitors can be sent on.
func (linkPage) OpenPages() []domain.OpenPage {
	return []domain.OpenPage{domain.OpenPageOff, domain.OpenPageAuto, domain.OpenPageAlways}
}

// linkQR draws the click link, for print.
func (v *visit) linkQR() error {
	p, err := v.readLink()
	if err != nil {
		return err
	}
	code, err := qr.Encode(p.ClickURL, qr.M, qr.Auto)
	if err != nil {
		return fmt.Errorf("encode %s: %w", p.ClickURL, err)
	}
	const side = 600
	large, err := barcode.Scale(code, side, side)
	if err != nil {
		return fmt.Errorf("draw %s: %w", p.ClickURL, err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, large); err != nil {
		return err
	}
	v.c.Type("png")
	return v.c.Send(b.Bytes())
}
