package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/backup"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

func (p *program) restore() *cobra.Command {
	var force, asJSON, dump bool
	c := &cobra.Command{
		Use: "restore FILE", Short: "Fill an empty data_dir from a backup, or go on with a dump of PostgreSQL",
		Args: func(c *cobra.Command, args []string) error {
			if dump {
				return cobra.NoArgs(c, args)
			}
			return cobra.ExactArgs(1)(c, args)
		},
		Long: "Checks a backup from end to end and fills data_dir from it. Nothing is touched before all is " +
			"checked.\n" +
			"A folder that holds something is refused; with --force what it holds is moved into a folder inside it.\n" +
			"With --dump, after pg_restore and before any process is started: what was due when the dump was made may\n" +
			"have been sent since, and goes again only to networks that drop repeats.",
		RunE: func(c *cobra.Command, args []string) error {
			cfg, logger, err := p.load()
			if err != nil {
				return err
			}
			sinks, err := newSinks(cfg, p.plugins)
			if err != nil {
				return err
			}
			repeats := newNetworks(cfg, sinks, nil).DropsRepeats
			if dump {
				return p.withStore(c.Context(), func(ctx context.Context, o *openStore) error {
					return goOnWithDump(ctx, o, repeats)
				})
			}
			if why := backupOutside(cfg); why != "" {
				return errors.New(why)
			}
			r := &restoring{cfg: cfg, logger: logger, force: force, repeats: repeats}
			if err := r.run(c.Context(), args[0]); err != nil {
				return err
			}
			if r.aside != "" {
				fmt.Fprintln(p.err, "what was in data_dir is now in "+r.aside)
			}
			return p.reportBackup("restored", args[0], r.manifest, asJSON)
		},
	}
	c.Flags().BoolVar(&force, "force", false, "move what is in data_dir aside")
	c.Flags().BoolVar(&asJSON, "json", false, "print the manifest as JSON")
	c.Flags().BoolVar(&dump, "dump", false, "the database is PostgreSQL, and pg_restore has filled it from a dump")
	return c
}

// restoring is one restore.
type restoring struct {
	cfg      config.Config
	logger   *slog.Logger
	force    bool
	repeats  store.Repeats
	manifest backup.Manifest
	aside    string // where the old content went, "" when there was none
}

// run unpacks into a folder inside the data folder, so that a volume mounted
// there can be filled, makes it ready there, and moves it into place.
func (r *restoring) run(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	defer f.Close()
	// Read once without touching anything: it may be damaged at its end.
	m, err := backup.Verify(f)
	if err != nil {
		return err
	}
	if err := r.accept(m); err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return fmt.Errorf("read the backup again: %w", err)
	}
	t, err := r.takeTarget()
	if err != nil {
		return err
	}
	defer t.release()
	stage, err := t.stage()
	if err != nil {
		return err
	}
	if r.manifest, err = backup.Unpack(f, stage, r.accept); err == nil {
		err = makeReady(ctx, r.cfg, r.logger, stage, r.manifest, r.repeats)
	}
	if err == nil {
		r.aside, err = t.moveIn(stage)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(stage))
	}
	return nil
}

// accept refuses what this version or this configuration could not go on with.
func (r *restoring) accept(m backup.Manifest) error {
	latest, err := store.LatestSchema()
	if err != nil {
		return err
	}
	if m.Schema > latest {
		return fmt.Errorf("it was made by tgtrack %s with schema %d, this is %s with schema %d: %w", m.Version,
			m.Schema, buildVersion(), latest, backup.ErrNewer)
	}
	has := map[string]bool{}
	for _, f := range m.Files {
		has[f.Name] = true
	}
	if !has[database.FileName] {
		return fmt.Errorf("%w: it has no %s", backup.ErrDamaged, database.FileName)
	}
	if r.cfg.SecretKey == "" {
		if !has[secrets.SecretKeyFile] {
			return errors.New("the service had its secret_key from its configuration, so that the backup has " +
				"none: set the same secret_key")
		}
		return nil
	}
	box, err := secrets.NewBox(r.cfg.SecretKey)
	if err != nil {
		return err
	}
	if box.KeyID() != m.SecretKeyID {
		return errors.New("secret_key of the configuration is not the one of the backup: set that, or none where " +
			"the backup has it")
	}
	return nil
}

// takeTarget locks the data folder and looks what is in it.
func (r *restoring) takeTarget() (*restoreTarget, error) {
	dir, err := filepath.Abs(r.cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	return takeRestoreTarget(dir, r.force)
}
