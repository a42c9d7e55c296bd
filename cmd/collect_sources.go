package cmd

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/usecase"
)

// timeLeft are the ranges of time that conversions have left, each up to its
// bound.
func timeLeft() (bounds []time.Duration, names []string) {
	return []time.Duration{0, time.Hour, 6 * time.Hour, 24 * time.Hour, 72 * time.Hour},
		[]string{"none", "1h", "6h", "24h", "72h", "more"}
}

// gauge makes numbers of one name.
func gauge(name, help string, labels ...string) func(v float64, values ...string) prometheus.Metric {
	desc := prometheus.NewDesc("tgtrack_"+name, help, labels, nil)
	return func(v float64, values ...string) prometheus.Metric {
		return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, values...)
	}
}

// registerCollector makes the registry show what must be asked for. What waits
// in the database and who works on it is shown by every process: those that
// relay can not tell that none of them lives. What is the same for all and
// takes longer to count is shown by those that relay, and while none of them
// lives by the others.
func registerCollector(
	reg *prometheus.Registry, cfg config.Config, s *store.Store, c *natsconn.Conn, h *eventbus.Health,
	sinks *adnet.Registry, logger *slog.Logger,
) {
	networks := make([]string, 0, 16)
	for _, d := range sinks.All() {
		networks = append(networks, d.Name)
	}
	relays := cfg.Has(config.RoleRelay)
	idle := func(ctx context.Context) (bool, error) {
		if relays {
			return false, nil
		}
		return relayLives(ctx, s)
	}
	well := func(ctx context.Context, _ func(prometheus.Metric)) error { return h.Err(ctx) }
	sources := []*source{
		{name: "database", read: databaseSource(s, networks, idle)},
		{name: "nats", read: well, every: time.Second},
	}
	if relays {
		sources = append(sources, &source{name: "streams", read: streamSource(c)},
			&source{name: "events", read: eventsSource(s, c), every: time.Minute},
			&source{name: "ledger", read: ledgerSource(s.LedgerTotals, networks, s.Now)})
	}
	reg.MustRegister(newCollector(sources, clock, logger))
}

type emitter = func(prometheus.Metric)

// databaseSource shows the processes and what waits for the streams; and unless
// idle says that others do, what waits for the networks.
func databaseSource(
	s *store.Store, networks []string, idle func(context.Context) (bool, error),
) func(context.Context, emitter) error {
	processes, waiting, backlog := processSource(s), waitingSource(s), backlogSource(s, networks)
	return func(ctx context.Context, emit emitter) error {
		if err := processes(ctx, emit); err != nil {
			return err
		}
		if err := waiting(ctx, emit); err != nil {
			return err
		}
		if others, err := idle(ctx); err != nil || others {
			return err
		}
		return backlog(ctx, emit)
	}
}

// relayLives tells whether a process with the role relay does.
func relayLives(ctx context.Context, s *store.Store) (bool, error) {
	ps, err := s.Processes(ctx)
	now := s.Now()
	return slices.ContainsFunc(ps, func(p usecase.Process) bool {
		return p.Has(config.RoleRelay) && !p.Gone(now)
	}), err
}

func processSource(s *store.Store) func(context.Context, emitter) error {
	count := gauge("processes", "Processes that share the database by role: those that live, and those that are "+
		"gone without having stopped.", "role", "state")
	return func(ctx context.Context, emit emitter) error {
		ps, err := s.Processes(ctx)
		if err != nil {
			return err
		}
		now := s.Now()
		for _, role := range allRoles() {
			var alive, gone float64
			for _, p := range ps {
				switch {
				case !p.Has(role):
				case p.Gone(now):
					gone++
				default:
					alive++
				}
			}
			emit(count(alive, role, "alive"))
			emit(count(gone, role, "gone"))
		}
		return nil
	}
}

func waitingSource(s *store.Store) func(context.Context, emitter) error {
	depth := gauge("outbox_messages",
		"Messages that are not yet in their stream: all events, and the conversions that are due.", "stream")
	oldest := gauge("outbox_oldest_seconds",
		"How long the oldest message has waited for its stream, 0 when none waits.", "stream")
	return func(ctx context.Context, emit emitter) error {
		now := s.Now()
		outbox, due, err := s.Waiting(ctx, now)
		if err != nil {
			return err
		}
		for stream, q := range map[string]store.Queue{
			eventbus.StreamEvents: outbox, eventbus.StreamConversions: due,
		} {
			emit(depth(float64(q.Count), stream))
			emit(oldest(ageOf(q.Oldest, now), stream))
		}
		return nil
	}
}

