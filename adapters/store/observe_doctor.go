package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Setting of the database that matters for what was promised.
type Setting struct{ Name, Value string }

// Table and what it takes on disk.
type Table struct {
	Name  string
	Bytes int64
}

// SlowStatement is a statement that takes long, its values left out by the
// database.
type SlowStatement struct {
	Text  string
	Calls int64
	Mean  time.Duration
}

// Vitals are what a look at the database itself shows.
type Vitals struct {
	Version  string
	Now      time.Time // by the database's clock; zero on SQLite, whose clock is ours
	Newest   time.Time // when the newest event was recorded
	Settings []Setting
	Bytes    int64
	Largest  []Table // zero on SQLite
	// NextMonth tells whether the coming month's events have their place.
	NextMonth bool
	// Slow statements, where pg_stat_statements is there.
	Slow      []SlowStatement
	SlowKnown bool
	// Used and Most connections of the server; zero on SQLite.
	Used, Most int
}

// Vitals looks at the database itself.
func (s *Store) Vitals(ctx context.Context, now time.Time) (v Vitals, err error) {
	if s.lite {
		err = s.liteVitals(ctx, &v)
	} else {
		err = s.pgVitals(ctx, now, &v)
	}
	if err == nil {
		err = s.read.QueryRowContext(ctx, "SELECT max(e.recorded_at) FROM events e WHERE e.id = (SELECT max(x.id) FROM events x)").Scan(into{&v.Newest})
	}
	return v, mapError("look at the database", err)
}

func (s *Store) liteVitals(ctx context.Context, v *Vitals) error {
	v.NextMonth = true
	if err := s.read.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&v.Version); err != nil {
		return err
	}
	v.Version = "SQLite " + v.Version
	for _, name := range []string{"journal_mode", "synchronous", "foreign_keys"} {
		var value string
		if err := s.read.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value); err != nil {
			return err
		}
		v.Settings = append(v.Settings, Setting{name, value})
	}
	return s.read.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&v.Bytes)
}

func (s *Store) pgVitals(ctx context.Context, now time.Time, v *Vitals) error {
	if err := s.read.QueryRowContext(ctx, `SELECT 'PostgreSQL ' || current_setting('server_version'), now(), pg_database_size(current_database()),
		(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), current_setting('max_connections')`).
		Scan(&v.Version, into{&v.Now}, &v.Bytes, &v.Used, (*number)(&v.Most)); err != nil {
		return err
	}
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit", "autovacuum"} {
		var value string
		if err := s.read.QueryRowContext(ctx, "SELECT current_setting(?)", name).Scan(&value); err != nil {
			return err
		}
		v.Settings = append(v.Settings, Setting{name, value})
	}
	next := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	if err := s.read.QueryRowContext(ctx, "SELECT to_regclass(?) IS NOT NULL", "events_"+next.Format("2006_01")).Scan(&v.NextMonth); err != nil {
		return err
	}
	if err := s.largest(ctx, v); err != nil {
		return err
	}
	return s.slow(ctx, v)
}

// number reads a number that the database gives as text.
type number int

// Scan implements sql.Scanner.
func (n *number) Scan(v any) error {
	i, err := strconv.Atoi(fmt.Sprint(v))
	*n = number(i)
	return err
}

func (s *Store) largest(ctx context.Context, v *Vitals) error {
	rows, err := s.read.QueryContext(ctx, `SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY 2 DESC LIMIT 5`)
	if err != nil {
		return err
	}
	return each(rows, func(r scanner) error {
		var t Table
		err := r.Scan(&t.Name, &t.Bytes)
		v.Largest = append(v.Largest, t)
		return err
	})
}

// slowFrom is the mean time from which a statement is worth a look.
const slowFrom = 200 * time.Millisecond

