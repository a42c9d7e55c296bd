package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/public"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/lifecycle"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// Streams are where a command writes.
type Streams struct{ Out, Err io.Writer }

// App is the whole service as a value: made by newApp, it runs until its
// context ends.
type App struct {
	Config    config.Config
	Logger    *slog.Logger
	Store     *store.Store
	Vault     usecase.Vault
	NATS      *natsconn.Conn
	Health    *eventbus.Health
	Ensure    streamEnsurer
	Ingest    *usecase.Ingest
	Clicks    *usecase.Clicks
	ClickBus  *eventbus.Clicks
	Late      *usecase.LateClicks
	Disk      *usecase.DiskWatch
	People    *usecase.People
	Reports   *report.Reader
	Deliver   *usecase.Deliver
	Replays   *usecase.Replays
	Rollups   *report.Rollups
	Relay     *eventbus.Relay
	Requests  *eventbus.RequestLog
	Decoders  *platforms.Registry
	Sinks     *adnet.Registry
	Networks  *adnet.Service
	HTTP      *httpapi.Server
	Forget    *cacheInvalidator
	Directory *usecase.Directory
	Access    *usecase.Access
	Trail     *usecase.Trail
	Notices   *notify.Notifier
	Processes *usecase.Processes
	Streams   Streams

	// Listener serves instead of one made for http.addr.
	Listener net.Listener
	// Ready is told the address when the service accepts requests.
	Ready func(addr string)
}

// Run starts the parts this process has roles for, prints the line that says
// so, and stops them in reverse order when ctx ends.
func (a *App) Run(ctx context.Context) error {
	ln := a.Listener
	listen := func(context.Context) (err error) {
		if ln != nil {
			return nil
		}
		if ln, err = net.Listen("tcp", a.Config.HTTP.Addr); err != nil {
			return notListening("http.addr", anotherAddr, err)
		}
		return nil
	}
	parts := []lifecycle.Part{
		// First, and so the last to stop: nobody takes over what is being ended.
		{Name: "signs of life", Start: a.Processes.Start, Run: a.Processes.Run},
		{Name: "streams", Start: a.Ensure.start, Run: a.Ensure.run},
		{Name: "health of the streams", Run: func(ctx context.Context) error { return a.Health.Run(ctx, a.Logger) }},
		{Name: "project changes", Run: func(ctx context.Context) error { return a.Forget.follow(ctx, a.Directory) }},
		{Name: "request log", Run: a.Requests.Run},
		{Name: "audit log", Run: a.Trail.Run},
		{Name: "room on the disk", Run: a.Disk.Run},
	}
	if a.Config.Has(config.RoleAPI) {
		parts = append(parts, lifecycle.Part{Name: "ingest", Run: a.Ingest.Run},
			lifecycle.Part{Name: "clicks", Run: a.Clicks.Run})
	}
	if a.Config.Has(config.RoleRelay) {
		parts = append(parts, lifecycle.Part{Name: "upkeep", Run: a.upkeep},
			lifecycle.Part{Name: "relay", Run: early(ctx, a.Relay.Run)}, lifecycle.Part{Name: "replays", Run: a.Replays.Run},
			lifecycle.Part{Name: "waiting clicks",
				Run: func(ctx context.Context) error { return a.ClickBus.Run(ctx, a.Late.Handle) }},
			lifecycle.Part{Name: "late clicks", Run: a.Late.Run})
	}
	if a.Config.Has(config.RoleDeliver) {
		parts = append(parts, a.deliverParts(ctx)...)
	}
	if a.Config.Has(config.RoleReports) {
		parts = append(parts, a.reportParts()...)
	}
	parts = append(parts, lifecycle.Part{Name: "http", Start: listen,
		Run: func(ctx context.Context) error { return a.serveHTTP(ctx, ln) }})
	for i := range parts {
		parts[i].StopTimeout = a.Config.Shutdown.Timeout
	}
	group := lifecycle.Group{Parts: parts, Log: a.Logger, Started: func() {
		a.sayLacking(ctx)
		fmt.Fprintf(a.Streams.Out, "listening on http://%s\n", ln.Addr())
		a.sayFirstRun(ctx)
		if a.Ready != nil {
			a.Ready(ln.Addr().String())
		}
	}}
	return group.Run(ctx)
}

