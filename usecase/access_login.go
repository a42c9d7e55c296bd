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

// How often somebody may try to log in within loginWindow. A browser that is
// known to the account has as many attempts as all strangers together.
const (
	loginWindow      = 15 * time.Minute
	attemptsByEmail  = 10
	attemptsBySource = 50
)

// LoginInput is what somebody logs in with. Marks are those that the browser
// keeps.
type LoginInput struct{ Email, Password, IP, UserAgent, Marks string }

// LoggedIn is what a log-in gives: the secret of a session, and the marks that
// the browser keeps from now on; or, of a user with a second factor, what
// LoginCode asks for.
type LoggedIn struct {
	Session, Marks string
	Pending        string
	User           domain.User
}

// Login opens a session, or begins to where there is a second factor. A wrong
// e-mail and a wrong password are the same domain.ErrNotFound; too many attempts
// are domain.ErrLimited, whether right or wrong.
func (a *Access) Login(ctx context.Context, in LoginInput) (LoggedIn, error) {
	if a.cfg.NoPasswords {
		return LoggedIn{}, noPasswords()
	}
	address, err := email(in.Email)
	if err != nil {
		return LoggedIn{}, err
	}
	u, err := a.store.UserByEmail(ctx, address)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		return LoggedIn{}, err
	}
	who, hash := guesser{email: address, ip: in.IP}, a.decoy
	if u.PasswordHash != "" { // not nobody, and not somebody without a password
		who.known, who.account, hash = a.knownAs(in.Marks, u), u.Email, u.PasswordHash
	}
	ok, guessErr := a.guess(ctx, who, in.Password, hash)
	switch {
	case guessErr != nil:
		return LoggedIn{}, guessErr
	case u.PasswordHash == "", !ok:
		// Of somebody who is not known the e-mail is not kept: it may be a
		// password in the wrong field.
		a.trail.Refused(ctx, LoginRefused, "", u.Email)
		return LoggedIn{}, fmt.Errorf("log in: %w", domain.ErrNotFound)
	}
	if u.SecondFactor {
		return LoggedIn{Pending: a.pending(u), User: u}, nil
	}
	return a.signedIn(ctx, u, in.UserAgent, in.Marks)
}

// guess compares a password that somebody tries. The attempt is noted before
// the password is looked at: many at once are many.
func (a *Access) guess(ctx context.Context, who guesser, password, hash string) (bool, error) {
	now := a.now()
	keys, most := a.tries(who)
	may, err := a.store.AttemptLogin(ctx, keys, most, now, now.Add(-loginWindow))
	if err != nil {
		return false, err
	}
	if !may {
		a.trail.Refused(ctx, LoginLocked, "", who.account)
		return false, fmt.Errorf("log in: %w", domain.ErrLimited)
	}
	ok, err := a.verify(ctx, who.place(), password, hash)
	if err != nil || !ok {
		return false, err
	}
	return true, a.store.ForgetLogins(ctx, keys[0])
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

// OpenSession opens a session of a user who proved to be one, which is a login.
func (a *Access) OpenSession(ctx context.Context, userID, userAgent string) (string, error) {
	secret, now := rand.Text(), a.now()
	runes := []rune(strings.ToValidUTF8(strings.ReplaceAll(userAgent, "\x00", ""), ""))
	agent := string(runes[:min(len(runes), maxName)])
	return secret, a.store.CreateSession(a.audit.note(ctx, "", LoginDone, "", map[string]string{"browser": agent}),
		Session{
			Hash: secretHash(secret), UserID: userID, UserAgent: agent, CreatedAt: now, SeenAt: now,
			Network:   strings.TrimSuffix(loginSource(OriginOf(ctx).Address), "/32"),
			ExpiresAt: now.Add(min(a.cfg.Session, a.cfg.SessionMax)),
		})
}

// Session finds the user of a session; domain.ErrNotFound when it is over.
func (a *Access) Session(ctx context.Context, secret string) (domain.User, error) {
	now := a.now()
	s, u, err := a.store.Session(ctx, secretHash(secret), now)
	if err != nil {
		return u, err
	}
	end := s.CreatedAt.Add(a.cfg.SessionMax) // beyond which no visit prolongs it
	if !end.After(now) {
		return domain.User{}, fmt.Errorf("session: %w", domain.ErrNotFound)
	}
	// Not with every page: each would be a write.
	if now.Sub(s.SeenAt) > min(time.Hour, a.cfg.Session/10) {
		expires := now.Add(a.cfg.Session)
		if expires.After(end) {
			expires = end
		}
		err = a.store.SeeSession(ctx, s.Hash, now, expires)
	}
	return u, err
}

// Logout ends the session of whoever asks.
func (a *Access) Logout(ctx context.Context, secret string) error {
	if ActorOf(ctx).User != nil {
		ctx = a.audit.note(ctx, "", LogoutDone, "", nil)
	}
	return a.store.DeleteSession(ctx, secretHash(secret))
}

// PasswordInput is a new password, and whether the user's tokens end with the
// old one: whoever knew that may have made some.
type PasswordInput struct {
	Password  string
	EndTokens bool
}

// ChangePassword sets a user's own password and ends their other sessions. Wrong
// old ones are counted, by the session.
func (a *Access) ChangePassword(
	ctx context.Context, u *domain.User, session, old string, in PasswordInput,
) error {
	if u.PasswordHash == "" {
		return domain.Invalid("old_password", "there is none yet: ask an administrator for a link that sets a password")
	}
	if err := a.prove(ctx, u, session, "old_password", old); err != nil {
		return err
	}
	hash, err := a.setPassword(ctx, *u, in, guesser{known: session}.place(),
		NewPassword{Keep: secretHash(session)})
	u.PasswordHash = hash
	return err
}

// setPassword answers the hash that holds afterwards.
func (a *Access) setPassword(
	ctx context.Context, u domain.User, in PasswordInput, p place, n NewPassword,
) (string, error) {
	if err := a.checkPassword(in.Password, u); err != nil {
		return u.PasswordHash, err
	}
	hash, err := a.hash(ctx, p, in.Password)
	if err != nil {
		return u.PasswordHash, err
	}
	var detail map[string]string
	if in.EndTokens {
		detail = map[string]string{"tokens": "ended"}
	}
	ctx = a.audit.note(ctx, "", "user.password", u.Email, detail)
	n.UserID, n.Hash, n.EndTokens = u.ID, hash, in.EndTokens
	if err := a.store.SetPassword(ctx, n); err != nil {
		return u.PasswordHash, err
	}
	return hash, nil
}

// MakeReset makes a link by which a user can set a new password.
func (a *Access) MakeReset(ctx context.Context, userID string) (string, error) {
	if a.cfg.NoPasswords {
		return "", noPasswords()
	}
	u, err := a.store.User(ctx, userID)
	if err != nil {
		return "", err
	}
	return a.oneTime(a.audit.note(ctx, "", "user.reset_link", u.Email, nil),
		OneTimeLink{Kind: ResetLink, UserID: u.ID})
}

// Reset sets the password that a link allows to set.
func (a *Access) Reset(ctx context.Context, secret string, in PasswordInput) (domain.User, error) {
	l, err := a.OpenLink(ctx, ResetLink, secret)
	if err != nil {
		return domain.User{}, err
	}
	u, err := a.store.User(ctx, l.UserID)
	if err != nil {
		return domain.User{}, err
	}
	u.PasswordHash, err = a.setPassword(WithActor(ctx, Actor{User: &u}), u, in, place{whose: l.ID()},
		NewPassword{Link: l.Hash})
	return u, err
}
