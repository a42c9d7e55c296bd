package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
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
	Key, Href, Icon string
	Current         bool
	// Report pages take period and filter along from one to the next.
	Report bool
	// First of a group of pages.
	First bool
}

// menuItem is a page of the project's menu, with the role that its route asks
// for.
type menuItem struct {
	menuPage
	needs domain.Role
}

// menuPage is a page of the menu as it is listed.
type menuPage struct {
	name, icon string
	report     bool // it is about a period, and can be filtered
	first      bool // a group of pages begins
}

// menuPages are the pages of the menu in their order; "" is the overview.
func menuPages() []menuPage {
	return []menuPage{
		{name: "", icon: "speedometer2", report: true},
		{name: "sources", icon: "link-45deg", report: true},
		{name: "subscribers", icon: "people"},
		{name: "funnel", icon: "funnel", report: true},
		{name: "cohorts", icon: "grid-3x3", report: true},
		{name: "lifetime", icon: "hourglass-split", report: true},
		{name: "places", icon: "signpost-split", report: true},
		{name: "accounts", icon: "megaphone", first: true},
		{name: "conversions", icon: "send", report: true},
		{name: "connect", icon: "plug"},
		{name: "first-steps", icon: "check-circle"},
		{name: "live", icon: "broadcast"},
		{name: "notifications", icon: "bell"},
		{name: "settings", icon: "gear", first: true},
		{name: "users", icon: "person-gear"},
		{name: "audit", icon: "clock-history"},
	}
}

// menuOf makes the menu of what the routes say of its pages.
func menuOf(routes []route) ([]menuItem, error) {
	var out []menuItem
	for _, m := range menuPages() {
		path := strings.TrimSuffix(project+"/"+m.name, "/")
		i := slices.IndexFunc(routes, func(rt route) bool { return rt.method == get && rt.path == path })
		if i < 0 {
			return nil, fmt.Errorf("the page %q of the menu has no route", m.name)
		}
		out = append(out, menuItem{m, routes[i].right.Role()})
	}
	return out, nil
}

// key names the text of a page of the menu.
func (m menuPage) key() string {
	if m.name == "" {
		return "nav.overview"
	}
	return "nav." + m.name
}

// Nav is the project's menu: the pages that the visitor may see, in the order of
// the day. From a report to the next go its period and filter.
func (p page) Nav() []navItem {
	if p.v.project == nil || p.v.role == "" {
		return nil
	}
	at, base, kept := string(p.v.c.Request().URI().Path()), p.v.url(), p.v.kept()
	var out []navItem
	for _, m := range p.v.menu {
		if !p.v.role.Allows(m.needs) {
			continue
		}
		item := navItem{Key: m.key(), Href: strings.TrimSuffix(base+"/"+m.name, "/"), Icon: m.icon, Report: m.report,
			First: m.first}
		item.Current = at == item.Href || m.name != "" && strings.HasPrefix(at, item.Href+"/")
		if m.report && kept != "" {
			item.Href += "?" + kept
		}
		out = append(out, item)
	}
	return out
}

// Here is the page of the menu on which the visitor is; nil where it is none.
func (p page) Here() *navItem {
	for _, item := range p.Nav() {
		if item.Current {
			return &item
		}
	}
	return nil
}

// kept are the period and the filter of a report, as parameters of an address;
// "" on a page that is no report.
func (v *visit) kept() string {
	at := strings.TrimPrefix(string(v.c.Request().URI().Path()), v.url())
	if !slices.ContainsFunc(menuPages(), func(m menuPage) bool {
		return m.report && (at == "/"+m.name || at == "" && m.name == "")
	}) {
		return ""
	}
	q := url.Values{}
	for _, name := range slices.Concat(periodNames(), dimensionNames()) {
		if v.has(name) {
			q.Set(name, v.query(name))
		}
	}
	return q.Encode()
}

// periodNames are the parameters of an address that name a period, and what it
// is held against.
func periodNames() []string {
	return []string{"period", "from", "to", "compare", "compare_from", "compare_to"}
}

// dimensionNames are the parameters of an address that filter.
func dimensionNames() (out []string) {
	for _, d := range report.Dimensions() {
		out = append(out, string(d))
	}
	return out
}
