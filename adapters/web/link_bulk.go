package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// bulkPage makes many links of a table: first it shows what would be made.
type bulkPage struct {
	Text      string
	Template  string // its id
	Templates []domain.UTMTemplate
	Links     []domain.Link // that would be made
	Wrong     []wrongLine
	Fault     string // of the whole
}

// wrongLine is what is wrong on a line of the table.
type wrongLine struct {
	Line  int
	Field string
	Text  string
}

func (v *visit) newLinks() error { return v.sendLinks(bulkPage{Template: v.query("template")}) }

func (v *visit) sendLinks(p bulkPage) (err error) {
	if p.Templates, err = v.Store.UTMTemplates(v.ctx, v.project.ID); err != nil {
		return err
	}
	status := http.StatusOK
	if p.Fault != "" || len(p.Wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "bulk_links", p, v.text("bulk.title"))
}

// createLinks shows what a table would make, or makes it.
func (v *visit) createLinks() error {
	p := bulkPage{Text: v.secret("table"), Template: v.form("template")}
	if strings.TrimSpace(p.Text) == "" {
		var err error
		p.Text, err = v.fileText("file")
		switch found := v.faultsOf(err); {
		case found != nil:
			p.Fault = found["file"]
		case err != nil:
			return err
		case p.Text == "":
			p.Fault = v.text("bulk.empty")
		}
		if p.Fault != "" {
			return v.sendLinks(p)
		}
	}
	sure := v.form("sure") != ""
	ls, err := v.Projects.CreateLinks(v.ctx, v.project.ID, usecase.BulkInput{
		Table: p.Text, Template: p.Template, Rehearse: !sure,
	})
	if err == nil && sure {
		return v.redirect(v.url("sources") + "?created=" + strconv.Itoa(len(ls)))
	}
	found := v.faultsOf(err)
	if err != nil && found == nil {
		return err
	}
	p.Links = ls
	for field, text := range found {
		rest, ofLine := strings.CutPrefix(field, "lines.")
		number, of, _ := strings.Cut(rest, ".")
		if line, err := strconv.Atoi(number); ofLine && err == nil {
			p.Wrong = append(p.Wrong, wrongLine{line, strings.TrimPrefix(of, "values."), text})
		} else {
			p.Fault = text
		}
	}
	slices.SortFunc(p.Wrong, func(a, b wrongLine) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Field, b.Field))
	})
	return v.sendLinks(p)
}

// templatesPage lists the UTM templates of a project.
type templatesPage struct {
	Templates []domain.UTMTemplate
	Form      linkForm
	Done      string
}

func (v *visit) utmTemplates() error {
	return v.sendTemplates(templatesPage{Done: oneOf(v.query("done"), "saved", "deleted")})
}

func (v *visit) sendTemplates(p templatesPage) (err error) {
	if p.Templates, err = v.Store.UTMTemplates(v.ctx, v.project.ID); err != nil {
		return err
	}
	if p.Form.Known, err = v.knownWords(); err != nil {
		return err
	}
	status := http.StatusOK
	if p.Form.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "utm_templates", p, v.text("utm_templates.title"))
}

func (v *visit) saveUTMTemplate() error {
	f := v.readLinkForm()
	_, err := v.Projects.SaveUTMTemplate(v.ctx, v.project.ID, usecase.UTMTemplateInput{Name: f.Name, UTM: f.UTM})
	if err == nil {
		return v.redirect(v.url("sources", "templates") + "?done=saved")
	}
	if f.Faults = v.faultsOf(err); f.Faults == nil {
		return err
	}
	return v.sendTemplates(templatesPage{Form: f})
}

func (v *visit) deleteUTMTemplate() error {
	if err := v.Projects.DeleteUTMTemplate(v.ctx, v.project.ID, v.param("template")); err != nil {
		return err
	}
	return v.redirect(v.url("sources", "templates") + "?done=deleted")
}
