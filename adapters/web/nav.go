package web

import (
	"fmt"
	"net/url"
	"slices"
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

// menuItem is a page of the project's menu, with the role that its route asks
// for.
type menuItem struct {
	name  string
	needs domain.Role
}

// menuNames are the pages of the menu in their order; "" is the overview.
func menuNames() []string {
	return []string{
		"", "sources", "subscribers", "funnel", "cohorts", "lifetime", "places", "accounts", "connect", "live",
		"notifications", "settings", "users", "audit",
	}
}

// menuOf makes the menu of what the routes say of its pages.
func menuOf(routes []route) ([]menuItem, error) {
	var out []menuItem
	for _, name := range menuNames() {
		path := strings.TrimSuffix(project+"/"+name, "/")
		i := slices.IndexFunc(routes, func(rt route) bool { return rt.method == get && rt.path == path })
		if i < 0 {
			return nil, fmt.Errorf("the page %q of the menu has no route", name)
		}
		out = append(out, menuItem{name, routes[i].right.Role()})
	}
	return out, nil
}

// Nav is the project's menu: the pages that are there, in the order of the
// day.
func (p page) Nav() []navItem {
	if p.v.project == nil {
		return nil
	}
	at, base := string(p.v.c.Request().URI().Path()), p.v.url()
	var out []navItem
	for _, m := range p.v.menu {
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
