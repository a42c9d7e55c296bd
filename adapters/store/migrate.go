package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
)

//go:embed migrations
var migrationFiles embed.FS

// ErrNewer is returned for a database that a newer version of the program has
// migrated: this one would write what that one does not expect.
var ErrNewer = errors.New("the database belongs to a newer version of tgtrack")

// ErrUnreleased is returned for a database whose migrations are not ours:
// before the first release there were others.
var ErrUnreleased = errors.New("this database was made by a version before the first release and " +
	"cannot be upgraded: point database.url (or data_dir) at an empty database")

// Migration is one step of the schema.
type Migration struct {
	Version   int
	Name      string
	AppliedAt time.Time // zero while it is pending
	text      string
}

// Migrate brings the schema up to date and makes the coming months'
// partitions. Each migration is a transaction of its own that holds a lock:
// a process that is killed leaves neither half a migration nor a lock, and
// of two that start at once one waits for the other.
func (s *Store) Migrate(ctx context.Context) error {
	all, err := migrations(s.sqlite)
	if err != nil {
		return err
	}
	for {
		done, err := s.migrateNext(ctx, all)
		if err != nil {
			return err
		}
		if done {
			return s.EnsurePartitions(ctx, s.now())
		}
	}
}

// Status lists the migrations, applied and pending, in order.
func (s *Store) Status(ctx context.Context) ([]Migration, error) {
	all, err := migrations(s.sqlite)
	if err != nil {
		return nil, err
	}
	err = s.inTx(ctx, "read the migrations", func(ctx context.Context, tx bun.Tx) error {
		applied, err := s.applied(ctx, tx, all)
		if err != nil {
			return err
		}
		for i, m := range all {
			all[i].AppliedAt = applied[m.Version]
		}
		return nil
	})
	return all, err
}

// migrateNext applies the first pending migration; done when there is none.
func (s *Store) migrateNext(ctx context.Context, all []Migration) (done bool, err error) {
	err = s.inTx(ctx, "migrate", func(ctx context.Context, tx bun.Tx) error {
		applied, err := s.applied(ctx, tx, all)
		if err != nil {
			return err
		}
		for _, m := range all {
			if applied[m.Version].IsZero() {
				return s.apply(ctx, tx, m)
			}
		}
		done = true
		return nil
	})
	return done, err
}

// migrationRow is a row of schema_migrations.
type migrationRow struct {
	bun.BaseModel `bun:"table:schema_migrations,alias:m"`

	Version   int    `bun:"version,pk"`
	Name      string `bun:"name"`
	AppliedAt stamp  `bun:"applied_at"`
}

// applied locks the schema for the transaction and reads when what was applied,
// by version: migrations that are ours, the first among them, or it is no
// database of ours. One in the middle may be missing: work that was done at the
// same time does not come in the order of its numbers.
func (s *Store) applied(ctx context.Context, tx bun.Tx, all []Migration) (map[int]time.Time, error) {
	timeType := "INTEGER"
	if !s.sqlite {
		// Named for the schema, so that several in one database do not wait
		// for each other. The server drops the lock with the transaction,
		// whatever becomes of this process. SQLite locked when it began.
		const lock = "SELECT pg_advisory_xact_lock(hashtext('tgtrack migrate ' || current_schema()))"
		if _, err := tx.ExecContext(ctx, lock); err != nil {
			return nil, err
		}
		timeType = "TIMESTAMPTZ"
	}
	_, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations
		(version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at ? NOT NULL)`, bun.Safe(timeType))
	if err != nil {
		return nil, err
	}
	var rows []migrationRow
	if err := tx.NewSelect().Model(&rows).Order("m.version").Scan(ctx); err != nil {
		return nil, err
	}
	names := make(map[int]string, len(all))
	for _, m := range all {
		names[m.Version] = m.Name
	}
	at := make(map[int]time.Time, len(rows))
	for i, r := range rows {
		switch last := all[len(all)-1].Version; {
		case r.Version > last:
			return nil, fmt.Errorf("it has migration %d, this version knows %d: %w", r.Version, last, ErrNewer)
		case r.Name != names[r.Version], i == 0 && r.Version != all[0].Version:
			return nil, ErrUnreleased
		}
		at[r.Version] = r.AppliedAt.time()
	}
	return at, nil
}

func (s *Store) apply(ctx context.Context, tx bun.Tx, m Migration) error {
	var args []any
	if !s.sqlite {
		args = append(args, pgx.QueryExecModeSimpleProtocol) // the one that takes several statements
	}
	// Below bun, which would take a question mark for an argument.
	if _, err := tx.Tx.ExecContext(ctx, m.text, args...); err != nil {
		return fmt.Errorf("migration %04d_%s: %w", m.Version, m.Name, err)
	}
	row := migrationRow{Version: m.Version, Name: m.Name, AppliedAt: stamp(s.now())}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return err
}

// migrations reads the embedded files, NNNN_name.up.sql.
func migrations(sqlite bool) ([]Migration, error) {
	dir := "migrations/postgres"
	if sqlite {
		dir = "migrations/sqlite"
	}
	files, err := fs.ReadDir(migrationFiles, dir)
	if err != nil {
		return nil, fmt.Errorf("read the embedded migrations: %w", err)
	}
	var out []Migration
	last := 0
	for _, f := range files {
		number, name, ok := strings.Cut(strings.TrimSuffix(f.Name(), ".up.sql"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || !ok || version <= last {
			return nil, fmt.Errorf("migration %s: want a number above %04d and a name", f.Name(), last)
		}
		last = version
		text, err := migrationFiles.ReadFile(path.Join(dir, f.Name()))
		if err != nil {
			return nil, fmt.Errorf("read the embedded migrations: %w", err)
		}
		out = append(out, Migration{Version: version, Name: name, text: string(text)})
	}
	return out, nil
}
