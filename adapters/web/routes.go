package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/usecase"
)

// Short names of the rights, for the lists of the features.
const (
	public   = usecase.ForAnybody
	newcomer = usecase.ForNewcomer
	signedIn = usecase.ForUser
	viewer   = usecase.ForViewer
	editor   = usecase.ForEditor
	owner    = usecase.ForOwner
	admin    = usecase.ForAdmin
)

// Route is a page for the server's table of routes, of which it is a line; the
// fields are those of the server's own type.
type Route struct {
	Method, Path string
	Right        usecase.Right
	MaxBody      int
	Packed       bool
	Within       time.Duration
	Serve        func(ctx context.Context, c *fiber.Ctx) error
}

const (
	// maxForm bounds a form.
	maxForm = 256 << 10
	// maxFileForm bounds a form with a file.
	maxFileForm = 1 << 20
)

// Routes are the cabinet's lines of the table.
func (w *Cabinet) Routes() []Route {
	out := []Route{{
		Method: get, Path: assetBase + ":hash/:name", Right: public,
		Serve: func(_ context.Context, c *fiber.Ctx) error { return w.assets.serve(c) },
	}}
	for _, rt := range w.routes() {
		line := Route{Method: rt.method, Path: rt.path, Right: rt.right, Serve: w.serve(rt)}
		switch {
		case rt.takesFile():
			line.MaxBody = maxFileForm
		case rt.method == post:
			line.MaxBody = maxForm
		}
		out = append(out, line)
	}
	return out
}

// route is one page, or what one of its forms does.
type route struct {
	method, path string
	right        usecase.Right
	serve        func(v *visit) error
}

const get, post = http.MethodGet, http.MethodPost

// project is where the pages of a project begin.
const project = "/projects/:project"

// Forms that take a file.
const (
	importPath = project + "/sources/import"
	bulkPath   = project + "/sources/bulk"
)

// takesFile tells a form that may have a file.
func (rt route) takesFile() bool {
	return rt.method == post && (rt.path == importPath || rt.path == bulkPath)
}

// routes lists all pages. Each feature has its own list.
func (w *Cabinet) routes() []route {
	return slices.Concat(
		w.loginRoutes(),
		w.openIDRoutes(),
		w.profileRoutes(),
		w.secondFactorRoutes(),
		w.projectsRoutes(),
		w.overviewRoutes(),
		w.sourcesRoutes(),
		w.funnelRoutes(),
		w.subscribersRoutes(),
		w.exportRoutes(),
		w.accountsRoutes(),
		w.fatesRoutes(),
		w.connectRoutes(),
		w.firstStepsRoutes(),
		w.liveRoutes(),
		w.shareRoutes(),
		w.reportShareRoutes(),
		w.notificationsRoutes(),
		w.settingsRoutes(),
		w.searchRoutes(),
		w.designRoutes(),
		w.serviceRoutes(),
	)
}
