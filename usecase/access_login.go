package usecase

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// How often somebody may try to log in within loginWindow.
const (
	loginWindow      = 15 * time.Minute
	attemptsByEmail  = 10
	attemptsBySource = 50
)

// LoginInput is what somebody logs in with.
type LoginInput struct{ Email, Password, IP, UserAgent string }

// Login opens a session and gives its secret. A wrong e-mail and a wrong
// password are the same domain.ErrNotFound; too many attempts are
// domain.ErrLimited, whether right or wrong.
func (a *Access) Login(ctx context.Context, in LoginInput) (string, domain.User, error) {
	address, err := email(in.Email)
	if err != nil {
		return "", domain.User{}, err
	}
	if err := a.attempt(ctx, address, in.IP); err != nil {
		return "", domain.User{}, err
	}
	u, err := a.store.UserByEmail(ctx, address)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		return "", domain.User{}, err
	}
	hash := u.PasswordHash
	if err != nil {
		hash = a.decoy
	}
	ok, verifyErr := a.verify(ctx, in.IP, in.Password, hash)
	switch {
	case verifyErr != nil:
		return "", domain.User{}, verifyErr
	case err != nil, !ok:
		return "", domain.User{}, fmt.Errorf("log in: %w", domain.ErrNotFound)
	}
	if err := a.store.ForgetLogins(ctx, a.loginKey("email", address)); err != nil {
		return "", domain.User{}, err
	}
	secret, err := a.OpenSession(ctx, u.ID, in.UserAgent)
	return secret, u, err
}

// attempt notes that a password is tried, before it is looked at: many at once
// are many.
func (a *Access) attempt(ctx context.Context, email, ip string) error {
	now := a.now()
	keys := []string{a.loginKey("email", email), a.loginKey("ip", loginSource(ip))}
	n, err := a.store.AttemptLogin(ctx, keys, now, now.Add(-loginWindow))
	if err != nil {
		return err
	}
	if n[0] > attemptsByEmail || n[1] > attemptsBySource {
		return fmt.Errorf("log in: %w", domain.ErrLimited)
	}
	return nil
}

// loginSource is what attempts from an address count together with.
func loginSource(ip string) string {
	if p, ok := networkOf(ip); ok {
		return p.String()
	}
	return ip
}

func (a *Access) loginKey(kind, value string) string {
	return hex.EncodeToString(a.vault.Hash("login-"+kind, value))
}

// OpenSession opens a session of a user who proved to be one.
func (a *Access) OpenSession(ctx context.Context, userID, userAgent string) (string, error) {
	secret, now := rand.Text(), a.now()
	agent := []rune(strings.ToValidUTF8(strings.ReplaceAll(userAgent, "\x00", ""), ""))
	return secret, a.store.CreateSession(ctx, Session{
		Hash: secretHash(secret), UserID: userID, UserAgent: string(agent[:min(len(agent), maxName)]), CreatedAt: now,
		SeenAt: now, ExpiresAt: now.Add(a.cfg.Session),
	})
}

// Session finds the user of a session; domain.ErrNotFound when it is over.
func (a *Access) Session(ctx context.Context, secret string) (domain.User, error) {
	now := a.now()
	s, u, err := a.store.Session(ctx, secretHash(secret), now)
	if err != nil {
		return u, err
	}
	// Not with every page: each would be a write.
	if now.Sub(s.SeenAt) > min(time.Hour, a.cfg.Session/10) {
		err = a.store.SeeSession(ctx, s.Hash, now, now.Add(a.cfg.Session))
	}
	return u, err
}

// Logout ends a session.
func (a *Access) Logout(ctx context.Context, secret string) error {
	return a.store.DeleteSession(ctx, secretHash(secret))
}

// FormToken goes into the forms of a session, so that no other site can make
// a browser send one.
func (a *Access) FormToken(session string) string {
	return hex.EncodeToString(a.vault.Hash("form", session)[:16])
}

// ChangePassword sets a user's own password and ends their other sessions. Wrong
// old ones count as those of logins do.
func (a *Access) ChangePassword(ctx context.Context, u *domain.User, session, ip, old, password string) error {
	if err := a.attempt(ctx, u.Email, ip); err != nil {
		return err
	}
	ok, err := a.verify(ctx, ip, old, u.PasswordHash)
	if err != nil {
		return err
	}
	if !ok {
		return domain.Invalid("old_password", "is not your password")
	}
	if err := a.store.ForgetLogins(ctx, a.loginKey("email", u.Email)); err != nil {
		return err
	}
	return a.setPassword(ctx, *u, password, secretHash(session), nil)
}

func (a *Access) setPassword(ctx context.Context, u domain.User, password string, session, link []byte) error {
	if err := checkPassword(password, u.Email); err != nil {
		return err
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	ctx = a.audit.note(ctx, "", "user.password", u.Email, nil)
	return a.store.SetPassword(ctx, u.ID, hash, session, link)
}

// MakeReset makes a link by which a user can set a new password.
func (a *Access) MakeReset(ctx context.Context, userID string) (string, error) {
	u, err := a.store.User(ctx, userID)
	if err != nil {
		return "", err
	}
	return a.oneTime(a.audit.note(ctx, "", "user.reset_link", u.Email, nil),
		OneTimeLink{Kind: ResetLink, UserID: u.ID})
}

// Reset sets the password that a link allows to set.
func (a *Access) Reset(ctx context.Context, secret, password string) (domain.User, error) {
	l, err := a.OpenLink(ctx, ResetLink, secret)
	if err != nil {
		return domain.User{}, err
	}
	u, err := a.store.User(ctx, l.UserID)
	if err != nil {
		return domain.User{}, err
	}
	return u, a.setPassword(WithActor(ctx, Actor{User: &u}), u, password, nil, l.Hash)
}
