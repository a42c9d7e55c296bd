package usecase

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// RoleOf is what an actor may do in a project: domain.ErrNotFound when
// nothing, so that nobody learns which projects there are.
func (a *Access) RoleOf(ctx context.Context, who Actor, projectID string) (domain.Role, error) {
	if who.User == nil || who.User.Admin {
		return domain.Owner, nil
	}
	return a.store.Role(ctx, projectID, who.User.ID)
}

// Projects lists those an actor may see, newest first. list is how all are
// listed.
func (a *Access) Projects(
	ctx context.Context, who Actor, page Page, list func(context.Context, Page) ([]domain.Project, string, error),
) ([]domain.Project, string, error) {
	if who.User == nil || who.User.Admin {
		return list(ctx, page)
	}
	return a.store.ProjectsOf(ctx, who.User.ID, page)
}

// Invite makes a one-time link that gives whoever opens it a role in a
// project, or, without a project, makes an administrator.
func (a *Access) Invite(ctx context.Context, projectID string, role domain.Role) (string, error) {
	l := OneTimeLink{Kind: InviteLink, ProjectID: projectID, Role: role}
	if projectID == "" {
		l.Role = domain.Owner
	} else if _, err := oneOf("role", domain.Roles()...)(string(role)); err != nil {
		return "", err
	}
	return a.oneTime(a.audit.note(ctx, projectID, "project_user.invite", "",
		map[string]string{"role": string(l.Role)}), l)
}

// Invitations lists those to a project that can still be used, the oldest
// first; without a project those that make administrators.
func (a *Access) Invitations(ctx context.Context, projectID string) ([]OneTimeLink, error) {
	ls, err := a.store.Invitations(ctx, projectID, a.now())
	if err != nil {
		return nil, err
	}
	return a.standing(ctx, ls)
}

// standing leaves out the links whose makers could not make them today: those
// open nothing.
func (a *Access) standing(ctx context.Context, ls []OneTimeLink) (out []OneTimeLink, err error) {
	for _, l := range ls {
		switch err := a.stillMay(ctx, l); {
		case err == nil:
			out = append(out, l)
		case !errors.Is(err, domain.ErrNotFound):
			return nil, err
		}
	}
	return out, nil
}

// OpenLink is a one-time link that can still be used.
type OpenLink struct {
	OneTimeLink
	Email string // of whose password it sets
}

