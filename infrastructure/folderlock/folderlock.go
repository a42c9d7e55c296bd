// Package folderlock gives a folder to one process at a time. The operating
// system drops the lock with the process, however that ends. It says nothing
// about what is in the folder.
package folderlock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// The files of a lock. Both stay when it is released: removing the one that is
// locked would let two processes lock two files of one name. The note has a
// file of its own, since Windows lets nobody read a locked one.
const (
	fileName = "lock"
	noteName = "lock-holder"
)

// ErrTaken is returned for a folder that another process has.
var ErrTaken = errors.New("another process has the folder")

// Lock is a folder that this process has.
type Lock struct {
	dir  string
	file *flock.Flock
}

// Take locks a folder, making it when there is none. It does not wait: where
// another process has it, the error wraps ErrTaken and repeats that process's
// note.
func Take(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	l := &Lock{dir: dir, file: flock.New(filepath.Join(dir, fileName))}
	switch taken, err := l.file.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock the folder: %w", err)
	case !taken:
		if note := Note(dir); note != "" {
			return nil, fmt.Errorf("%w (%s)", ErrTaken, strings.ReplaceAll(note, "\n", ", "))
		}
		return nil, ErrTaken
	}
	if err := l.SetNote(fmt.Sprintf("process %d", os.Getpid())); err != nil {
		return nil, errors.Join(err, l.Release())
	}
	return l, nil
}

// SetNote writes what others may know of the holder.
func (l *Lock) SetNote(text string) error {
	if err := os.WriteFile(filepath.Join(l.dir, noteName), []byte(text+"\n"), 0o600); err != nil {
		return fmt.Errorf("write who has the folder: %w", err)
	}
	return nil
}

// Note reads what the holder of a folder wrote, or the last one that was.
func Note(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, noteName))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// Owns tells whether a name in a locked folder is that of a file of the lock.
func Owns(name string) bool { return name == fileName || name == noteName }

// Release gives the folder back.
func (l *Lock) Release() error { return l.file.Unlock() }
