package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/manageapi"
	"github.com/tgtrack/tgtrack/adapters/openid"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// newAccess decides who may come in.
func newAccess(
	ctx context.Context, cfg config.Config, s *store.Store, v usecase.Vault, t *usecase.Trail, streams Streams,
) (*usecase.Access, error) {
	token, err := adminHash(ctx, cfg, s, v, func(line string) { fmt.Fprintln(streams.Err, line) })
	if err != nil {
		return nil, err
	}
	return usecase.NewAccess(usecase.AccessConfig{
		Session: cfg.Cabinet.Session, SessionMax: cfg.Cabinet.SessionMax, Invitation: cfg.Cabinet.Invitation,
		AdminToken: token, NoPasswords: !cfg.OpenID.Passwords, RequireTOTP: cfg.Cabinet.RequireTOTP,
		Codes: secrets.NewOneTimeCodes(issuer(cfg.PublicURL)),
	}, s, secrets.NewPasswords(), v, t, s.NewID, s.Now)
}

func newTrail(s *store.Store, o *observer, logger *slog.Logger) *usecase.Trail {
	return usecase.NewTrail(s, o, logger, s.NewID, s.Now)
}

// newOpenID makes the way in by a provider, where there is one.
func newOpenID(cfg config.Config, a *usecase.Access, s *store.Store) *usecase.OpenID {
	o := &cfg.OpenID
	if o.Issuer == "" {
		return usecase.NewOpenID(a, s, nil)
	}
	return usecase.NewOpenID(a, s, openid.New(openid.Options{
		Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.ClientSecret, Title: o.Name(), Scopes: o.Scopes,
		Callback: cfg.PublicURL + web.OpenIDCallback, Timeout: o.Timeout, Now: s.Now,
	}))
}

// issuer is how apps call this installation beside its one-time codes.
func issuer(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil { // it was checked with the configuration
		return "tgtrack"
	}
	return "tgtrack (" + u.Host + ")"
}

func newCosts(s *store.Store) *usecase.Costs { return usecase.NewCosts(s, s.NewID, s.Now) }

// newCabinet makes the pages.
func newCabinet(
	cfg config.Config, a *usecase.Access, oi *usecase.OpenID, co *usecase.Costs, n *notify.Notifier, p *usecase.Projects,
	pe *usecase.People,
	re *report.Reader, s *store.Store, l *eventbus.RequestLog, v usecase.Vault, r *platforms.Registry,
	ads *adnet.Service, jobs *usecase.Replays, tests *usecase.TestRuns, service web.Service,
	api *manageapi.API, logger *slog.Logger,
) (*web.Cabinet, error) {
	stories := usecase.NewRequestStories(l, s)
	return web.New(web.Options{
		PublicURL: cfg.PublicURL, Session: cfg.Cabinet.SessionMax, Version: buildVersion(),
		ClientIP: func(c *fiber.Ctx) string { return httpapi.ClientIP(c, cfg.HTTP.TrustedProxies) },
	}, web.Deps{
		Access: a, OpenID: oi, Costs: co, Notices: n, Projects: p, People: pe, Reports: re, Store: s, Reader: s,
		Requests: l, Feed: l,
		Stories: stories, Shares: usecase.NewRequestShares(stories, s, v, s.NewID, s.Now),
		Reported: usecase.NewReportShares(a, s), Exports: api, Backlogs: s, Platforms: r,
		Connections: usecase.NewConnections(l, s, s.Now),
		Finder:      s,
		Replays:     jobs, Tests: tests, Service: service, Networks: ads, Says: said(ads), Now: s.Now, Logger: logger,
	})
}

// newService tells administrators what the operator is told by tgtrack doctor.
func newService(cfg config.Config, d *doctor, p *usecase.Processes, ads *adnet.Service) web.Service {
	return web.Service{
		Look: func(ctx context.Context) web.Diagnosis {
			found := d.look(ctx)
			out := web.Diagnosis{Version: found.Version, At: found.At}
			for _, f := range found.Findings {
				out.Findings = append(out.Findings, web.Finding(f))
			}
			return out
		},
		Says:      slices.Concat(doctorTexts(), eventbus.Texts(), said(ads)),
		Processes: p.List, Self: p.ID(), BackupElsewhere: backupOutside(cfg) != "",
	}
}

func newTestRuns(
	c *usecase.Clicks, i *usecase.Ingest, d *usecase.Directory, s *store.Store, ads *adnet.Service,
) *usecase.TestRuns {
	return usecase.NewTestRuns(c, i, d, s, s, ads, s.NewID, s.Now)
}
