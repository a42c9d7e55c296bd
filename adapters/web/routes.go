package web

import (
	"net/http"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// need says who may open a page.
type need int

// Needs, from everybody to the administrator. Of a page of a project, its path
// has the project as ":project".
const (
	public need = iota
	signedIn
	viewer
	editor
	owner
	admin
)

// role that a need asks for in the project.
func (n need) role() domain.Role {
	switch n {
	case viewer:
		return domain.Viewer
	case editor:
		return domain.Editor
	case owner:
		return domain.Owner
	}
	return ""
}

// route is one page, or what one of its forms does.
type route struct {
	method, path string
	needs        need
	serve        func(v *visit) error
}

const get, post = http.MethodGet, http.MethodPost

// project is where the pages of a project begin.
const project = "/projects/:project"

// routes lists all pages. Each feature has its own list.
func (w *Cabinet) routes() []route {
	return slices.Concat(
		w.loginRoutes(),
		w.profileRoutes(),
		w.projectsRoutes(),
		w.overviewRoutes(),
		w.sourcesRoutes(),
		w.funnelRoutes(),
		w.subscribersRoutes(),
		w.accountsRoutes(),
		w.connectRoutes(),
		w.liveRoutes(),
		w.shareRoutes(),
		w.notificationsRoutes(),
		w.settingsRoutes(),
	)
}
