package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func user(id string) domain.User {
	return domain.User{
		ID: id, Email: id + "@example.org", Name: "Анна", PasswordHash: "$argon2id$", Language: "ru", CreatedAt: noon,
	}
}

func (f *fixture) oneTime(kind usecase.LinkKind, hash, projectID string, role domain.Role) usecase.OneTimeLink {
	f.t.Helper()
	l := usecase.OneTimeLink{
		Hash: []byte(hash), Kind: kind, ProjectID: projectID, Role: role, CreatedBy: "x", CreatedAt: noon,
		ExpiresAt: noon.Add(time.Hour),
	}
	f.ok(f.CreateOneTimeLink(f.t.Context(), l))
	return l
}

// TestUsers tells how people come in: the first by the link of the set-up,
// others by invitation, each link once.
func TestUsers(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.project("p")
		setup, other := f.oneTime(usecase.SetupLink, "one", "", ""), f.oneTime(usecase.SetupLink, "two", "", "")
		anna := user("anna")
		anna.Admin = true
		entry := usecase.AuditEntry{ID: "a1", At: noon, Actor: "anna", Action: "user.create"}
		f.ok(f.CreateUser(usecase.WithAudit(ctx, entry), anna, setup))
		wantNotFound(t, "the set-up link, used twice", f.CreateUser(ctx, user("eve"), setup))
		wantNotFound(t, "another set-up link, after the first was used", f.CreateUser(ctx, user("eve"), other))
		got, err := f.UserByEmail(ctx, anna.Email)
		f.ok(err)
		if d := cmp.Diff(anna, got); d != "" {
			t.Errorf("user (-want +got):\n%s", d)
		}

		invite := f.oneTime(usecase.InviteLink, "three", "p", domain.Viewer)
		double := user("boris")
		double.Email = anna.Email
		if err := f.CreateUser(ctx, double, invite); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("the same e-mail twice: %v", err)
		}
		f.ok(f.CreateUser(ctx, user("boris"), invite)) // the failure used nothing up
		if r, err := f.Role(ctx, "p", "boris"); err != nil || r != domain.Viewer {
			t.Errorf("role %q, %v", r, err)
		}
		f.ok(f.Join(ctx, "boris", f.oneTime(usecase.InviteLink, "four", "p", domain.Editor), noon))
		f.ok(f.Join(ctx, "boris", f.oneTime(usecase.InviteLink, "five", "p", domain.Viewer),
			noon)) // the stronger one stays
		ms, err := f.ProjectUsers(ctx, "p")
		f.ok(err)
		if d := cmp.Diff([]domain.ProjectUser{{User: user("boris"), Role: domain.Editor, Since: noon}}, ms); d != "" {
			t.Errorf("users of the project (-want +got):\n%s", d)
		}
		ps, _, err := f.ProjectsOf(ctx, "boris", usecase.Page{})
		f.ok(err)
		if len(ps) != 1 || ps[0].ID != "p" {
			t.Errorf("projects of boris: %v", ps)
		}
		f.ok(f.RemoveProjectUser(ctx, "p", "boris"))
		_, err = f.Role(ctx, "p", "boris")
		wantNotFound(t, "the role of one who was removed", err)

		if err := f.DeleteUser(ctx, "anna"); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("the last administrator was deleted: %v", err)
		}
		f.ok(f.DeleteUser(ctx, "boris"))
		if n, err := f.CountUsers(ctx); err != nil || n != 1 {
			t.Errorf("%d users, %v", n, err)
		}
		es, _, err := f.Audit(ctx, "", usecase.Page{})
		f.ok(err)
		if len(es) != 1 || es[0].Action != "user.create" {
			t.Errorf("audit log: %v", es)
		}
	})
}

