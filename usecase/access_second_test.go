package usecase_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// clockCodes are one-time codes that everybody can say: the secret and the half
// minute.
type clockCodes struct{}

func (clockCodes) New(account string) (secret, address string, err error) {
	return "s", "otpauth://totp/" + account, nil
}

func (clockCodes) Step(secret, code string, now time.Time) (int64, bool) {
	for step := now.Unix()/30 - 1; step <= now.Unix()/30+1; step++ {
		if code == codeOf(secret, step) {
			return step, true
		}
	}
	return 0, false
}

func codeOf(secret string, step int64) string { return fmt.Sprintf("%s%05d", secret, step%100_000) }

// code is the one that the app shows now.
func (d *doors) code() string { return codeOf("s", d.now.Unix()/30) }

// factor sets a second factor of a user up, and gives the recovery codes.
func (d *doors) factor(u *domain.User) []string {
	d.Helper()
	in, _ := d.login(u.Email, goodPassword, d.at, "")
	s, err := d.BeginFactor(u)
	d.ok(err)
	codes, err := d.SetFactor(d.Context(), u, in.Session, s,
		usecase.FactorInput{Code: d.code(), Password: goodPassword})
	d.ok(err)
	d.after(time.Minute) // the code was used
	return codes
}

// second tries a code after the right password.
func (d *doors) second(pending, code, marks string) (usecase.LoggedIn, string) {
	d.Helper()
	in, err := d.LoginCode(d.Context(), usecase.CodeInput{Pending: pending, Code: code, Marks: marks})
	switch {
	case errors.Is(err, domain.ErrLimited):
		return in, "limited"
	case errors.Is(err, domain.ErrNotFound):
		return in, "wrong"
	case errors.Is(err, domain.ErrUnauthenticated):
		return in, "over"
	}
	d.ok(err)
	return in, "in"
}

