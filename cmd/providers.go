package cmd

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/metrics"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/platforms"
	decoders "github.com/tgtrack/tgtrack/platforms/all"
	"github.com/tgtrack/tgtrack/usecase"
)

// clock is this host's: UTC, as precise as both databases keep it. What the
// service writes goes by the database's, see store.Now.
func clock() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// newID makes a random id.
func newID() string {
	var r [10]byte
	_, _ = rand.Read(r[:]) // never fails, see crypto/rand
	return domain.NewID(time.Now(), r)
}

// jitter is up to a tenth of a delay.
func jitter(d time.Duration) time.Duration {
	if d < 10 {
		return 0
	}
	return mathrand.N(d / 10)
}

func newDatabase(ctx context.Context, cfg config.Config, logger *slog.Logger) (*database.DB, func(), error) {
	db, err := database.Open(ctx, database.Options{
		URL: cfg.Database.URL, Dir: cfg.DataDir, MaxConns: cfg.Database.MaxConns,
		MaxBytes: int64(cfg.Database.MaxSize), Logger: logger,
	})
	if err != nil {
		return nil, nil, err
	}
	return db, func() { _ = db.Close() }, nil
}

func newBox(cfg config.Config) (*secrets.Box, error) {
	key := cfg.SecretKey
	if key == "" {
		var err error
		if key, _, err = secrets.LoadOrCreate(cfg.DataDir, secrets.SecretKeyFile); err != nil {
			return nil, err
		}
	}
	return secrets.NewBox(key)
}

// newStore opens the store on a database that was brought to this version.
func newStore(
	ctx context.Context, cfg config.Config, db *database.DB, box *secrets.Box, v usecase.Vault, logger *slog.Logger,
) (*store.Store, error) {
	s, err := store.New(store.Options{
		Write: db.Write, Read: db.Read, Vault: v, Now: db.Now, Unprepared: !cfg.Database.Prepared,
		Pooler: func() {
			logger.Warn("a pooler before PostgreSQL keeps no prepared statements: they are sent whole from now on; " +
				"set database.prepared to false, or let the pooler keep them")
		},
		Audited: func(ctx context.Context, e usecase.AuditEntry) { usecase.LogAudit(ctx, logger, e) },
	})
	if err != nil {
		return nil, err
	}
	return s, boot(ctx, cfg, s, box, false)
}

func newNATS(ctx context.Context, cfg config.Config, logger *slog.Logger) (*natsconn.Conn, func(), error) {
	n := cfg.NATS
	if n.Listen != "" && n.Token == "" {
		// The streams hold personal data, and everybody on this host reaches loopback.
		var err error
		if n.Token, _, err = secrets.LoadOrCreate(cfg.DataDir, secrets.NATSTokenFile); err != nil {
			return nil, nil, fmt.Errorf("nats.token: %w", err)
		}
		logger.Info("nats.listen asks for a token", "file", filepath.Join(cfg.DataDir, secrets.NATSTokenFile))
	}
	c, err := natsconn.Open(ctx, natsconn.Options{
		URL: n.URL, Dir: filepath.Join(cfg.DataDir, "jetstream"), Listen: n.Listen, SyncAlways: n.SyncAlways,
		Access: natsconn.Access{
			Token: n.Token, User: n.User, Password: n.Password, Credentials: n.Credentials,
			CA: n.TLS.CA, Cert: n.TLS.Cert, Key: n.TLS.Key,
		},
		Log: logger,
	})
	if err != nil {
		return nil, nil, err
	}
	return c, func() {
		ctx, cancel := context.WithTimeout(context.Background(), cfg.Shutdown.Timeout)
		defer cancel()
		_ = c.Close(ctx)
	}, nil
}

func newHealth(c *natsconn.Conn) *eventbus.Health { return eventbus.NewHealth(c.JS, c, time.Now) }

func newStreamEnsurer(
	cfg config.Config, c *natsconn.Conn, h *eventbus.Health, logger *slog.Logger,
) streamEnsurer {
	limits := eventbus.Limits{
		RequestsAge: cfg.Requests.MaxAge, RequestsBytes: int64(cfg.Requests.MaxBytes),
		EventsAge: cfg.Retention.Events, EventsBytes: int64(cfg.NATS.MaxBytes.Events),
		ConversionsBytes: int64(cfg.NATS.MaxBytes.Conversions), Replicas: cfg.NATS.Replicas,
		ClicksBytes: int64(cfg.NATS.MaxBytes.Clicks), ClicksAge: cfg.Clicks.Wait,
	}
	return streamEnsurer{
		once: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, ensureTimeout)
			defer cancel()
			err := eventbus.Ensure(ctx, c.JS, limits)
			h.Made(err)
			return err
		},
		anew: func(ctx context.Context, name string, force bool) error {
			return eventbus.Recreate(ctx, c.JS, name, limits, force)
		},
		logger: logger,
	}
}