// sayFirstRun prints the link that makes the first owner of the cabinet, while
// there is none.
func (a *App) sayFirstRun(ctx context.Context) {
	if !a.Config.Has(config.RoleAPI) {
		return
	}
	secret, err := a.Access.FirstRun(ctx)
	switch {
	case err != nil:
		a.Logger.Warn("make the link for the first owner", "error", err)
	case secret != "":
		fmt.Fprintf(a.Streams.Err, "the cabinet has no owner yet; make one at %s/setup/%s\n"+
			"next: open this address in a browser; the pages lead on from there\n", a.Config.PublicURL, secret)
	}
}

// early lets a part stop as soon as its process is told to, before its turn:
// calls that hang, and a database that does, take time, in which others stop.
func early(process context.Context, run func(context.Context) error) func(context.Context) error {
	return func(turn context.Context) error {
		ctx, stop := context.WithCancel(turn)
		defer stop()
		defer context.AfterFunc(process, stop)()
		err := run(ctx)
		if process.Err() != nil {
			<-turn.Done()
		}
		return err
	}
}

// deliverParts are the sender and a consumer for each network.
func (a *App) deliverParts(process context.Context) []lifecycle.Part {
	parts := []lifecycle.Part{{Name: "deliver", Run: early(process, a.Deliver.Run)}}
	for _, d := range a.Sinks.All() {
		c := eventbus.NewConversions(a.NATS.JS, d.Name, eventbus.ConsumerOptions{
			Fetch: a.Config.Delivery.Fetch, Ensure: a.Ensure.once, Logger: a.Logger,
			Health: a.Health,
		})
		parts = append(parts, lifecycle.Part{Name: "deliver " + d.Name,
			Run: func(ctx context.Context) error { return c.Run(ctx, a.Deliver.Handle) }})
	}
	return parts
}

// serveHTTP serves until ctx ends, then finishes the requests under way.
func (a *App) serveHTTP(ctx context.Context, ln net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- a.HTTP.App().Listener(ln) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	if err := a.HTTP.App().ShutdownWithTimeout(a.Config.Shutdown.Timeout / 5); err != nil &&
		!errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// streamEnsurer makes the streams, and makes them again when they are gone.
type streamEnsurer struct {
	once   func(ctx context.Context) error
	anew   func(ctx context.Context, name string, force bool) error
	logger *slog.Logger
}

// start makes the streams if NATS is there; if not, run does when it comes.
func (e streamEnsurer) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := e.once(ctx); err != nil {
		e.logger.Warn("make the streams", "error", err)
	}
	return nil
}

// ensureTimeout bounds one try to make the streams.
const ensureTimeout = 10 * time.Second

// ensureEvery is how often it is looked whether streams are as they should be:
// more nodes of a cluster give more copies.
const ensureEvery = 30 * time.Second

// run makes the streams, for as long as it takes NATS to come, and looks after
// them from then on.
func (e streamEnsurer) run(ctx context.Context) error {
	said := ""
	for delay := 100 * time.Millisecond; ; {
		err := e.once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		next := ensureEvery
		if err != nil {
			next, delay = delay, min(2*delay, 5*time.Second)
			if text := err.Error(); text != said { // each reason once
				said = text
				e.logger.Warn("make the streams", "error", err)
			}
		} else {
			delay, said = 100*time.Millisecond, ""
		}
		select {
		case <-time.After(next):
		case <-ctx.Done():
			return nil
		}
	}
}

// dependencies are what /readyz shows.
func dependencies(db interface{ Ping(context.Context) error }, h *eventbus.Health) []public.Dependency {
	return []public.Dependency{
		{Name: "database", Required: true, Check: func(ctx context.Context) error {
			if err := db.Ping(ctx); err != nil {
				return fmt.Errorf("%w: the database does not answer", domain.ErrUnavailable)
			}
			return nil
		}},
		{Name: "nats", Check: h.Err}, {Name: "streams", Check: h.Err},
	}
}
