package usecase

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// SetUp is a second factor that is not kept yet. The state comes back with the
// first code: nothing is kept of what was not proved.
type SetUp struct{ Secret, Address, State string }

// setUpTime is how long a state can be used.
const setUpTime = 30 * time.Minute

// BeginFactor makes the secret of a second factor.
func (a *Access) BeginFactor(u *domain.User) (SetUp, error) {
	secret, address, err := a.cfg.Codes.New(u.Email)
	if err != nil {
		return SetUp{}, fmt.Errorf("make a second factor: %w", err)
	}
	return a.setUp(u, secret, address), nil
}

func (a *Access) setUp(u *domain.User, secret, address string) SetUp {
	until := strconv.FormatInt(a.now().Add(setUpTime).Unix(), 10)
	sealed := a.vault.Seal(setUpPlace, []byte(strings.Join([]string{u.ID, until, secret, address}, "\n")))
	return SetUp{Secret: secret, Address: address, State: base64.RawURLEncoding.EncodeToString(sealed)}
}

// ContinueFactor reads a state of BeginFactor; a new one is made where it is too
// old or another's.
func (a *Access) ContinueFactor(u *domain.User, state string) (SetUp, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(state)
	if err != nil {
		return a.BeginFactor(u)
	}
	plain, err := a.vault.Open(setUpPlace, sealed)
	if err != nil {
		return a.BeginFactor(u)
	}
	parts := strings.Split(string(plain), "\n")
	if len(parts) != 4 || parts[0] != u.ID {
		return a.BeginFactor(u)
	}
	if until, err := strconv.ParseInt(parts[1], 10, 64); err != nil || a.now().Unix() >= until {
		return a.BeginFactor(u)
	}
	return SetUp{Secret: parts[2], Address: parts[3], State: state}, nil
}

// FactorInput proves a second factor, and that whoever sets it up knows the
// password.
type FactorInput struct{ Code, Password string }

// SetFactor keeps a second factor whose code is right, ends the user's other
// sessions, and gives the recovery codes, which are not told again.
func (a *Access) SetFactor(
	ctx context.Context, u *domain.User, session string, s SetUp, in FactorInput,
) ([]string, error) {
	if err := a.prove(ctx, u, session, "password", in.Password); err != nil {
		return nil, err
	}
	step, ok := a.cfg.Codes.Step(s.Secret, strings.ReplaceAll(in.Code, " ", ""), a.now())
	if !ok {
		return nil, domain.Invalid("code", "is not the one that the app shows now")
	}
	codes, hashes := makeRecovery(u.ID)
	err := a.store.SetFactor(a.audit.note(ctx, "", "user.second_factor", u.Email, nil), NewFactor{
		UserID: u.ID, Secret: a.vault.Seal(FactorPlace(u.ID), []byte(s.Secret)),
		Step: step, Codes: hashes, Keep: secretHash(session),
	})
	if err != nil {
		return nil, err
	}
	u.SecondFactor = true
	return codes, nil
}

// RenewRecovery makes new recovery codes; the old ones work no longer.
func (a *Access) RenewRecovery(ctx context.Context, u *domain.User, session, password string) ([]string, error) {
	if err := a.prove(ctx, u, session, "password", password); err != nil {
		return nil, err
	}
	codes, hashes := makeRecovery(u.ID)
	return codes, a.store.SetRecoveryCodes(a.audit.note(ctx, "", "user.recovery_codes", u.Email, nil), u.ID, hashes)
}

// DropFactor turns a user's second factor off.
func (a *Access) DropFactor(ctx context.Context, u *domain.User, session, password string) error {
	if err := a.prove(ctx, u, session, "password", password); err != nil {
		return err
	}
	err := a.store.DropFactor(a.audit.note(ctx, "", "user.second_factor_off", u.Email, nil), u.ID)
	if err == nil {
		u.SecondFactor = false
	}
	return err
}

// ResetFactor takes the second factor of somebody away who lost it.
func (a *Access) ResetFactor(ctx context.Context, userID string) error {
	u, err := a.store.User(ctx, userID)
	if err != nil {
		return err
	}
	return a.store.DropFactor(a.audit.note(ctx, "", "user.second_factor_reset", u.Email, nil), userID)
}

// RecoveryCodes is how many a user has left.
func (a *Access) RecoveryCodes(ctx context.Context, userID string) (int, error) {
	f, err := a.store.SecondFactor(ctx, userID)
	return f.Codes, err
}

// Prove asks a user who is signed in for the password, before something changes
// by which they come in. Where nobody has passwords it asks nothing.
func (a *Access) Prove(ctx context.Context, u *domain.User, session, field, password string) error {
	if !a.Passwords() {
		return nil
	}
	return a.prove(ctx, u, session, field, password)
}

// prove asks a user who is signed in for the password. Wrong ones are counted by
// the session. Who has none, since another service signs them in, is not asked.
func (a *Access) prove(ctx context.Context, u *domain.User, session, field, password string) error {
	if u.PasswordHash == "" {
		return nil
	}
	ok, err := a.guess(ctx, guesser{known: session, account: u.Email}, password, u.PasswordHash)
	if err == nil && !ok {
		a.trail.Refused(ctx, PasswordRefused, "", "")
		err = domain.Invalid(field, "is not your password")
	}
	return err
}