func newDecoders(p Plugins) (*platforms.Registry, error) {
	return platforms.NewRegistry(append(decoders.Decoders(), p.Decoders...)...)
}

// newGuard runs the decoders in a server, and tells of their faults.
func newGuard(r *platforms.Registry, o *observer, logger *slog.Logger) *platforms.Guard {
	for _, d := range r.All() { // so that the alert has something to look at
		o.decoderFaults.WithLabelValues(d.Name, string(platforms.FaultOff))
	}
	return platforms.NewGuard(r, decoderFaults{o, logger})
}

// decoderFaults counts what decoders do wrong, and says so in the log.
type decoderFaults struct {
	observer *observer
	logger   *slog.Logger
}

// DecoderFault implements platforms.Observer. Faults of the other kinds are in
// the log with their requests.
func (d decoderFaults) DecoderFault(decoder string, f platforms.Fault) {
	d.observer.decoderFaults.WithLabelValues(decoder, string(f)).Inc()
	switch f {
	case platforms.FaultStuck:
		d.logger.Error("a decoder does not come back from a request; it is answered 503 and kept", "decoder", decoder)
	case platforms.FaultOff:
		d.logger.Error("a decoder is switched off until a restart; its requests are answered 503 and kept",
			"decoder", decoder)
	}
}

func newDispatcher(
	cfg config.Config, r *adnet.Registry, logger *slog.Logger, o *observer, t *tracer, now func() time.Time,
) *adnet.Dispatcher {
	d := cfg.Delivery
	options := adnet.Options{
		Registry: r, Logger: logger, Observer: o, Now: now,
		Clients: adnet.NewClients(adnet.ClientOptions{
			ConnectTimeout: d.ConnectTimeout, Timeout: d.Timeout, MaxAnswer: int64(d.MaxAnswer),
			AllowPrivate: cfg.Outbound.AllowPrivate,
		}),
		BreakerFailures: d.Breaker.Failures, BreakerOpenFor: d.Breaker.OpenFor,
	}
	if t != nil {
		options.Traced = t.attempt
	}
	return adnet.NewDispatcher(options)
}

func newNetworks(cfg config.Config, r *adnet.Registry, d *adnet.Dispatcher) *adnet.Service {
	windows := cfg.AdNetworks.Windows()
	known := make([]string, 0, len(windows))
	for n := range windows {
		known = append(known, n)
	}
	return adnet.NewService(r, d, windows, known)
}

// How long a project is trusted that was read: while changes by other
// processes can not be followed, and while they are.
const (
	directoryFresh    = 15 * time.Second
	directoryFollowed = 10 * time.Minute
)

func newDirectory(s *store.Store, v usecase.Vault, f *cacheInvalidator) *usecase.Directory {
	return usecase.NewDirectory(s, v, directoryFresh, s.Now, f.changed)
}

func newRelay(
	cfg config.Config, s *store.Store, c *natsconn.Conn, h *eventbus.Health, e streamEnsurer, logger *slog.Logger,
	o *observer, t *tracer,
) *eventbus.Relay {
	options := eventbus.RelayOptions{
		Interval: cfg.Relay.Interval, Batch: cfg.Relay.Batch, RepublishAfter: cfg.Relay.RepublishAfter, Ensure: e.once,
		Now: s.Now, Logger: logger, Observer: o, Health: h,
	}
	if t != nil { // a nil *tracer is no nil Tracer
		options.Tracer = t
	}
	return eventbus.NewRelay(s, c.JS, options)
}

func newRequestLog(
	cfg config.Config, c *natsconn.Conn, h *eventbus.Health, e streamEnsurer, logger *slog.Logger, o *observer,
	now func() time.Time,
) *eventbus.RequestLog {
	return eventbus.NewRequestLog(c.JS, eventbus.RequestLogOptions{
		Buffer: cfg.Requests.Buffer, ProjectShare: cfg.Requests.ProjectShare.Part(), Ensure: e.once,
		Now: now, Logger: logger, Observer: o, Health: h,
	})
}

// storeTimeout bounds one transaction of ingest: past it the sender is told
// to come again rather than kept waiting.
const storeTimeout = 1800 * time.Millisecond

func ingestConfig(cfg config.Config) usecase.IngestConfig {
	writers := cfg.Ingest.Writers
	if cfg.SQLite() {
		writers = 1
	}
	return usecase.IngestConfig{
		MaxBatch: cfg.Ingest.MaxBatch, Queue: cfg.Ingest.Queue, Writers: writers, Timeout: storeTimeout,
		AutoDetectWindow: cfg.Attribution.AutoDetectWindow, Window: cfg.Attribution.Window,
		Reattribute: cfg.Attribution.ReattributeWithin, JoinWindow: cfg.Goals.JoinWindow, LateClicks: cfg.Clicks.Wait,
		KeepAnswers: cfg.Idempotency.Keep,
		Identical:   cfg.Dedup.IdenticalWithin, AmountUnit: cfg.Goals.AmountUnit,
		Caps: domain.Limits{
			PerSecond: cfg.Limits.MaxPerSecond, PerHour: cfg.Limits.MaxPerHour, PerDay: cfg.Limits.MaxPerDay,
		},
	}
}

