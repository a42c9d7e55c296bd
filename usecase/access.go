package usecase

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Passwords hashes passwords so that they can not be found from the hash.
type Passwords interface {
	Hash(password string) (string, error)
	Verify(password, hash string) (bool, error)
}

// UserStore keeps users, how they log in and what they may do. Reads answer
// domain.ErrNotFound for what does not exist.
type UserStore interface {
	// CountUsers is how many there are.
	CountUsers(ctx context.Context) (int, error)
	// CreateUser uses up the one-time link that allows it, with the membership
	// it gives; domain.ErrNotFound when it is used up, domain.ErrConflict when
	// the e-mail is taken. ties are who the user is at providers.
	CreateUser(ctx context.Context, u domain.User, link OneTimeLink, ties ...UserIdentity) error
	// Join uses a link up for a user that exists.
	Join(ctx context.Context, userID string, link OneTimeLink, now time.Time) error
	User(ctx context.Context, id string) (domain.User, error)
	UserByEmail(ctx context.Context, email string) (domain.User, error)
	Users(ctx context.Context) ([]domain.User, error)
	UpdateUser(ctx context.Context, u domain.User) error
	// SetPassword also ends the links for a new password.
	SetPassword(ctx context.Context, n NewPassword) error
	// DeleteUser is domain.ErrConflict for the last administrator.
	DeleteUser(ctx context.Context, id string) error

	CreateOneTimeLink(ctx context.Context, l OneTimeLink) error
	OneTimeLink(ctx context.Context, hash []byte, now time.Time) (OneTimeLink, error)
	// Invitations lists those to a project that can still be used, the oldest
	// first; with an empty id those that make administrators.
	Invitations(ctx context.Context, projectID string, now time.Time) ([]OneTimeLink, error)
	DeleteInvitation(ctx context.Context, projectID string, hash []byte) error
	// OneTimeLinks lists the invitations and links for a new password that can
	// still be used, the oldest first.
	OneTimeLinks(ctx context.Context, now time.Time) ([]OneTimeLink, error)
	DeleteOneTimeLink(ctx context.Context, hash []byte) error

	CreateSession(ctx context.Context, s Session) error
	Session(ctx context.Context, hash []byte, now time.Time) (Session, domain.User, error)
	// SeeSession prolongs a session.
	SeeSession(ctx context.Context, hash []byte, now, expires time.Time) error
	DeleteSession(ctx context.Context, hash []byte) error
	// Sessions lists those of a user that are not over, the one seen last first.
	Sessions(ctx context.Context, userID string, now time.Time) ([]Session, error)
	EndSession(ctx context.Context, userID string, hash []byte) error
	// EndOtherSessions ends all of a user but one, or, with nil, all.
	EndOtherSessions(ctx context.Context, userID string, keep []byte) error

	// SecondFactor reads a user's; domain.ErrNotFound for none.
	SecondFactor(ctx context.Context, userID string) (SecondFactor, error)
	// SetFactor also ends the user's other sessions.
	SetFactor(ctx context.Context, f NewFactor) error
	DropFactor(ctx context.Context, userID string) error
	// UseStep notes the step of a code; false where that one, or a later one,
	// was used before.
	UseStep(ctx context.Context, userID string, step int64) (bool, error)
	SetRecoveryCodes(ctx context.Context, userID string, hashes [][]byte) error
	// UseRecoveryCode uses a code up; false for one that there is not.
	UseRecoveryCode(ctx context.Context, userID string, hash []byte) (bool, error)

	Role(ctx context.Context, projectID, userID string) (domain.Role, error)
	ProjectUsers(ctx context.Context, projectID string) ([]domain.ProjectUser, error)
	SetRole(ctx context.Context, projectID, userID string, r domain.Role, now time.Time) error
	RemoveProjectUser(ctx context.Context, projectID, userID string) error
	// ProjectsOf lists the projects of a user, newest first.
	ProjectsOf(ctx context.Context, userID string, page Page) ([]domain.Project, string, error)

	CreateToken(ctx context.Context, t Token) error
	Tokens(ctx context.Context, userID string) ([]Token, error)
	DeleteToken(ctx context.Context, userID, id string) error
	TokenByHash(ctx context.Context, hash []byte, now time.Time) (Token, domain.User, error)
	// UseToken notes when a token was used.
	UseToken(ctx context.Context, id string, now time.Time) error

	// AttemptLogin notes an attempt under each key, unless one of them has had
	// its most since a time: then nothing is noted, and the answer is false.
	AttemptLogin(ctx context.Context, keys []string, most []int, now, since time.Time) (bool, error)
	// ForgetLogins forgets the attempts under a key.
	ForgetLogins(ctx context.Context, key string) error

	// Audit lists the audit log, newest first; of a project, or with an empty
	// id of all.
	Audit(ctx context.Context, projectID string, page Page) ([]AuditEntry, string, error)
}

