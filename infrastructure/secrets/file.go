package secrets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// File names in the data folder.
const (
	SecretKeyFile  = "secret-key"
	AdminTokenFile = "admin-token"
	NATSTokenFile  = "nats-token"
)

// LoadOrCreate returns the secret in the file dir/name, making folder and file
// when there is none. Several processes may do so at once; all get the same
// secret. created tells whether this call made it.
func LoadOrCreate(dir, name string) (secret string, created bool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", false, fmt.Errorf("make the data folder: %w", err)
	}
	path := filepath.Join(dir, name)
	secret, err = load(path)
	if !errors.Is(err, os.ErrNotExist) {
		return secret, false, err
	}
	made, err := create(path, NewKey())
	if err != nil {
		return "", false, err
	}
	// Read back, for another process may have been first.
	secret, err = load(path)
	return secret, made, err
}

func load(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	secret := strings.TrimSpace(string(raw))
	if secret == "" {
		return "", fmt.Errorf("the file %s is empty: remove it to have a new one made, or put the secret back", path)
	}
	return secret, nil
}

// create writes the file under another name first and links it into place, so
// that it appears whole or not at all, and never over an existing one.
func create(path, secret string) (created bool, err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-secret-*") // made with mode 0600
	if err != nil {
		return false, fmt.Errorf("make the secret's file: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, writeErr := f.WriteString(secret + "\n")
	if err := errors.Join(writeErr, f.Sync(), f.Close()); err != nil {
		return false, fmt.Errorf("write the secret: %w", err)
	}
	switch err := os.Link(f.Name(), path); {
	case errors.Is(err, os.ErrExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("put the secret in place: %w", err)
	}
	return true, syncDir(dir)
}

// syncDir makes the new name itself survive a power cut: data sealed with a
// key that is gone would be lost.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync the data folder: %w", err)
	}
	return nil
}
