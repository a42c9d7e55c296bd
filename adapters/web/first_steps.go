package web

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) firstStepsRoutes() []route {
	const steps = project + "/first-steps"
	return []route{
		{get, steps, viewer, (*visit).firstSteps},
		{post, steps + "/link", editor, (*visit).firstLink},
		{post, steps + "/click", editor, (*visit).testClick},
		{post, steps + "/start", editor, (*visit).testStart},
		{post, steps + "/erase", editor, (*visit).eraseTest},
	}
}

// firstStepsPage is the list of what a new project needs, each ticked by what
// is kept.
type firstStepsPage struct {
	Links    []usecase.LinkCounts // the newest, to be chosen from
	Link     domain.Link          // of the test; empty while there is none
	Address  string               // its click link
	Clicked  bool
	Started  bool // by anybody
	Accounts []firstAccount
	Networks []usecase.NetworkForm
	Result   usecase.TestResult
	LinkName string
	Faults   faults
}

// firstAccount is an ad account, and whether it is told of starts.
type firstAccount struct {
	domain.Account
	Title  string
	Starts bool
}

// Done counts the steps that are.
func (p firstStepsPage) Done() int {
	n := 1 // the project
	for _, done := range []bool{p.Link.ID != "", p.Clicked, p.Started, len(p.Accounts) > 0} {
		if done {
			n++
		}
	}
	return n
}

// Tested tells whether the test person of the page has started.
func (p firstStepsPage) Tested() bool { return p.Result.Person != nil }

// AccountName is the name of the account that a conversion goes to.
func (p firstStepsPage) AccountName(c usecase.TestConversion) string {
	for _, a := range p.Accounts {
		if a.ID == c.AccountID {
			return a.Name
		}
	}
	return c.Network
}

// step is the head of a step.
type step struct {
	Title, State string
	Done         bool
}

// Step says a step and whether it is done.
func (p page) Step(key string, done bool) step {
	if done {
		return step{p.T(key), p.T("first.done"), true}
	}
	return step{p.T(key), p.T("first.to_do"), false}
}

func (v *visit) firstSteps() error {
	return v.sendFirstSteps(http.StatusOK, firstStepsPage{LinkName: v.text("first.link_name")})
}

func (v *visit) sendFirstSteps(status int, p firstStepsPage) error {
	var err error
	if p.Links, _, err = v.Store.Links(v.ctx, v.project.ID, usecase.LinkFilter{}, usecase.Page{}); err != nil {
		return err
	}
	for i := range p.Links {
		l := &p.Links[i]
		p.Clicked = p.Clicked || l.Clicks > 0
		if p.Link.ID == "" || l.ID == v.query("link") {
			p.Link, p.Address = l.Link, v.clickURL(l.Address())
		}
	}
	last, err := v.Backlogs.LastEvent(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	if err := v.firstAccounts(&p); err != nil {
		return err
	}
	if p.Result, err = v.Tests.Result(v.ctx, v.project); err != nil {
		return err
	}
	p.Started = !last.IsZero() || p.Tested()
	p.Clicked = p.Clicked || p.Result.Clicked
	return v.render(status, "first_steps", p, v.text("nav.first-steps"))
}

func (v *visit) firstAccounts(p *firstStepsPage) error {
	as, err := v.Store.Accounts(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	p.Networks = v.Networks.Forms(v.lang)
	for i := range as {
		title := v.networkForm(as[i].Network).Title
		p.Accounts = append(p.Accounts, firstAccount{as[i], cmp.Or(title, as[i].Network), v.Projects.Activation(&as[i]) != ""})
	}
	return nil
}

// firstLink makes a link that has nothing but a name.
func (v *visit) firstLink() error {
	name := v.form("name")
	_, err := v.Projects.CreateLink(v.ctx, v.project.ID, usecase.LinkInput{Name: &name})
	if f := v.faultsOf(err); f != nil {
		return v.sendFirstSteps(http.StatusUnprocessableEntity, firstStepsPage{LinkName: name, Faults: f})
	}
	if err != nil {
		return err
	}
	return v.redirect(v.url("first-steps"))
}

// testLink is the link that a test is made with: the one that was chosen, or
// the newest; empty while there is none.
func (v *visit) testLink() (string, error) {
	if id := v.form("link"); id != "" {
		return id, nil
	}
	ls, _, err := v.Store.Links(v.ctx, v.project.ID, usecase.LinkFilter{}, usecase.Page{Limit: 1})
	if err != nil || len(ls) == 0 {
		return "", err
	}
	return ls[0].ID, nil
}

// testClick visits a link for the project's test person, who does not start.
func (v *visit) testClick() error {
	link, err := v.testLink()
	if err == nil && link == "" { // the page says what is missing
		return v.redirect(v.url("first-steps"))
	}
	if err == nil {
		_, err = v.Tests.Click(v.ctx, v.project.ID, link)
	}
	if err == nil {
		err = v.Access.Note(v.ctx, v.project.ID, "test.click", link)
	}
	if err != nil {
		return err
	}
	return v.redirect(v.url("first-steps"))
}

// testStart visits a link and starts the bot as the project's test person.
func (v *visit) testStart() error {
	link, err := v.testLink()
	if err == nil && link == "" {
		return v.redirect(v.url("first-steps"))
	}
	if err == nil {
		err = v.Tests.Start(v.ctx, v.project.ID, link)
	}
	if err == nil {
		err = v.Access.Note(v.ctx, v.project.ID, "test.start", link)
	}
	if err != nil {
		return err
	}
	return v.redirect(v.url("first-steps") + "?link=" + url.QueryEscape(link) + "#result")
}

func (v *visit) eraseTest() error {
	if err := v.Tests.Erase(v.ctx, v.project.ID); err != nil {
		return err
	}
	if err := v.Access.Note(v.ctx, v.project.ID, "test.erase", ""); err != nil {
		return err
	}
	return v.redirect(v.url("first-steps"))
}

// isNew tells whether the project's own page was asked for, and nothing ever
// came: its first steps are shown there.
func (v *visit) isNew() (bool, error) {
	if v.c.Context().QueryArgs().Len() > 0 {
		return false, nil
	}
	last, err := v.Backlogs.LastEvent(v.ctx, v.project.ID)
	return last.IsZero(), err
}
