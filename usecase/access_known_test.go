package usecase_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// plain keeps passwords as they are: to hash them takes long.
type plain struct{}

func (plain) Hash(password string) (string, error)       { return "plain:" + password, nil }
func (plain) Verify(password, hash string) (bool, error) { return hash == "plain:"+password, nil }

const goodPassword = "four words in a row"

// doors is Access over a tale's store, whose time goes by with the tale's.
type doors struct {
	*tale
	*usecase.Access
	n  int
	at string // an address of the tale's own
}

func newDoors(s *tale, cfg usecase.AccessConfig) *doors {
	s.Helper()
	// Tales share a database: each has users and networks of its own.
	sum := sha256.Sum256([]byte(s.p.ID))
	d := &doors{tale: s, at: fmt.Sprintf("2001:%x:%x::1", sum[:2], sum[2:4])}
	if cfg.Session == 0 {
		cfg.Session, cfg.Invitation = 24*time.Hour, time.Hour
	}
	var err error
	d.Access, err = usecase.NewAccess(cfg, s.Store, plain{}, box(s), newTrailStand(s).trail, s.ids.next,
		func() time.Time { return s.now })
	s.ok(err)
	return d
}

// user is one who came by an invitation to the tale's project.
func (d *doors) user() domain.User {
	d.Helper()
	d.n++
	invitation, err := d.Invite(d.Context(), d.p.ID, domain.Viewer)
	d.ok(err)
	u, err := d.Register(d.Context(), usecase.InviteLink, invitation, usecase.UserInput{
		Email: fmt.Sprintf("u%d@%s.example", d.n, d.p.ID), Password: goodPassword,
	})
	d.ok(err)
	return u
}

// login tries a password and answers how that ended.
func (d *doors) login(email, password, ip, marks string) (usecase.LoggedIn, string) {
	d.Helper()
	in, err := d.Login(d.Context(), usecase.LoginInput{Email: email, Password: password, IP: ip, Marks: marks})
	switch {
	case errors.Is(err, domain.ErrLimited):
		return in, "limited"
	case errors.Is(err, domain.ErrNotFound):
		return in, "wrong"
	}
	d.ok(err)
	return in, "in"
}

// strangers try wrong passwords from many networks until they are refused.
func (d *doors) strangers(email string) {
	d.Helper()
	for i := range 30 {
		ip := strings.Replace(strings.Replace(d.at, "2001", "2002", 1), "::1", fmt.Sprintf(":%x::1", i), 1)
		if _, got := d.login(email, "guess", ip, ""); got == "limited" {
			return
		}
	}
	d.Error("strangers may guess for ever")
}

