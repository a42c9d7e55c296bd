package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// machine is what the numbers depend on.
type machine struct {
	sync, measure, took time.Duration
	keys                int
	busy                string // of /proc/loadavg, before
}

// report prints the tables, in Markdown, and what they were measured on.
func report(out io.Writer, cells []cell, ds []drained, pages string, m machine) error {
	var tables []string
	sizes := ""
	if len(cells) > 0 {
		tables = append(tables, ingestTable(cells))
		sizes = fmt.Sprintf("%s for each row, %d keys; ", m.measure, m.keys)
	}
	if len(ds) > 0 {
		tables = append(tables, deliveryTable(ds))
	}
	if pages != "" {
		tables = append(tables, pages)
	}
	text := strings.Join(tables, "\n")
	text += fmt.Sprintf("\n%d cores (%s/%s), shared with the load, the networks and the database; %s; %sa write and fsync of the disk takes %s; load average before: %s; all took %s.\n",
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), sizes, m.sync.Round(time.Microsecond), m.busy, m.took.Round(time.Second))
	text += backlog(cells)
	_, err := io.WriteString(out, text)
	return err
}

// ingestTable has a row for each load. CPU is that of server and database
// together for one request, the load's left out.
func ingestTable(cells []cell) string {
	text := "| server | database | connections | requests/s | p50, ms | p99, ms | CPU, µs | to a transaction each | to bare inserts | to empty |\n" +
		"| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
	for _, c := range cells {
		text += fmt.Sprintf("| %s | %s | %d | %.0f | %.1f | %.1f | %d | %s | %s | %s |\n", title(c.server), databaseTitle(c.database), c.connections,
			c.perSecond, milliseconds(c.p50), milliseconds(c.p99), c.cpu.Microseconds(), ratio(c, find(cells, unbatched, c.database, c.connections)),
			ratio(c, find(cells, transaction, c.database, c.connections)), ratio(c, find(cells, empty, "", c.connections)))
	}
	return text
}

// backlog says what the relay had still to do.
func backlog(cells []cell) (text string) {
	for _, c := range cells {
		if c.unsent >= 0 {
			text += fmt.Sprintf("%s on %s: every answered event is in the database; %d of the last load were not in their stream yet when the service was stopped.\n",
				title(c.server), databaseTitle(c.database), c.unsent)
		}
	}
	return text
}

func title(server string) string {
	switch server {
	case empty:
		return "empty handler"
	case transaction:
		return "three bare inserts each"
	case unbatched:
		return "tgtrack, a transaction each"
	}
	return server
}

func databaseTitle(name string) string {
	switch name {
	case database.SQLite:
		return "SQLite"
	case database.Postgres:
		return "PostgreSQL"
	}
	return "none"
}

func find(cells []cell, server, database string, connections int) *cell {
	i := slices.IndexFunc(cells, func(c cell) bool {
		return c.server == server && c.database == database && c.connections == connections
	})
	if i < 0 {
		return nil
	}
	return &cells[i]
}

// ratio is how a cell does beside another; "–" where there is no other.
func ratio(c cell, to *cell) string {
	if to == nil {
		return "–"
	}
	return times(c.perSecond, to.perSecond)
}

func times(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f×", a/b)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// loadAverage is how busy the machine is with other things: the table means
// little when this is not near 0.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "unknown"
}

// syncTimes is how often the disk is tried.
const syncTimes = 101

// syncTime is how long the disk takes to keep a page, the median of some.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, fmt.Errorf("try the disk: %w", err)
	}
	defer f.Close()
	times := make([]time.Duration, syncTimes)
	for i := range times {
		begun := time.Now()
		_, err := f.Write(make([]byte, 4096))
		if err := cmp.Or(err, f.Sync()); err != nil {
			return 0, fmt.Errorf("try the disk: %w", err)
		}
		times[i] = time.Since(begun)
	}
	slices.Sort(times)
	return times[syncTimes/2], nil
}
