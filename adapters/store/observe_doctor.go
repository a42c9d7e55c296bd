package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// Setting of the database that matters for what was promised.
type Setting struct{ Name, Value string }

// Table and what it takes on disk.
type Table struct {
	Name  string `bun:"name"`
	Bytes int64  `bun:"bytes"`
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
	if s.sqlite {
		err = s.liteVitals(ctx, &v)
	} else {
		err = s.pgVitals(ctx, now, &v)
	}
	if err == nil {
		// The newest by their ids, whose index has it at its end.
		newest := s.read.NewSelect().Model((*eventRow)(nil)).Column("recorded_at").OrderExpr("v.id DESC").Limit(1)
		err = s.read.NewSelect().TableExpr("(?) AS v", newest).ColumnExpr("max(v.recorded_at)").
			Scan(ctx, into{&v.Newest})
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
	return s.read.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").
		Scan(&v.Bytes)
}

func (s *Store) pgVitals(ctx context.Context, now time.Time, v *Vitals) error {
	if err := s.read.QueryRowContext(ctx, `SELECT 'PostgreSQL ' || current_setting('server_version'), now(),
		pg_database_size(current_database()), CAST(current_setting('max_connections') AS INTEGER),
		(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')`).
		Scan(&v.Version, into{&v.Now}, &v.Bytes, &v.Most, &v.Used); err != nil {
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
	if err := s.read.QueryRowContext(ctx, "SELECT to_regclass(?) IS NOT NULL", "events_"+next.Format("2006_01")).
		Scan(&v.NextMonth); err != nil {
		return err
	}
	if err := s.largest(ctx, v); err != nil {
		return err
	}
	return s.slow(ctx, v)
}

func (s *Store) largest(ctx context.Context, v *Vitals) error {
	return s.read.NewRaw(`SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY 2 DESC LIMIT 5`).
		Scan(ctx, &v.Largest)
}

// slowFrom is the mean time from which a statement is worth a look.
const slowFrom = 200 * time.Millisecond

// slow reads https://www.postgresql.org/docs/current/pgstatstatements.html,
// whose texts have no values.
func (s *Store) slow(ctx context.Context, v *Vitals) error {
	if err := s.read.QueryRowContext(ctx, "SELECT to_regclass('pg_stat_statements') IS NOT NULL").
		Scan(&v.SlowKnown); err != nil || !v.SlowKnown {
		return err
	}
	var rows []struct {
		Text  string  `bun:"text"`
		Calls int64   `bun:"calls"`
		Mean  float64 `bun:"mean"` // milliseconds
	}
	err := s.read.NewRaw(`SELECT left(regexp_replace(s.query, '\s+', ' ', 'g'), 160) AS text,
		s.calls, s.mean_exec_time AS mean FROM pg_stat_statements s
		JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()
		JOIN pg_roles u ON u.oid = s.userid AND u.rolname = current_user
		WHERE s.mean_exec_time >= ? AND s.calls >= 5 ORDER BY s.total_exec_time DESC LIMIT 5`,
		slowFrom.Milliseconds()).Scan(ctx, &rows)
	if err != nil {
		// The view may be there without the library being loaded.
		v.SlowKnown = false
		return nil
	}
	for _, r := range rows {
		v.Slow = append(v.Slow, SlowStatement{r.Text, r.Calls, time.Duration(r.Mean * float64(time.Millisecond))})
	}
	return nil
}

// AccountState is an ad account and what waits for it.
type AccountState struct {
	ID        string        `bun:"id"`
	ProjectID string        `bun:"project_id"`
	Network   string        `bun:"network"`
	Name      string        `bun:"name"`
	Paused    bool          `bun:"paused"`
	Health    domain.Health `bun:"health"`
	Reason    string        `bun:"health_reason"`
	Open      int           `bun:"open"`
	AtRisk    int           `bun:"at_risk"` // the window ends soon
}

// AccountStates lists the ad accounts that are not well or have conversions at
// risk: open ones whose window ends before a time.
func (s *Store) AccountStates(ctx context.Context, riskBefore time.Time, limit int) ([]AccountState, error) {
	waits := s.read.NewSelect().Model((*sendRow)(nil)).ColumnExpr("s.account_no, count(*) AS open").
		ColumnExpr("sum(CASE WHEN s.expires_at <= ? AND s.expires_at > ? THEN 1 ELSE 0 END) AS at_risk",
			stamp(riskBefore), stamp(s.now())).
		Where("s.status IN (?)", bun.List(domain.StatusesThat(domain.Status.Open))).GroupExpr("s.account_no")
	var out []AccountState
	err := s.read.NewSelect().Model((*accountRow)(nil)).
		Column("id", "project_id", "network", "name", "paused", "health", "health_reason").
		ColumnExpr("coalesce(w.open, 0) AS open, coalesce(w.at_risk, 0) AS at_risk").
		Join("JOIN projects AS p ON p.id = a.project_id AND p.deleted_at IS NULL").
		Join("LEFT JOIN (?) AS w ON w.account_no = a.no", waits).
		Where("a.deleted_at IS NULL").Where("a.paused OR a.health <> ? OR coalesce(w.at_risk, 0) > 0", domain.Healthy).
		OrderExpr("coalesce(w.at_risk, 0) DESC, a.id").Limit(int64(limit)).Scan(ctx, &out)
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
	last := s.read.NewSelect().Model((*eventRow)(nil)).ColumnExpr("max(v.occurred_at)").Where("v.project_no = p.no")
	var rows []struct {
		ID   string `bun:"id"`
		Name string `bun:"name"`
		Last stamp  `bun:"last"`
	}
	err := s.read.NewSelect().TableExpr("(?) AS heard",
		s.read.NewSelect().Model((*projectRow)(nil)).Column("id", "name").
			ColumnExpr("(?) AS last", last).Where("p.enabled").Where("p.deleted_at IS NULL")).
		Where("heard.last <= ?", stamp(since)).OrderExpr("heard.id").Limit(int64(limit)).Scan(ctx, &rows)
	var out []SilentProject
	for _, r := range rows {
		out = append(out, SilentProject{r.ID, r.Name, r.Last.time()})
	}
	return out, mapError("look for silent projects", err)
}

// Use is a plugin of builds that projects depend on.
type Use struct {
	Name  string `bun:"name"`
	Count int    `bun:"count"`
}

// ConstructorsInUse counts the projects of each constructor.
func (s *Store) ConstructorsInUse(ctx context.Context) (out []Use, err error) {
	err = s.read.NewSelect().Model((*projectRow)(nil)).ColumnExpr("p.constructor AS name, count(*) AS count").
		Where("p.deleted_at IS NULL").GroupExpr("p.constructor").OrderExpr("p.constructor").Scan(ctx, &out)
	return out, mapError("count the projects of each constructor", err)
}

// NetworksInUse counts the ad accounts of each network.
func (s *Store) NetworksInUse(ctx context.Context) (out []Use, err error) {
	err = s.read.NewSelect().Model((*accountRow)(nil)).ColumnExpr("a.network AS name, count(*) AS count").
		Join("JOIN projects AS p ON p.id = a.project_id AND p.deleted_at IS NULL").
		Where("a.deleted_at IS NULL").GroupExpr("a.network").OrderExpr("a.network").Scan(ctx, &out)
	return out, mapError("count the ad accounts of each network", err)
}
