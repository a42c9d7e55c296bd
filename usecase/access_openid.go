package usecase

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// openIDTicket is how long somebody may take at the provider.
const openIDTicket = 15 * time.Minute

// Proof ties what a provider says to the browser that was sent to it.
type Proof struct {
	State    string `json:"state"`    // comes back with the browser
	Nonce    string `json:"nonce"`    // comes back in the signed token
	Verifier string `json:"verifier"` // of PKCE: without it the code is worth nothing
}

// Identity is who somebody is, as a provider says.
type Identity struct {
	Issuer, Subject string
	Email           string
	Verified        bool // the provider knows the e-mail to be theirs
	Name            string
}

// IdentityProvider is asked who somebody is. It answers domain.ErrUnavailable
// while it can not be reached, domain.ErrForbidden where it vouches for nobody.
type IdentityProvider interface {
	// Title is how pages call it.
	Title() string
	// Issuer is what it is known by.
	Issuer() string
	// Address is where a browser is sent to.
	Address(ctx context.Context, p Proof) (string, error)
	// Identify redeems the code with which the browser came back.
	Identify(ctx context.Context, code string, p Proof) (Identity, error)
}

// UserIdentity ties a user to somebody at a provider. One that was ended has no
// subject: the user is not found by e-mail again.
type UserIdentity struct {
	Issuer, Subject, UserID string
	Email                   string // as the provider told it then
	CreatedAt               time.Time
}

// IdentityStore keeps who is who at providers. Reads answer domain.ErrNotFound
// for what does not exist.
type IdentityStore interface {
	UserByIdentity(ctx context.Context, issuer, subject string) (domain.User, error)
	IdentityOf(ctx context.Context, issuer, userID string) (UserIdentity, error)
	// AddIdentity ties for the first time; domain.ErrConflict where the user was
	// tied before, or the subject is.
	AddIdentity(ctx context.Context, i UserIdentity) error
	// SetIdentity ties anew; domain.ErrConflict where the subject is another
	// user's.
	SetIdentity(ctx context.Context, i UserIdentity) error
	// EndIdentity is domain.ErrNotFound where there is none.
	EndIdentity(ctx context.Context, issuer, userID string) error
}

// OpenIDReason is why somebody who comes from the provider is not let in.
type OpenIDReason string

// Reasons.
const (
	OpenIDStale      OpenIDReason = "stale"      // not the browser that was sent, or too late
	OpenIDCancelled  OpenIDReason = "cancelled"  // the person, or the provider, said no
	OpenIDRefused    OpenIDReason = "refused"    // what the provider says is not proved
	OpenIDUnverified OpenIDReason = "unverified" // the provider does not vouch for the e-mail
	OpenIDUnknown    OpenIDReason = "unknown"    // nobody invited this e-mail
	OpenIDOther      OpenIDReason = "other"      // the user is tied to another subject, or the subject to another
)

// OpenIDReasons lists all of them.
func OpenIDReasons() []OpenIDReason {
	return []OpenIDReason{
		OpenIDStale, OpenIDCancelled, OpenIDRefused, OpenIDUnverified, OpenIDUnknown, OpenIDOther,
	}
}

// OpenIDError refuses somebody who comes from the provider. It is a
// domain.ErrForbidden.
type OpenIDError struct {
	Reason OpenIDReason
	Cause  error // nil where the reason says all
}

// Error says it for the log.
func (e *OpenIDError) Error() string {
	if e.Cause == nil {
		return "sign in by the provider: " + string(e.Reason)
	}
	return fmt.Sprintf("sign in by the provider: %s: %v", e.Reason, e.Cause)
}

// Unwrap makes it a domain.ErrForbidden.
func (e *OpenIDError) Unwrap() error { return domain.ErrForbidden }

// OpenID signs users in whom a provider of OpenID Connect vouches for: those
// who were invited, and nobody else. The first time it knows them by an e-mail
// that the provider has verified, from then on by their subject at the
// provider. The provider is trusted for the second factor.
type OpenID struct {
	access   *Access
	store    IdentityStore
	provider IdentityProvider // nil: there is none
}

