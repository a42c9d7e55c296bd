package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

func (w *Cabinet) sourcesRoutes() []route {
	return []route{
		{get, project + "/sources", viewer, (*visit).sources},
		{post, project + "/sources", editor, (*visit).createLink},
		{get, project + "/sources/new", editor, (*visit).newLink},
		{post, importPath, editor, (*visit).importCosts},
		{get, project + "/sources/bulk", editor, (*visit).newLinks},
		{post, bulkPath, editor, (*visit).createLinks},
		{get, project + "/sources/templates", viewer, (*visit).utmTemplates},
		{post, project + "/sources/templates", editor, (*visit).saveUTMTemplate},
		{post, project + "/sources/templates/:template/delete", editor, (*visit).deleteUTMTemplate},
		{get, project + "/sources/rules", viewer, (*visit).startRules},
		{post, project + "/sources/rules", editor, (*visit).setStartRules},
		{get, project + "/sources/:link", viewer, (*visit).link},
		{post, project + "/sources/:link", editor, (*visit).changeLink},
		{post, project + "/sources/:link/archive", editor, (*visit).archiveLink},
		{post, project + "/sources/:link/restore", editor, (*visit).restoreLink},
		{post, project + "/sources/:link/duplicate", editor, (*visit).duplicateLink},
		{post, project + "/sources/:link/delete", editor, (*visit).deleteLink},
		{post, project + "/sources/:link/costs", editor, (*visit).setCosts},
		{get, project + "/sources/:link/qr.png", viewer, (*visit).linkPNG},
		{get, project + "/sources/:link/qr.svg", viewer, (*visit).linkSVG},
	}
}

// sourcesPage lists the tracking links with what each brought.
type sourcesPage struct {
	View   *view
	Links  []report.LinkRow
	Table  *table
	Import *importPage
	Export *exportMenu
	// Archive tells that the archived links are listed, and Hidden how many the
	// list leaves out that have figures or not.
	Archive bool
	Hidden  int
	Tag     string // of the links that are listed, "" for all
	Tags    []string
	Deleted bool
	Created int
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

func (v *visit) sources() error {
	p := sourcesPage{Deleted: v.query("done") == "deleted"}
	p.Created, _ = strconv.Atoi(v.query("created"))
	return v.sendSources(p)
}

func (v *visit) sendSources(p sourcesPage) error {
	w, err := v.readView("archive", "tag")
	if err != nil {
		return err
	}
	v.mayShare(w, usecase.SourcesPage)
	tables := []string{"links"}
	if len(w.Filter) == 0 { // costs are of a whole link
		tables = append(tables, "costs")
	}
	p.View, p.Export = w, v.reports(w, nil, tables...)
	p.Archive, p.Tag = v.query("archive") != "", v.query("tag")
	all, err := v.Reports.Links(v.ctx, v.project, w.Period.Range, w.Filter)
	if err != nil {
		return err
	}
	p.choose(all)
	var lost map[string][]domain.LinkPlaceholder
	if v.shared == nil {
		if lost, err = v.placeholders(); err != nil {
			return err
		}
	}
	if p.Table, err = v.linksTable(&p, lost); err != nil {
		return err
	}
	status := http.StatusOK
	if p.Import != nil && p.Import.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "sources", p, v.text("nav.sources"))
}

// choose lists those of all links that are asked for: archived ones or the
// others, with a tag or whatever theirs are.
func (p *sourcesPage) choose(all []report.LinkRow) {
	for _, row := range all {
		for _, tag := range row.Link.Tags.List() {
			if !slices.Contains(p.Tags, tag) {
				p.Tags = append(p.Tags, tag)
			}
		}
		switch {
		case row.Link.Archived() != p.Archive:
			if row.Link.Archived() {
				p.Hidden++
			}
		case p.Tag == "" || row.Link.Tags.Has(p.Tag):
			p.Links = append(p.Links, row)
		}
	}
	slices.Sort(p.Tags)
}

// Shown is the list with or without the archived links, of the same period.
func (p sourcesPage) Shown(archive bool) string {
	q := url.Values{}
	if archive {
		q.Set("archive", "1")
	}
	return p.View.address(p.View.path, p.View.Period.values(), p.View.filterValues(), q)
}

// Tagged is the list of the links with a tag; "" for all.
func (p sourcesPage) Tagged(tag string) string {
	q := url.Values{}
	if p.Archive {
		q.Set("archive", "1")
	}
	if tag != "" {
		q.Set("tag", tag)
	}
	return p.View.address(p.View.path, p.View.Period.values(), p.View.filterValues(), q)
}
