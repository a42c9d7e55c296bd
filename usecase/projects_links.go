package usecase

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
)

// LinkInput is what is said of a link.
type LinkInput struct {
	Name       *string     `json:"name"`
	InviteLink *string     `json:"invite_link"`
	UTM        *domain.UTM `json:"utm"`
	OpenPage   *string     `json:"open_page"`
}

// CreateLink makes a tracking link with a permanent start value.
func (p *Projects) CreateLink(ctx context.Context, projectID string, in LinkInput) (domain.Link, error) {
	project, err := p.store.Project(ctx, projectID)
	if err != nil {
		return domain.Link{}, err
	}
	l := domain.Link{
		ID: p.newID(), ProjectID: projectID, StartValue: NewStartValue(), OpenPage: domain.OpenPageOff, CreatedAt: p.now(),
	}
	var f faults
	if in.Name == nil {
		f.add(domain.Invalid("name", "is required"))
	}
	in.apply(&project, &l, &f)
	if err := f.err(); err != nil {
		return domain.Link{}, err
	}
	return l, p.store.CreateLink(p.audit.note(ctx, projectID, "link.create", l.Name, nil), l)
}

// UpdateLink changes what is given of a link. Its addresses stay.
func (p *Projects) UpdateLink(ctx context.Context, projectID, id string, in LinkInput) (domain.Link, error) {
	project, err := p.store.Project(ctx, projectID)
	if err != nil {
		return domain.Link{}, err
	}
	was, err := p.store.Link(ctx, id)
	switch {
	case err != nil:
		return domain.Link{}, err
	case was.ProjectID != projectID:
		return domain.Link{}, fmt.Errorf("link %s: %w", id, domain.ErrNotFound)
	}
	now := was
	var f faults
	in.apply(&project, &now, &f)
	if err := f.err(); err != nil || now == was {
		return now, err
	}
	defer p.directory.Forget(projectID) // by which click links learn of it
	return now, p.store.UpdateLink(p.audit.note(ctx, projectID, "link.update", now.Name, nil), now)
}

// apply takes over what is given and right.
func (in LinkInput) apply(p *domain.Project, to *domain.Link, f *faults) {
	given(f, &to.Name, in.Name, func(s string) (string, error) { return requiredText("name", s, maxLinkName) })
	given(f, &to.InviteLink, in.InviteLink, inviteLink(p))
	given(f, &to.UTM, in.UTM, utm)
	given(f, &to.OpenPage, in.OpenPage, oneOf("open_page", domain.OpenPageOff, domain.OpenPageAuto,
		domain.OpenPageAlways))
}

// NewStartValue makes a start value that nobody can guess: "PJ" and 80 random
// bits in hexadecimal digits.
func NewStartValue() string {
	var b [10]byte
	rand.Read(b[:])
	return "PJ" + hex.EncodeToString(b[:])
}

// DeepLink is the address inside the messenger that a visitor of a link is sent
// to: the invite link where there is one, else the bot with a start value. A
// channel takes no start value. Empty while nobody knows where to.
func DeepLink(p *domain.Project, l *domain.Link, startValue string) string {
	switch {
	case l.InviteLink != "":
		return l.InviteLink
	case p.Username == "":
		return ""
	case p.Kind == domain.KindChannel:
		return "https://" + p.Host() + "/" + p.Username
	}
	return "https://" + p.Host() + "/" + p.Username + "?start=" + domain.StartPrefix + startValue
}