func backlogSource(s *store.Store, networks []string) func(context.Context, emitter) error {
	open := gauge("conversions_open",
		"Conversions that may still be sent, by the time left in the network's window (up to the given; none: it "+
			"is over).", "network", "status", "left")
	accounts := gauge("ad_accounts",
		"Ad accounts by network and health; paused ones have the health that paused them, or paused.",
		"network", "health")
	return func(ctx context.Context, emit emitter) error {
		bounds, names := timeLeft()
		b, err := s.Backlog(ctx, s.Now(), bounds)
		if err != nil {
			return err
		}
		counts := map[[3]string]float64{}
		for _, n := range networks {
			for _, status := range []domain.Status{domain.Pending, domain.Retrying, domain.Parked} {
				for _, left := range names {
					counts[[3]string{n, string(status), left}] = 0
				}
			}
		}
		for _, c := range b.Open {
			counts[[3]string{c.Network, string(c.Status), names[c.Range]}] += float64(c.Count)
		}
		for k, n := range counts {
			emit(open(n, k[:]...))
		}
		emitAccounts(b.Accounts, networks, func(n float64, network, health string) {
			emit(accounts(n, network, health))
		})
		return nil
	}
}

func ageOf(oldest, now time.Time) float64 {
	if oldest.IsZero() {
		return 0
	}
	return max(0, now.Sub(oldest).Seconds())
}

func emitAccounts(found []store.AccountCount, networks []string, emit func(n float64, network, health string)) {
	healths := []domain.Health{domain.Healthy, domain.Degraded, domain.Throttled, domain.Reauth, domain.Misconfigured,
		domain.Disabled}
	counts := map[[2]string]float64{}
	for _, n := range networks {
		for _, h := range healths {
			counts[[2]string{n, string(h)}] = 0
		}
		counts[[2]string{n, "paused"}] = 0
	}
	for _, a := range found {
		h := string(a.Health)
		switch {
		case !slices.Contains(networks, a.Network):
			h = string(domain.Unsupported)
		case a.Paused && !slices.Contains(healths[3:], a.Health):
			h = "paused"
		}
		counts[[2]string{a.Network, h}] += float64(a.Count)
	}
	for k, n := range counts {
		emit(n, k[0], k[1])
	}
}

func streamSource(c *natsconn.Conn) func(context.Context, func(prometheus.Metric)) error {
	messages := gauge("stream_messages", "Messages in a stream.", "stream")
	bytes := gauge("stream_bytes", "Size of a stream.", "stream")
	limit := gauge("stream_limit_bytes", "Size that a stream may have.", "stream")
	pending := gauge("consumer_pending", "Lag of a durable consumer: messages not handed to it yet.",
		"stream", "consumer")
	clicks := gauge("clicks_waiting", "Clicks that wait for the database, in TGTRACK_CLICKS.")
	unacked := gauge("consumer_unacknowledged", "Messages that a durable consumer works on.", "stream", "consumer")
	return func(ctx context.Context, emit func(prometheus.Metric)) error {
		states, err := eventbus.States(ctx, c.JS)
		if err != nil {
			return err
		}
		for _, st := range states {
			emit(messages(float64(st.Messages), st.Name))
			emit(bytes(float64(st.Bytes), st.Name))
			emit(limit(float64(st.MaxBytes), st.Name))
			if st.Name == eventbus.StreamClicks {
				emit(clicks(float64(st.Messages)))
			}
			for _, co := range st.Consumers {
				emit(pending(float64(co.Pending), st.Name, co.Name))
				emit(unacked(float64(co.Unacked), st.Name, co.Name))
			}
		}
		return nil
	}
}

// breakerCollector counts the circuit breakers of this process, from memory.
type breakerCollector struct {
	count func() map[string]map[string]int // by network and state
	gauge func(v float64, values ...string) prometheus.Metric
}

// Describe implements prometheus.Collector: see collector.
func (breakerCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (b breakerCollector) Collect(out chan<- prometheus.Metric) {
	for network, states := range b.count() {
		for _, s := range []string{"closed", "half-open", "open"} {
			out <- b.gauge(float64(states[s]), network, s)
		}
	}
}

// registerMemory shows what this process knows by itself.
func registerMemory(reg *prometheus.Registry, d *adnet.Dispatcher, i *usecase.Ingest) {
	reg.MustRegister(
		breakerCollector{count: d.Breakers, gauge: gauge("breakers",
			"Circuit breakers of ad accounts in this process by network and state.", "network", "state")},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tgtrack_ingest_waiting",
			Help: "Requests that wait for a batch."}, func() float64 { return float64(i.Waiting()) }),
	)
}