// OpenLinks lists all invitations and links for a new password that can still be
// used, the oldest first.
func (a *Access) OpenLinks(ctx context.Context) ([]OpenLink, error) {
	ls, err := a.store.OneTimeLinks(ctx, a.now())
	if err == nil {
		ls, err = a.standing(ctx, ls)
	}
	var out []OpenLink
	for _, l := range ls {
		open := OpenLink{OneTimeLink: l}
		if l.UserID != "" {
			u, err := a.store.User(ctx, l.UserID)
			if errors.Is(err, domain.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			open.Email = u.Email
		}
		out = append(out, open)
	}
	return out, err
}

// WithdrawLink makes an invitation or a link for a new password useless; id is
// the one of the list.
func (a *Access) WithdrawLink(ctx context.Context, id string) error {
	l, err := a.linkByID(ctx, id)
	if err != nil {
		return err
	}
	if l.Kind != ResetLink {
		return a.store.DeleteOneTimeLink(a.withdrawn(ctx, l), l.Hash)
	}
	u, err := a.store.User(ctx, l.UserID)
	if err != nil {
		return err
	}
	ctx = a.audit.note(ctx, "", "user.reset_withdraw", u.Email, map[string]string{"made_by": l.CreatedBy})
	return a.store.DeleteOneTimeLink(ctx, l.Hash)
}

func (a *Access) linkByID(ctx context.Context, id string) (OneTimeLink, error) {
	hash, err := hex.DecodeString(id)
	if err != nil {
		return OneTimeLink{}, fmt.Errorf("one-time link %q: %w", id, domain.ErrNotFound)
	}
	return a.store.OneTimeLink(ctx, hash, a.now())
}

// withdrawn notes which invitation is.
func (a *Access) withdrawn(ctx context.Context, l OneTimeLink) context.Context {
	return a.audit.note(ctx, l.ProjectID, "project_user.uninvite", "",
		map[string]string{"role": string(l.Role), "invited_by": l.CreatedBy})
}

// Withdraw makes an invitation useless; id is the one of the list.
func (a *Access) Withdraw(ctx context.Context, projectID, id string) error {
	l, err := a.linkByID(ctx, id)
	if err != nil {
		return err
	}
	return a.store.DeleteInvitation(a.withdrawn(ctx, l), projectID, l.Hash)
}

// ProjectUsers lists the users of a project.
func (a *Access) ProjectUsers(ctx context.Context, projectID string) ([]domain.ProjectUser, error) {
	return a.store.ProjectUsers(ctx, projectID)
}

// SetRole changes what a user of a project may do.
func (a *Access) SetRole(ctx context.Context, projectID, userID string, role domain.Role) error {
	if _, err := oneOf("role", domain.Roles()...)(string(role)); err != nil {
		return err
	}
	u, err := a.projectUser(ctx, projectID, userID)
	if err != nil {
		return err
	}
	ctx = a.audit.note(ctx, projectID, "project_user.role", u.Email, map[string]string{"role": string(role)})
	return a.store.SetRole(ctx, projectID, userID, role, a.now())
}

// RemoveProjectUser takes a user's role in a project away.
func (a *Access) RemoveProjectUser(ctx context.Context, projectID, userID string) error {
	u, err := a.projectUser(ctx, projectID, userID)
	if err != nil {
		return err
	}
	return a.store.RemoveProjectUser(a.audit.note(ctx, projectID, "project_user.remove", u.Email, nil),
		projectID, userID)
}

func (a *Access) projectUser(ctx context.Context, projectID, userID string) (domain.User, error) {
	if _, err := a.store.Role(ctx, projectID, userID); err != nil {
		return domain.User{}, err
	}
	return a.store.User(ctx, userID)
}

// Users lists all users.
func (a *Access) Users(ctx context.Context) ([]domain.User, error) { return a.store.Users(ctx) }

// UpdateUser changes what users say of themselves.
func (a *Access) UpdateUser(ctx context.Context, u domain.User, in UserInput) (domain.User, error) {
	var f faults
	var err error
	u.Name, err = text("name", in.Name, maxName)
	f.add(err)
	u.Language, err = oneOf("language", "", i18n.Russian, i18n.English)(in.Language)
	f.add(err)
	if err := f.err(); err != nil {
		return u, err
	}
	return u, a.store.UpdateUser(ctx, u)
}

// DeleteUser removes a user; domain.ErrConflict for the last administrator.
func (a *Access) DeleteUser(ctx context.Context, id string) error {
	u, err := a.store.User(ctx, id)
	if err != nil {
		return err
	}
	return a.store.DeleteUser(a.audit.note(ctx, "", "user.delete", u.Email, nil), id)
}

// tokenPrefix lets people and searches for leaked secrets tell tokens apart.
const tokenPrefix = "tgm_"

// TokenInput is what is said of a token.
type TokenInput struct {
	Name      string
	Scope     string
	ExpiresAt *time.Time
}

// CreateToken makes a user's token for the management API. It is never told
// again.
func (a *Access) CreateToken(ctx context.Context, u *domain.User, in TokenInput) (string, Token, error) {
	t := Token{ID: a.newID(), UserID: u.ID, CreatedAt: a.now(), ExpiresAt: in.ExpiresAt}
	var f faults
	var err error
	t.Name, err = requiredText("name", in.Name, maxName)
	f.add(err)
	t.Scope, err = oneOf("scope", domain.ScopeRead, domain.ScopeWrite)(in.Scope)
	f.add(err)
	if in.ExpiresAt != nil && !in.ExpiresAt.After(t.CreatedAt) {
		f.add(domain.Invalid("expires_at", "must be in the future"))
	}
	if err := f.err(); err != nil {
		return "", Token{}, err
	}
	secret := tokenPrefix + strings.ToLower(rand.Text())
	t.Hash = secretHash(secret)
	ctx = a.audit.note(ctx, "", "token.create", t.Name, map[string]string{"scope": string(t.Scope)})
	return secret, t, a.store.CreateToken(ctx, t)
}

// Tokens lists a user's tokens.
func (a *Access) Tokens(ctx context.Context, userID string) ([]Token, error) {
	return a.store.Tokens(ctx, userID)
}

// DeleteToken makes a user's token worthless.
func (a *Access) DeleteToken(ctx context.Context, u *domain.User, id string) error {
	return a.store.DeleteToken(a.audit.note(ctx, "", "token.delete", id, nil), u.ID, id)
}

// isAdminToken compares keyed hashes in constant time, so that neither the
// token's length nor its beginning can be measured.
func (a *Access) isAdminToken(secret string) bool {
	given := a.vault.Hash("admin-token", secret)
	return secret != "" && len(a.cfg.AdminToken) > 0 && subtle.ConstantTimeCompare(given, a.cfg.AdminToken) == 1
}

// wrongTokens is how many tokens that are nobody's a network may try in a
// minute, and twice as many at once.
const wrongTokens = 10

// WrongTokensError refuses tokens of a network from which too many came that are
// nobody's. It is a domain.ErrLimited.
type WrongTokensError struct{}

// Error says what to do.
func (e *WrongTokensError) Error() string {
	return "too many tokens that are nobody's came from this network: send one that is right, or wait a minute"
}

// Unwrap makes it a domain.ErrLimited.
func (e *WrongTokensError) Unwrap() error { return domain.ErrLimited }

// ByToken finds whose a token of the management API is. Past too many that are
// nobody's, further ones of the network are domain.ErrLimited; one that is
// right passes always.
func (a *Access) ByToken(ctx context.Context, secret string) (Actor, error) {
	who, err := a.byToken(ctx, secret)
	if errors.Is(err, domain.ErrNotFound) {
		// An address that can not be read is one network with its like.
		from, _ := networkOf(OriginOf(ctx).Address)
		if !a.wrong.take(clickSource{from: from}) {
			return who, &WrongTokensError{}
		}
	}
	return who, err
}

// byToken finds whose a token of the management API is: the operator's, for
// which storage is not asked, or a user's. domain.ErrNotFound for one that is
// nobody's, or no longer. That it is used is written down once an hour.
func (a *Access) byToken(ctx context.Context, secret string) (Actor, error) {
	if a.isAdminToken(secret) {
		a.trail.used(ctx)
		return Operator, nil
	}
	if !strings.HasPrefix(secret, tokenPrefix) {
		return Actor{}, fmt.Errorf("token: %w", domain.ErrNotFound)
	}
	now := a.now()
	t, u, err := a.store.TokenByHash(ctx, secretHash(secret), now)
	if err != nil {
		return Actor{}, err
	}
	who := Actor{User: &u, Scope: t.Scope}
	if t.UsedAt == nil || now.Sub(*t.UsedAt) > time.Hour {
		noted := a.audit.note(WithActor(ctx, who), "", TokenUsed, t.Name, map[string]string{"scope": string(t.Scope)})
		if err := a.store.UseToken(noted, t.ID, now); err != nil && !errors.Is(err, domain.ErrNotFound) {
			return Actor{}, err
		}
	}
	return who, nil
}

// Audit lists who did what, newest first; of a project, or with an empty id of
// all.
func (a *Access) Audit(ctx context.Context, projectID string, page Page) ([]AuditEntry, string, error) {
	if err := a.trail.Flush(ctx); err != nil { // what was refused a moment ago
		return nil, "", err
	}
	return a.store.Audit(ctx, projectID, page)
}

// Note writes down what changes nothing and must be known all the same, such
// as that a key was shown.
func (a *Access) Note(ctx context.Context, projectID, action, subject string) error {
	return a.trail.Note(ctx, projectID, action, subject, nil)
}
