package cmd

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/folderlock"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

func (p *program) secrets() *cobra.Command {
	parent := &cobra.Command{
		Use: "secrets", Short: "Change the key that encrypts what is stored", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return wrong("say what to do: tgtrack secrets rotate")
		},
	}
	var keyFile string
	var asJSON bool
	rotate := &cobra.Command{
		Use: "rotate", Short: "Encrypt API keys and account settings with a new secret_key", Args: cobra.NoArgs,
		Long: "Encrypts API keys and the settings of ad accounts with a new secret_key, in one transaction. API " +
			"keys, links and\n" +
			"webhook addresses stay as they are. Stop every tgtrack first: a process that runs goes on with the " +
			"old key.\n" +
			"Interrupted, the old key holds, or the command finishes when it is run again.\n\n" +
			"Requests kept in the log before are not found by person any more, until they are as old as " +
			"requests.max_age:\n" +
			"erase whom you have to erase first.",
		RunE: func(c *cobra.Command, _ []string) error {
			r, err := p.rotate(c.Context(), keyFile)
			if err != nil {
				return err
			}
			return r.print(p, asJSON)
		},
	}
	rotate.Flags().StringVar(&keyFile, "new-key-file", "", "file with the new key; without it one is made")
	rotate.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	parent.AddCommand(rotate)
	return parent
}

// rotated is what a rotation did. It never has a key in it.
type rotated struct {
	store.Rotated
	Finished   bool     `json:"finished,omitempty"`     // only the end of an interrupted one was left
	KeyFile    string   `json:"key_file"`               // where the new key is
	OldKeyFile string   `json:"old_key_file,omitempty"` // where the old one was put
	SetKey     bool     `json:"set_secret_key"`         // the operator has to set it
	Notes      []string `json:"notes"`
}

func (r *rotated) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

func (r *rotated) print(p *program, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(p.out).Encode(r)
	}
	if r.Finished {
		fmt.Fprintln(p.out, "the rotation that was interrupted is finished")
	} else {
		fmt.Fprintf(p.out, "encrypted anew: API keys %d, ad accounts %d\n", r.Keys, r.Accounts)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(p.out, "- "+n)
	}
	return nil
}

// rotate changes the secret key of a database that nobody uses.
func (p *program) rotate(ctx context.Context, newKeyFile string) (r *rotated, err error) {
	cfg, _, err := p.load()
	if err != nil {
		return nil, err
	}
	if cfg.SQLite() || cfg.NATS.URL == "" { // else nothing in the folder tells of others
		lock, err := folderlock.Take(cfg.DataDir)
		if err != nil {
			return nil, fmt.Errorf("data_dir %s: stop the tgtrack that uses it: %w", cfg.DataDir, err)
		}
		defer func() { err = errors.Join(err, lock.Release()) }()
	}
	err = p.withStore(ctx, func(ctx context.Context, o *openStore) error {
		r, err = rotateStore(ctx, o, newKeyFile)
		return err
	})
	return r, err
}

func rotateStore(ctx context.Context, o *openStore, newKeyFile string) (*rotated, error) {
	empty, err := o.store.Empty(ctx)
	if err != nil {
		return nil, err
	}
	if empty {
		return nil, errors.New("the database is empty: there is nothing to encrypt anew")
	}
	id, err := o.store.Meta(ctx, metaKeyID)
	if err != nil {
		return nil, err
	}
	r := &rotated{Notes: []string{}}
	if id != o.box.KeyID() {
		return r, finishRotation(o.cfg, id, r)
	}
	key, err := newKey(newKeyFile)
	if err != nil {
		return nil, err
	}
	box, err := secrets.NewBox(key)
	if err != nil {
		return nil, err
	}
	box.Bind(true) // no version before runs, and none opens this key's secrets
	if box.KeyID() == o.box.KeyID() {
		return nil, wrong("the new key is the one in use")
	}
	// What is encrypted stands in the tables of this version; a key may have to go
	// before this version has started.
	if err := o.store.Migrate(ctx); err != nil {
		return nil, fmt.Errorf("bring the schema up to date: %w", err)
	}
	files := keyFilesOf(o.cfg, box.KeyID(), newKeyFile)
	if err := files.write(key); err != nil {
		return nil, err
	}
	meta := map[string]string{metaKeyID: box.KeyID()}
	if err := rotateAdmin(ctx, o, box, meta, r); err != nil {
		return nil, err
	}
	r.Rotated, err = o.store.RotateSecrets(ctx, store.Rotation{
		Old: o.box, New: box, Expect: map[string]string{metaKeyID: id}, Meta: meta,
	})
	if err != nil {
		return nil, fmt.Errorf("nothing was changed: %w", err)
	}
	if r.LostKeys > 0 {
		r.note("%d API keys were kept as hashes only and had to be removed: make new ones", r.LostKeys)
	}
	return r, files.swap(o.box.KeyID(), r)
}

// newKey reads the new key, or makes one.
func newKey(file string) (string, error) {
	if file == "" {
		return secrets.NewKey(), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", wrong("--new-key-file: %w", err)
	}
	key := strings.TrimSpace(string(b))
	if len(key) < minKey {
		return "", wrong("--new-key-file: the key has %d characters; at least %d are needed to be hard to guess",
			len(key), minKey)
	}
	return key, nil
}

// minKey is how many characters a key must have that somebody brings.
const minKey = 32

// rotateAdmin hashes the token of the management API anew. It is kept nowhere
// but in the configuration or in its file.
func rotateAdmin(ctx context.Context, o *openStore, box *secrets.Box, meta map[string]string, r *rotated) error {
	stored, err := o.store.Meta(ctx, metaAdminHash)
	if err != nil || stored == "" {
		return err
	}
	file := filepath.Join(o.cfg.DataDir, secrets.AdminTokenFile)
	token := o.cfg.AdminToken
	if token == "" {
		b, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("read the admin token: %w", err)
		}
		token = strings.TrimSpace(string(b))
		if was, _ := hex.DecodeString(stored); token != "" && !hmac.Equal(was, o.box.Hash("admin-token", token)) {
			r.note("the admin token was not the one in %s; from the next start on it is that one", file)
			token = ""
		} else if token == "" {
			r.note("the admin token is known nowhere any more: the next start makes one into %s, unless "+
				"admin_token is set", file)
		}
	}
	meta[metaAdminHash] = ""
	if token != "" {
		meta[metaAdminHash] = hex.EncodeToString(box.Hash("admin-token", token))
	}
	return nil
}

// wrongKey says why the service does not start with this key.
func wrongKey(cfg config.Config, id string) error {
	if (keyFiles{managed: cfg.SecretKey == "", dir: cfg.DataDir}).holds(id) {
		return fmt.Errorf("%w; a change of the key was interrupted: run `tgtrack secrets rotate` to finish it",
			errWrongKey)
	}
	return errWrongKey
}
