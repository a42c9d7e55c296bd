package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tgtrack/tgtrack/infrastructure/backup"
	"github.com/tgtrack/tgtrack/infrastructure/folderlock"
)

// Names in a data folder while, and after, it is restored.
const (
	stageName    = ".restore"
	restoreMark  = ".restoring"
	asidePattern = "before-restore-"
)

// unfinished tells whether a restore was interrupted while it moved files, so
// that the folder holds a mixture.
func unfinished(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, restoreMark))
	return err == nil
}

// restoreTarget is a data folder that is being restored.
type restoreTarget struct {
	dir  string
	lock *folderlock.Lock
	old  []string // names to be moved aside
}

// takeRestoreTarget locks the folder; one with something in it is refused
// unless force is set.
func takeRestoreTarget(dir string, force bool) (*restoreTarget, error) {
	lock, err := folderlock.Take(dir)
	if errors.Is(err, folderlock.ErrTaken) {
		return nil, fmt.Errorf("data_dir %s is in use by a tgtrack that runs: stop it first: %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	t := &restoreTarget{dir: dir, lock: lock}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("data_dir: %w", err), lock.Release())
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case folderlock.Owns(name), name == stageName, name == restoreMark,
			strings.HasPrefix(name, asidePattern), strings.HasPrefix(name, spoolPrefix):
		default:
			t.old = append(t.old, name)
		}
	}
	if !force && (len(t.old) > 0 || unfinished(dir)) {
		err := fmt.Errorf("data_dir %s is not empty: "+
			"give another, or move what it holds aside with --force", dir)
		return nil, errors.Join(err, lock.Release())
	}
	return t, nil
}

func (t *restoreTarget) release() { _ = t.lock.Release() }

// stage makes the empty folder to unpack into.
func (t *restoreTarget) stage() (string, error) {
	path := filepath.Join(t.dir, stageName)
	if err := errors.Join(os.RemoveAll(path), os.Mkdir(path, 0o700)); err != nil {
		return "", fmt.Errorf("make a folder to unpack into: %w", err)
	}
	return path, nil
}

// moveIn moves the old content aside and the new one in. While it does there
// is a mark: whoever finds it knows that the folder holds a mixture.
func (t *restoreTarget) moveIn(stage string) (aside string, err error) {
	if err := errors.Join(backup.SyncTree(stage), removeSpools(t.dir)); err != nil {
		return "", err
	}
	mark := filepath.Join(t.dir, restoreMark)
	if err := errors.Join(os.WriteFile(mark, nil, 0o600), backup.Sync(t.dir)); err != nil {
		return "", fmt.Errorf("begin to move: %w", err)
	}
	if len(t.old) > 0 {
		if aside, err = os.MkdirTemp(t.dir, asidePattern+clock().Format("20060102T150405Z")+"-*"); err != nil {
			return "", fmt.Errorf("move what was there aside: %w", err)
		}
		if err := moveAll(t.dir, aside, t.old); err != nil {
			return "", fmt.Errorf("move what was there aside: %w", err)
		}
	}
	entries, err := os.ReadDir(stage)
	if err != nil {
		return "", fmt.Errorf("move the backup in: %w", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if err := moveAll(stage, t.dir, names); err != nil {
		return "", fmt.Errorf("move the backup in: %w", err)
	}
	if err := errors.Join(os.Remove(stage), os.Remove(mark), backup.Sync(t.dir)); err != nil {
		return "", fmt.Errorf("end the moving: %w", err)
	}
	return aside, nil
}

func moveAll(from, to string, names []string) error {
	for _, name := range names {
		if err := os.Rename(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return errors.Join(backup.Sync(from), backup.Sync(to))
}
