package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// askEvery is how often the server is asked for a sign of life.
	askEvery = time.Second
	// silence is after how long without any answer a server counts as gone.
	silence = 5 * time.Second
	// pausedFor tells that this process was stopped meanwhile, so that the
	// silence may be its own.
	pausedFor = 2 * time.Second
	// findPause is between two rounds over all hosts while none answers.
	findPause = 500 * time.Millisecond
)

var errReadOnly = errors.New("it takes no writes: it is a standby, or was made read-only")

// watch asks PostgreSQL for a sign of life over a connection of its own. A
// server that hangs closes nothing, and who waits for it would wait for ever:
// when it is silent, all connections to it are cut off, and of the hosts in
// the address the one that answers is used from then on. What it answers sets
// the clock.
type watch struct {
	cfg     *pgx.ConnConfig
	hosts   [][]*pgconn.FallbackConfig // by host and port: with and without TLS
	anyHost bool                       // one that takes no writes will do
	sockets *sockets
	clock   *Clock
	logger  *slog.Logger

	prefers atomic.Int64           // the host to be tried first
	ip      atomic.Pointer[string] // of the server that answered last
	trouble atomic.Pointer[error]  // why none answers, nil when one does
	pooled  atomic.Bool            // a pooler stands between

	conn    *pgconn.PgConn
	address string // of conn, as it was dialled
	version string
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

func newWatch(cfg *pgx.ConnConfig, anyHost bool, s *sockets, c *Clock, logger *slog.Logger) *watch {
	all := append([]*pgconn.FallbackConfig{{Host: cfg.Host, Port: cfg.Port, TLSConfig: cfg.TLSConfig}},
		cfg.Fallbacks...)
	w := &watch{cfg: cfg, anyHost: anyHost, sockets: s, clock: c, logger: logger}
	lookup := cfg.LookupFunc
	cfg.LookupFunc = func(ctx context.Context, host string) ([]string, error) {
		ips, err := lookup(ctx, host)
		return w.sameFirst(ips), err
	}
	for _, f := range all {
		known := slices.IndexFunc(w.hosts, func(h []*pgconn.FallbackConfig) bool {
			return h[0].Host == f.Host && h[0].Port == f.Port
		})
		if known < 0 {
			w.hosts = append(w.hosts, []*pgconn.FallbackConfig{f})
		} else {
			w.hosts[known] = append(w.hosts[known], f)
		}
	}
	return w
}

// sameFirst puts the address first to which the watch is connected: of a name
// with several, the pool should use the one that is watched.
func (w *watch) sameFirst(ips []string) []string {
	if same := w.ip.Load(); same != nil {
		slices.SortStableFunc(ips, func(a, b string) int {
			switch *same {
			case a:
				return -1
			case b:
				return 1
			}
			return 0
		})
	}
	return ips
}

// preferred makes a connection of the pool go where the watch is, and nowhere
// else: a former primary may take writes again that the others never see.
func (w *watch) preferred(_ context.Context, cfg *pgx.ConnConfig) error {
	setHosts(cfg, w.hosts[w.prefers.Load()])
	return nil
}

func setHosts(cfg *pgx.ConnConfig, order []*pgconn.FallbackConfig) {
	cfg.Host, cfg.Port, cfg.TLSConfig = order[0].Host, order[0].Port, order[0].TLSConfig
	cfg.Fallbacks = order[1:]
}

// startPatience is how long a server may have no room for us, or be about to
// start, until we give up to begin with it.
const startPatience = time.Minute

// first finds the server to begin with.
func (w *watch) first(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for said := false; ; said = true {
		err := w.find(ctx)
		if err == nil || !passing(err) {
			return err
		}
		if !said {
			w.logger.Warn("the database takes no connection yet, will try again: it starts, or max_connections of "+
				"PostgreSQL is less than database.max_conns and 1 of all processes", "error", err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(findPause):
		}
	}
}

// passing tells errors of a server that may take connections soon: it is full or
// about to start.
func passing(err error) bool {
	var pg *pgconn.PgError
	return full(err) || errors.As(err, &pg) && pg.Code == "57P03"
}

// full tells errors of a server, or of PgBouncer, that has no room for another
// connection.
func full(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) &&
		(pg.Code == "53300" || pg.Code == "08P01" && strings.Contains(pg.Message, "no more connections"))
}

// start watches from now on; the first connection is there already.
func (w *watch) start() {
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	w.stopped.Go(func() { w.run(ctx) })
}

// close ends it.
func (w *watch) close() {
	w.stop()
	w.stopped.Wait()
	w.leave()
}

func (w *watch) run(ctx context.Context) {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-w.sockets.refused: // by whoever is asked, which may be gone
		}
		if ctx.Err() != nil { // both had come; a search that was broken off left no connection
			return
		}
		if silent, err := w.look(ctx); err != nil && ctx.Err() == nil {
			w.search(ctx, silent)
		}
	}
}

