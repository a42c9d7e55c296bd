package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/platforms"
)

// doctor looks into everything that this process reaches.
type doctor struct {
	cfg      config.Config
	db       *database.DB
	store    *store.Store
	nats     *natsconn.Conn
	health   *eventbus.Health
	decoders *platforms.Registry
	sinks    *adnet.Registry
}

// doctorTimeout bounds each group of checks: a server that hangs is a finding,
// not a reason to give none.
const doctorTimeout = 4 * time.Second

// look runs the groups of checks side by side.
func (d *doctor) look(ctx context.Context) diagnosis {
	out := diagnosis{Version: buildVersion(), At: clock(), Server: true}
	groups := []func(context.Context) []finding{
		func(context.Context) []finding { return append(d.configuration(), d.disk()...) },
		d.database, d.running, d.build, d.waiting, d.streams, d.events, d.accounts, d.versions, d.silent, d.clicks,
	}
	found := make([][]finding, len(groups))
	var wg sync.WaitGroup
	for i, g := range groups {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
			defer cancel()
			if err := survive(func() error { found[i] = g(ctx); return nil }); err != nil {
				found[i] = []finding{{"doctor", isProblem, say("a check broke off: %s", err), say("please report it")}}
			}
		})
	}
	wg.Wait()
	for _, fs := range found {
		out.add(fs...)
	}
	return out
}

// configuration looks for settings that are allowed and rarely meant.
func (d *doctor) configuration() []finding {
	var fs []finding
	advise := func(when bool, is, do string) {
		if when {
			fs = append(fs, finding{"configuration", isAdvice, is, do})
		}
	}
	reach := domain.ReachOf(d.cfg.PublicURL)
	advise(
		reach != domain.ReachWorld && reach != domain.ReachPlain,
		say("public_url is %s: no constructor and no visitor reaches that", d.cfg.PublicURL),
		say("set public_url to the https:// address that the world sees"))
	advise(
		reach == domain.ReachPlain, say("public_url is not https://: keys travel in the open"),
		say("serve through a proxy with TLS and set public_url to its https:// address"))
	advise(
		reach == domain.ReachWorld && len(d.cfg.HTTP.TrustedProxies) == 0,
		say("http.trusted_proxies is empty: every visitor has the address of the proxy"),
		say("name the proxy's network in http.trusted_proxies"))
	advise(
		d.cfg.AdminToken != "" && len(d.cfg.AdminToken) < 16, say("admin_token is short enough to be guessed"),
		say("make one with: openssl rand -hex 32"))
	advise(
		d.cfg.Outbound.AllowPrivate,
		say("outbound.allow_private is on: addresses that users enter may lead into your network"),
		say("switch it off unless all who have accounts are yours"))
	advise(
		d.cfg.Requests.KeepIgnored, say("requests.keep_ignored is on: people's private messages are kept"),
		say("switch it off when what you looked for is found"))
	advise(d.cfg.Log.Level == "debug", say("log.level is debug"), say("set it to info"))
	vendors := config.Defaults(d.cfg.AdNetworks.Networks...).AdNetworks.BaseURLs()
	for network, address := range d.cfg.AdNetworks.BaseURLs() {
		advise(
			address != vendors[network],
			say("adnetworks.%s.base_url is not the vendor's: %s", network, redactedURL(address)),
			say("conversions go there; take the setting out unless it is your proxy"))
	}
	if len(fs) == 0 {
		fs = append(fs, fine("configuration", "nothing unusual; roles: %s", strings.Join(d.cfg.Roles, ", ")))
	}
	return fs
}

func redactedURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "not an address"
	}
	return u.Redacted()
}

// clockMost is how far clocks may differ: what is recorded goes by the
// database's clock, but logs and streams do not.
const clockMost = time.Second

// database looks at version, settings, migrations, size, clock and slow
// statements.
func (d *doctor) database(ctx context.Context) []finding {
	now := d.store.Now()
	v, err := d.store.Vitals(ctx, now)
	if err != nil {
		return []finding{{
			"database", isProblem, say("it can not be asked: %s", err),
			say("see that it runs and that database.url is right; requests are answered 503 until then"),
		}}
	}
	fs := []finding{fine("database.version", "it is %s", v.Version)}
	fs = append(fs, d.migrations(ctx)...)
	fs = append(fs, databaseSettings(v)...)
	fs = append(fs, databaseClock(v, now, clock()), databaseSize(v))
	if !v.NextMonth {
		fs = append(fs, finding{
			"database.partitions", isProblem, say("next month's events have no partition"),
			say("see why the upkeep of a process with the role relay fails, in its log"),
		})
	}
	if v.Most > 0 {
		f := fine("database.connections", "%d of %d in use", v.Used, v.Most)
		if v.Used*10 > v.Most*9 {
			f.State, f.Do = isProblem, say(doConnections)
		}
		fs = append(fs, f)
		if !d.db.Pooled() { // else the pooler bounds them
			fs = append(fs, d.connections(ctx, v.Most, now)...)
		}
	}
	if d.cfg.Database.Prepared && d.store.Unprepared() {
		fs = append(fs, finding{
			"database.pooler", isAdvice,
			say("a pooler before PostgreSQL keeps no prepared statements; they are sent whole"),
			say("set database.prepared to false, or let it keep them (PgBouncer from 1.21 on: max_prepared_statements)"),
		})
	}
	return append(fs, slowStatements(d.cfg, v)...)
}

