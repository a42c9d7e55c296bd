package cmd

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/folderlock"
)

// ownsFolder tells whether what is in the data folder may have only one
// process: the SQLite file or the store of the embedded NATS server.
func ownsFolder(cfg config.Config) bool { return cfg.SQLite() || cfg.NATS.URL == "" }

// takeFolder makes this process the one that works in the data folder, until
// it releases it. nil where the folder holds nothing to fight for.
func takeFolder(cfg config.Config) (*folderlock.Lock, error) {
	if !ownsFolder(cfg) {
		return nil, nil
	}
	l, err := folderlock.Take(cfg.DataDir)
	if errors.Is(err, folderlock.ErrTaken) {
		return nil, fmt.Errorf("data_dir %s is in use by another tgtrack: "+
			"stop it, or give this one a data_dir of its own: %w", cfg.DataDir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	if unfinished(cfg.DataDir) {
		err := fmt.Errorf("data_dir %s: a restore was interrupted there: "+
			"run `tgtrack restore --force FILE` again", cfg.DataDir)
		return nil, errors.Join(err, l.Release())
	}
	return l, nil
}

// holdFolder is takeFolder for a service. ready is to be called with the
// address when it listens, for commands that look for it.
func holdFolder(cfg config.Config) (ready func(addr string), release func(), err error) {
	l, err := takeFolder(cfg)
	if err != nil {
		return nil, nil, err
	}
	if l == nil {
		return func(string) {}, func() {}, nil
	}
	ready = func(addr string) {
		// Only for those who look; the service runs as well without it.
		_ = l.SetNote(fmt.Sprintf("process %d\n%s", os.Getpid(), localBase(addr)))
	}
	return ready, func() { _ = l.Release() }, nil
}

// serviceAddress is what the service that has the folder wrote of itself, ""
// before it listens.
func serviceAddress(dir string) string {
	for line := range strings.Lines(folderlock.Note(dir)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "http://") {
			return line
		}
	}
	return ""
}
