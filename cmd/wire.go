//go:build wireinject

package cmd

import (
	"context"
	"log/slog"

	"github.com/google/wire"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/httpapi/manageapi"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/metrics"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// newApp makes the service from its configuration.
func newApp(
	ctx context.Context, cfg config.Config, plugins Plugins, logger *slog.Logger, streams Streams,
) (*App, func(), error) {
	panic(wire.Build(
		metrics.NewRegistry, newObserver, newTracer, newDiskWatch,
		newDatabase, newBox, wire.Bind(new(usecase.Vault), new(*secrets.Box)), newStore,
		newNATS, newHealth, newStreamEnsurer, newRelay, newRequestLog,
		newDecoders, newGuard, newKnownSinks, newDispatcher, newNetworks,
		newDirectory, newCacheInvalidator, newIngest, newClickStream, newClicks, newLateClicks, newProjects, newPeople,
		newDeliver, newReplays,
		newReportsConfig, newReports, newRollups,
		newBot, newHook, newNotices,
		newTrail, newAccess, newOpenID, newCosts, newTestRuns, newService, newCabinet, newMetrics,
		provideClock, newManageOptions, newBackupMaker, newStreamMaker, newDoctor, newDoctorCall, newProcesses,
		wire.Struct(new(manageapi.Deps), "*"), manageapi.New, manageapi.NewTables,
		wire.Bind(new(usecase.ProjectStore), new(*store.Store)),
		wire.Bind(new(usecase.Reader), new(*store.Store)),
		wire.Bind(new(usecase.RequestLog), new(*eventbus.RequestLog)),
		wire.Bind(new(usecase.RequestSource), new(*eventbus.RequestLog)),
		wire.Bind(new(manageapi.Networks), new(*adnet.Service)),
		wire.Bind(new(manageapi.RowCounter), new(*store.Store)),
		wire.Bind(new(manageapi.Methods), new(*platforms.Registry)),
		newEventAPI, newSite, newMonitor, rooms, newHTTP,
		wire.Struct(new(App), "Config", "Logger", "Store", "Vault", "NATS", "Health", "Ensure", "Ingest", "Clicks",
			"ClickBus", "Late", "Disk",
			"People",
			"Reports", "Deliver", "Replays", "Rollups", "Relay", "Requests", "Decoders", "Sinks",
			"Networks", "HTTP",
			"Forget", "Directory", "Access", "Trail", "Notices", "Processes", "Streams"),
	))
}
