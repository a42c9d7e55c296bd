package web

import (
	"cmp"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// LinkFields are those of the form of a link, as they were typed.
type LinkFields struct {
	Name, Slug, Tags, InviteLink string
	OpenPage                     domain.OpenPage
	UTM                          domain.UTM
}

func fieldsOfLink(l *domain.Link) LinkFields {
	return LinkFields{
		Name: l.Name, Slug: l.Slug, Tags: strings.Join(l.Tags.List(), ", "), InviteLink: l.InviteLink, UTM: l.UTM,
		OpenPage: l.OpenPage,
	}
}

// linkForm is the form of a link.
type linkForm struct {
	LinkFields
	// Template fills the UTM of a new link; its placeholders have Values.
	Template  *domain.UTMTemplate
	Templates []domain.UTMTemplate
	Values    map[string]string
	Known     map[string][]string // values that links have, by field
	Faults    faults
}

// UTMField is a field of UTM in a form.
type UTMField struct {
	Name, Value string
	// Fill is what the template puts there.
	Fill  string
	Fault string
}

// UTMFields are those of the form, by the names that they have in addresses.
func (f linkForm) UTMFields() []UTMField {
	values, fill := f.UTM.Fields(), (&domain.UTM{}).Fields()
	if f.Template != nil {
		fill = f.Template.UTM.Fields()
	}
	out := make([]UTMField, 0, len(values))
	for _, name := range domain.UTMFields() {
		out = append(out, UTMField{"utm_" + name, *values[name], *fill[name], f.Faults["utm."+name]})
	}
	return out
}

// Chosen tells whether a template is the one of the form.
func (f linkForm) Chosen(id string) bool { return f.Template != nil && f.Template.ID == id }

// formPart is what the parts of a form of a link are given.
type formPart struct {
	P      page
	F      linkForm
	Invite bool // the field of the invite link is shown
}

// Form gives the parts of a form their data.
func (p page) Form(f linkForm, invite any) formPart {
	shown, _ := template.IsTrue(invite)
	return formPart{p, f, shown}
}

func (v *visit) readLinkForm() linkForm {
	f := linkForm{LinkFields: LinkFields{
		Name: v.form("name"), Slug: v.form("slug"), Tags: v.form("tags"), InviteLink: v.form("invite_link"),
		OpenPage: domain.OpenPage(v.form("open_page")),
	}, Values: map[string]string{}}
	for name, value := range f.UTM.Fields() {
		*value = v.form("utm_" + name)
	}
	return f
}

// input is what the form says of a link; a field that it does not have says
// nothing.
func (f linkForm) input() usecase.LinkInput {
	tags := strings.Split(f.Tags, ",")
	in := usecase.LinkInput{
		Name: &f.Name, Slug: &f.Slug, Tags: &tags, UTM: &f.UTM, InviteLink: &f.InviteLink,
		OpenPage: optional(string(f.OpenPage)), Values: f.Values,
	}
	if f.Template != nil {
		in.Template = f.Template.ID
	}
	return in
}

// mostKnown is how many values a field proposes.
const mostKnown = 100

// knownWords are the values that the project's links have, by field of the form,
// the most frequent first.
func (v *visit) knownWords() (map[string][]string, error) {
	links, err := v.Store.ReportLinks(v.ctx, v.project.ID)
	if err != nil {
		return nil, err
	}
	counts := map[string]map[string]int{"tags": {}}
	for _, l := range links {
		for name, value := range l.UTM.Fields() {
			field := "utm_" + name
			if counts[field] == nil {
				counts[field] = map[string]int{}
			}
			counts[field][*value]++
		}
		for _, tag := range l.Tags.List() {
			counts["tags"][tag]++
		}
	}
	out := map[string][]string{}
	for field, of := range counts {
		delete(of, "")
		values := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
			return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b))
		})
		out[field] = values[:min(len(values), mostKnown)]
	}
	return out, nil
}

// withTemplates completes the form of a new link.
func (v *visit) withTemplates(f *linkForm, id string) (err error) {
	if f.Templates, err = v.Store.UTMTemplates(v.ctx, v.project.ID); err != nil {
		return err
	}
	i := slices.IndexFunc(f.Templates, func(t domain.UTMTemplate) bool { return t.ID == id })
	if i >= 0 {
		f.Template = &f.Templates[i]
	}
	f.Known, err = v.knownWords()
	return err
}

// newLink is the form of a new link, filled with what the address says.
func (v *visit) newLink() error {
	f := linkForm{LinkFields: LinkFields{Name: v.query("name"), Slug: v.query("slug"), Tags: v.query("tags")}}
	if err := v.withTemplates(&f, v.query("template")); err != nil {
		return err
	}
	return v.show("new_link", f, v.text("sources.new"))
}

func (v *visit) createLink() error {
	f := v.readLinkForm()
	if err := v.withTemplates(&f, v.form("template")); err != nil {
		return err
	}
	if f.Template != nil {
		for _, name := range f.Template.Asked() {
			f.Values[name] = v.form("values." + name)
		}
	}
	l, err := v.Projects.CreateLink(v.ctx, v.project.ID, f.input())
	if err == nil {
		return v.redirect(v.url("sources", l.ID) + "?done=created")
	}
	if f.Faults = v.faultsOf(err); f.Faults == nil {
		return err
	}
	return v.render(http.StatusUnprocessableEntity, "new_link", f, v.text("sources.new"))
}
