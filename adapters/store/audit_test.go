package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/usecase"
)

func (f *fixture) audit() []usecase.AuditEntry {
	f.t.Helper()
	es, _, err := f.Audit(f.t.Context(), "", usecase.Page{Limit: 100})
	f.ok(err)
	return es
}

// TestAuditSums: an entry that stands for many is written again, and stays one.
func TestAuditSums(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		e := usecase.AuditEntry{
			ID: "a1", At: noon, Action: usecase.LoginRefused, Address: "203.0.113.7", RequestID: "r1", Times: 3,
		}
		other := usecase.AuditEntry{ID: "a2", At: noon, Action: usecase.TokenUsed, Actor: "admin token", Times: 1}
		f.ok(f.SumAudit(t.Context(), []usecase.AuditEntry{e}))
		e.Times = 7
		f.ok(f.SumAudit(t.Context(), []usecase.AuditEntry{e, other}))
		if d := cmp.Diff([]usecase.AuditEntry{other, e}, f.audit()); d != "" {
			t.Errorf("audit log (-want +got):\n%s", d)
		}
	})
}

// TestAuditAddressesGrowOld: an old entry loses its address, and what strangers
// caused goes with it. 0 keeps all.
func TestAuditAddressesGrowOld(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for i, e := range []usecase.AuditEntry{
			{At: noon.Add(-time.Hour), Action: usecase.LoginRefused, Address: "203.0.113.7"},
			{At: noon.Add(-time.Hour), Action: usecase.LoginRefused, Address: usecase.ManyAddresses},
			{At: noon.Add(-time.Hour), Action: usecase.LoginDone, Actor: "anna", Address: "203.0.113.7"},
			{At: noon.Add(time.Hour), Action: usecase.LoginRefused, Address: "203.0.113.8"},
			{At: noon.Add(time.Hour), Action: usecase.LoginDone, Actor: "anna", Address: "203.0.113.8"},
			{At: noon.Add(-time.Hour), Action: "project.update", Actor: "admin token"},
		} {
			e.ID = fmt.Sprint("a", i)
			f.ok(f.AddAudit(t.Context(), e))
		}
		now := noon.Add(24 * time.Hour)
		f.ok(f.Upkeep(t.Context(), now, store.Ages{}))
		if n := len(f.audit()); n != 6 {
			t.Errorf("for ever: %d entries", n)
		}
		f.ok(f.Upkeep(t.Context(), now, store.Ages{AuditAddresses: 24 * time.Hour}))
		var got []string
		for _, e := range f.audit() {
			got = append(got, e.ID+" "+e.Address)
		}
		if d := cmp.Diff([]string{"a5 ", "a4 203.0.113.8", "a3 203.0.113.8", "a2 "}, got); d != "" {
			t.Errorf("a day later (-want +got):\n%s", d)
		}
	})
}

// TestAuditedIsTold: whoever logs the entries is told of each once, and of none
// whose change failed.
func TestAuditedIsTold(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		var told []string
		box, err := secrets.NewBox("a key for tests")
		f.ok(err)
		st, err := store.New(store.Options{
			Write: f.db.Write, Read: f.db.Read, Vault: box,
			Audited: func(_ context.Context, e usecase.AuditEntry) { told = append(told, e.Action) },
		})
		f.ok(err)
		ctx := usecase.WithAudit(t.Context(), usecase.AuditEntry{ID: "a1", At: noon, Action: "token.delete"})
		wantNotFound(t, "a token", st.DeleteToken(ctx, "anna", "none"))
		wantNotFound(t, "a role", st.RemoveProjectUser(ctx, "p", "anna"))
		if len(told) != 0 || len(f.audit()) != 0 {
			t.Errorf("nothing was changed, and %v, %v are noted", told, f.audit())
		}
		f.ok(st.CreateToken(t.Context(), usecase.Token{ID: "t", UserID: "anna", Hash: []byte("t"), CreatedAt: noon}))
		f.ok(st.DeleteToken(ctx, "anna", "t"))
		f.ok(st.AddAudit(t.Context(), usecase.AuditEntry{ID: "a1", At: noon, Action: "again"}))
		if d := cmp.Diff([]string{"token.delete"}, told); d != "" || len(f.audit()) != 1 {
			t.Errorf("told (-want +got):\n%s", d)
		}
	})
}

// TestLastLogin: a session is a login.
func TestLastLogin(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateUser(t.Context(), user("anna"), f.oneTime(usecase.SetupLink, "one", "", "")))
		f.ok(f.CreateSession(t.Context(), usecase.Session{
			Hash: []byte("s"), UserID: "anna", CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour),
		}))
		u, err := f.User(t.Context(), "anna")
		f.ok(err)
		if u.LastLoginAt == nil || !u.LastLoginAt.Equal(noon) {
			t.Errorf("last login %v", u.LastLoginAt)
		}
	})
}
