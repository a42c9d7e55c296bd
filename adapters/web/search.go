package web

import (
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) searchRoutes() []route {
	return []route{
		{get, "/search", signedIn, (*visit).search},
		{get, project + "/search", viewer, (*visit).search},
	}
}

// searchPage is what was found for some words: in a project its pages, links and
// people, and everywhere the projects of the visitor.
type searchPage struct {
	Q      string
	Count  int
	Groups []hits
}

// hits are those of one kind.
type hits struct {
	Kind string
	Hits []hit
	More bool // there are others
}

// hit is a place to go to.
type hit struct{ Name, Note, Href, Icon string }

// hitsOfKind is how many of a kind are shown: whoever looks for more narrows
// the search.
const hitsOfKind = 8

// mostWords bounds what is searched for.
const mostWords = 100

func (v *visit) search() error {
	p := searchPage{Q: v.query("q")}
	if len(p.Q) > mostWords {
		p.Q = strings.ToValidUTF8(p.Q[:mostWords], "")
	}
	p.add("pages", v.pageHits(p.Q))
	if p.Q != "" {
		for _, kind := range []struct {
			name string
			find func(words string) ([]hit, error)
		}{{"links", v.linkHits}, {"people", v.peopleHits}, {"projects", v.projectHits}} {
			found, err := kind.find(p.Q)
			if err != nil {
				return err
			}
			p.add(kind.name, found)
		}
	}
	return v.show("search", p, v.text("finder.title"))
}

// add takes the hits of a kind, one of which may be too many.
func (p *searchPage) add(kind string, found []hit) {
	g := hits{Kind: kind, Hits: found, More: len(found) > hitsOfKind}
	if g.More {
		g.Hits = found[:hitsOfKind]
	}
	if len(g.Hits) > 0 {
		p.Groups = append(p.Groups, g)
		p.Count += len(g.Hits)
	}
}

// pageHits finds pages by what they are called in the language of the visit;
// without words those of the menu.
func (v *visit) pageHits(words string) (out []hit) {
	add := func(h hit) {
		if strings.Contains(strings.ToLower(h.Name), strings.ToLower(words)) {
			out = append(out, h)
		}
	}
	p := page{v: v}
	for _, item := range p.Nav() {
		add(hit{Name: v.text(item.Key), Href: item.Href, Icon: item.Icon})
	}
	add(hit{Name: v.text("projects.title"), Href: "/projects", Icon: "folder2"})
	add(hit{Name: v.text("profile.title"), Href: "/profile", Icon: "person-circle"})
	if v.user.Admin {
		add(hit{Name: v.text("projects.new"), Href: "/projects/new", Icon: "plus-lg"})
		add(hit{Name: v.text("finder.all_users"), Href: "/users", Icon: "person-gear"})
		add(hit{Name: v.text("audit.all"), Href: "/audit", Icon: "clock-history"})
	}
	if words == "" {
		out = out[:min(len(out), hitsOfKind)]
	}
	return out
}

func (v *visit) projectHits(words string) ([]hit, error) {
	of := v.user.ID
	if v.user.Admin {
		of = ""
	}
	ps, err := v.Finder.FindProjects(v.ctx, of, words, hitsOfKind+1)
	out := make([]hit, len(ps))
	for i, p := range ps {
		out[i] = hit{Name: p.Name, Href: "/projects/" + p.ID, Icon: "folder2"}
		if p.Username != "" {
			out[i].Note = "@" + p.Username
		}
	}
	return out, err
}

func (v *visit) linkHits(words string) ([]hit, error) {
	if v.project == nil {
		return nil, nil
	}
	ls, err := v.Finder.FindLinks(v.ctx, v.project.ID, words, hitsOfKind+1)
	out := make([]hit, len(ls))
	for i, l := range ls {
		out[i] = hit{Name: l.Name, Note: l.UTM.Campaign, Href: v.url("sources", l.ID), Icon: "link-45deg"}
	}
	return out, err
}

func (v *visit) peopleHits(words string) ([]hit, error) {
	if v.project == nil {
		return nil, nil
	}
	found, _, err := v.Reader.Subscribers(v.ctx,
		usecase.SubscriberFilter{ProjectID: v.project.ID, Search: words}, usecase.Page{Limit: hitsOfKind + 1})
	out := make([]hit, len(found))
	for i := range found {
		out[i] = v.personHit(&found[i])
	}
	return out, err
}

func (v *visit) personHit(s *domain.Subscriber) hit {
	id := strconv.FormatInt(s.UserID, 10)
	h := hit{Name: PersonName(s), Note: id, Href: v.url("subscribers", s.Messenger, id), Icon: "person"}
	if s.Person.Username != "" {
		h.Note = "@" + s.Person.Username
	}
	return h
}

// FinderURL is the address of the search, in the project that the page is about.
func (p page) FinderURL() string {
	if p.v.project == nil || p.v.role == "" {
		return "/search"
	}
	return p.v.url("search")
}
