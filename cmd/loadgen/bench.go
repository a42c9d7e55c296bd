package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// cell is one row of the table.
type cell struct {
	server, database string // database is empty for the server that has none
	connections      int
	result
	// cpu is what a request cost server and database together in time of the
	// processors, 0 where the system does not tell.
	cpu time.Duration
	// unsent is how many events the relay had not handed on when the server
	// was stopped right after its last load; -1 where there is no relay.
	unsent int
}

// benchmark is one run of all cells.
type benchmark struct {
	options
	self     string // this program
	postgres *pgtmp.Server
	progress io.Writer
	cells    []cell
	drained  []drained
	served   []served
}

// bench measures everything and prints the tables to out, and how far it is to
// progress.
func bench(ctx context.Context, o options, out, progress io.Writer) (err error) {
	b := &benchmark{options: o, progress: progress}
	if b.self, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if b.dir, err = os.MkdirTemp(o.dir, "tgtrack-loadgen-"); err != nil {
		return fmt.Errorf("--dir: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	sync, err := syncTime(b.dir)
	if err != nil {
		return err
	}
	if b.needsPostgres() {
		// fsync stays on: an answer is to mean that the event is on the disk.
		if b.postgres, err = pgtmp.Start(ctx, pgtmp.Options{Durable: true, Log: progress}); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.postgres.Stop()) }()
	}
	begun, busy := time.Now(), loadAverage()
	if err := b.measureAll(ctx); err != nil {
		return err
	}
	pagesText := ""
	if len(b.served) > 0 {
		pagesText = pagesTable(b.served, b.databases, b.people)
	}
	return report(out, b.cells, b.drained, pagesText, machine{sync: sync, measure: o.measure, keys: o.keys, busy: busy, took: time.Since(begun)})
}

func (b *benchmark) needsPostgres() bool {
	stored := slices.ContainsFunc(b.servers, func(s string) bool { return s != empty })
	return stored && slices.Contains(b.databases, database.Postgres)
}

func (b *benchmark) measureAll(ctx context.Context) error {
	if slices.Contains(b.parts, ingest) {
		if err := b.measureIngest(ctx); err != nil {
			return err
		}
	}
	// Only this service delivers anything, and has pages.
	if slices.Contains(b.parts, delivery) && slices.Contains(b.servers, ours) {
		if err := b.measureDelivery(ctx); err != nil {
			return err
		}
	}
	if slices.Contains(b.parts, pages) && slices.Contains(b.servers, ours) {
		return b.measurePages(ctx)
	}
	return nil
}

func (b *benchmark) measureIngest(ctx context.Context) error {
	if slices.Contains(b.servers, empty) {
		if err := b.measureServer(ctx, empty, ""); err != nil {
			return err
		}
	}
	for _, db := range b.databases {
		for _, server := range b.servers {
			if server == empty {
				continue
			}
			if err := b.measureServer(ctx, server, db); err != nil {
				return err
			}
		}
	}
	return nil
}

// measureServer measures one server with all numbers of connections.
func (b *benchmark) measureServer(ctx context.Context, server, db string) error {
	if err := b.measureOn(ctx, server, db); err != nil {
		return fmt.Errorf("%s %s: %w", server, db, err)
	}
	return nil
}

func (b *benchmark) measureOn(ctx context.Context, server, db string) (err error) {
	p, err := b.place(ctx, server, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	if isService(server) {
		fmt.Fprintf(b.progress, "%s %s: making %d projects\n", server, db, b.keys)
		if err := seed(ctx, p.options(), b.keys); err != nil {
			return err
		}
	}
	c, err := b.start(server, p)
	if err != nil {
		return err
	}
	accepted, err := b.loads(ctx, server, db, c.addr)
	if err = errors.Join(err, c.stop()); err != nil {
		return err
	}
	if server == empty {
		return nil
	}
	stored, unsent, err := p.count(ctx)
	if err != nil {
		return err
	}
	if stored != accepted {
		return fmt.Errorf("%d requests were answered with 200 and %d events are in the database: the numbers mean nothing", accepted, stored)
	}
	if isService(server) {
		b.cells[len(b.cells)-1].unsent = unsent
	}
	return nil
}

// loads adds a cell for each number of connections and answers how many
// requests the server accepted in all.
func (b *benchmark) loads(ctx context.Context, server, db, addr string) (accepted int, err error) {
	keys := addresses(addr, b.keys)
	for i, n := range b.connections {
		before, _ := cpuTime(os.Getpid())
		r, err := drive(ctx, load{addr: addr, connections: n, keys: keys, run: i + 1, warmUp: b.warmUp, measure: b.measure})
		if err != nil {
			return accepted, err
		}
		accepted += r.accepted
		c := cell{server: server, database: db, connections: n, result: r, unsent: -1}
		if after, ok := cpuTime(os.Getpid()); ok {
			c.cpu = (after - before) / time.Duration(r.accepted)
		}
		b.cells = append(b.cells, c)
		fmt.Fprintf(b.progress, "%s %s, %d connections: %.0f requests/s\n", server, db, n, r.perSecond)
	}
	return accepted, nil
}

func (b *benchmark) start(server string, p *place) (*child, error) {
	switch server {
	case empty:
		return startChild(p.dir, b.self, []string{"serve-empty"}, nil)
	case transaction:
		return startChild(p.dir, b.self, []string{"serve-transaction", "--database-url", p.url, "--dir", p.dir}, nil)
	}
	if server == unbatched {
		return b.startOurs(p, "TGTRACK_INGEST_MAX_BATCH=1", fmt.Sprintf("TGTRACK_INGEST_WRITERS=%d", transactions))
	}
	return b.startOurs(p)
}

// isService tells whether a server is the service itself.
func isService(server string) bool { return server == ours || server == unbatched }

// transactions is how many are under way at once where each request has its
// own.
const transactions = 16

// startOurs starts the service in all its roles, with further variables of
// the environment.
func (b *benchmark) startOurs(p *place, environ ...string) (*child, error) {
	return startChild(p.dir, b.binary, []string{"serve"}, append([]string{
		"TGTRACK_HTTP_ADDR=127.0.0.1:0", "TGTRACK_DATA_DIR=" + p.dir, "TGTRACK_DATABASE_URL=" + p.url, "TGTRACK_SECRET_KEY=" + secretKey,
		"TGTRACK_ADMIN_TOKEN=" + secretKey, "TGTRACK_ROLES=all", "TGTRACK_LOG_LEVEL=warn",
	}, environ...))
}
