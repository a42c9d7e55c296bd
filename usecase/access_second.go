package usecase

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// OneTimeCodes are those that an app shows for a short time, as RFC 6238 says.
type OneTimeCodes interface {
	// New makes a secret, and the address that an app reads from a picture.
	New(account string) (secret, address string, err error)
	// Step finds the step of time near a moment to which a code belongs.
	Step(secret, code string, now time.Time) (step int64, ok bool)
}

// SecondFactor is what is kept of a user's.
type SecondFactor struct {
	Secret []byte // sealed
	Codes  int    // recovery codes that are left
}

// NewFactor is a second factor to be kept.
type NewFactor struct {
	UserID string
	Secret []byte   // sealed
	Step   int64    // of the code that proved it
	Codes  [][]byte // hashes of the recovery codes
	Keep   []byte   // the session that stays
}

// Who must have a second factor.
const (
	RequireNone   = "none"
	RequireAdmins = "admins"
	RequireAll    = "all"
)

// How the second step of a log-in goes: how long the right password is good for
// it, and how many codes may be tried within loginWindow.
const (
	secondStep   = 5 * time.Minute
	codeAttempts = 5
)

// MustSetUp tells whether a user may do nothing else before a second factor is
// set up.
func (a *Access) MustSetUp(u *domain.User) bool {
	return !u.SecondFactor && a.MustHave(u)
}

// MustHave tells whether a user must have a second factor. It is asked after a
// password: who has none comes by a provider, which is trusted for it.
func (a *Access) MustHave(u *domain.User) bool {
	if u.PasswordHash == "" || a.cfg.NoPasswords {
		return false
	}
	return a.cfg.RequireTOTP == RequireAll || a.cfg.RequireTOTP == RequireAdmins && u.Admin
}

// pending is what proves for a short time that somebody knew the password of a
// user. It opens nothing.
func (a *Access) pending(u domain.User) string {
	until := strconv.FormatInt(a.now().Add(secondStep).Unix(), 10)
	return u.ID + "." + until + "." + a.pendingMark(u, until)
}

func (a *Access) pendingMark(u domain.User, until string) string {
	return hex.EncodeToString(a.vault.Hash("second-step", u.ID+"\x00"+until+"\x00"+u.PasswordHash)[:16])
}

// whose finds the user of a pending log-in; domain.ErrUnauthenticated for one
// that is over or none.
func (a *Access) whose(ctx context.Context, pending string) (domain.User, error) {
	over := fmt.Errorf("second step: %w", domain.ErrUnauthenticated)
	parts := strings.Split(pending, ".")
	if len(parts) != 3 {
		return domain.User{}, over
	}
	until, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || a.now().Unix() >= until {
		return domain.User{}, over
	}
	u, err := a.store.User(ctx, parts[0])
	if errors.Is(err, domain.ErrNotFound) {
		return u, over
	}
	if err == nil && subtle.ConstantTimeCompare([]byte(parts[2]), []byte(a.pendingMark(u, parts[1]))) != 1 {
		err = over
	}
	return u, err
}

// CodeInput is the second step of a log-in. Pending is what the first one gave,
// Code one of the app or a recovery code.
type CodeInput struct{ Pending, Code, UserAgent, Marks string }

// LoginCode opens a session for whoever knew the password and has the second
// factor. A wrong code is domain.ErrNotFound, too many domain.ErrLimited, and
// domain.ErrUnauthenticated means to begin anew.
func (a *Access) LoginCode(ctx context.Context, in CodeInput) (LoggedIn, error) {
	u, err := a.whose(ctx, in.Pending)
	if err != nil {
		return LoggedIn{}, err
	}
	// As with passwords: who only knows the password does not keep out the
	// browsers in which the user signed in.
	key := a.loginKey("code", u.ID+" "+a.knownAs(in.Marks, u))
	now := a.now()
	may, err := a.store.AttemptLogin(ctx, []string{key}, []int{codeAttempts}, now, now.Add(-loginWindow))
	if err == nil && !may {
		a.trail.Refused(ctx, LoginLocked, "", u.Email)
		err = fmt.Errorf("log in: %w", domain.ErrLimited)
	}
	if err != nil {
		return LoggedIn{}, err
	}
	ok, err := a.useCode(WithActor(ctx, Actor{User: &u}), u, in.Code)
	switch {
	case err != nil:
		return LoggedIn{}, err
	case !ok:
		a.trail.Refused(ctx, CodeRefused, "", u.Email)
		return LoggedIn{}, fmt.Errorf("log in: the code is wrong: %w", domain.ErrNotFound)
	}
	if err := a.store.ForgetLogins(ctx, key); err != nil {
		return LoggedIn{}, err
	}
	return a.signedIn(ctx, u, in.UserAgent, in.Marks)
}

// signedIn opens the session of who proved to be a user.
func (a *Access) signedIn(ctx context.Context, u domain.User, userAgent, marks string) (LoggedIn, error) {
	session, err := a.OpenSession(WithActor(ctx, Actor{User: &u}), u.ID, userAgent)
	return LoggedIn{Session: session, Marks: a.Remember(marks, u), User: u}, err
}

// useCode uses a code up: neither one of the app nor a recovery code works
// twice.
func (a *Access) useCode(ctx context.Context, u domain.User, code string) (bool, error) {
	code = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(code))
	if len(code) == recoveryLength {
		return a.store.UseRecoveryCode(a.audit.note(ctx, "", "user.recovery_code", u.Email, nil), u.ID,
			recoveryHash(u.ID, code))
	}
	f, err := a.store.SecondFactor(ctx, u.ID)
	if errors.Is(err, domain.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	secret, err := a.vault.Open(FactorPlace(u.ID), f.Secret)
	if err != nil {
		return false, fmt.Errorf("open the second factor of %s: %w", u.ID, err)
	}
	step, ok := a.cfg.Codes.Step(string(secret), code, a.now())
	if !ok {
		return false, nil
	}
	return a.store.UseStep(ctx, u.ID, step)
}

// recoveryCodes is how many a user has, and recoveryLength how long one is: 120
// random bits, which nobody finds from their hash either.
const (
	recoveryCodes  = 10
	recoveryLength = 24
)

func recoveryHash(userID, code string) []byte { return secretHash("recovery " + userID + " " + code) }

// makeRecovery makes recovery codes, as they are shown and as they are kept.
func makeRecovery(userID string) (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		code := strings.ToLower(rand.Text())[:recoveryLength]
		var groups []string
		for part := range slices.Chunk([]byte(code), 4) {
			groups = append(groups, string(part))
		}
		codes = append(codes, strings.Join(groups, "-"))
		hashes = append(hashes, recoveryHash(userID, code))
	}
	return codes, hashes
}