func TestSecondFactor(t *testing.T) {
	cfg := usecase.AccessConfig{Session: day, Invitation: time.Hour, Codes: clockCodes{}}
	tales(t, map[string]func(s *tale){
		"a log-in takes two steps": func(s *tale) {
			d := newDoors(s, cfg)
			u := d.user()
			d.factor(&u)
			in, how := d.login(u.Email, goodPassword, d.at, "")
			if how != "in" || in.Session != "" || in.Marks != "" || in.Pending == "" {
				s.Fatalf("after the password: %s %+v", how, in)
			}
			if _, err := d.Session(s.Context(), in.Pending); !errors.Is(err, domain.ErrNotFound) {
				s.Errorf("what proves the password is a session: %v", err)
			}
			done, how := d.second(in.Pending, d.code(), "")
			if how != "in" || done.Session == "" || done.Marks == "" {
				s.Fatalf("after the code: %s %+v", how, done)
			}
			if got, err := d.Session(s.Context(), done.Session); err != nil || got.ID != u.ID {
				s.Errorf("session of %v, %v", got, err)
			}
		},
		"a code works once": func(s *tale) {
			d := newDoors(s, cfg)
			u := d.user()
			d.factor(&u)
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			code := d.code()
			before := codeOf("s", d.now.Unix()/30-1)
			for i, want := range []string{"in", "wrong"} {
				if _, how := d.second(in.Pending, code, ""); how != want {
					s.Errorf("use %d: %s", i, how)
				}
			}
			if _, how := d.second(in.Pending, before, ""); how != "wrong" {
				s.Errorf("an older code: %s", how)
			}
			s.after(30 * time.Second)
			if _, how := d.second(in.Pending, d.code(), ""); how != "in" {
				s.Errorf("the next code: %s", how)
			}
		},
		"the code that set it up works no second time": func(s *tale) {
			d := newDoors(s, cfg)
			u := d.user()
			d.factor(&u)
			s.after(-time.Minute)
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			if _, how := d.second(in.Pending, d.code(), ""); how != "wrong" {
				s.Errorf("%s", how)
			}
		},
		"recovery codes work once each": func(s *tale) {
			d := newDoors(s, cfg)
			u, other := d.user(), d.user()
			codes, foreign := d.factor(&u), d.factor(&other)
			if len(codes) != 10 || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 {
				s.Fatalf("codes: %v", codes)
			}
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			for i, c := range []struct{ code, want string }{
				{foreign[0], "wrong"}, {codes[0], "in"}, {codes[0], "wrong"},
				{strings.ToUpper(strings.ReplaceAll(codes[1], "-", "")), "in"}, {codes[1][:18], "wrong"},
			} {
				if _, how := d.second(in.Pending, c.code, ""); how != c.want {
					s.Errorf("code %d: %s, want %s", i, how, c.want)
				}
			}
			if n, err := d.RecoveryCodes(s.Context(), u.ID); err != nil || n != 8 {
				s.Errorf("%d are left, %v", n, err)
			}
		},
		"wrong codes are counted by the account": func(s *tale) {
			d := newDoors(s, cfg)
			u := d.user()
			d.factor(&u)
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			home, _ := d.second(in.Pending, d.code(), "")
			s.after(time.Minute)
			in, _ = d.login(u.Email, goodPassword, d.at, "")
			for i, want := range []string{"wrong", "wrong", "wrong", "wrong", "wrong", "limited"} {
				if _, how := d.second(in.Pending, "000000", ""); how != want {
					s.Errorf("code %d: %s, want %s", i, how, want)
				}
			}
			// A new password step gives no new codes to try.
			again, _ := d.login(u.Email, goodPassword, d.at, "")
			if _, how := d.second(again.Pending, d.code(), ""); how != "limited" {
				s.Errorf("the right code: %s", how)
			}
			if _, how := d.second(again.Pending, d.code(), home.Marks); how != "in" {
				s.Errorf("the right code in a known browser: %s", how)
			}
		},
		"the first step does not last": func(s *tale) {
			d := newDoors(s, cfg)
			u, other := d.user(), d.user()
			d.factor(&u)
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			parts := strings.Split(in.Pending, ".")
			for name, pending := range map[string]string{
				"none": "", "another user's": other.ID + "." + parts[1] + "." + parts[2],
				"longer": parts[0] + "." + parts[1] + "9." + parts[2], "nobody's": "x." + parts[1] + "." + parts[2],
				"broken": parts[0] + "." + parts[1] + "." + parts[2][1:], "more": in.Pending + ".x",
			} {
				if _, how := d.second(pending, d.code(), ""); how != "over" {
					s.Errorf("%s: %s", name, how)
				}
			}
			s.after(5 * time.Minute)
			if _, how := d.second(in.Pending, d.code(), ""); how != "over" {
				s.Errorf("after five minutes: %s", how)
			}
		},
		"setting up takes the password and a code": func(s *tale) {
			d := newDoors(s, cfg)
			u, other := d.user(), d.user()
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			elsewhere, _ := d.login(u.Email, goodPassword, d.at, "")
			begun, err := d.BeginFactor(&u)
			s.ok(err)
			set := func(code, password string) error {
				_, err := d.SetFactor(s.Context(), &u, in.Session, begun,
					usecase.FactorInput{Code: code, Password: password})
				return err
			}
			if err := set(d.code(), "wrong"); !slices.Equal(blamed(err), []string{"password"}) {
				s.Errorf("a wrong password: %v", err)
			}
			if err := set("000000", goodPassword); !slices.Equal(blamed(err), []string{"code"}) {
				s.Errorf("a wrong code: %v", err)
			}
			if got, err := d.ContinueFactor(&u, begun.State); err != nil || got.Secret != begun.Secret {
				s.Errorf("the same state: %+v, %v", got, err)
			}
			if got, err := d.ContinueFactor(&other, begun.State); err != nil || got.State == begun.State {
				s.Errorf("another's state: %+v, %v", got, err)
			}
			s.ok(set(d.code(), goodPassword))
			if _, err := d.Session(s.Context(), elsewhere.Session); !errors.Is(err, domain.ErrNotFound) {
				s.Errorf("a session that had one factor goes on: %v", err)
			}
			if _, err := d.Session(s.Context(), in.Session); err != nil {
				s.Errorf("the session of the set-up: %v", err)
			}
			if err := d.DropFactor(s.Context(), &u, in.Session, "wrong"); !slices.Equal(blamed(err),
				[]string{"password"}) {
				s.Errorf("turned off with a wrong password: %v", err)
			}
			s.ok(d.DropFactor(s.Context(), &u, in.Session, goodPassword))
			if again, _ := d.login(u.Email, goodPassword, d.at, ""); again.Session == "" {
				s.Error("a code is asked for after the second factor was turned off")
			}
		},
		"new recovery codes end the old ones, and a reset ends all": func(s *tale) {
			d := newDoors(s, cfg)
			u := d.user()
			old := d.factor(&u)
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			done, _ := d.second(in.Pending, d.code(), "")
			fresh, err := d.RenewRecovery(s.Context(), &u, done.Session, goodPassword)
			s.ok(err)
			if _, how := d.second(in.Pending, old[0], ""); how != "wrong" {
				s.Errorf("an old code: %s", how)
			}
			if _, how := d.second(in.Pending, fresh[0], ""); how != "in" {
				s.Errorf("a new code: %s", how)
			}
			s.ok(d.ResetFactor(s.Context(), u.ID))
			if _, how := d.second(in.Pending, fresh[1], ""); how != "wrong" {
				s.Errorf("a code after the reset: %s", how)
			}
			if again, _ := d.login(u.Email, goodPassword, d.at, ""); again.Session == "" {
				s.Error("a code is asked for after the reset")
			}
			if err := d.ResetFactor(s.Context(), "nobody"); !errors.Is(err, domain.ErrNotFound) {
				s.Errorf("nobody's: %v", err)
			}
		},
	})
}

