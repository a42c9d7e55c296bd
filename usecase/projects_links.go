package usecase

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/tgtrack/tgtrack/domain"
)

// LinkInput is what is said of a link.
type LinkInput struct {
	Name       *string     `json:"name"`
	InviteLink *string     `json:"invite_link"`
	UTM        *domain.UTM `json:"utm"`
}

// CreateLink makes a tracking link with a permanent start value.
func (p *Projects) CreateLink(ctx context.Context, projectID string, in LinkInput) (domain.Link, error) {
	project, err := p.store.Project(ctx, projectID)
	if err != nil {
		return domain.Link{}, err
	}
	l := domain.Link{ID: p.newID(), ProjectID: projectID, StartValue: NewStartValue(), CreatedAt: p.now()}
	var f faults
	if in.Name == nil {
		f.add(domain.Invalid("name", "is required"))
	}
	given(&f, &l.Name, in.Name, func(s string) (string, error) { return requiredText("name", s, maxLinkName) })
	given(&f, &l.InviteLink, in.InviteLink, inviteLink(&project))
	given(&f, &l.UTM, in.UTM, utm)
	if err := f.err(); err != nil {
		return domain.Link{}, err
	}
	return l, p.store.CreateLink(p.audit.note(ctx, projectID, "link.create", l.Name, nil), l)
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
