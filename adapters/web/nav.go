package web

import (
	"net/url"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// url gives an address below the project's page.
func (v *visit) url(parts ...string) string {
	at := "/projects/" + url.PathEscape(v.project.ID)
	for _, p := range parts {
		at += "/" + url.PathEscape(p)
	}
	return at
}

// navItem is an entry of the project's menu.
type navItem struct {
	Key, Href string
	Current   bool
}

// menuItem is a page of the project's menu, with the role that it asks for.
type menuItem struct {
	name  string
	needs domain.Role
}

var menu = []menuItem{
	{"", domain.Viewer}, {"sources", domain.Viewer}, {"subscribers", domain.Viewer}, {"funnel", domain.Viewer},
	{"cohorts", domain.Viewer}, {"lifetime", domain.Viewer}, {"places", domain.Viewer},
	{"accounts", domain.Viewer}, {"connect", domain.Viewer}, {"live", domain.Viewer}, {"notifications", domain.Viewer},
	{"settings", domain.Owner}, {"users", domain.Owner}, {"audit", domain.Owner},
}

// Nav is the project's menu: the pages that are there, in the order of the
// day.
func (p page) Nav() []navItem {
	if p.v.project == nil {
		return nil
	}
	at, base := string(p.v.c.Request().URI().Path()), p.v.url()
	var out []navItem
	for _, m := range menu {
		if !p.v.role.Allows(m.needs) {
			continue
		}
		name := m.name
		href := strings.TrimSuffix(base+"/"+name, "/")
		current := at == href || name != "" && strings.HasPrefix(at, href+"/")
		key := "nav." + name
		if name == "" {
			key = "nav.overview"
		}
		out = append(out, navItem{Key: key, Href: href, Current: current})
	}
	return out
}
