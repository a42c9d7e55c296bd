package cmd

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/eventapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/manageapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/public"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// provideClock is for wire, which takes no function as it is.
func provideClock(db *database.DB) func() time.Time { return db.Now }

func newEventAPI(
	cfg config.Config, i *usecase.Ingest, s *store.Store, l *eventbus.RequestLog, v usecase.Vault,
	g *platforms.Guard, o *observer, t *tracer, logger *slog.Logger,
) *eventapi.API {
	deps := eventapi.Deps{
		Ingest: i, People: s, Requests: l, Vault: v, Decoder: g, NewID: s.NewID, Now: s.Now, Logger: logger,
		Observer: o,
	}
	if t != nil { // a nil *tracer is no nil Tracer
		deps.Tracer = t
	}
	return eventapi.New(eventapi.Options{
		RequestTimeout: cfg.HTTP.RequestTimeout, KeepIgnored: cfg.Requests.KeepIgnored,
	}, deps)
}

func newManageOptions(cfg config.Config) manageapi.Options {
	return manageapi.Options{PublicURL: cfg.PublicURL, SessionCookie: web.CookieName(cfg.PublicURL, web.SessionCookie)}
}

func newBackupMaker(cfg config.Config, s *store.Store, c *natsconn.Conn) manageapi.BackupMaker {
	return newBackups(cfg, s, c, true)
}

// newStreamMaker makes streams anew for the operator.
func newStreamMaker(e streamEnsurer) manageapi.StreamMaker { return e.anew }

func newDoctor(
	cfg config.Config, db *database.DB, s *store.Store, c *natsconn.Conn, h *eventbus.Health,
	r *platforms.Registry, sinks *adnet.Registry,
) *doctor {
	return &doctor{cfg: cfg, db: db, store: s, nats: c, health: h, decoders: r, sinks: sinks}
}

// newDoctorCall is the doctor as the management API answers with it.
func newDoctorCall(d *doctor) manageapi.Doctor {
	return func(ctx context.Context) any { return d.look(ctx) }
}

func newSite(
	cfg config.Config, s *store.Store, d *usecase.Directory, c *usecase.Clicks, l *eventbus.RequestLog,
	sinks *adnet.Registry, r *platforms.Registry, logger *slog.Logger,
) (*public.Site, error) {
	return public.New(public.Options{
		PublicURL: cfg.PublicURL, TrustedProxies: cfg.HTTP.TrustedProxies,
		RequestTimeout: cfg.HTTP.RequestTimeout,
	}, public.Deps{
		Links: s, Directory: d, Clicks: c, Requests: l, Places: s, Browsers: sinks,
		Refusals: usecase.AllRefusalTexts(r.Texts()), NewID: s.NewID, Now: s.Now, Logger: logger,
	})
}

func newMonitor(
	cfg config.Config, db *database.DB, h *eventbus.Health, measured http.Handler, a *usecase.Access,
	disk *usecase.DiskWatch,
) *public.Monitor {
	return &public.Monitor{
		Version: buildVersion(), Metrics: measured, Access: a,
		Dependencies: append(dependencies(db, h), diskDependency(cfg.DataDir, disk)),
	}
}

// rooms are what is served. A process without the role api serves nothing but
// what monitoring and the operator ask.
func rooms(
	cfg config.Config, m *public.Monitor, a *manageapi.API, t *manageapi.Tables, p *public.Site, w *web.Cabinet,
	e *eventapi.API,
) []httpapi.Room {
	all := m.Rooms()
	if !cfg.Has(config.RoleAPI) {
		return append(all, a.DoctorRoom())
	}
	all = append(all, a.Room(), t.Room())
	all = append(all, p.Rooms()...)
	return append(all, cabinetRoom(w), e.Room())
}

// cabinet is the name of the room of pages.
const cabinet = "cabinet"

// cabinetRoom makes a room of the cabinet, which is a sibling of the server and
// can not name its types.
func cabinetRoom(w *web.Cabinet) httpapi.Room {
	room := httpapi.Room{
		Name: cabinet, Caller: w.Caller, Refuse: w.Refuse, Pack: true,
		// An address that is nobody's is answered by a page.
		Bases: []string{"/"}, Elsewhere: usecase.ForAnybody,
	}
	for _, rt := range w.Routes() {
		room.Routes = append(room.Routes, httpapi.Route(rt))
	}
	return room
}

func newHTTP(
	cfg config.Config, all []httpapi.Room, a *usecase.Access, d *usecase.Directory, s *store.Store, t *usecase.Trail,
	logger *slog.Logger, o *observer,
) (*httpapi.Server, error) {
	return httpapi.New(httpapi.Options{
		RequestTimeout: cfg.HTTP.RequestTimeout, Secure: strings.HasPrefix(cfg.PublicURL, "https://"),
		TrustedProxies: cfg.HTTP.TrustedProxies,
	}, httpapi.Deps{
		Access: a, Trail: t, Directory: d, NewID: s.NewID, Now: s.Now, Logger: logger, Observer: o,
	}, all...)
}