// NewOpenID makes an OpenID; provider is nil where there is none.
func NewOpenID(a *Access, s IdentityStore, provider IdentityProvider) *OpenID {
	return &OpenID{access: a, store: s, provider: provider}
}

// Title is how pages call the provider; "" where there is none.
func (o *OpenID) Title() string {
	if o.provider == nil {
		return ""
	}
	return o.provider.Title()
}

// OpenIDStart is what somebody goes to the provider for.
type OpenIDStart struct {
	// Kind and Secret are of the setup link or invitation that was opened.
	Kind   LinkKind `json:"kind,omitempty"`
	Secret string   `json:"secret,omitempty"`
	Next   string   `json:"next,omitempty"` // where to go then
	// Connect is FormToken of the session whose user is to be tied.
	Connect string `json:"connect,omitempty"`
}

// ticket is what a browser keeps while it is at the provider.
type ticket struct {
	OpenIDStart
	Proof
	Until time.Time `json:"until"`
}

// Begin gives the address at the provider, and the ticket that the browser must
// bring back.
func (o *OpenID) Begin(ctx context.Context, in OpenIDStart) (address, sealed string, err error) {
	if o.provider == nil {
		return "", "", fmt.Errorf("provider of OpenID Connect: %w", domain.ErrNotFound)
	}
	if in.Secret != "" {
		if _, err := o.access.OpenLink(ctx, in.Kind, in.Secret); err != nil {
			return "", "", err
		}
	}
	t := ticket{
		OpenIDStart: in, Until: o.access.now().Add(openIDTicket),
		Proof: Proof{State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text()},
	}
	b, err := json.Marshal(t)
	if err != nil {
		return "", "", fmt.Errorf("make a ticket: %w", err)
	}
	if address, err = o.provider.Address(ctx, t.Proof); err != nil {
		return "", "", err
	}
	return address, base64.RawURLEncoding.EncodeToString(o.access.vault.Seal(ticketPlace, b)), nil
}

// OpenIDAnswer is with what a browser comes back.
type OpenIDAnswer struct {
	Ticket                 string
	State, Code, Error     string // of the address
	IP, UserAgent, Session string
	User                   *domain.User  // who is signed in already
	Language               i18n.Language // of a user who is made
}

// OpenIDArrival is who came.
type OpenIDArrival struct {
	User    domain.User
	Session string // a new one; empty where the user had one and was tied
	Next    string
}

// Finish lets in who comes back from the provider. An OpenIDError says why not.
func (o *OpenID) Finish(ctx context.Context, in OpenIDAnswer) (OpenIDArrival, error) {
	out, err := o.finish(ctx, in)
	var refused *OpenIDError
	switch {
	case errors.As(err, &refused):
		o.access.trail.Refused(ctx, LoginRefused, "", "openid: "+string(refused.Reason))
	case errors.Is(err, domain.ErrLimited):
		o.access.trail.Refused(ctx, LoginLocked, "", "openid")
	}
	return out, err
}

func (o *OpenID) finish(ctx context.Context, in OpenIDAnswer) (OpenIDArrival, error) {
	if o.provider == nil {
		return OpenIDArrival{}, fmt.Errorf("provider of OpenID Connect: %w", domain.ErrNotFound)
	}
	t, err := o.open(in)
	if err != nil {
		return OpenIDArrival{}, err
	}
	if in.Error != "" {
		return OpenIDArrival{}, &OpenIDError{OpenIDCancelled, errors.New(in.Error)}
	}
	if err := o.attempt(ctx, in.IP); err != nil {
		return OpenIDArrival{}, err
	}
	who, err := o.provider.Identify(ctx, in.Code, t.Proof)
	switch {
	case errors.Is(err, domain.ErrForbidden):
		return OpenIDArrival{}, &OpenIDError{OpenIDRefused, err}
	case err != nil:
		return OpenIDArrival{}, err
	}
	if t.Connect != "" {
		return o.connect(ctx, in, t, who)
	}
	return o.signIn(ctx, in, t, who)
}

