package store_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestIdentities: a user is tied to one subject of a provider, a subject to one
// user; one that was ended is remembered, so that only the user ties anew.
func TestIdentities(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.project("p")
		tie := func(user, subject string) usecase.UserIdentity {
			return usecase.UserIdentity{
				Issuer: "https://id", Subject: subject, UserID: user, Email: user + "@id", CreatedAt: noon,
			}
		}
		f.ok(f.CreateUser(ctx, user("anna"), f.oneTime(usecase.InviteLink, "1", "p", domain.Viewer), tie("anna", "s1")))
		f.ok(f.CreateUser(ctx, user("boris"), f.oneTime(usecase.InviteLink, "2", "p", domain.Viewer)))
		is := func(subject, want string) {
			t.Helper()
			u, err := f.UserByIdentity(ctx, "https://id", subject)
			if want == "" {
				wantNotFound(t, "user of "+subject, err)
			} else if err != nil || u.ID != want {
				t.Errorf("%s is %q, %v; want %s", subject, u.ID, err, want)
			}
		}
		conflict := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, domain.ErrConflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
		is("s1", "anna")
		conflict("a second subject of a user", f.AddIdentity(ctx, tie("anna", "s2")))
		conflict("the subject of another", f.AddIdentity(ctx, tie("boris", "s1")))
		conflict("the subject of another, set", f.SetIdentity(ctx, tie("boris", "s1")))
		third := f.oneTime(usecase.InviteLink, "3", "p", domain.Viewer)
		conflict("the subject of another, of a new user", f.CreateUser(ctx, user("vera"), third, tie("vera", "s1")))
		_, err := f.User(ctx, "vera")
		wantNotFound(t, "a user half made", err)

		f.ok(f.SetIdentity(ctx, tie("anna", "s2")))
		is("s1", "")
		is("s2", "anna")
		f.ok(f.EndIdentity(ctx, "https://id", "anna"))
		is("s2", "")
		wantNotFound(t, "the end of what is over", f.EndIdentity(ctx, "https://id", "anna"))
		conflict("found again by e-mail", f.AddIdentity(ctx, tie("anna", "s2")))
		i, err := f.IdentityOf(ctx, "https://id", "anna")
		f.ok(err)
		if d := cmp.Diff(tie("anna", ""), i); d != "" {
			t.Errorf("what is left (-want +got):\n%s", d)
		}
		f.ok(f.SetIdentity(ctx, tie("anna", "s2")))
		f.ok(f.AddIdentity(ctx, tie("boris", "s3")))
		f.ok(f.DeleteUser(ctx, "anna"))
		is("s2", "")
		// A process of the version before leaves the row.
		f.ok(f.CreateUser(ctx, user("vera"), third, tie("vera", "s2")))
		if _, err := f.db.Write.ExecContext(ctx, "DELETE FROM users WHERE id = 'vera'"); err != nil {
			t.Fatal(err)
		}
		is("s2", "")
		fourth := f.oneTime(usecase.InviteLink, "4", "p", domain.Viewer)
		f.ok(f.CreateUser(ctx, user("vera2"), fourth, tie("vera2", "s2")))
		is("s2", "vera2")
	})
}
