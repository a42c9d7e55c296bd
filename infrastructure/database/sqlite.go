package database

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// FileName is the name of the SQLite file in Options.Dir.
const FileName = "tgtrack.db"

func openSQLite(ctx context.Context, o Options) (_ *DB, err error) {
	if o.Dir == "" {
		return nil, fmt.Errorf("open sqlite: no folder given")
	}
	// The file holds personal data, so nobody else may look into the folder.
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(o.Dir, FileName))
	if err != nil {
		return nil, fmt.Errorf("locate the database file: %w", err)
	}

	writer, err := openClosing(sqliteDSN(path, "_txlock=immediate&_pragma=cache_size(-16000)"+
		fmt.Sprintf("&_pragma=wal_autocheckpoint(%d)", autoCheckpoint)+maxPages(o.MaxBytes)))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer closeOnError(writer, &err)
	keepOpen(writer, 1)
	// The writer connects first: it creates the file and turns the
	// write-ahead log on, which a reader may not.
	if err := writer.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("protect the database file: %w", err)
	}

	reader, err := sql.Open("sqlite", sqliteDSN(path, "_pragma=query_only(1)&_pragma=cache_size(-2000)"))
	if err != nil {
		return nil, fmt.Errorf("open %s for reading: %w", path, err)
	}
	defer closeOnError(reader, &err)
	keepOpen(reader, o.MaxConns)
	if err := reader.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open %s for reading: %w", path, err)
	}
	beside, err := sql.Open("sqlite", sqliteDSN(path, "_pragma=cache_size(-200)"))
	if err != nil {
		return nil, fmt.Errorf("open %s for checkpoints: %w", path, err)
	}
	keepOpen(beside, 1)
	host := o.HostClock
	if host == nil {
		host = time.Now
	}
	return &DB{
		Write:       bun.NewDB(writer, sqlitedialect.New()),
		Read:        bun.NewDB(reader, sqlitedialect.New()),
		Dialect:     SQLite,
		checkpoints: startCheckpoints(beside, writer),
		host:        host,
	}, nil
}

// pageSize of a SQLite file, the library's default.
const pageSize = 4096

// maxPages is the pragma that bounds the file.
func maxPages(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	return fmt.Sprintf("&_pragma=max_page_count(%d)", max(1, bytes/pageSize))
}

// keepOpen keeps idle connections: opening one again means running the pragmas
// and reading the schema again.
func keepOpen(db *sql.DB, conns int) {
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxLifetime(0)
	db.SetConnMaxIdleTime(0)
}

// sqliteDSN names the file with the pragmas that every connection gets.
// busy_timeout comes first: switching to WAL can meet a lock itself.
// synchronous=FULL, because an answered request must survive a power cut.
func sqliteDSN(path string, extra string) string {
	params := []string{
		"_pragma=busy_timeout(10000)",
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)",
		"_pragma=foreign_keys(1)",
		"_pragma=temp_store(memory)",
		// What is erased is gone from the file, not only from its tables.
		"_pragma=secure_delete(1)",
		"_timezone=UTC",
		extra,
	}
	// A path may contain "?", "#" or "%", which mean something in a URI.
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	return u.String() + "?" + strings.Join(params, "&")
}
