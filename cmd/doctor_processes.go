package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/usecase"
)

// running looks at the processes that share the database.
func (d *doctor) running(ctx context.Context) []finding {
	ps, err := d.store.Processes(ctx)
	if err != nil {
		return []finding{notAsked("processes", err)}
	}
	now := d.store.Now()
	var fs []finding
	versions := map[string]bool{}
	for _, p := range ps {
		fs = append(fs, judgeProcess(p, now))
		fs = append(fs, decodersOff(p, now)...)
		if !p.Gone(now) {
			versions[p.Version] = true
		}
	}
	if len(versions) > 1 {
		fs = append(fs, finding{
			"processes", isAdvice, say("they run %d versions", len(versions)),
			say("finish the upgrade: stop the older ones, each after a new one runs"),
		})
	}
	return append(fs, lackingRoles(ps, now)...)
}

// elsewhere lists the processes of a database that is looked at from outside.
func (d *doctor) elsewhere(ctx context.Context) []finding {
	if d.cfg.SQLite() {
		return nil // of which none answered
	}
	return d.running(ctx)
}

// decodersOff tells of decoders that a living process does not ask any more.
func decodersOff(p usecase.Process, now time.Time) (fs []finding) {
	if p.Gone(now) {
		return nil
	}
	for _, name := range p.DecodersOff {
		fs = append(fs, finding{
			"decoders", isProblem, say("the decoder %s of %s at %s did not come back from two requests and is "+
				"switched off: its requests are answered 503 and kept", name, p.Host, p.Address),
			say("look at those requests with tgtrack decode, install a version that reads them, restart, and take them with " +
				"tgtrack replay requests --code 503"),
		})
	}
	return fs
}

func judgeProcess(p usecase.Process, now time.Time) finding {
	f := fine("processes", "%s at %s: %s; version %s, up since %s, last sign %s ago",
		p.Host, p.Address, strings.Join(p.Roles, ", "), p.Version, p.StartedAt.Format("2006-01-02 15:04:05Z"),
		max(0, now.Sub(p.SeenAt)).Round(time.Second))
	if p.Gone(now) {
		f.State = isProblem
		f.Do = say("it was killed, hangs or does not reach the database: see its host and its log, and start it again. "+
			"Others take over what it had begun; without a successor at its address it leaves this list %s after its last sign",
			usecase.ProcessKept)
	}
	return f
}

// lackingRoles finds the work that nobody does.
func lackingRoles(ps []usecase.Process, now time.Time) (fs []finding) {
	undone := map[string]string{
		config.RoleAPI:     say("no request is taken"),
		config.RoleRelay:   say("events and conversions wait in the database, and nothing is sent"),
		config.RoleDeliver: say("no conversion is sent"),
		config.RoleReports: say("no figures are added up, and no digest and no alert is sent"),
	}
	for _, role := range allRoles() {
		if !slices.ContainsFunc(ps, func(p usecase.Process) bool { return p.Has(role) && !p.Gone(now) }) {
			fs = append(fs, finding{
				"processes", isProblem, say("no process has the role %s: %s", role, undone[role]),
				say("start one with roles: %s and the same database, NATS and secret_key", role),
			})
		}
	}
	return fs
}