// TestMustHaveSecondFactor: who must have a second factor and has none can do
// nothing but set one up, by session and by token.
func TestMustHaveSecondFactor(t *testing.T) {
	told := map[string]func(s *tale){}
	for setting, want := range map[string][2]bool{
		"": {}, usecase.RequireNone: {}, usecase.RequireAdmins: {false, true}, usecase.RequireAll: {true, true},
	} {
		told["set to "+cmp.Or(setting, "nothing")] = func(s *tale) {
			d := newDoors(s, usecase.AccessConfig{
				Session: day, Invitation: time.Hour, Codes: clockCodes{}, RequireTOTP: setting,
			})
			u := d.user()
			for i, admin := range []bool{false, true} {
				u.Admin = admin
				mustSetUp(d, &u, want[i])
			}
			if _, err := d.Allow(s.Context(), &usecase.Operator, usecase.ForAdmin, true, ""); err != nil {
				s.Errorf("the operator: %v", err)
			}
			d.factor(&u)
			if _, err := d.Allow(s.Context(), &usecase.Actor{User: &u}, usecase.ForUser, false, ""); err != nil {
				s.Errorf("with a second factor: %v", err)
			}
		}
	}
	tales(t, told)
}

// mustSetUp asks for every right that users have, by session and by token.
func mustSetUp(d *doors, u *domain.User, want bool) {
	d.Helper()
	for _, right := range usecase.Rights() {
		if !right.ByActor() || right == usecase.ForOperatorOnly {
			continue
		}
		for _, scope := range []domain.Scope{"", domain.ScopeWrite} {
			_, err := d.Allow(d.Context(), &usecase.Actor{User: u, Scope: scope}, right, false, d.p.ID)
			var lacks *usecase.RightError
			if got := errors.As(err, &lacks) && lacks.SetUp; got != (want && right != usecase.ForNewcomer) {
				d.Errorf("administrator %v, %s, token %q: %v", u.Admin, right, scope, err)
			}
		}
	}
}

