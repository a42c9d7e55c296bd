package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

// States of a finding, from good to bad. Advice is no reason to wake anybody.
const (
	isFine    = "ok"
	isAdvice  = "advice"
	isProblem = "problem"
)

// finding is one thing that was looked at.
type finding struct {
	Check string `json:"check"`
	State string `json:"state"`
	Is    string `json:"is"`
	Do    string `json:"do,omitempty"`
}

// diagnosis is all that was found.
type diagnosis struct {
	State    string    `json:"state"` // the worst of the findings
	Server   bool      `json:"server"`
	Version  string    `json:"version"`
	At       time.Time `json:"at"`
	Findings []finding `json:"findings"`
}

func (d *diagnosis) add(fs ...finding) {
	rank := map[string]int{isFine: 0, isAdvice: 1, isProblem: 2}
	for _, f := range fs {
		d.Findings = append(d.Findings, f)
		if d.State == "" || rank[f.State] > rank[d.State] {
			d.State = f.State
		}
	}
}

func fine(check, is string, args ...any) finding {
	return finding{check, isFine, say(is, args...), ""}
}

// say makes a sentence of a finding, from a text that doctorTexts has in every
// language: pages find it again by its English.
func say(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// errProblems ends the command with exit code 1; the problems are shown
// already.
var errProblems = errors.New("there are problems")

func (p *program) doctor() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "doctor", Short: "Look into everything and say what to do", Args: cobra.NoArgs,
		Long: "Look into configuration, clock, disk, database, processes, streams, ad accounts\n" +
			"and silent projects of the running server, whatever its roles, and say what to do.\n" +
			"Without a server the rest is looked at from here. Exit code: 0 all is well (advice may be given), 1 there are\n" +
			"problems, 2 wrong usage or configuration.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, _, err := p.load()
			if err != nil {
				return err
			}
			d := askDoctor(c.Context(), cfg, p.plugins)
			if err := p.printDiagnosis(d, asJSON); err != nil {
				return err
			}
			if d.State == isProblem {
				return errProblems
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// askDoctor asks the running server, and looks itself where none answers.
func askDoctor(ctx context.Context, cfg config.Config, p Plugins) diagnosis {
	var d diagnosis
	began := time.Now()
	client, err := newAPIClient(cfg)
	if err == nil {
		client.http.Timeout = 30 * time.Second
		err = client.call(ctx, http.MethodGet, "/doctor", nil, &d)
	}
	if err == nil {
		d.Server = true
		d.add(clockOfServer(d.At, began, time.Now()))
		return d
	}
	d = diagnosis{Version: buildVersion(), At: clock()}
	var answer *apiError
	if errors.As(err, &answer) && answer.Status == http.StatusUnauthorized {
		d.add(finding{
			"server", isProblem, say("a server answers, and does not take the admin token"),
			say("run this with the server's configuration; the token is admin_token, or the file " +
				"admin-token in its data_dir"),
		})
	} else {
		d.add(finding{
			"server", isProblem,
			say("no server answers, so the streams and what is in memory can not be looked at: %s", err),
			say("start it with tgtrack serve and the same configuration, and see its log; a process that runs " +
				"elsewhere is asked there"),
		})
	}
	d.add((&doctor{cfg: cfg}).withoutServer(ctx, p)...)
	return d
}

// clockOfServer compares the server's clock with the one here.
func clockOfServer(at, began, ended time.Time) finding {
	off := time.Duration(0)
	if at.Before(began) {
		off = began.Sub(at)
	} else if at.After(ended) {
		off = at.Sub(ended)
	}
	if off > clockMost {
		return finding{
			"clock.here", isAdvice,
			say("the server's clock and the one here differ by %s", off.Round(time.Millisecond)),
			say("let both follow NTP"),
		}
	}
	return fine("clock.here", "the server's clock agrees with the one here")
}

// withoutServer is what can be looked at from outside.
func (d *doctor) withoutServer(ctx context.Context, p Plugins) []finding {
	fs := append(d.configuration(), d.disk()...)
	if d.cfg.SQLite() {
		if _, err := os.Stat(filepath.Join(d.cfg.DataDir, database.FileName)); err != nil {
			return append(fs, finding{
				"database", isAdvice, say("there is no database in %s yet", d.cfg.DataDir),
				say("the first tgtrack serve makes it"),
			})
		}
	}
	db, cleanup, err := newDatabase(ctx, d.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return append(fs, finding{
			"database", isProblem, say("it can not be opened: %s", err),
			say("check database.url, and that the server of the database runs"),
		})
	}
	defer cleanup()
	d.db = db
	box, err := secrets.NewBox("nothing is opened with this key")
	if err != nil {
		return append(fs, finding{"database", isProblem, err.Error(), ""})
	}
	d.store, err = store.New(store.Options{
		Write: db.Write, Read: db.Read, Vault: box, Now: db.Now,
	})
	if err != nil {
		return append(fs, finding{"database", isProblem, err.Error(), ""})
	}
	fs = append(append(fs, d.database(ctx)...), d.elsewhere(ctx)...)
	if d.decoders, err = newDecoders(p); err != nil {
		return append(fs, finding{"build", isProblem, err.Error(), say("mend the build")})
	}
	sinks, err := newSinks(d.cfg, p)
	if err != nil {
		return append(fs, finding{"build", isProblem, err.Error(), say("mend the build")})
	}
	known, err := d.store.Remember(ctx, metaNetwork, nil)
	if err != nil {
		return append(fs, notAsked("build", err))
	}
	d.sinks = sinks.WithAbsent(described(known, slog.New(slog.DiscardHandler))...)
	return append(fs, d.build(ctx)...)
}

func (p *program) printDiagnosis(d diagnosis, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(p.out)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	who := "looked at from here, version " + d.Version
	if d.Server {
		who = "the running server, version " + d.Version
	}
	if _, err := fmt.Fprintf(p.out, "%s, %s\n\n", who, d.At.Format("2006-01-02 15:04:05Z")); err != nil {
		return err
	}
	for _, f := range d.Findings {
		if _, err := fmt.Fprintf(p.out, "%-8s %-22s %s\n", f.State, f.Check, f.Is); err != nil {
			return err
		}
		if f.Do != "" {
			if _, err := fmt.Fprintf(p.out, "%-31s → %s\n", "", f.Do); err != nil {
				return err
			}
		}
	}
	return nil
}