// open reads the ticket of a browser that comes back with the state in it.
func (o *OpenID) open(in OpenIDAnswer) (ticket, error) {
	var t ticket
	sealed, err := base64.RawURLEncoding.DecodeString(in.Ticket)
	if err == nil {
		var plain []byte
		if plain, err = o.access.vault.Open(ticketPlace, sealed); err == nil {
			err = json.Unmarshal(plain, &t)
		}
	}
	if err != nil || t.State == "" || subtle.ConstantTimeCompare([]byte(t.State), []byte(in.State)) != 1 ||
		!o.access.now().Before(t.Until) {
		return t, &OpenIDError{Reason: OpenIDStale}
	}
	return t, nil
}

// attempt bounds how often a network makes us ask the provider.
func (o *OpenID) attempt(ctx context.Context, ip string) error {
	a, now := o.access, o.access.now()
	keys, most := []string{a.loginKey("openid", loginSource(ip))}, []int{attemptsBySource}
	may, err := a.store.AttemptLogin(ctx, keys, most, now, now.Add(-loginWindow))
	if err == nil && !may {
		err = fmt.Errorf("sign in by the provider: %w", domain.ErrLimited)
	}
	return err
}

// signIn opens a session of the user whom the provider means.
func (o *OpenID) signIn(ctx context.Context, in OpenIDAnswer, t ticket, who Identity) (OpenIDArrival, error) {
	u, err := o.store.UserByIdentity(ctx, who.Issuer, who.Subject)
	known := err == nil
	if errors.Is(err, domain.ErrNotFound) {
		u, known, err = o.first(ctx, in, t, who)
	}
	if err != nil {
		return OpenIDArrival{}, err
	}
	out := OpenIDArrival{User: u, Next: t.Next}
	if known && t.Kind == InviteLink { // whoever was made has what it gives
		l, err := o.access.Accept(WithActor(ctx, Actor{User: &u}), t.Secret, &u)
		if err != nil {
			return out, err
		}
		if l.ProjectID != "" {
			out.Next = "/projects/" + l.ProjectID
		}
	}
	err = o.access.Note(WithActor(ctx, Actor{User: &u}), "", "user.openid", u.Email)
	if err == nil {
		err = o.access.store.ForgetLogins(ctx, o.access.loginKey("openid", loginSource(in.IP)))
	}
	if err == nil {
		out.Session, err = o.access.OpenSession(WithActor(ctx, Actor{User: &u}), u.ID, in.UserAgent)
	}
	return out, err
}

// first finds, or makes, the user of somebody who comes for the first time.
// known tells that there was one.
func (o *OpenID) first(
	ctx context.Context, in OpenIDAnswer, t ticket, who Identity,
) (u domain.User, known bool, err error) {
	address, err := email(who.Email)
	if err != nil || !who.Verified {
		return u, false, &OpenIDError{OpenIDUnverified, err}
	}
	tie := UserIdentity{
		Issuer: who.Issuer, Subject: who.Subject, Email: address, CreatedAt: o.access.now(),
	}
	u, err = o.access.store.UserByEmail(ctx, address)
	switch {
	case err == nil:
		tie.UserID = u.ID
		err = o.store.AddIdentity(o.noted(ctx, &u, "connect"), tie)
		if errors.Is(err, domain.ErrConflict) {
			err = &OpenIDError{OpenIDOther, err}
		}
		return u, true, err
	case !errors.Is(err, domain.ErrNotFound):
		return u, false, err
	case t.Secret == "":
		return u, false, &OpenIDError{Reason: OpenIDUnknown}
	}
	u, err = o.access.registerIdentity(ctx, t.Kind, t.Secret, tie, who.Name, in.Language)
	if errors.Is(err, domain.ErrConflict) { // they came twice at once
		err = &OpenIDError{OpenIDOther, err}
	}
	return u, false, err
}