const doConnections = "raise max_connections of PostgreSQL, lower database.max_conns of each process, or put a " +
	"pooler between"

// connections adds up what the processes that live may take, which is one more
// than their pools, and leaves a tenth to others.
func (d *doctor) connections(ctx context.Context, most int, now time.Time) []finding {
	ps, err := d.store.Processes(ctx)
	if err != nil {
		return []finding{notAsked("database.connections", err)}
	}
	sum, alive := 0, 0
	for _, p := range ps {
		if !p.Gone(now) && p.MaxConns > 0 {
			sum, alive = sum+p.MaxConns+1, alive+1
		}
	}
	if sum*10 <= most*9 {
		return nil
	}
	return []finding{{
		"database.connections", isAdvice, say("%s may take %d connections together, and PostgreSQL has %d",
			counted(alive, "process", "processes"), sum, most), say(doConnections),
	}}
}

func (d *doctor) migrations(ctx context.Context) []finding {
	ms, err := d.store.Status(ctx)
	switch {
	case errors.Is(err, store.ErrUnreleased):
		return []finding{{"database.migrations", isProblem, err.Error(), say("begin with an empty database")}}
	case err != nil:
		return []finding{{
			"database.migrations", isProblem, err.Error(),
			say("run the version of tgtrack that the database was used with"),
		}}
	}
	var lack []string
	for _, m := range ms {
		if m.AppliedAt.IsZero() {
			lack = append(lack, m.Name)
		}
	}
	if len(lack) > 0 {
		return []finding{{
			"database.migrations", isProblem, say("missing: %s", strings.Join(lack, ", ")),
			say("run tgtrack migrate up, or start tgtrack serve"),
		}}
	}
	return []finding{fine("database.migrations", "all %d applied", len(ms))}
}

// databaseSettings holds the settings on which it depends that an answer
// holds.
func databaseSettings(v store.Vitals) []finding {
	again := say("close other programs that use the file, and start again")
	want := map[string]struct{ value, do string }{
		"fsync": {
			"on",
			say("set fsync = on in postgresql.conf: without it a power cut can break the whole database"),
		},
		"full_page_writes": {
			"on",
			say("set full_page_writes = on in postgresql.conf, unless the file system writes pages whole"),
		},
		"synchronous_commit": {
			"on", say("set synchronous_commit = on: else what was answered 200 can be lost in a crash"),
		},
		"autovacuum":   {"on", say("set autovacuum = on, or the tables grow without end")},
		"journal_mode": {"wal", again},
		"synchronous":  {"2", again},
		"foreign_keys": {"1", ""},
	}
	var fs []finding
	for _, s := range v.Settings {
		w := want[s.Name]
		stronger := s.Name == "synchronous_commit" && (s.Value == "remote_apply" || s.Value == "remote_write")
		if s.Value != w.value && !stronger {
			fs = append(fs, finding{
				"database.settings", isProblem, say("the setting %s is %s", s.Name, s.Value), w.do,
			})
		}
	}
	if len(fs) == 0 {
		fs = append(fs, fine("database.settings", "what is answered is kept"))
	}
	return fs
}

// databaseClock compares the database's clock with this host's, and with the
// newest event.
func databaseClock(v store.Vitals, now, host time.Time) finding {
	do := say("let all hosts follow NTP: what is recorded and limited goes by the database's clock")
	off := v.Now.Sub(host).Abs()
	switch {
	case !v.Now.IsZero() && off > clockMost:
		return finding{
			"clock", isProblem,
			say("the database's clock and the server's differ by %s", off.Round(time.Millisecond)), do,
		}
	case v.Newest.Sub(now) > clockMost:
		return finding{
			"clock", isProblem,
			say("the newest event was recorded in the future: the clock was set back by %s, or another host's is ahead",
				v.Newest.Sub(now).Round(time.Second)), do,
		}
	}
	return fine("clock", "it is %s", now.Format("2006-01-02 15:04:05Z"))
}

func databaseSize(v store.Vitals) finding {
	f := fine("database.size", "it takes %s", bytesText(v.Bytes))
	for i, t := range v.Largest {
		if i < 3 {
			f.Is += "; " + say("the table %s: %s", t.Name, bytesText(t.Bytes))
		}
	}
	return f
}

func slowStatements(cfg config.Config, v store.Vitals) []finding {
	if cfg.SQLite() {
		return nil
	}
	if !v.SlowKnown {
		return []finding{fine("database.slow", "not known: the extension pg_stat_statements is not there")}
	}
	var fs []finding
	for _, s := range v.Slow {
		fs = append(fs, finding{
			"database.slow", isAdvice,
			say("%s on the average of %d calls: %s",
				s.Mean.Round(time.Millisecond), s.Calls, s.Text),
			say("look at it with EXPLAIN (ANALYZE, BUFFERS)"),
		})
	}
	if len(fs) == 0 {
		fs = append(fs, fine("database.slow", "no statement is slow"))
	}
	return fs
}

// bytesText writes a size as people read it.
func bytesText(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	f, i := float64(n), 0
	for f >= 1024 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	if i == 0 || f >= 100 {
		return fmt.Sprintf("%.0f %s", f, units[i])
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}
