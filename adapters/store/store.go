// Package store keeps everything in a relational database: one package of
// bun's models and queries for PostgreSQL and SQLite. It decides nothing: what
// counts is decided by usecase and domain, whose ports it implements. It opens
// no database and knows no address.
//
// Times are TIMESTAMPTZ on PostgreSQL and integer microseconds on SQLite. Rows
// of large tables name each other by numbers, which never leave the package;
// ids stand beside them. What comes by the thousand (arrivals, clicks, leases,
// outcomes, words of people, figures of reports) goes through package bulk
// below bun.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// The store is what the use cases ask for.
var (
	_ usecase.IngestStore   = (*Store)(nil)
	_ usecase.ClickStore    = (*Store)(nil)
	_ usecase.DeliveryStore = (*Store)(nil)
	_ usecase.ProjectStore  = (*Store)(nil)
	_ usecase.UserStore     = (*Store)(nil)
	_ usecase.Reader        = (*Store)(nil)
	_ usecase.RelayStore    = (*Store)(nil)
	_ notify.Store          = (*Store)(nil)
	_ usecase.BacklogReader = (*Store)(nil)
	_ usecase.ProcessStore  = (*Store)(nil)
)

// Options of a store.
type Options struct {
	// Write takes what changes rows. On SQLite it has one connection.
	Write *bun.DB
	// Read takes queries; on PostgreSQL it may be Write.
	Read *bun.DB
	// Vault seals the settings of ad accounts.
	Vault usecase.Vault
	// Now tells the time where a method is not given it. Defaults to the
	// system's clock.
	Now func() time.Time
	// NewID names rows that the store makes itself. Defaults to domain.NewID
	// with the system's random source.
	NewID func() string
	// Unprepared sends statements whole each time, for a connection pooler
	// that can not keep prepared ones. Defaults to false.
	Unprepared bool
	// Pooler is called when statements turn out not to be kept, and are sent
	// whole from then on. Defaults to nothing.
	Pooler func()
	// Audited is called with each entry of the audit log that belongs to a
	// change, when both are committed. Defaults to nothing.
	Audited func(context.Context, usecase.AuditEntry)
}

// Store implements the ports. It is safe for concurrent use.
type Store struct {
	write, read *bun.DB
	vault       usecase.Vault
	now         func() time.Time
	newID       func() string
	sqlite      bool
	many        *bulk.DB
	writers     *writers
	audited     func(context.Context, usecase.AuditEntry)

	projectNumbers, linkNumbers, accountNumbers *numbering

	// SQLite has no row locks, so one relay of a kind runs at a time.
	relayingEvents, relayingConversions sync.Mutex

	// bareClicks is the last click whose details were forgotten.
	bareClicks atomic.Int64
}

// New makes a store over an open database. Migrate comes before anything
// else is asked of it.
func New(o Options) (*Store, error) {
	if o.Write == nil || o.Read == nil || o.Vault == nil {
		return nil, errors.New("the store needs two pools and a vault")
	}
	s := &Store{
		write: o.Write, read: o.Read, vault: o.Vault, now: o.Now, newID: o.NewID, audited: o.Audited,
		projectNumbers: newNumbering("projects"), linkNumbers: newNumbering("links"),
		accountNumbers: newNumbering("ad_accounts"),
	}
	switch name := o.Write.Dialect().Name(); name {
	case dialect.SQLite:
		s.sqlite = true
		s.many, s.writers = bulk.NewSQLite(o.Write.DB), &writers{}
	case dialect.PG:
		s.many = bulk.NewPostgres(o.Write.DB, o.Unprepared, o.Pooler)
	default:
		return nil, fmt.Errorf("the store does not know the database %v", name)
	}
	if s.now == nil {
		s.now = func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	}
	if s.newID == nil {
		s.newID = func() string {
			var random [10]byte
			// Read never fails: it ends the program when there is no randomness.
			rand.Read(random[:])
			return domain.NewID(s.now(), random)
		}
	}
	return s, nil
}

// Now is the time by the database's clock, which is the same for all processes.
func (s *Store) Now() time.Time { return s.now() }

// Unprepared tells whether statements of many rows are sent whole each time,
// as the options say or a pooler made necessary.
func (s *Store) Unprepared() bool { return s.many.Unprepared() }

// NewID makes a random id, which begins with the time.
func (s *Store) NewID() string { return s.newID() }

// inTx runs f in a transaction of the writing pool, and writes the entry of
// the audit log that the context has.
func (s *Store) inTx(ctx context.Context, doing string, f func(ctx context.Context, tx bun.Tx) error) error {
	if entry, ok := usecase.AuditOf(ctx); ok {
		return s.inAuditedTx(ctx, doing, entry, f)
	}
	return s.withRetry(ctx, doing, func() error { return s.transact(ctx, false, f) })
}

// transact runs f in a transaction of the writing pool, when it is its turn:
// somewhat sooner where it is awaited.
func (s *Store) transact(
	ctx context.Context, awaited bool, f func(ctx context.Context, tx bun.Tx) error,
) error {
	return s.writers.inTurn(ctx, awaited, func() error { return s.write.RunInTx(ctx, nil, f) })
}

// inAuditedTx also tells of the entry when it is committed.
func (s *Store) inAuditedTx(
	ctx context.Context, doing string, entry usecase.AuditEntry, f func(ctx context.Context, tx bun.Tx) error,
) error {
	written := false
	err := s.withRetry(ctx, doing, func() error {
		return s.transact(ctx, true, func(ctx context.Context, tx bun.Tx) (err error) {
			if err = f(ctx, tx); err == nil {
				written, err = auditChange(ctx, tx, entry)
			}
			return err
		})
	})
	if err == nil && written && s.audited != nil {
		s.audited(ctx, entry)
	}
	return err
}

// convert turns rows into what the use cases know them as:
// convert(rows, projectRow.project). No rows give nil.
func convert[R, T any](rows []R, f func(R) T) []T {
	var out []T
	for _, r := range rows {
		out = append(out, f(r))
	}
	return out
}

// execer is a query of bun's that changes rows.
type execer interface {
	Exec(ctx context.Context, dest ...any) (sql.Result, error)
}

// errUnchanged ends a transaction that changed nothing, and so has no entry in
// the audit log.
var errUnchanged = errors.New("nothing was changed")

// execute runs one query in a transaction of its own, with the entry of the
// audit log that the context has, and tells how many rows it changed. Where it
// changed none there is no entry.
func (s *Store) execute(ctx context.Context, doing string, query func(tx bun.Tx) execer) (n int, err error) {
	err = s.inTx(ctx, doing, func(ctx context.Context, tx bun.Tx) error {
		n, err = changed(query(tx).Exec(ctx))
		if _, audited := usecase.AuditOf(ctx); err == nil && n == 0 && audited {
			return errUnchanged
		}
		return err
	})
	if errors.Is(err, errUnchanged) {
		return 0, nil
	}
	return n, err
}

// changed tells how many rows a query changed: changed(query.Exec(ctx)).
func changed(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
