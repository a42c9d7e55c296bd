package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
)

// withRetry runs f, once more when the database asked for it (deadlock,
// serialisation, busy), at most 5 times, and turns the driver's error into
// one of domain's.
func (s *Store) withRetry(ctx context.Context, doing string, f func() error) error {
	for attempt := 1; ; attempt++ {
		err := f()
		if err == nil {
			return nil
		}
		if !repeatable(err) || attempt == maxAttempts {
			return mapError(doing, err)
		}
		// The same two would meet again at once if they waited equally long.
		pause := time.NewTimer(time.Duration(rand.Int64N(int64(attempt) * int64(5*time.Millisecond))))
		select {
		case <-ctx.Done():
			pause.Stop()
			return mapError(doing, ctx.Err())
		case <-pause.C:
		}
	}
}

const maxAttempts = 5

// mapError turns a driver's error into a sentinel of domain, and keeps those
// that are one already.
func mapError(doing string, err error) error {
	if err == nil {
		return nil
	}
	if kind := sentinel(err); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%s: %w: %w", doing, err, kind)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// sentinel tells which sentinel an error is, nil when it is no known one.
func sentinel(err error) error {
	for _, known := range []error{
		domain.ErrInvalid, domain.ErrMalformed, domain.ErrNotFound, domain.ErrConflict,
		domain.ErrUnavailable, domain.ErrLimited,
	} {
		if errors.Is(err, known) {
			return known
		}
	}
	var pg *pgconn.PgError
	var lite *sqlite.Error
	var network net.Error
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &pg):
		return pgSentinel(pg)
	case errors.As(err, &lite):
		return liteSentinel(lite.Code())
	case errors.Is(err, sql.ErrNoRows):
		return domain.ErrNotFound
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone), errors.Is(err, driver.ErrBadConn),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.As(err, &network), errors.As(err, &connect), pgconn.SafeToRetry(err), pgconn.Timeout(err),
		strings.Contains(err.Error(), "conn closed"), strings.Contains(err.Error(), "database is closed"):
		return domain.ErrUnavailable
	}
	return nil
}

// pgSentinel: https://www.postgresql.org/docs/current/errcodes-appendix.html
func pgSentinel(err *pgconn.PgError) error {
	switch err.Code {
	case "40P01", "40001", "55P03", "25006":
		return domain.ErrUnavailable // deadlock, serialisation, no lock, read-only
	}
	if noPartition(err) {
		return domain.ErrUnavailable
	}
	switch err.Code[:2] {
	case "22", "23", "54": // data, constraint, a value too large for an index
		return domain.ErrInvalid
	case "08", "53", "57", "58":
		return domain.ErrUnavailable // connection, resources, operator, system
	}
	return nil
}

// liteSentinel: https://www.sqlite.org/rescode.html
func liteSentinel(code int) error {
	switch code & 0xff {
	case lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH, lib.SQLITE_TOOBIG, lib.SQLITE_RANGE:
		return domain.ErrInvalid
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_READONLY,
		lib.SQLITE_CANTOPEN,
		lib.SQLITE_NOMEM, lib.SQLITE_INTERRUPT, lib.SQLITE_PERM, lib.SQLITE_PROTOCOL:
		return domain.ErrUnavailable
	}
	return nil
}

// repeatable tells errors that go away when the transaction is run again.
func repeatable(err error) bool {
	if errors.Is(err, errMetAnother) || bulk.Stale(err) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40P01" || pg.Code == "40001"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		code := lite.Code() & 0xff
		return code == lib.SQLITE_BUSY || code == lib.SQLITE_LOCKED
	}
	return false
}

// noPartition: a row of a month whose partition was not made. It has the code
// of a broken rule but no name of one.
func noPartition(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23514" && pg.ConstraintName == ""
}
