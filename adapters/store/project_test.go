package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func project(id string) domain.Project {
	return domain.Project{
		ID: id, Name: "Лавка", Kind: domain.KindBot, Messenger: domain.Telegram, Username: "shop_bot",
		Constructor: "telegram",
		Mode:        domain.Production, Timezone: "Europe/Moscow", Currency: "RUB", Attribution: domain.LastClick,
		SendGuesses: true,
		Enabled:     true, AmountUnit: "minor", Limits: domain.Limits{PerSecond: 3, PerHour: 500, PerDay: 5000},
		CreatedAt: noon, WebhookSecrets: domain.SecretsOf(map[string]string{"tribute": "hush"}),
		TelegramPayments: domain.ReadOff, StarRate: 1_250_000,
	}
}

// project makes a project unless there is one of that id.
func (f *fixture) project(id string) {
	f.t.Helper()
	if f.count("projects WHERE id = ?", id) == 0 {
		f.ok(f.CreateProject(f.t.Context(), project(id), nil))
	}
}

func wantNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("%s: %v, want ErrNotFound", what, err)
	}
}

func TestProjects(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		if filled, err := f.Filled(ctx); err != nil || filled {
			t.Errorf("filled before: %v, %v", filled, err)
		}
		for _, id := range []string{"p1", "p2", "p3"} {
			f.project(id)
		}
		if filled, err := f.Filled(ctx); err != nil || !filled {
			t.Errorf("filled after: %v, %v", filled, err)
		}
		if err := f.CreateProject(ctx, project("p1"), nil); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("the same id twice: %v", err)
		}
		got, err := f.Project(ctx, "p2")
		f.ok(err)
		if diff := cmp.Diff(project("p2"), got); diff != "" {
			t.Errorf("project:\n%s", diff)
		}
		var sealed []byte
		f.scan(&sealed, "SELECT webhook_secrets FROM projects WHERE id = 'p2'")
		if len(sealed) == 0 || bytes.Contains(sealed, []byte("hush")) {
			t.Errorf("the secrets are kept as %q", sealed)
		}
		got.WebhookSecrets = domain.Secrets{}
		got.Name, got.Enabled, got.Limits.PerDay = "New", false, 0
		f.ok(f.UpdateProject(ctx, got))
		again, err := f.Project(ctx, "p2")
		f.ok(err)
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("updated project:\n%s", diff)
		}
		page, next, err := f.Projects(ctx, usecase.Page{Limit: 2})
		if err != nil || len(page) != 2 || page[0].ID != "p3" || next == "" {
			t.Fatalf("first page: %v, %q, %v", page, next, err)
		}
		page, next, err = f.Projects(ctx, usecase.Page{Limit: 2, Cursor: next})
		if err != nil || len(page) != 1 || page[0].ID != "p1" || next != "" {
			t.Errorf("second page: %v, %q, %v", page, next, err)
		}
		if _, _, err := f.Projects(ctx, usecase.Page{Cursor: "p2"}); !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("a foreign cursor: %v", err)
		}
		_, err = f.Project(ctx, "none")
		wantNotFound(t, "Project", err)
		wantNotFound(t, "UpdateProject", f.UpdateProject(ctx, project("none")))
		wantNotFound(t, "DeleteProject", f.DeleteProject(ctx, "none"))
	})
}

func TestKeys(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		expires := noon.Add(-time.Hour)
		first := usecase.Key{
			ID: "k1", ProjectID: "p", Kind: usecase.APIKey, Hash: []byte{0, 1, '?', 255}, Sealed: []byte{9},
			ExpiresAt: &expires, CreatedAt: noon,
		}
		report := usecase.Key{ID: "k2", ProjectID: "p", Kind: usecase.ReportKey, Hash: []byte{2}, CreatedAt: noon}
		f.ok(f.CreateProject(ctx, project("p"), []usecase.Key{first, report}))
		got, err := f.KeyByHash(ctx, first.Hash)
		f.ok(err)
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("key:\n%s", diff)
		}
		revoke := noon.Add(time.Hour)
		third := usecase.Key{ID: "k3", ProjectID: "p", Kind: usecase.APIKey, Hash: []byte{3}, CreatedAt: noon}
		f.ok(f.RotateKey(ctx, third, revoke))
		fourth := usecase.Key{ID: "k4", ProjectID: "p", Kind: usecase.APIKey, Hash: []byte{4}, CreatedAt: noon}
		f.ok(f.RotateKey(ctx, fourth, noon.Add(2*time.Hour)))
		for hash, want := range map[byte]*time.Time{2: nil, 3: later(2 * time.Hour), 4: nil} {
			k, err := f.KeyByHash(ctx, []byte{hash})
			f.ok(err)
			if diff := cmp.Diff(want, k.RevokedAt); diff != "" {
				t.Errorf("key %d is revoked:\n%s", hash, diff)
			}
		}
		if k, err := f.KeyByHash(ctx, first.Hash); err != nil || !k.RevokedAt.Equal(revoke) {
			t.Errorf("a key to be revoked was given more time: %v, %v", k.RevokedAt, err)
		}
		_, err = f.KeyByHash(ctx, []byte("none"))
		wantNotFound(t, "KeyByHash", err)
		ks, err := f.Keys(ctx, "p")
		if err != nil || len(ks) != 4 {
			t.Errorf("keys: %v, %v", ks, err)
		}
	})
}