// LinkKind is what a one-time link is for.
type LinkKind string

// Kinds of one-time links.
const (
	SetupLink  LinkKind = "setup"  // makes the first owner
	InviteLink LinkKind = "invite" // makes a member of a project, or an administrator
	ResetLink  LinkKind = "reset"  // sets a new password
	// SharedReport opens a report as often as somebody likes, see ReportShare; the
	// audit log calls it so.
	SharedReport LinkKind = "report"
)

// OneTimeLink lets whoever has it do one thing once.
type OneTimeLink struct {
	Hash      []byte
	Kind      LinkKind
	ProjectID string      // of an invitation; empty: to the whole installation
	Role      domain.Role // of an invitation
	UserID    string      // of a reset
	CreatedBy string      // e-mail of who made it
	CreatorID string      // their user id; empty: the operator's
	CreatedAt time.Time
	ExpiresAt time.Time
}

// ID names a link to those who may withdraw it; it opens nothing.
func (l OneTimeLink) ID() string { return hex.EncodeToString(l.Hash) }

// NewPassword is a password to be kept.
type NewPassword struct {
	UserID, Hash string
	Keep         []byte // the session that stays, nil for none
	Link         []byte // is used up, nil for none
	EndTokens    bool
}

// Session of a user in one browser.
type Session struct {
	Hash      []byte
	UserID    string
	UserAgent string
	Network   string // from which it was opened
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// Token is a user's key to the management API; it is only told when made.
type Token struct {
	ID        string
	UserID    string
	Name      string
	Hash      []byte
	Scope     domain.Scope
	CreatedAt time.Time
	UsedAt    *time.Time
	ExpiresAt *time.Time
}

// AccessConfig sets for how long things work, and what is asked.
type AccessConfig struct {
	// Session is how long a session lives that is not used, SessionMax how long
	// one lives at all; 0 for as long as the other.
	Session, SessionMax time.Duration
	// RequireTOTP says who must have a second factor: RequireNone, which is also
	// meant by "", RequireAdmins or RequireAll.
	RequireTOTP string
	// Codes are those of the second factor.
	Codes OneTimeCodes
	// Invitation is how long a one-time link can be used.
	Invitation time.Duration
	// NoPasswords: only a provider tells who somebody is.
	NoPasswords bool
	// AdminToken is Vault.Hash("admin-token", token) of the operator's token.
	// Empty: there is none.
	AdminToken []byte
}

// Access decides who may come in and what they may do.
type Access struct {
	cfg       AccessConfig
	store     UserStore
	passwords Passwords
	hashing   *hashing
	vault     Vault
	newID     func() string
	now       func() time.Time
	audit     auditing
	trail     *Trail
	wrong     *ClickRate // tokens that were nobody's
	decoy     string
}

// NewAccess makes an Access.
func NewAccess(
	cfg AccessConfig, store UserStore, passwords Passwords, vault Vault, trail *Trail, newID func() string,
	now func() time.Time,
) (*Access, error) {
	micro := func() time.Time { return now().UTC().Truncate(time.Microsecond) }
	cfg.SessionMax = cmp.Or(cfg.SessionMax, cfg.Session)
	a := &Access{
		cfg: cfg, store: store, passwords: passwords, hashing: newHashing(), vault: vault, newID: newID, now: micro,
		audit: auditing{newID, micro}, trail: trail,
		wrong: NewClickRate(wrongTokens, micro),
	}
	var err error
	// Compared where there is no such user, so that the time taken does not
	// tell who is one.
	if a.decoy, err = passwords.Hash(rand.Text()); err != nil {
		return nil, fmt.Errorf("hash a password: %w", err)
	}
	return a, nil
}

// secretHash is under what a secret of 130 random bits is kept: nobody guesses
// those, so the hash needs no key and outlives a change of secret_key.
func secretHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// oneTime makes a one-time link's secret.
func (a *Access) oneTime(ctx context.Context, l OneTimeLink) (string, error) {
	secret := strings.ToLower(rand.Text())
	l.Hash, l.CreatedAt, l.ExpiresAt = secretHash(secret), a.now(), a.now().Add(a.cfg.Invitation)
	who := ActorOf(ctx)
	if l.CreatedBy = who.Name(); who.User != nil {
		l.CreatorID = who.User.ID
	}
	return secret, a.store.CreateOneTimeLink(ctx, l)
}

// FirstRun gives the secret of a link that makes the first owner; empty when
// there are users already.
func (a *Access) FirstRun(ctx context.Context) (string, error) {
	n, err := a.store.CountUsers(ctx)
	if err != nil || n > 0 {
		return "", err
	}
	return a.oneTime(ctx, OneTimeLink{Kind: SetupLink})
}

// OpenLink reads a one-time link; domain.ErrNotFound when it is used up, too
// old or was never made, or whoever made it may do so no longer.
func (a *Access) OpenLink(ctx context.Context, kind LinkKind, secret string) (OneTimeLink, error) {
	l, err := a.store.OneTimeLink(ctx, secretHash(secret), a.now())
	if err == nil && l.Kind != kind {
		err = fmt.Errorf("one-time link: %w", domain.ErrNotFound)
	}
	if err == nil && kind == SetupLink {
		// Another of the links that were printed was used before.
		if n, err := a.store.CountUsers(ctx); err != nil || n > 0 {
			return l, errors.Join(err, domain.ErrNotFound)
		}
	}
	if err == nil {
		err = a.stillMay(ctx, l)
	}
	if errors.Is(err, domain.ErrNotFound) {
		a.trail.Refused(ctx, LinkRefused, "", string(kind))
	}
	return l, err
}

// stillMay answers domain.ErrNotFound where the maker of a link could not make
// it today: a link must not outlive the right to make it.
func (a *Access) stillMay(ctx context.Context, l OneTimeLink) error {
	if l.CreatorID == "" {
		return nil
	}
	u, err := a.store.User(ctx, l.CreatorID)
	if err != nil || u.Admin {
		return err
	}
	if l.Kind == InviteLink && l.ProjectID != "" {
		role, err := a.store.Role(ctx, l.ProjectID, u.ID)
		if err != nil || role.Allows(domain.Owner) {
			return err
		}
	}
	return fmt.Errorf("one-time link: %w", domain.ErrNotFound)
}

// UserInput is what is said of a user.
type UserInput struct{ Email, Name, Password, Language string }

// Register makes the user that a setup link or an invitation is for. Where the
// e-mail of an invitation is one of a user, that user gets what it is for, and
// the password stays theirs: whoever has an invitation does not learn who else
// has an account.
func (a *Access) Register(ctx context.Context, kind LinkKind, secret string, in UserInput) (domain.User, error) {
	l, err := a.OpenLink(ctx, kind, secret)
	if err != nil {
		return domain.User{}, err
	}
	u := domain.User{
		ID: a.newID(), Admin: kind == SetupLink || kind == InviteLink && l.ProjectID == "", CreatedAt: a.now(),
	}
	var f faults
	u.Email, err = email(in.Email)
	f.add(err)
	u.Name, err = text("name", in.Name, maxName)
	f.add(err)
	u.Language, err = oneOf("language", "", i18n.Russian, i18n.English)(in.Language)
	f.add(err)
	f.add(a.checkPassword(in.Password, u))
	if err := f.err(); err != nil {
		return domain.User{}, err
	}
	if u.PasswordHash, err = a.hash(ctx, place{whose: l.ID()}, in.Password); err != nil {
		return domain.User{}, err
	}
	ctx = a.audit.note(WithActor(ctx, Actor{User: &u}), l.ProjectID, "user.create", u.Email,
		map[string]string{"role": string(l.Role), "invited_by": l.CreatedBy})
	if err = a.store.CreateUser(ctx, u, l); kind == InviteLink && errors.Is(err, domain.ErrConflict) {
		return a.registered(ctx, u.Email, l)
	}
	return u, err
}

// registered gives a user who exists what an invitation is for, in whose form
// their e-mail was entered.
func (a *Access) registered(ctx context.Context, email string, l OneTimeLink) (domain.User, error) {
	u, err := a.store.UserByEmail(ctx, email)
	if err != nil {
		return domain.User{}, err
	}
	ctx = a.audit.note(WithActor(ctx, Actor{User: &u}), l.ProjectID, "project_user.join", u.Email,
		map[string]string{"role": string(l.Role), "invited_by": l.CreatedBy, "signed_in": "no"})
	return u, a.store.Join(ctx, u.ID, l, a.now())
}

// Accept gives a user who is logged in what an invitation is for.
func (a *Access) Accept(ctx context.Context, secret string, u *domain.User) (OneTimeLink, error) {
	l, err := a.OpenLink(ctx, InviteLink, secret)
	if err != nil {
		return l, err
	}
	ctx = a.audit.note(ctx, l.ProjectID, "project_user.join", u.Email,
		map[string]string{"role": string(l.Role), "invited_by": l.CreatedBy})
	return l, a.store.Join(ctx, u.ID, l, a.now())
}

// email takes an address in the one form under which it is kept.
func email(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 {
		return "", domain.Invalid("email", "must be an e-mail such as anna@example.org")
	}
	return s, nil
}
