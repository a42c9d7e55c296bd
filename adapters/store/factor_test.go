package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestSecondFactor: a code and a recovery code work once, also when they come
// many times at once, and go with the user.
func TestSecondFactor(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		for _, id := range []string{"anna", "boris"} {
			f.ok(f.CreateUser(ctx, user(id), f.oneTime(usecase.InviteLink, id, "", domain.Owner)))
		}
		_, err := f.SecondFactor(ctx, "anna")
		wantNotFound(t, "a second factor that is not set up", err)
		if may, err := f.UseStep(ctx, "anna", 9); err != nil || may {
			t.Errorf("a code of none: %v, %v", may, err)
		}
		for _, h := range []string{"s1", "s2"} {
			f.ok(f.CreateSession(ctx, usecase.Session{
				Hash: []byte(h), UserID: "anna", CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour),
			}))
		}
		f.ok(f.SetFactor(ctx, usecase.NewFactor{
			UserID: "anna", Secret: []byte("sealed"), Step: 10, Codes: [][]byte{[]byte("c1"), []byte("c2")}, Keep: []byte("s1"),
		}))
		got, err := f.SecondFactor(ctx, "anna")
		f.ok(err)
		if d := cmp.Diff(usecase.SecondFactor{Secret: []byte("sealed"), Codes: 2}, got); d != "" {
			t.Errorf("second factor (-want +got):\n%s", d)
		}
		if u, err := f.User(ctx, "anna"); err != nil || !u.SecondFactor {
			t.Errorf("user %+v, %v", u, err)
		}
		if u, err := f.User(ctx, "boris"); err != nil || u.SecondFactor {
			t.Errorf("another user %+v, %v", u, err)
		}
		_, _, err = f.Session(ctx, []byte("s2"), noon)
		wantNotFound(t, "another session", err)

		entry := usecase.AuditEntry{ID: "a1", At: noon, Actor: "anna", Action: "user.recovery_code"}
		for name, use := range map[string]func() (bool, error){
			"step": func() (bool, error) { return f.UseStep(ctx, "anna", 11) },
			"recovery code": func() (bool, error) {
				return f.UseRecoveryCode(usecase.WithAudit(ctx, entry), "anna", []byte("c1"))
			},
		} {
			var worked atomic.Int64
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if ok, err := use(); err != nil {
						t.Errorf("%s: %v", name, err)
					} else if ok {
						worked.Add(1)
					}
				})
			}
			all.Wait()
			if worked.Load() != 1 {
				t.Errorf("%s: worked %d times", name, worked.Load())
			}
		}
		if may, err := f.UseStep(ctx, "anna", 10); err != nil || may {
			t.Errorf("an earlier step: %v, %v", may, err)
		}
		if may, err := f.UseRecoveryCode(ctx, "boris", []byte("c2")); err != nil || may {
			t.Errorf("another's recovery code: %v, %v", may, err)
		}
		es, _, err := f.Audit(ctx, "", usecase.Page{})
		f.ok(err)
		if len(es) != 1 {
			t.Errorf("codes that do not work are in the log, too: %v", es)
		}
		f.ok(f.SetRecoveryCodes(ctx, "anna", [][]byte{[]byte("c3")}))
		if may, err := f.UseRecoveryCode(ctx, "anna", []byte("c2")); err != nil || may {
			t.Errorf("an old recovery code: %v, %v", may, err)
		}
		f.ok(f.SetRecoveryCodes(ctx, "boris", [][]byte{[]byte("c4")}))
		f.ok(f.DropFactor(ctx, "anna"))
		_, err = f.SecondFactor(ctx, "anna")
		wantNotFound(t, "a second factor that was dropped", err)
		wantNotFound(t, "nobody's second factor", f.DropFactor(ctx, "eve"))
		f.ok(f.DeleteUser(ctx, "boris"))
		if n := f.count("recovery_codes"); n != 0 {
			t.Errorf("%d recovery codes are left", n)
		}
	})
}

// TestSessionsOfAUser: they are listed while they last, the one seen last first,
// and ended by their user alone.
func TestSessionsOfAUser(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		for i, h := range []string{"s1", "s2", "s3"} {
			seen := noon.Add(time.Duration(i) * time.Minute)
			f.ok(f.CreateSession(ctx, usecase.Session{
				Hash: []byte(h), UserID: "anna", UserAgent: "Firefox", Network: "203.0.113.7", CreatedAt: noon, SeenAt: seen,
				ExpiresAt: seen.Add(time.Hour),
			}))
		}
		f.ok(f.CreateSession(ctx, usecase.Session{
			Hash: []byte("s4"), UserID: "boris", CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour),
		}))
		open := func(user string, now time.Time) (out []string) {
			ss, err := f.Sessions(ctx, user, now)
			f.ok(err)
			for _, s := range ss {
				out = append(out, string(s.Hash)+" "+s.Network)
			}
			return out
		}
		if d := cmp.Diff([]string{"s3 203.0.113.7", "s2 203.0.113.7"}, open("anna", noon.Add(time.Hour))); d != "" {
			t.Errorf("open (-want +got):\n%s", d)
		}
		wantNotFound(t, "another's session", f.EndSession(ctx, "boris", []byte("s1")))
		f.ok(f.EndSession(ctx, "anna", []byte("s1")))
		wantNotFound(t, "a session that was ended", f.EndSession(ctx, "anna", []byte("s1")))
		f.ok(f.EndOtherSessions(ctx, "anna", []byte("s2")))
		if d := cmp.Diff([]string{"s2 203.0.113.7"}, open("anna", noon)); d != "" {
			t.Errorf("the others were ended (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]string{"s4 "}, open("boris", noon)); d != "" {
			t.Errorf("another's (-want +got):\n%s", d)
		}
	})
}