// registerIdentity makes the user that a setup link or an invitation is for,
// without a password.
func (a *Access) registerIdentity(
	ctx context.Context, kind LinkKind, secret string, tie UserIdentity, name string, lang i18n.Language,
) (domain.User, error) {
	l, err := a.OpenLink(ctx, kind, secret)
	if err != nil {
		return domain.User{}, err
	}
	runes := []rune(strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), "")))
	u := domain.User{
		ID: a.newID(), Email: tie.Email, Admin: kind == SetupLink || l.ProjectID == "", CreatedAt: a.now(),
		Language: lang,
	}
	// The provider's word, not an input: one that is no name is left out.
	if u.Name, err = text("name", string(runes[:min(len(runes), maxName)]), maxName); err != nil {
		u.Name = ""
	}
	tie.UserID = u.ID
	ctx = a.audit.note(WithActor(ctx, Actor{User: &u}), l.ProjectID, "user.create", u.Email,
		map[string]string{"role": string(l.Role), "invited_by": l.CreatedBy, "openid": tie.Issuer})
	return u, a.store.CreateUser(ctx, u, l, tie)
}

// connect ties the user who is signed in, in the browser that was sent.
func (o *OpenID) connect(ctx context.Context, in OpenIDAnswer, t ticket, who Identity) (OpenIDArrival, error) {
	if in.User == nil || !o.access.IsFormToken(in.Session, t.Connect) {
		return OpenIDArrival{}, &OpenIDError{Reason: OpenIDStale}
	}
	err := o.store.SetIdentity(o.noted(ctx, in.User, "connect"), UserIdentity{
		Issuer: who.Issuer, Subject: who.Subject, UserID: in.User.ID, Email: shorten(who.Email),
		CreatedAt: o.access.now(),
	})
	if errors.Is(err, domain.ErrConflict) {
		err = &OpenIDError{OpenIDOther, err}
	}
	return OpenIDArrival{User: *in.User, Next: t.Next}, err
}

// shorten keeps of what a provider says what can be an e-mail.
func shorten(s string) string {
	if address, err := email(s); err == nil {
		return address
	}
	return ""
}

func (o *OpenID) noted(ctx context.Context, u *domain.User, what string) context.Context {
	return o.access.audit.note(WithActor(ctx, Actor{User: u}), "", "user.openid_"+what, u.Email,
		map[string]string{"issuer": o.provider.Issuer()})
}

// Tied tells how a user is tied to the provider: domain.ErrNotFound where not.
func (o *OpenID) Tied(ctx context.Context, u *domain.User) (UserIdentity, error) {
	if o.provider == nil {
		return UserIdentity{}, fmt.Errorf("provider of OpenID Connect: %w", domain.ErrNotFound)
	}
	i, err := o.store.IdentityOf(ctx, o.provider.Issuer(), u.ID)
	if err == nil && i.Subject == "" {
		err = fmt.Errorf("identity: %w", domain.ErrNotFound)
	}
	return i, err
}

// Disconnect unties a user from the provider. Whoever has no password would
// have no way in.
func (o *OpenID) Disconnect(ctx context.Context, u *domain.User) error {
	if o.provider == nil {
		return fmt.Errorf("provider of OpenID Connect: %w", domain.ErrNotFound)
	}
	if u.PasswordHash == "" {
		return domain.Invalid("openid", "is your only way in: ask an administrator for a link that sets a password")
	}
	return o.store.EndIdentity(o.noted(ctx, u, "disconnect"), o.provider.Issuer(), u.ID)
}

// Passwords tells whether users may have passwords.
func (a *Access) Passwords() bool { return !a.cfg.NoPasswords }

func noPasswords() error {
	return domain.Invalid("password", "passwords are switched off here: sign in with the provider")
}

// checkPassword looks at a password that a user would have.
func (a *Access) checkPassword(password string, u domain.User) error {
	if a.cfg.NoPasswords {
		return noPasswords()
	}
	return domain.CheckPassword(password, u.Email, u.Name)
}