func TestSessions(t *testing.T) {
	cfg := usecase.AccessConfig{Session: 2 * day, SessionMax: 5 * day, Invitation: time.Hour, Codes: clockCodes{}}
	tales(t, map[string]func(s *tale){
		"visits prolong a session, but not for ever": func(s *tale) {
			d := newDoors(s, cfg)
			u := d.user()
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			idle, _ := d.login(u.Email, goodPassword, d.at, "")
			for range 9 { // four and a half days
				s.after(12 * time.Hour)
				if _, err := d.Session(s.Context(), in.Session); err != nil {
					s.Fatalf("used again and again: %v", err)
				}
			}
			if _, err := d.Session(s.Context(), idle.Session); !errors.Is(err, domain.ErrNotFound) {
				s.Errorf("not used: %v", err)
			}
			s.after(12 * time.Hour)
			if _, err := d.Session(s.Context(), in.Session); !errors.Is(err, domain.ErrNotFound) {
				s.Errorf("after five days: %v", err)
			}
			if ss, err := d.Sessions(s.Context(), u.ID); err != nil || len(ss) != 0 {
				s.Errorf("listed: %+v, %v", ss, err)
			}
		},
		"a session that was to last longer ends with the setting": func(s *tale) {
			long := newDoors(s, usecase.AccessConfig{Session: 30 * day, SessionMax: 30 * day, Invitation: time.Hour})
			u := long.user()
			in, _ := long.login(u.Email, goodPassword, long.at, "")
			d := newDoors(s, cfg)
			s.after(6 * day)
			if _, err := long.Session(s.Context(), in.Session); err != nil {
				s.Fatal(err)
			}
			if _, err := d.Session(s.Context(), in.Session); !errors.Is(err, domain.ErrNotFound) {
				s.Errorf("%v", err)
			}
		},
		"they are listed and ended": func(s *tale) {
			d := newDoors(s, cfg)
			u, other := d.user(), d.user()
			var secrets []string
			for _, agent := range []string{"one", "two", "three"} {
				in, err := d.Login(usecase.WithOrigin(s.Context(), usecase.Origin{Address: "203.0.113.9"}),
					usecase.LoginInput{Email: u.Email, Password: goodPassword, IP: d.at, UserAgent: agent})
				s.ok(err)
				secrets = append(secrets, in.Session)
				s.after(time.Minute)
			}
			ss, err := d.Sessions(s.Context(), u.ID)
			s.ok(err)
			if len(ss) != 3 || ss[0].UserAgent != "three" || ss[0].Network != "203.0.113.9" ||
				!ss[2].Of(secrets[0]) || ss[2].Of(secrets[1]) {
				s.Fatalf("listed: %+v", ss)
			}
			if err := d.EndSession(s.Context(), &other, ss[2].ID()); !errors.Is(err, domain.ErrNotFound) {
				s.Errorf("ended by another: %v", err)
			}
			for _, id := range []string{"", "zz", strings.Repeat("0", 64)} {
				if err := d.EndSession(s.Context(), &u, id); !errors.Is(err, domain.ErrNotFound) {
					s.Errorf("%q: %v", id, err)
				}
			}
			s.ok(d.EndSession(s.Context(), &u, ss[2].ID()))
			if _, err := d.Session(s.Context(), secrets[0]); !errors.Is(err, domain.ErrNotFound) {
				s.Errorf("it was ended: %v", err)
			}
			theirs, _ := d.login(other.Email, goodPassword, d.at, "")
			s.ok(d.EndOtherSessions(s.Context(), &u, secrets[2]))
			for secret, want := range map[string]bool{secrets[1]: false, secrets[2]: true, theirs.Session: true} {
				if _, err := d.Session(s.Context(), secret); (err == nil) != want {
					s.Errorf("after all others were ended: %v, want %v", err, want)
				}
			}
		},
		"a new password ends links, and tokens if so chosen": func(s *tale) {
			d := newDoors(s, cfg)
			for _, end := range []bool{false, true} {
				u := d.user()
				in, _ := d.login(u.Email, goodPassword, d.at, "")
				token, _, err := d.CreateToken(s.Context(), &u, usecase.TokenInput{Name: "t", Scope: "read"})
				s.ok(err)
				reset, err := d.MakeReset(s.Context(), u.ID)
				s.ok(err)
				s.ok(d.ChangePassword(s.Context(), &u, in.Session, goodPassword,
					usecase.PasswordInput{Password: "another four words", EndTokens: end}))
				if _, err := d.ByToken(s.Context(), token); (err != nil) != end {
					s.Errorf("tokens end: %v; the token: %v", end, err)
				}
				if _, err := d.Reset(s.Context(), reset,
					usecase.PasswordInput{Password: "five words in a row"}); !errors.Is(err, domain.ErrNotFound) {
					s.Errorf("the old link: %v", err)
				}
				again, err := d.MakeReset(s.Context(), u.ID)
				s.ok(err)
				_, err = d.Reset(s.Context(), again, usecase.PasswordInput{Password: "five words in a row", EndTokens: end})
				s.ok(err)
				if _, err := d.ByToken(s.Context(), token); (err != nil) != end {
					s.Errorf("tokens end with a reset: %v; the token: %v", end, err)
				}
			}
		},
	})
}
