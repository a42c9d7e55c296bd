package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/infrastructure/backup"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/folderlock"
)

// What to do where the data is not ours to copy.
const (
	backupOfPostgres = "the database is PostgreSQL: back it up with pg_dump and restore it with pg_restore, and " +
		"keep secret_key; docs/keeping.md has the commands"
	backupOfNATS = "the streams are on a NATS server outside: back them up with `nats stream backup`; " +
		"docs/keeping.md has the commands"
)

// backupOutside says why a configuration has nothing that this program could
// back up or restore; "" where it has.
func backupOutside(cfg config.Config) string {
	switch {
	case !cfg.SQLite():
		return backupOfPostgres
	case cfg.NATS.URL != "":
		return backupOfNATS
	}
	return ""
}

func (p *program) backup() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "backup FILE", Short: "Back up everything in data_dir into one file, while the service runs or not",
		Args: cobra.ExactArgs(1),
		Long: "Backs up the database, the streams and the secrets of data_dir into one archive (tar packed with " +
			"zstd).\n" +
			"A running service makes it; without one this command does. The file appears whole or not at all, and\n" +
			"replaces one of that name. It holds the secret key and personal data: keep it as safe as the server.",
		RunE: func(c *cobra.Command, args []string) error {
			cfg, logger, err := p.load()
			if err != nil {
				return err
			}
			if why := backupOutside(cfg); why != "" {
				return errors.New(why)
			}
			m, err := p.backupTo(c.Context(), cfg, logger, args[0])
			if err != nil {
				return err
			}
			return p.reportBackup("wrote", args[0], m, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the manifest as JSON")
	return c
}

func (p *program) backupTo(ctx context.Context, cfg config.Config, logger *slog.Logger,
	path string) (backup.Manifest, error) {
	// Where nothing is kept, nothing is to be made: not even the folder.
	if _, err := os.Stat(filepath.Join(cfg.DataDir, database.FileName)); err != nil {
		return backup.Manifest{}, fmt.Errorf("there is nothing to back up in data_dir: %w", err)
	}
	write := func(w io.Writer) error { return p.backupAlone(ctx, cfg, logger, w) }
	lock, err := takeFolder(cfg)
	switch {
	case errors.Is(err, folderlock.ErrTaken):
		write = func(w io.Writer) error { return askForBackup(ctx, cfg, w) }
	case err != nil:
		return backup.Manifest{}, err
	default:
		defer func() { _ = lock.Release() }()
	}
	var m backup.Manifest
	err = backup.WriteFile(path, write, func(r io.Reader) (err error) {
		m, err = backup.Verify(r)
		return err
	})
	return m, err
}

// backupAlone opens what is in the folder and packs it.
func (p *program) backupAlone(ctx context.Context, cfg config.Config, logger *slog.Logger, w io.Writer) error {
	return p.withStore(ctx, func(ctx context.Context, o *openStore) error {
		nc, cleanup, err := newNATS(ctx, cfg, logger)
		if err != nil {
			return err
		}
		defer cleanup()
		archive, err := newBackups(cfg, o.store, nc, false).MakeBackup(ctx)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, archive)
		return errors.Join(err, archive.Close())
	})
}

func (p *program) reportBackup(did, path string, m backup.Manifest, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(p.out)
		e.SetIndent("", "  ")
		return e.Encode(m)
	}
	var size int64
	for _, f := range m.Files {
		size += f.Size
	}
	_, err := fmt.Fprintf(p.out, "%s %s: made %s by tgtrack %s, schema %d, %d files, %d bytes unpacked\n",
		did, path, m.CreatedAt.Format("2006-01-02 15:04:05Z"), m.Version, m.Schema, len(m.Files), size)
	return err
}