// look asks the server once. It is silent when nothing came from it, on this
// connection or another.
func (w *watch) look(ctx context.Context) (silent bool, err error) {
	began, before := time.Now(), w.sockets.heard(w.address)
	asking, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	if err = w.ask(asking); err == nil || ctx.Err() != nil {
		return false, nil
	}
	w.leave()
	took := time.Since(began)
	silent = took >= silence && took < silence+pausedFor && w.sockets.heard(w.address) == before
	if silent || errors.Is(err, errReadOnly) {
		w.giveUp(err)
		w.prefers.Store((w.prefers.Load() + 1) % int64(len(w.hosts)))
	}
	return silent, err
}

// giveUp cuts off all connections to the server.
func (w *watch) giveUp(err error) {
	n := w.sockets.cut(func(address string) bool { return address == w.address })
	if w.trouble.Swap(&err) == nil {
		w.logger.Warn("the database does not answer, its connections are dropped; requests are answered 503 until "+
			"it does, or another host of database.url: see that the server runs, can be reached and takes writes",
			"address", w.address, "connections", n, "error", err)
	}
}

// search looks for a host that answers until there is one.
func (w *watch) search(ctx context.Context, cut bool) {
	gone := w.address
	for before := w.sockets.heard(gone); ; {
		err := w.find(ctx)
		if err == nil {
			break
		}
		var refused *pgconn.PgError // a server that says no lives
		if !cut && !errors.As(err, &refused) && w.sockets.heard(gone) == before {
			w.giveUp(err)
			cut = true
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(findPause):
		}
	}
	if w.address != gone {
		// The former server may come back, without knowing what was written since.
		w.sockets.cut(func(address string) bool { return address != w.address })
	}
	if w.trouble.Swap(nil) != nil || w.address != gone {
		w.logger.Info("the database answers", "address", w.address, "before", gone)
	}
}

// find connects to the first host that answers, and begins with the one that
// answered last, which is left only when it does not answer: one that is full
// has our data.
func (w *watch) find(ctx context.Context) error {
	var errs []error
	first := int(w.prefers.Load())
	for i := range w.hosts {
		err := w.reach(ctx, (first+i)%len(w.hosts))
		if err == nil || ctx.Err() != nil {
			return err
		}
		errs = append(errs, err)
		if i == 0 && full(err) {
			break
		}
	}
	return errors.Join(errs...)
}

// reach connects to one host and asks it.
func (w *watch) reach(ctx context.Context, n int) error {
	cfg := w.cfg.Copy()
	setHosts(cfg, w.hosts[n])
	var dialled string
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled = address
		return w.sockets.connect(ctx, network, address)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*cfg.ConnectTimeout)
	defer cancel()
	conn, err := pgconn.ConnectConfig(ctx, &cfg.Config)
	if err != nil {
		return err
	}
	w.conn = conn
	if err := w.ask(ctx); err != nil {
		w.leave()
		return err
	}
	w.address = dialled
	if ip, _, err := net.SplitHostPort(dialled); err == nil {
		w.ip.Store(&ip)
	}
	w.prefers.Store(int64(n))
	return nil
}

// question is what the server is asked, in the simple protocol: a pooler may
// give every statement to another server.
const question = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT), " +
	"current_setting('transaction_read_only'), current_setting('server_version_num'), pg_backend_pid()"

func (w *watch) ask(ctx context.Context) error {
	began := w.clock.host()
	results, err := w.conn.Exec(ctx, question).ReadAll()
	ended := w.clock.host()
	if err != nil {
		return fmt.Errorf("ask PostgreSQL for a sign of life: %w", err)
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return errors.New("ask PostgreSQL for a sign of life: no answer")
	}
	row := results[0].Rows[0]
	if string(row[1]) == "on" && !w.anyHost {
		return errReadOnly
	}
	micros, err := strconv.ParseInt(string(row[0]), 10, 64)
	if err != nil {
		return fmt.Errorf("read the clock of PostgreSQL: %w", err)
	}
	w.version = string(row[2])
	// A pooler answers with a number of its own when a connection is made.
	w.pooled.Store(string(row[3]) != strconv.FormatUint(uint64(w.conn.PID()), 10))
	w.clock.adjust(began, ended, time.UnixMicro(micros))
	return nil
}

// leaveWithin bounds the farewell to a server.
const leaveWithin = time.Second

func (w *watch) leave() {
	if w.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	_ = w.conn.Close(ctx) // it is given up, whatever comes of it
	w.conn = nil
}
