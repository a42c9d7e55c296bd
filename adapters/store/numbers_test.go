package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestNumbers(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.ok(f.CreateProject(ctx, project("other"), nil))
		f.link("l1", "Spring", "")
		f.link("l2", "Summer", "")
		f.ok(f.CreateAccount(ctx, account("a")))

		q, err := store.ProjectNo(f.Store, ctx, "other")
		f.ok(err)
		if q == 0 {
			t.Error("no number of the project")
		}
		_, err = store.ProjectNo(f.Store, ctx, "none")
		wantNotFound(t, "projectNo", err)

		nos, err := store.LinkNos(f.Store, ctx, []string{"l2", "", "none", "l1", "l2"})
		f.ok(err)
		if len(nos) != 2 || nos["l1"] == 0 || nos["l2"] == 0 || nos["l1"] == nos["l2"] {
			t.Errorf("numbers of links: %v", nos)
		}
		// Read by another, who remembers nothing yet.
		ids, err := store.LinkIDs(newStore(t, f.db), ctx, []int64{0, nos["l1"], nos["l2"], 1_000_000})
		f.ok(err)
		if diff := cmp.Diff(map[int64]string{nos["l1"]: "l1", nos["l2"]: "l2"}, ids); diff != "" {
			t.Errorf("ids of links:\n%s", diff)
		}
	})
}

// Conversions of a deleted ad account still tell which one it was.
func TestDeletedAccountKeepsItsNumber(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		a := account("a")
		f.ok(f.CreateAccount(ctx, a))
		f.ok(f.UpdateAccount(ctx, a, usecase.AccountUpdate{}))
		if n := f.count("ad_accounts WHERE settings_version = 2"); n != 1 {
			t.Error("an update does not raise the version of the settings")
		}
		f.ok(f.DeleteAccount(ctx, "p", "a", noon, nil))
		nos, err := store.AccountNos(f.Store, ctx, []string{"a"})
		f.ok(err)
		ids, err := store.AccountIDs(newStore(t, f.db), ctx, []int64{nos["a"]})
		f.ok(err)
		if ids[nos["a"]] != "a" {
			t.Errorf("numbers %v, ids %v", nos, ids)
		}
		if n := f.count("ad_accounts WHERE settings IS NULL AND deleted_at IS NOT NULL"); n != 1 {
			t.Error("settings of the deleted account are left")
		}
		_, err = f.Account(ctx, "p", "a")
		wantNotFound(t, "Account", err)
		wantNotFound(t, "UpdateAccount", f.UpdateAccount(ctx, a, usecase.AccountUpdate{}))
		wantNotFound(t, "DeleteAccount", f.DeleteAccount(ctx, "p", "a", noon, nil))
		if as, err := f.Accounts(ctx, "p"); err != nil || len(as) != 0 {
			t.Errorf("accounts: %v, %v", as, err)
		}
		if as, err := f.AccountsByID(ctx, []string{"a"}); err != nil || len(as) != 0 {
			t.Errorf("accounts by id: %v, %v", as, err)
		}
	})
}
