package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

func box(t *testing.T, key string) *secrets.Box {
	t.Helper()
	b, err := secrets.NewBox(key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sealedFixture has two keys and an account, sealed with the fixture's key.
func sealedFixture(f *fixture, old *secrets.Box) {
	f.t.Helper()
	keys := []usecase.Key{
		{
			ID: "k1", ProjectID: "p", Kind: usecase.APIKey, Hash: old.Hash("api-key", "tgk_one"),
			Sealed: old.Seal(usecase.KeyPlace("k1"), []byte("tgk_one")), CreatedAt: noon,
		},
		// only its hash
		{ID: "k2", ProjectID: "p", Kind: usecase.ReportKey, Hash: old.Hash("api-key", "tgr_two"), CreatedAt: noon},
	}
	for _, k := range keys {
		f.ok(f.RotateKey(f.t.Context(), k, noon))
	}
	f.ok(f.CreateAccount(f.t.Context(), account("a")))
	f.ok(f.SaveNoticeSettings(f.t.Context(), notify.Settings{
		ProjectID: "p", Language: "ru", WebhookURL: "https://crm.example", WebhookSecret: "whsec_x", UpdatedAt: noon,
	}, false))
	f.ok(f.CreateUser(f.t.Context(), user("anna"), f.oneTime(usecase.InviteLink, "one", "p", domain.Owner)))
	f.ok(f.CreateUser(f.t.Context(), user("boris"), f.oneTime(usecase.InviteLink, "two", "p", domain.Owner)))
	f.ok(f.SetFactor(f.t.Context(), usecase.NewFactor{
		UserID: "anna", Secret: old.Seal(usecase.FactorPlace("anna"), []byte("of anna")),
	}))
	f.ok(f.SetMeta(f.t.Context(), "key", "old-id"))
	f.ok(f.SetMeta(f.t.Context(), "admin", "hash"))
}

func TestRotateSecrets(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		old, fresh := box(t, "a key for tests"), box(t, "another key")
		fresh.Bind(true)
		sealedFixture(f, old)
		got, err := f.RotateSecrets(t.Context(), store.Rotation{
			Old: old, New: fresh, Expect: map[string]string{"key": "old-id"},
			Meta: map[string]string{"key": "new-id", "admin": ""},
		})
		f.ok(err)
		want := store.Rotated{Keys: 1, Accounts: 1, Webhooks: 1, LostKeys: 1, Projects: 2, Users: 1}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		k, err := f.KeyByHash(t.Context(), fresh.Hash("api-key", "tgk_one"))
		f.ok(err)
		plain, err := fresh.Open(usecase.KeyPlace("k1"), k.Sealed)
		if err != nil || string(plain) != "tgk_one" || k.ID != "k1" {
			t.Errorf("key: %q, %v", plain, err)
		}
		if _, err := f.KeyByHash(t.Context(), old.Hash("api-key", "tgk_one")); err == nil {
			t.Error("the key is still found by its old hash")
		}
		if f.count("api_keys") != 1 {
			t.Error("a key that nobody can hash anew is still there")
		}
		if _, err := f.Account(t.Context(), "p", "a"); !errors.Is(err, secrets.ErrSealed) {
			t.Errorf("the old key opens the account: %v", err)
		}
		var text []byte
		f.scan(&text, "SELECT webhook_secrets FROM projects WHERE id = 'p'")
		if plain, err := fresh.Open(usecase.ProjectPlace("p"), text); err != nil || string(plain) != `{"tribute":"hush"}` {
			t.Errorf("secrets: %q, %v", plain, err)
		}
		factor, err := f.SecondFactor(t.Context(), "anna")
		f.ok(err)
		if plain, err := fresh.Open(usecase.FactorPlace("anna"), factor.Secret); err != nil || string(plain) != "of anna" {
			t.Errorf("second factor: %q, %v", plain, err)
		}
		f.scan(&text, "SELECT settings FROM ad_accounts WHERE id = 'a'")
		if plain, err := fresh.Open(usecase.AccountPlace("a"), text); err != nil || len(plain) < 10 {
			t.Errorf("settings: %q, %v", plain, err)
		}
		for key, want := range map[string]string{"key": "new-id", "admin": ""} {
			if value, err := f.Meta(t.Context(), key); err != nil || value != want {
				t.Errorf("%s is %q, %v", key, value, err)
			}
		}
	})
}

func TestRotateSecretsIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		old, fresh := box(t, "a key for tests"), box(t, "another key")
		sealedFixture(f, old)
		meta := map[string]string{"key": "new-id"}
		_, err := f.RotateSecrets(t.Context(), store.Rotation{
			Old: old, New: fresh, Expect: map[string]string{"key": "else"}, Meta: meta,
		})
		if !errors.Is(err, store.ErrMetaChanged) {
			t.Errorf("another's database: %v", err)
		}
		f.exec("UPDATE ad_accounts SET settings = ?", box(t, "a third key").Seal("anywhere", []byte("{}")))
		_, err = f.RotateSecrets(t.Context(), store.Rotation{
			Old: old, New: fresh, Expect: map[string]string{"key": "old-id"}, Meta: meta,
		})
		if !errors.Is(err, secrets.ErrSealed) {
			t.Errorf("settings that the old key does not open: %v", err)
		}
		if _, err := f.KeyByHash(t.Context(), old.Hash("api-key", "tgk_one")); err != nil {
			t.Errorf("a failed rotation changed a key: %v", err)
		}
		if value, _ := f.Meta(t.Context(), "key"); value != "old-id" {
			t.Errorf("a failed rotation changed the fingerprint to %q", value)
		}
	})
}

// TestMovedSecrets: whoever writes into the database can not give an account
// what another was given: it does not open there.
func TestMovedSecrets(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		b := box(t, "a key for tests")
		b.Bind(true)
		s, err := store.New(store.Options{
			Write: f.db.Write, Read: f.db.Read, Vault: b, Now: func() time.Time { return noon },
		})
		f.ok(err)
		for _, id := range []string{"a", "b"} {
			f.ok(s.CreateAccount(t.Context(), account(id)))
		}
		if _, err := s.Account(t.Context(), "p", "b"); err != nil {
			t.Fatal(err)
		}
		f.exec("UPDATE ad_accounts SET settings = (SELECT x.settings FROM ad_accounts x WHERE x.id = 'a') WHERE id = 'b'")
		if _, err := s.Account(t.Context(), "p", "a"); err != nil {
			t.Errorf("in its own place: %v", err)
		}
		if a, err := s.Account(t.Context(), "p", "b"); !errors.Is(err, secrets.ErrSealed) {
			t.Errorf("in another's: %v, %v", a.Settings, err)
		}
	})
}