func TestSessionsAndTokens(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.ok(f.CreateUser(ctx, user("anna"), f.oneTime(usecase.InviteLink, "one", "", domain.Owner)))
		for _, h := range []string{"s1", "s2"} {
			f.ok(f.CreateSession(ctx, usecase.Session{
				Hash: []byte(h), UserID: "anna", CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour),
			}))
		}
		if _, u, err := f.Session(ctx, []byte("s1"), noon); err != nil || !u.Admin || u.ID != "anna" {
			t.Errorf("session: %v, %v", u, err)
		}
		_, _, err := f.Session(ctx, []byte("s1"), noon.Add(time.Hour))
		wantNotFound(t, "a session that is over", err)
		f.ok(f.SeeSession(ctx, []byte("s1"), noon, noon.Add(3*time.Hour)))
		_, _, err = f.Session(ctx, []byte("s1"), noon.Add(2*time.Hour))
		f.ok(err)
		f.ok(f.CreateOneTimeLink(ctx, usecase.OneTimeLink{
			Hash: []byte("reset"), Kind: usecase.ResetLink, UserID: "anna", CreatedAt: noon, ExpiresAt: noon.Add(time.Hour),
		}))
		f.ok(f.SetPassword(ctx, usecase.NewPassword{UserID: "anna", Hash: "new", Keep: []byte("s1")}))
		_, err = f.OneTimeLink(ctx, []byte("reset"), noon)
		wantNotFound(t, "a link made for the old password", err)
		_, _, err = f.Session(ctx, []byte("s2"), noon)
		wantNotFound(t, "another session after the password was changed", err)
		_, _, err = f.Session(ctx, []byte("s1"), noon)
		f.ok(err)

		end := noon.Add(time.Hour)
		f.ok(f.CreateToken(ctx, usecase.Token{
			ID: "t1", UserID: "anna", Name: "n", Hash: []byte("h"), Scope: domain.ScopeRead, CreatedAt: noon,
			ExpiresAt: &end,
		}))
		f.ok(f.UseToken(ctx, "t1", noon))
		tk, u, err := f.TokenByHash(ctx, []byte("h"), noon)
		if err != nil || u.ID != "anna" || tk.UsedAt == nil || !tk.UsedAt.Equal(noon) || tk.Scope != domain.ScopeRead {
			t.Errorf("token %v of %v: %v", tk, u, err)
		}
		_, _, err = f.TokenByHash(ctx, []byte("h"), end)
		wantNotFound(t, "a token that has expired", err)
		wantNotFound(t, "somebody else's token", f.DeleteToken(ctx, "eve", "t1"))
		f.ok(f.DeleteToken(ctx, "anna", "t1"))
	})
}

// TestLoginAttempts: an attempt is noted under all of its keys or under none,
// and many at once are no more than one after the other.
func TestLoginAttempts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		attempt := func(after time.Duration, most ...int) bool {
			t.Helper()
			may, err := f.AttemptLogin(ctx, []string{"email", "ip"}, most, noon.Add(after), noon.Add(after-time.Hour))
			f.ok(err)
			return may
		}
		if !attempt(0, 2, 3) || !attempt(time.Minute, 2, 3) || attempt(2*time.Minute, 2, 3) {
			t.Error("the first key has two attempts")
		}
		f.ok(f.ForgetLogins(ctx, "email"))
		if !attempt(3*time.Minute, 2, 3) || attempt(4*time.Minute, 2, 3) {
			t.Error("the second key has three attempts: what was refused is none")
		}
		if !attempt(61*time.Minute, 2, 3) {
			t.Error("old attempts count")
		}
		var may atomic.Int64
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				ok, err := f.AttemptLogin(ctx, []string{"many"}, []int{5}, noon, noon.Add(-time.Hour))
				if err != nil {
					t.Error(err)
				}
				if ok {
					may.Add(1)
				}
			})
		}
		all.Wait()
		if may.Load() != 5 {
			t.Errorf("%d of twenty at once", may.Load())
		}
	})
}

// Invitations are listed while they can be used, withdrawn by their project,
// and go with whoever made them.
func TestInvitations(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateUser(t.Context(), user("boss"), f.oneTime(usecase.SetupLink, "s", "", "")))
		f.ok(f.CreateUser(t.Context(), user("maker"), f.oneTime(usecase.InviteLink, "i", "p", domain.Owner)))
		made := func(hash, projectID string) {
			f.ok(f.CreateOneTimeLink(t.Context(), usecase.OneTimeLink{
				Hash: []byte(hash), Kind: usecase.InviteLink, ProjectID: projectID, Role: domain.Viewer,
				CreatorID: "maker", CreatedAt: noon, ExpiresAt: noon.Add(time.Hour),
			}))
		}
		open := func(projectID string, now time.Time) (out []string) {
			ls, err := f.Invitations(t.Context(), projectID, now)
			f.ok(err)
			for _, l := range ls {
				out = append(out, string(l.Hash)+" of "+l.CreatorID)
			}
			return out
		}
		made("a", "p")
		made("b", "p")
		made("c", "q")
		if diff := cmp.Diff([]string{"a of maker", "b of maker"}, open("p", noon)); diff != "" {
			t.Error(diff)
		}
		if got := open("p", noon.Add(time.Hour)); len(got) != 0 {
			t.Errorf("too old: %v", got)
		}
		if err := f.DeleteInvitation(t.Context(), "q", []byte("a")); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("withdrawn by another project: %v", err)
		}
		f.ok(f.DeleteInvitation(t.Context(), "p", []byte("a")))
		f.ok(f.RemoveProjectUser(t.Context(), "p", "maker"))
		if p, q := open("p", noon), open("q", noon); len(p) != 0 || len(q) != 1 {
			t.Errorf("after the maker left p: %v, %v", p, q)
		}
		f.ok(f.DeleteUser(t.Context(), "maker"))
		if q := open("q", noon); len(q) != 0 {
			t.Errorf("after the maker was deleted: %v", q)
		}
	})
}
