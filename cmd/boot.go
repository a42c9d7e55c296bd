package cmd

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/usecase"
)

// Keys of the database's meta table.
const (
	metaKeyID     = "secret_key_id"
	metaAdminHash = "admin_token_hash"
)

// errWrongKey is told at start, before anything can be damaged.
var errWrongKey = errors.New("secret_key does not open what the database holds: set the key that was used before")

// boot brings the database to this version and makes sure that it is the one
// we mean and that the key opens it.
func boot(ctx context.Context, cfg config.Config, s *store.Store, box *secrets.Box, fresh bool) error {
	empty, err := s.Empty(ctx)
	if err != nil {
		return err
	}
	known := knownDatabases{dir: cfg.DataDir}
	addr := databaseAddress(cfg)
	if empty && !fresh && known.has(addr) {
		return fmt.Errorf("the database %s is empty, but %s remembers that it was filled: check database.url, or "+
			"start anew with `tgtrack migrate up --fresh`", addr, known.file())
	}
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	filled, err := s.Filled(ctx)
	if err != nil {
		return err
	}
	if filled {
		if err := known.add(addr); err != nil {
			return err
		}
	}
	id, err := s.Meta(ctx, metaKeyID)
	if err != nil {
		return err
	}
	switch id {
	case box.KeyID():
		return nil
	case "":
		return s.SetMeta(ctx, metaKeyID, box.KeyID())
	}
	return wrongKey(cfg, id)
}

// adminHash gives the hash of the token of the management API. A token in the
// configuration is the one; without one the database knows the hash, or this
// is the first start and a token is made.
func adminHash(ctx context.Context, cfg config.Config, s *store.Store, vault usecase.Vault,
	errOut func(string)) ([]byte, error) {
	stored, err := s.Meta(ctx, metaAdminHash)
	if err != nil {
		return nil, err
	}
	token := cfg.AdminToken
	if token == "" && stored != "" {
		return hex.DecodeString(stored)
	}
	if token == "" {
		if token, _, err = secrets.LoadOrCreate(cfg.DataDir, secrets.AdminTokenFile); err != nil {
			return nil, err
		}
		errOut("the token of the management API is in " + filepath.Join(cfg.DataDir, secrets.AdminTokenFile))
	}
	hash := vault.Hash("admin-token", token)
	if text := hex.EncodeToString(hash); stored != text {
		err = s.SetMeta(ctx, metaAdminHash, text)
	}
	return hash, err
}

// rememberFilled notes, once there is a project, that the database is filled.
func rememberFilled(cfg config.Config, logger *slog.Logger) func() {
	return sync.OnceFunc(func() {
		if err := (knownDatabases{dir: cfg.DataDir}).add(databaseAddress(cfg)); err != nil {
			logger.Warn("remember that the database is filled", "error", err)
		}
	})
}

// knownDatabases remembers in the data folder which databases were filled.
type knownDatabases struct{ dir string }

func (k knownDatabases) file() string { return filepath.Join(k.dir, "databases") }

func (k knownDatabases) list() []string {
	b, err := os.ReadFile(k.file())
	if err != nil {
		return nil
	}
	return strings.Fields(string(b))
}

func (k knownDatabases) has(addr string) bool { return slices.Contains(k.list(), addr) }

func (k knownDatabases) add(addr string) error {
	if k.has(addr) {
		return nil
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	text := strings.Join(append(k.list(), addr), "\n") + "\n"
	if err := os.WriteFile(k.file(), []byte(text), 0o600); err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	return nil
}

// databaseAddress names a database without its password.
func databaseAddress(cfg config.Config) string {
	if cfg.SQLite() {
		return "sqlite"
	}
	u, err := url.Parse(cfg.Database.URL)
	if err != nil {
		return "postgres"
	}
	user := ""
	if u.User != nil {
		user = url.PathEscape(u.User.Username()) + "@"
	}
	schema := ""
	if p := u.Query().Get("search_path"); p != "" {
		schema = "?search_path=" + url.QueryEscape(p)
	}
	return "postgres://" + user + u.Host + u.EscapedPath() + schema
}