func newIngest(
	cfg config.Config, s *store.Store, ads *adnet.Service, r *eventbus.Relay, o *observer, t *tracer,
	d *usecase.Directory, disk *usecase.DiskWatch,
) *usecase.Ingest {
	c := ingestConfig(cfg)
	c.Disk = disk
	c.Learned = d.Forget
	if t != nil {
		c.Traced = t.batch
	}
	return usecase.NewIngest(c, s, ads, s.NewID, s.Now, o, wake(r))
}

// wake makes the relay look for what a commit left to it.
func wake(r *eventbus.Relay) func(conversions bool) {
	return func(conversions bool) {
		if conversions {
			r.Wake()
			return
		}
		r.WakeEvents()
	}
}

// A visitor waits this long for the database, and while it is away one a second
// does. With the time that the stream may take it is less than visitors stay.
const (
	clickPatience = 700 * time.Millisecond
	clickTryAgain = time.Second
)

func newClicks(
	cfg config.Config, s *store.Store, b *eventbus.Clicks, o *observer, disk *usecase.DiskWatch,
) *usecase.Clicks {
	return usecase.NewClicks(usecase.ClicksConfig{
		Queue: cfg.Ingest.Queue, MaxBatch: cfg.Ingest.MaxBatch, Timeout: storeTimeout,
		Patience: clickPatience, TryAgain: clickTryAgain, Visits: s, Lost: o.lostClick,
		Rate: usecase.NewClickRate(cfg.Clicks.PerMinute, s.Now), OverRate: o.overRate,
		Disk: disk, NoRoom: o.noRoom,
	}, s, b, s.Now)
}

func newClickStream(c *natsconn.Conn, e streamEnsurer, logger *slog.Logger, o *observer) *eventbus.Clicks {
	return eventbus.NewClicks(c.JS, eventbus.ClickOptions{Ensure: e.once, Logger: logger, Observer: o})
}

// One round of storing the clicks that waited, and how often it is looked for
// starts that came before their clicks.
const (
	lateTimeout = 10 * time.Second
	lateEvery   = 5 * time.Second
)

func newLateClicks(
	cfg config.Config, s *store.Store, i *usecase.Ingest, d *usecase.Directory, logger *slog.Logger,
) *usecase.LateClicks {
	return usecase.NewLateClicks(usecase.LateClicksConfig{
		Timeout: lateTimeout, Every: lateEvery, Wait: cfg.Clicks.Wait,
	}, s, i, d, s.Now, logger)
}

func newProjects(
	cfg config.Config, s *store.Store, v usecase.Vault, ads *adnet.Service, r *platforms.Registry,
	d *usecase.Directory, jobs *usecase.Replays,
) *usecase.Projects {
	return usecase.NewProjects(s, v, ads, r, d, jobs, s.NewID, s.Now, projectLimits(cfg.Limits))
}

func newPeople(s *store.Store, l *eventbus.RequestLog, v usecase.Vault) *usecase.People {
	return usecase.NewPeople(s, l, v, s.NewID, s.Now)
}

// callsParallel is how many calls of one account are under way at once, where
// a call takes one conversion.
const callsParallel = 8

func newDeliver(
	cfg config.Config, s *store.Store, ads *adnet.Service, p *usecase.Processes, logger *slog.Logger, o *observer,
) *usecase.Deliver {
	d := cfg.Delivery
	return usecase.NewDeliver(usecase.DeliverConfig{
		Lease: d.Lease, Timeout: d.Timeout, RetryMin: d.RetryMin, RetryMax: d.RetryMax, Parallel: callsParallel,
		Backlog: 4 * d.Fetch, StopCalls: cfg.Shutdown.Timeout * 4 / 10, StopWrites: cfg.Shutdown.Timeout / 4,
		LookForBacklogs: cfg.Relay.Interval, HandedOver: o.handedOver,
	}, endingCounter{s, o}, ads, p, s.NewID, s.Now, jitter, logger)
}

// newMetrics registers what is not counted by an observer, and serves all.
func newMetrics(
	reg *prometheus.Registry, cfg config.Config, s *store.Store, c *natsconn.Conn, h *eventbus.Health,
	sinks *adnet.Registry,
	d *adnet.Dispatcher, i *usecase.Ingest, logger *slog.Logger,
) http.Handler {
	registerMemory(reg, d, i)
	registerCollector(reg, cfg, s, c, h, sinks, logger)
	return metrics.Handler(reg, cfg.Metrics.Every)
}

// projectLimits are those of a project that has none of its own.
func projectLimits(l config.Limits) domain.Limits {
	return domain.Limits{PerSecond: l.PerSecond, PerHour: l.PerHour, PerDay: l.PerDay}
}