// slow reads https://www.postgresql.org/docs/current/pgstatstatements.html,
// whose texts have no values.
func (s *Store) slow(ctx context.Context, v *Vitals) error {
	if err := s.read.QueryRowContext(ctx, "SELECT to_regclass('pg_stat_statements') IS NOT NULL").Scan(&v.SlowKnown); err != nil || !v.SlowKnown {
		return err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT left(regexp_replace(s.query, '\s+', ' ', 'g'), 160), s.calls, s.mean_exec_time FROM pg_stat_statements s
		JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database() JOIN pg_roles u ON u.oid = s.userid AND u.rolname = current_user
		WHERE s.mean_exec_time >= ? AND s.calls >= 5 ORDER BY s.total_exec_time DESC LIMIT 5`, slowFrom.Milliseconds())
	if err != nil {
		// The view may be there without the library being loaded.
		v.SlowKnown = false
		return nil
	}
	return each(rows, func(r scanner) error {
		var st SlowStatement
		var ms float64
		err := r.Scan(&st.Text, &st.Calls, &ms)
		st.Mean = time.Duration(ms * float64(time.Millisecond))
		v.Slow = append(v.Slow, st)
		return err
	})
}

// AccountState is an ad account and what waits for it.
type AccountState struct {
	ID, ProjectID, Network, Name string
	Paused                       bool
	Health                       domain.Health
	Reason                       string
	Open, AtRisk                 int // at risk: the window ends soon
}

// AccountStates lists the ad accounts that are not well or have conversions at
// risk: open ones whose window ends before a time.
func (s *Store) AccountStates(ctx context.Context, riskBefore time.Time, limit int) ([]AccountState, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT a.id, a.project_id, a.network, a.name, a.paused, a.health, a.health_reason, coalesce(w.open, 0), coalesce(w.risk, 0)
		FROM ad_accounts a JOIN projects p ON p.id = a.project_id AND p.deleted_at IS NULL
		LEFT JOIN (SELECT v.account_id, count(*) AS open, sum(CASE WHEN v.expires_at <= ? THEN 1 ELSE 0 END) AS risk
			FROM conversions v WHERE v.status IN ('pending', 'retrying', 'parked') GROUP BY v.account_id) w ON w.account_id = a.id
		WHERE a.paused OR a.health <> ? OR coalesce(w.risk, 0) > 0 ORDER BY coalesce(w.risk, 0) DESC, a.id LIMIT ?`,
		stamp(riskBefore), string(domain.Healthy), limit)
	if err != nil {
		return nil, mapError("look at the ad accounts", err)
	}
	var out []AccountState
	err = each(rows, func(r scanner) error {
		var a AccountState
		err := r.Scan(&a.ID, &a.ProjectID, &a.Network, &a.Name, &a.Paused, &a.Health, &a.Reason, &a.Open, &a.AtRisk)
		out = append(out, a)
		return err
	})
	return out, mapError("look at the ad accounts", err)
}

// SilentProject had events and has none any more.
type SilentProject struct {
	ID, Name string
	Last     time.Time
}

// SilentProjects lists the projects in use whose last event is older than a
// time.
func (s *Store) SilentProjects(ctx context.Context, since time.Time, limit int) ([]SilentProject, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT p.id, p.name, (SELECT max(e.occurred_at) FROM events e WHERE e.project_id = p.id) AS heard
		FROM projects p WHERE p.enabled AND p.deleted_at IS NULL AND EXISTS (SELECT 1 FROM events e WHERE e.project_id = p.id)
		AND NOT EXISTS (SELECT 1 FROM events e WHERE e.project_id = p.id AND e.occurred_at > ?) ORDER BY p.id LIMIT ?`, stamp(since), limit)
	if err != nil {
		return nil, mapError("look for silent projects", err)
	}
	var out []SilentProject
	err = each(rows, func(r scanner) error {
		var p SilentProject
		err := r.Scan(&p.ID, &p.Name, into{&p.Last})
		out = append(out, p)
		return err
	})
	return out, mapError("look for silent projects", err)
}
