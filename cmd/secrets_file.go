package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

// keyFiles are where keys lie during a rotation. The new one is on disk before
// the database is changed: a crash at any moment leaves a key that opens it.
type keyFiles struct {
	dir     string
	managed bool   // the key in use is ours, in the data folder
	path    string // of the new key
	given   bool   // the new key was in a file already
}

func keyFilesOf(cfg config.Config, newID, newKeyFile string) keyFiles {
	f := keyFiles{dir: cfg.DataDir, managed: cfg.SecretKey == ""}
	switch {
	case f.managed:
		f.path = f.next()
	case newKeyFile != "":
		f.path, f.given = newKeyFile, true
	default: // a name of its own: the key in use may be read from one like it
		f.path = filepath.Join(cfg.DataDir, secrets.SecretKeyFile+"-"+newID)
	}
	return f
}

func (f keyFiles) current() string { return filepath.Join(f.dir, secrets.SecretKeyFile) }

func (f keyFiles) next() string { return f.current() + ".new" }

// write puts the new key where it will survive.
func (f keyFiles) write(key string) (err error) {
	if f.given {
		return nil
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	out, err := os.CreateTemp(f.dir, ".new-secret-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("make the file of the new key: %w", err)
	}
	_, writeErr := out.WriteString(key + "\n")
	if err := errors.Join(writeErr, out.Sync(), out.Close()); err != nil {
		return errors.Join(fmt.Errorf("write the new key: %w", err), os.Remove(out.Name()))
	}
	if err := os.Rename(out.Name(), f.path); err != nil {
		return errors.Join(fmt.Errorf("put the new key in place: %w", err), os.Remove(out.Name()))
	}
	return f.sync()
}

// swap makes the new key the one in use and says what is left to do.
func (f keyFiles) swap(oldID string, r *rotated) error {
	if !f.managed {
		r.KeyFile, r.SetKey = f.path, true
		r.note("set TGTRACK_SECRET_KEY (secret_key) to the text in %s before the next start; the old key opens "+
			"nothing any more", f.path)
		if !f.given {
			r.note("then remove that file, or move it to where your secrets are kept")
		}
		r.note("keep the old key for as long as you keep backups made with it")
		return nil
	}
	old := f.current() + "." + oldID
	if err := os.Link(f.current(), old); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("put the old key aside; run the command again: %w", err)
	}
	if err := os.Rename(f.next(), f.current()); err != nil {
		return fmt.Errorf("put the new key in place; run the command again: %w", err)
	}
	r.KeyFile, r.OldKeyFile = f.current(), old
	r.note("the new key is in %s", f.current())
	r.note("the old key is in %s: backups made before need it; remove it when you keep none", old)
	return f.sync()
}

// holds tells whether the key that a rotation left behind has a fingerprint.
func (f keyFiles) holds(id string) bool {
	if !f.managed {
		return false
	}
	b, err := os.ReadFile(f.next())
	if err != nil {
		return false
	}
	box, err := secrets.NewBox(strings.TrimSpace(string(b)))
	return err == nil && box.KeyID() == id
}

// finishRotation ends one that was interrupted after the database had changed.
func finishRotation(cfg config.Config, id string, r *rotated) error {
	f := keyFiles{dir: cfg.DataDir, managed: cfg.SecretKey == ""}
	if !f.holds(id) {
		return errWrongKey
	}
	b, err := os.ReadFile(f.current())
	if err != nil {
		return fmt.Errorf("read the old key: %w", err)
	}
	old, err := secrets.NewBox(strings.TrimSpace(string(b)))
	if err != nil {
		return err
	}
	r.Finished = true
	return f.swap(old.KeyID(), r)
}

func (f keyFiles) sync() error {
	d, err := os.Open(f.dir)
	if err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync the data folder: %w", err)
	}
	return nil
}
