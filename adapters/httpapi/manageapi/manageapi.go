// Package manageapi is the room for programs that manage projects and read
// figures: the management API, whose errors are problem documents, and the
// tables at the addresses that programs of others know. It translates between
// HTTP and the use cases and decides nothing.
package manageapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// Networks is what the management API asks of the ad networks.
type Networks interface {
	// Mask gives an account's settings with the secrets masked.
	Mask(network string, settings map[string]any) map[string]any
	// BreakerState is "closed", "open" or "half-open".
	BreakerState(accountID string) string
}

// Methods are those of the event API, for the addresses of a project.
type Methods interface{ Methods() []string }

// Doctor looks into everything and says what to do.
type Doctor func(ctx context.Context) any

// Options of an API.
type Options struct {
	PublicURL     string
	SessionCookie string // has the secret of a user's session
}

// Deps are the use cases and readers that the calls are made of.
type Deps struct {
	Access   *usecase.Access
	Trail    *usecase.Trail
	Projects *usecase.Projects
	People   *usecase.People
	Reports  *report.Reader
	Costs    *usecase.Costs
	Notices  *notify.Notifier
	Replays  *usecase.Replays
	Store    usecase.ProjectStore
	Reader   usecase.Reader
	Requests usecase.RequestLog
	Kept     usecase.RequestSource
	Networks Networks
	Methods  Methods
	Backups  BackupMaker // nil makes none
	Doctor   Doctor      // nil: there is no such call
	Streams  StreamMaker // nil makes none
	Rows     RowCounter
	Now      func() time.Time
}

// API serves the management API.
type API struct {
	Options
	Deps
	texts i18n.Catalogue
	files files
}

// New makes an API.
func New(o Options, d Deps) *API { return &API{Options: o, Deps: d, texts: tableTexts()} }

// route is one call, its path below httpapi.APIBase.
type route struct {
	method, path string
	right        usecase.Right
	serve        func(ctx context.Context, c *fiber.Ctx) error
}

// routes lists the calls. Each feature has its own list.
func (s *API) routes() []route {
	return slices.Concat(
		s.projectRoutes(), s.linkRoutes(), s.startRuleRoutes(), s.costRoutes(), s.noticeRoutes(),
		s.userRoutes(), s.accountRoutes(),
		s.conversionRoutes(), s.subscriberRoutes(), s.requestRoutes(), s.replayRoutes(), s.jobRoutes(),
		s.reportRoutes(), s.doctorRoutes(), s.operatorRoutes(), s.streamRoutes(),
	)
}

// Room serves the calls. Whoever has the admin token may do everything, a user
// what their roles allow.
func (s *API) Room() httpapi.Room { return s.room(s.routes()) }

// DoctorRoom is what a process serves of it that takes no requests: the doctor,
// who is asked where something is wrong. All else is told to go elsewhere.
func (s *API) DoctorRoom() httpapi.Room {
	room := s.room(s.doctorRoutes())
	room.Refuse = s.refuseElsewhere
	return room
}

func (s *API) room(routes []route) httpapi.Room {
	room := httpapi.Room{
		Name: "management API", Bases: []string{httpapi.APIBase + "/"}, Elsewhere: usecase.ForUser,
		Caller: s.caller, Refuse: s.refuse, Pack: true,
	}
	for _, rt := range routes {
		most := 0
		if rt.method != http.MethodGet {
			most = httpapi.MaxBody
		}
		room.Routes = append(room.Routes, httpapi.Route{
			Method: rt.method, Path: httpapi.APIBase + rt.path, Right: rt.right, MaxBody: most,
			Serve: rt.serve,
		})
	}
	return room
}

// caller finds the user whose token, or session in a browser, a request has. A
// session may only read: a form on another site could else make a browser
// change something.
func (s *API) caller(ctx context.Context, c *fiber.Ctx) (*usecase.Actor, error) {
	if httpapi.Bearer(c) != "" {
		return httpapi.ByToken(ctx, c, s.Access)
	}
	secret := c.Cookies(s.SessionCookie)
	if secret == "" || c.Method() != http.MethodGet && c.Method() != http.MethodHead {
		return nil, nil
	}
	u, err := s.Access.Session(ctx, strings.Clone(secret))
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &usecase.Actor{User: &u, Scope: domain.ScopeRead}, nil
}

func (s *API) doctorRoutes() []route {
	return []route{{http.MethodGet, "/doctor", usecase.ForAdmin, s.diagnose}}
}

func (s *API) operatorRoutes() []route {
	return []route{
		{http.MethodPost, "/backups", usecase.ForAdmin, s.makeBackup},
	}
}

// diagnose answers what is well and what is not. It answers while storage is
// away, too: that is when it is asked.
func (s *API) diagnose(ctx context.Context, c *fiber.Ctx) error {
	if s.Doctor == nil {
		return httpapi.Refused(http.StatusNotFound, "this server has no doctor")
	}
	return c.JSON(s.Doctor(ctx))
}
