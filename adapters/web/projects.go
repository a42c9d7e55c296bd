package web

import (
	"net/http"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

func (w *Cabinet) projectsRoutes() []route {
	return []route{
		{get, "/projects", signedIn, (*visit).projects},
		{get, "/projects/new", admin, (*visit).askProject},
		{post, "/projects/new", admin, (*visit).createProject},
	}
}

// projectsPage lists the projects of the user.
type projectsPage struct {
	Cards []projectCard
	Next  string
}

// projectCard is a project with today's figures.
type projectCard struct {
	domain.Project
	Joins, Leaves int64
	Troubles      []trouble
}

func (v *visit) projects() error {
	ps, next, err := v.Access.Projects(v.ctx, v.actor(), usecase.Page{Limit: cardsPage, Cursor: v.query("cursor")},
		v.Store.Projects)
	if err != nil {
		return err
	}
	out := projectsPage{Next: next}
	for i := range ps {
		c, err := v.card(&ps[i])
		if err != nil {
			return err
		}
		out.Cards = append(out.Cards, c)
	}
	return v.show("projects", out, v.text("projects.title"))
}

// cardsPage is how many projects a page has.
const cardsPage = 48

func (v *visit) card(p *domain.Project) (projectCard, error) {
	c := projectCard{Project: *p}
	rng, err := v.Reports.Range(p, report.RangeInput{Days: 1})
	if err != nil {
		return c, err
	}
	days, err := v.Reports.Daily(v.ctx, p, rng, report.Filter{})
	if err != nil {
		return c, err
	}
	for i := range days {
		c.Joins += days[i].Joins
		c.Leaves += days[i].Leaves
	}
	c.Troubles, err = v.troublesOf(p)
	return c, err
}

// newProjectPage is the form of a new project.
type newProjectPage struct {
	Name, Kind, Messenger, Username, Constructor, Timezone, Currency, Mode string

	Platforms []platforms.Descriptor
	Faults    faults
}

func (v *visit) askProject() error {
	zone := "Europe/Moscow"
	if v.lang != i18n.Russian {
		zone = "UTC"
	}
	return v.sendNewProject(newProjectPage{Kind: string(domain.KindBot), Timezone: zone, Currency: "RUB"})
}

func (v *visit) sendNewProject(p newProjectPage) error {
	p.Platforms = v.constructors()
	status := http.StatusOK
	if p.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "new_project", p, v.text("new_project.title"))
}

func (v *visit) createProject() error {
	p := newProjectPage{
		Name: v.form("name"), Kind: v.form("kind"), Username: strings.TrimPrefix(v.form("username"), "@"),
		Messenger: v.form("messenger"), Constructor: v.form("constructor"),
		Timezone: v.form("timezone"), Currency: v.form("currency"), Mode: v.form("mode"),
	}
	n, err := v.Projects.Create(v.ctx, usecase.ProjectInput{
		Name: &p.Name, Kind: &p.Kind, Messenger: optional(p.Messenger), Username: &p.Username,
		Constructor: &p.Constructor, Timezone: &p.Timezone, Currency: &p.Currency,
		Mode: optional(p.Mode),
	})
	if p.Faults = v.faultsOf(err); p.Faults != nil {
		return v.sendNewProject(p)
	}
	if err != nil {
		return err
	}
	return v.redirect("/projects/" + n.ID)
}

// optional is what a form has in a field; nil for nothing.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
