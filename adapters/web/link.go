package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// linkPage shows the addresses of a link, and what can be done with it.
type linkPage struct {
	domain.Link
	ClickURL, DeepLink string
	// Others are further addresses that lead to it.
	Others           []string
	Form             linkForm
	Uses             domain.LinkUses
	Done             string            // what was done with it just now
	Costs            []domain.LinkCost // newest first
	From, To, Amount string            // the form of costs
	Faults           faults
	Placeholders     []domain.LinkPlaceholder
	Crowded          int64 // visits of these days that made no click, see usecase.ClickRate
}

// readLink reads the link of the address, if it is the project's.
func (v *visit) readLink() (p linkPage, err error) {
	l, err := v.Store.Link(v.ctx, v.param("link"))
	if err == nil && l.ProjectID != v.project.ID {
		err = domain.ErrNotFound
	}
	if err != nil {
		return p, err
	}
	p = linkPage{
		Link: l, ClickURL: v.clickURL(l.Address()), DeepLink: usecase.DeepLink(v.project, &l, l.StartValue),
		Form: linkForm{LinkFields: fieldsOfLink(&l)},
	}
	if p.Costs, err = v.Costs.Days(v.ctx, v.project.ID, l.ID); err != nil {
		return p, err
	}
	lost, err := v.placeholders()
	if err != nil {
		return p, err
	}
	p.Placeholders = lost[l.ID]
	since := v.Now().Add(-placeholdersSince)
	if p.Crowded, err = v.Store.CrowdedVisits(v.ctx, v.project.ID, l.ID, since); err != nil {
		return p, err
	}
	if p.Others, err = v.otherAddresses(&l); err != nil {
		return p, err
	}
	if !v.role.Allows(domain.Editor) {
		return p, nil
	}
	if p.Form.Known, err = v.knownWords(); err != nil {
		return p, err
	}
	p.Uses, err = v.Store.LinkUses(v.ctx, v.project.ID, l.ID)
	return p, err
}

func (v *visit) clickURL(address string) string { return v.PublicURL + "/c/" + address }

// otherAddresses are those that lead to a link beside the one that is handed out.
func (v *visit) otherAddresses(l *domain.Link) ([]string, error) {
	if l.Slug == "" {
		former, err := v.Store.LinkAddresses(v.ctx, l.ProjectID, l.ID)
		return v.clickURLs(former), err
	}
	all, err := v.Store.LinkAddresses(v.ctx, l.ProjectID, l.ID)
	out := []string{l.ID}
	for _, address := range all {
		if address != l.Slug {
			out = append(out, address)
		}
	}
	return v.clickURLs(out), err
}

func (v *visit) clickURLs(addresses []string) []string {
	out := make([]string, len(addresses))
	for i, a := range addresses {
		out[i] = v.clickURL(a)
	}
	return out
}

func (v *visit) link() error {
	p, err := v.readLink()
	if err != nil {
		return err
	}
	p.Done = oneOf(v.query("done"), "saved", "created", "duplicated", "restored")
	return v.show("link", p, p.Name)
}

// changeLink saves what the form says of a link.
func (v *visit) changeLink() error {
	form := v.readLinkForm()
	_, err := v.Projects.UpdateLink(v.ctx, v.project.ID, v.param("link"), form.input())
	if err == nil {
		return v.redirect(v.url("sources", v.param("link")) + "?done=saved")
	}
	faults := v.faultsOf(err)
	if faults == nil {
		return err
	}
	p, err := v.readLink()
	if err != nil {
		return err
	}
	p.Form.LinkFields, p.Form.Faults = form.LinkFields, faults
	return v.render(http.StatusUnprocessableEntity, "link", p, p.Name)
}

func (v *visit) archiveLink() error {
	yes := true
	l, err := v.Projects.UpdateLink(v.ctx, v.project.ID, v.param("link"), usecase.LinkInput{Archived: &yes})
	if err != nil {
		return err
	}
	v.sayUndo(v.url("sources", l.ID, "restore"), "links.archived_now", l.Name)
	return v.redirect(v.url("sources"))
}

func (v *visit) restoreLink() error {
	no := false
	l, err := v.Projects.UpdateLink(v.ctx, v.project.ID, v.param("link"), usecase.LinkInput{Archived: &no})
	if err != nil {
		return err
	}
	return v.redirect(v.url("sources", l.ID) + "?done=restored")
}

func (v *visit) duplicateLink() error {
	l, err := v.Projects.DuplicateLink(v.ctx, v.project.ID, v.param("link"), nil)
	if err != nil {
		return err
	}
	return v.redirect(v.url("sources", l.ID) + "?done=duplicated")
}

// deleteLink removes a link that nobody used. Of one that somebody used
// meanwhile the page says that it can be archived.
func (v *visit) deleteLink() error {
	err := v.Projects.DeleteLink(v.ctx, v.project.ID, v.param("link"))
	var used *usecase.LinkInUseError
	if errors.As(err, &used) {
		p, err := v.readLink()
		if err != nil {
			return err
		}
		return v.render(http.StatusConflict, "link", p, p.Name)
	}
	if err != nil {
		return err
	}
	return v.redirect(v.url("sources") + "?done=deleted")
}

// Kept says why a link can not be deleted.
func (p page) Kept(u domain.LinkUses) string {
	var words []string
	for _, name := range u.Names() {
		words = append(words, p.T("link_use."+name))
	}
	return strings.Join(words, ", ")
}

// OpenPages are the ways in which visitors can be sent on.
func (page) OpenPages() []domain.OpenPage {
	return []domain.OpenPage{domain.OpenPageOff, domain.OpenPageAuto, domain.OpenPageAlways}
}

// linkPNG draws the click link, for print; linkSVG sharp at any size.
func (v *visit) linkPNG() error {
	p, err := v.readLink()
	if err != nil {
		return err
	}
	b, err := qrPNG(p.ClickURL, 600)
	if err != nil {
		return err
	}
	v.c.Type("png")
	return v.c.Send(b)
}

func (v *visit) linkSVG() error {
	p, err := v.readLink()
	if err != nil {
		return err
	}
	drawing, err := qrSVG(p.ClickURL)
	if err != nil {
		return err
	}
	v.c.Type("svg")
	return v.c.SendString(drawing)
}
