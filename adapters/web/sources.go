package web

import (
	"bytes"
	"cmp"
	"fmt"
	"image/png"
	"net/http"
	"slices"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) sourcesRoutes() []route {
	return []route{
		{get, project + "/sources", viewer, (*visit).sources},
		{post, project + "/sources", editor, (*visit).createLink},
		{get, project + "/sources/:link", viewer, (*visit).link},
		{get, project + "/sources/:link/qr.png", viewer, (*visit).linkQR},
	}
}

// sourcesPage lists the tracking links with what each brought.
type sourcesPage struct {
	View   *view
	Links  []linkRow
	Next   string
	New    newLink
	Export string
}

type linkRow struct {
	domain.Link
	usecase.SourceFigures
}

// newLink is the form of a link.
type newLink struct {
	Name, InviteLink string
	UTM              domain.UTM
	Faults           faults
}

func (v *visit) sources() error { return v.sendSources(newLink{}) }

func (v *visit) sendSources(form newLink) error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	figures, err := v.Reports.Sources(v.ctx, v.project, w.Period.Range, w.Filter.ReportFilter)
	if err != nil {
		return err
	}
	p := sourcesPage{View: w, New: form, Export: v.export(w, "sources", map[string][]string{"group_by": {"source,link"}})}
	byLink := map[string]*usecase.SourceFigures{}
	for source, f := range figures {
		if byLink[source.LinkID] == nil {
			byLink[source.LinkID] = &usecase.SourceFigures{}
		}
		byLink[source.LinkID].Add(f)
	}
	links, next, err := v.Store.Links(v.ctx, v.project.ID, usecase.Page{Cursor: v.query("cursor")})
	if err != nil {
		return err
	}
	p.Next = next
	for _, l := range links {
		row := linkRow{Link: l.Link}
		if f := byLink[l.ID]; f != nil {
			row.SourceFigures = *f
		}
		p.Links = append(p.Links, row)
	}
	slices.SortStableFunc(p.Links, func(a, b linkRow) int { return cmp.Compare(b.Joins, a.Joins) })
	status := http.StatusOK
	if form.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "sources", p, v.text("nav.sources"))
}

func (v *visit) createLink() error {
	f := newLink{Name: v.form("name"), InviteLink: v.form("invite_link"), UTM: domain.UTM{
		Source: v.form("utm_source"), Medium: v.form("utm_medium"), Campaign: v.form("utm_campaign"), Content: v.form("utm_content"), Term: v.form("utm_term"),
	}}
	l, err := v.Projects.CreateLink(v.ctx, v.project.ID, usecase.LinkInput{Name: &f.Name, InviteLink: &f.InviteLink, UTM: &f.UTM})
	if f.Faults = v.faultsOf(err); f.Faults != nil {
		return v.sendSources(f)
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
	return linkPage{Link: l, ClickURL: v.PublicURL + "/c/" + l.ID, DeepLink: usecase.DeepLink(v.project, &l, l.StartValue)}, nil
}

func (v *visit) link() error {
	p, err := v.readLink()
	if err != nil {
		return err
	}
	return v.show("link", p, p.Name)
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
