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
)

// FileName is the file in the folder that is locked. It stays when the lock is
// released: removing it would let two processes lock two files of one name.
const FileName = "lock"

// ErrTaken is returned for a folder that another process has.
var ErrTaken = errors.New("another process has the folder")

// Lock is a folder that this process has.
type Lock struct{ file *os.File }

// Take locks a folder, making it when there is none. It does not wait: where
// another process has it, the error wraps ErrTaken and repeats that process's
// note.
func Take(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, FileName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := lock(f); err != nil {
		note := Note(dir)
		_ = f.Close()
		if errors.Is(err, ErrTaken) && note != "" {
			return nil, fmt.Errorf("%w (%s)", err, strings.ReplaceAll(note, "\n", ", "))
		}
		return nil, err
	}
	l := &Lock{file: f}
	return l, l.SetNote(fmt.Sprintf("process %d", os.Getpid()))
}

// SetNote writes what others may know of the holder.
func (l *Lock) SetNote(text string) error {
	if err := errors.Join(l.file.Truncate(0), write(l.file, text)); err != nil {
		return fmt.Errorf("write into the lock: %w", err)
	}
	return nil
}

func write(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text+"\n"), 0)
	return err
}

// Note reads what the holder of a folder wrote, or the last one that was.
func Note(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// Release gives the folder back.
func (l *Lock) Release() error { return l.file.Close() }
