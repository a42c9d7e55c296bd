//go:build wireinject

package cmd

import (
	"context"
	"log/slog"

	"github.com/google/wire"

	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/metrics"
)

// newApp makes the service from its configuration.
func newApp(ctx context.Context, cfg config.Config, plugins Plugins, logger *slog.Logger, streams Streams) (*App, func(), error) {
	panic(wire.Build(
		metrics.NewRegistry, newObserver, newTracer,
		newDatabase, newBox, newVault, newStore,
		newNATS, newStreamEnsurer, newRelay, newRequestLog,
		newDecoders, newKnownSinks, newDispatcher, newNetworks,
		newDirectory, newForgetting, newIngest, newClicks, newProjects, newPeople, newDeliver, newReplays,
		newReportsConfig, newReports, newRollups,
		newBot, newHook, newNotices,
		newAccess, newCosts, newCabinet, newMetrics, newHTTPDeps, newHTTP,
		wire.Struct(new(App), "Config", "Logger", "Store", "Vault", "NATS", "Ensure", "Ingest", "Clicks",
			"People", "Reports", "Deliver", "Replays", "Rollups", "Relay", "Requests", "Decoders", "Sinks", "Networks",
			"HTTP", "Forget", "Directory", "Access", "Notices", "Streams"),
	))
}