func TestLinksWithCounts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		want := f.link("l", "Spring ' ? Ж", "https://t.me/+x")
		f.link("l2", "Autumn", "")
		robot := f.click("c2", 0)
		robot.Robot = true
		f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("c1", 0), robot}))
		f.save(&usecase.IngestChanges{Episodes: []domain.Episode{{
			ID: "ep", ProjectID: "p", SubscriberID: "s", OpenedAt: noon, Touch: domain.Touch{LinkID: "l"},
		}}})
		got, next, err := f.Links(t.Context(), "p", usecase.LinkFilter{}, usecase.Page{})
		f.ok(err)
		if len(got) != 2 || next != "" || got[1].Clicks != 1 || got[1].Starts != 1 || got[0].Clicks != 0 {
			t.Errorf("links: %+v", got)
		}
		one, err := f.Link(t.Context(), "l")
		f.ok(err)
		if diff := cmp.Diff(want, one); diff != "" {
			t.Errorf("link:\n%s", diff)
		}
		_, err = f.Link(t.Context(), "none")
		wantNotFound(t, "Link", err)
	})
}

func account(id string) domain.Account {
	return domain.Account{
		ID: id, ProjectID: "p", Network: "yandex", Name: "Main", ActivationGoal: "start",
		Currency: "EUR", Paused: true,
		Health: domain.Degraded, HealthReason: "slow", Warnings: []string{"a", "b"}, CreatedAt: noon, UpdatedAt: noon,
		Settings: map[string]any{
			"oauth_token": "y0_hush", "counter_id": json.Number("1234567890123456789"), "on": true,
		},
		Goals: map[string]string{"buy": "Покупка"},
	}
}

func TestAccounts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		want := account("a")
		f.ok(f.CreateAccount(ctx, want))
		f.ok(f.CreateAccount(ctx, account("b")))
		got, err := f.Account(ctx, "p", "a")
		f.ok(err)
		want.Version = 1
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("account:\n%s", diff)
		}
		var sealed []byte
		f.scan(&sealed, "SELECT settings FROM ad_accounts WHERE id = 'a'")
		if s := string(sealed); len(s) == 0 || json.Valid(sealed) {
			t.Errorf("settings are stored as %q", s)
		}
		want.Name, want.Goals, want.Warnings, want.Paused, want.UpdatedAt = "Other", nil, nil, false,
			noon.Add(time.Hour)
		f.ok(f.UpdateAccount(ctx, want, usecase.AccountUpdate{}))
		want.Version = 2
		f.ok(f.SetHealth(ctx, "a", domain.Reauth, "revoked", true, noon.Add(2*time.Hour)))
		want.Health, want.HealthReason, want.Paused, want.UpdatedAt = domain.Reauth, "revoked", true,
			noon.Add(2*time.Hour)
		all, err := f.AccountsByID(ctx, []string{"a", "none"})
		f.ok(err)
		if diff := cmp.Diff(map[string]domain.Account{"a": want}, all); diff != "" {
			t.Errorf("accounts by id:\n%s", diff)
		}
		f.ok(f.CreateAccount(ctx, account("unreadable")))
		f.exec("UPDATE ad_accounts SET settings = ? WHERE id = 'unreadable'", []byte("rubbish"))
		all, err = f.AccountsByID(ctx, []string{"a", "unreadable"})
		f.ok(err)
		if u := all["unreadable"]; !u.Paused || u.Health != domain.Misconfigured || all["a"].Settings == nil {
			t.Errorf("an account whose settings can not be opened: %+v", all)
		}
		f.exec("DELETE FROM ad_accounts WHERE id = 'unreadable'")
		_, err = f.Account(ctx, "q", "a")
		wantNotFound(t, "another project's account", err)
		wantNotFound(t, "UpdateAccount", f.UpdateAccount(ctx, account("none"), usecase.AccountUpdate{}))
		wantNotFound(t, "DeleteAccount", f.DeleteAccount(ctx, "q", "a", noon, nil))
	})
}

func TestDeleteAccountRejectsWhatIsUnfinished(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateAccount(t.Context(), account("a")))
		f.conversions(nil, func(v *usecase.NewConversion) { v.Status = domain.Accepted },
			func(v *usecase.NewConversion) { v.Status = domain.Unmatched })
		f.deleteAccount("a")
		if v := f.stored("v0"); v.Status != domain.Rejected || v.ReasonCode != domain.ReasonAccountDeleted ||
			v.NextAttemptAt != nil {
			t.Errorf("open: %+v", v)
		}
		if f.stored("v1").Status != domain.Rejected || f.stored("v2").Status != domain.Unmatched {
			t.Error("accepted or finished conversions")
		}
		as, err := f.Accounts(t.Context(), "p")
		if err != nil || len(as) != 0 {
			t.Errorf("accounts: %v, %v", as, err)
		}
	})
}