func TestKnownBrowsers(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"strangers lock out strangers": func(s *tale) {
			d := newDoors(s, usecase.AccessConfig{})
			u, other := d.user(), d.user()
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			foreign, _ := d.login(other.Email, goodPassword, d.at, in.Marks)
			d.strangers(u.Email)
			marks := map[string]string{
				"none": "", "another account's": strings.Split(foreign.Marks, ".")[0], "broken": in.Marks + "0",
				"made up": "abc-" + strings.Repeat("0", 32), "empty": ".-.", "as long as it fits": strings.Repeat("a-b.", 900),
			}
			for name, m := range marks {
				if _, got := d.login(u.Email, goodPassword, d.at, m); got != "limited" {
					s.Errorf("a browser with marks that are %s: %s", name, got)
				}
			}
			for _, m := range []string{in.Marks, foreign.Marks} {
				if again, got := d.login(u.Email, goodPassword, d.at, m); got != "in" || again.Marks == "" {
					s.Errorf("the known browser: %s", got)
				}
			}
		},
		"strangers of the same network lock out no known browser": func(s *tale) {
			d := newDoors(s, usecase.AccessConfig{})
			u := d.user()
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			for i := range 60 {
				d.login(fmt.Sprintf("x%d@%s.example", i, d.p.ID), "guess", d.at, "")
			}
			if _, got := d.login(u.Email, goodPassword, d.at, ""); got != "limited" {
				s.Errorf("a stranger of the network: %s", got)
			}
			if _, got := d.login(u.Email, goodPassword, d.at, in.Marks); got != "in" {
				s.Errorf("the known browser: %s", got)
			}
		},
		"a stolen mark gives its own count alone": func(s *tale) {
			d := newDoors(s, usecase.AccessConfig{})
			u := d.user()
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			home, _ := d.login(u.Email, goodPassword, d.at, "")
			var got []string
			for range 12 {
				_, how := d.login(u.Email, "guess", d.at, in.Marks)
				got = append(got, how)
			}
			want := append(slices.Repeat([]string{"wrong"}, 10), "limited", "limited")
			if !slices.Equal(got, want) {
				s.Errorf("guesses: %v", got)
			}
			if _, how := d.login(u.Email, goodPassword, d.at, in.Marks); how != "limited" {
				s.Errorf("the mark that guessed: %s", how)
			}
			if _, how := d.login(u.Email, goodPassword, d.at, home.Marks); how != "in" {
				s.Errorf("another known browser: %s", how)
			}
			if _, how := d.login(u.Email, goodPassword, d.at, ""); how != "in" {
				s.Errorf("a stranger: %s", how)
			}
			s.after(15 * time.Minute)
			if _, how := d.login(u.Email, goodPassword, d.at, in.Marks); how != "in" {
				s.Errorf("the mark that guessed, later: %s", how)
			}
		},
		"a new password ends all marks but the browser's own": func(s *tale) {
			d := newDoors(s, usecase.AccessConfig{})
			u := d.user()
			old, _ := d.login(u.Email, goodPassword, d.at, "")
			const second = "another four words"
			ctx := usecase.WithActor(context.Background(), usecase.Actor{User: &u})
			s.ok(d.ChangePassword(ctx, &u, old.Session, goodPassword, usecase.PasswordInput{Password: second}))
			mark := d.Remember("", u)
			d.strangers(u.Email)
			if _, got := d.login(u.Email, second, d.at, old.Marks); got != "limited" {
				s.Errorf("an old mark: %s", got)
			}
			if _, got := d.login(u.Email, second, d.at, mark); got != "in" {
				s.Errorf("the new mark: %s", got)
			}
		},
		"a session asks for the old password by its own count": func(s *tale) {
			d := newDoors(s, usecase.AccessConfig{})
			u := d.user()
			in, _ := d.login(u.Email, goodPassword, d.at, "")
			other := usecase.PasswordInput{Password: "another four words"}
			thief, _ := d.login(u.Email, goodPassword, d.at, "")
			d.strangers(u.Email)
			for range 10 {
				if err := d.ChangePassword(s.Context(), &u, thief.Session, "guess", other); !errors.Is(err,
					domain.ErrInvalid) {
					s.Fatalf("a wrong old password: %v", err)
				}
			}
			if err := d.ChangePassword(s.Context(), &u, thief.Session, goodPassword,
				other); !errors.Is(err, domain.ErrLimited) {
				s.Errorf("the session that guessed: %v", err)
			}
			s.ok(d.ChangePassword(s.Context(), &u, in.Session, goodPassword, other))
		},
		"a browser keeps marks of five accounts": func(s *tale) {
			d := newDoors(s, usecase.AccessConfig{})
			var users []domain.User
			marks := ""
			for range 7 {
				u := d.user()
				users = append(users, u)
				marks = d.Remember(marks, u)
			}
			if again := d.Remember(marks, users[6]); again != marks {
				s.Errorf("remembered twice: %q, %q", marks, again)
			}
			for i, u := range users {
				d.strangers(u.Email)
				if _, got := d.login(u.Email, goodPassword, d.at, marks); (got == "in") != (i >= 2) {
					s.Errorf("account %d of seven: %s", i, got)
				}
			}
			if n := len(strings.Split(marks, ".")); n != 5 {
				s.Errorf("%d marks", n)
			}
		},
	})
}
