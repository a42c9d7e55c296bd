package usecase

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// LinkTx is a change of a project's links under way.
type LinkTx interface {
	// Links are all of the project, archived ones among them.
	Links(ctx context.Context) ([]domain.Link, error)
	// Link reads one of them.
	Link(ctx context.Context, id string) (domain.Link, error)
	// LinksAt gives the ids of the links, of whatever project, to which readable
	// addresses lead; those that lead nowhere are left out.
	LinksAt(ctx context.Context, addresses []string) (map[string]string, error)
	// LinkUses is what is kept of a link.
	LinkUses(ctx context.Context, id string) (domain.LinkUses, error)
	CreateLinks(ctx context.Context, ls []domain.Link) error
	UpdateLink(ctx context.Context, l domain.Link) error
	DeleteLink(ctx context.Context, id string) error
}

// LinkFilter selects links for a list.
type LinkFilter struct {
	Archived ArchivedLinks
	Tag      string // empty: whatever their tags
}

// ArchivedLinks says what a list does with archived links.
type ArchivedLinks string

// A list leaves archived links out unless it is asked for them.
const (
	NotArchived  ArchivedLinks = ""
	ArchivedOnly ArchivedLinks = "only"
	ArchivedToo  ArchivedLinks = "all"
)

// LinkInput is what is said of a link.
type LinkInput struct {
	Name       *string     `json:"name"`
	InviteLink *string     `json:"invite_link"`
	UTM        *domain.UTM `json:"utm"`
	OpenPage   *string     `json:"open_page"`
	// Slug is the readable address of the click link; empty for none.
	Slug *string   `json:"slug"`
	Tags *[]string `json:"tags"`
	// Archived links lead as before, and lists leave them out.
	Archived *bool `json:"archived"`
	// Template is a UTM template of the project, by id or name, filled with
	// Values; UTM that is given goes before it. Of a link that is made.
	Template string            `json:"template"`
	Values   map[string]string `json:"values"`
}

// CreateLink makes a tracking link with a permanent start value. A name that
// another link has is refused: costs and reports go by names.
func (p *Projects) CreateLink(ctx context.Context, projectID string, in LinkInput) (domain.Link, error) {
	ls, err := p.makeLinks(ctx, projectID, []LinkInput{in}, func(int) string { return "" }, false)
	if err != nil {
		return domain.Link{}, err
	}
	return ls[0], nil
}

// newLink is a link of which nothing is said yet.
func (p *Projects) newLink(projectID string) domain.Link {
	return domain.Link{
		ID: p.newID(), ProjectID: projectID, StartValue: NewStartValue(), OpenPage: domain.OpenPageOff, CreatedAt: p.now(),
	}
}

// makeLinks makes all links, or none where something is wrong. at gives how the
// fields of the n-th are named in what is told of them. A rehearsal keeps
// nothing.
func (p *Projects) makeLinks(
	ctx context.Context, projectID string, in []LinkInput, at func(n int) string, rehearse bool,
) ([]domain.Link, error) {
	project, err := p.store.Project(ctx, projectID)
	if err != nil {
		return nil, err
	}
	templates, err := p.store.UTMTemplates(ctx, projectID)
	if err != nil {
		return nil, err
	}
	ls := make([]domain.Link, len(in))
	var wrong faults
	for i := range in {
		ls[i] = p.newLink(projectID)
		var f faults
		if in[i].Name == nil {
			f.add(domain.Invalid("name", "is required"))
		}
		in[i].apply(&project, &ls[i], &f)
		if in[i].Archived != nil && *in[i].Archived {
			ls[i].ArchivedAt = ls[i].CreatedAt
		}
		in[i].fill(&project, templates, &ls[i], &f)
		wrong.add(within(at(i), f.err()))
	}
	ctx = p.audit.note(ctx, projectID, "link.create", ls[0].Name, nil)
	if len(ls) > 1 {
		ctx = p.audit.note(ctx, projectID, "link.bulk", fmt.Sprint(len(ls)), nil)
	}
	err = p.store.ChangeLinks(ctx, projectID, func(ctx context.Context, tx LinkTx) error {
		found := slices.Clone(wrong)
		taken, err := readTaken(ctx, tx, ls)
		if err != nil {
			return err
		}
		for i := range ls {
			found.add(within(at(i), taken.take(&ls[i])))
		}
		switch {
		case len(found) > 0:
			return found.err()
		case rehearse:
			return errRehearsal
		}
		return tx.CreateLinks(ctx, ls)
	})
	if err != nil && !errors.Is(err, errRehearsal) {
		return nil, fieldsOf(err)
	}
	return ls, nil
}

// errRehearsal ends a change of which nothing is to be kept.
var errRehearsal = errors.New("a rehearsal")

// UpdateLink changes what is given of a link. Its former addresses go on leading
// to it.
func (p *Projects) UpdateLink(ctx context.Context, projectID, id string, in LinkInput) (domain.Link, error) {
	project, err := p.store.Project(ctx, projectID)
	if err != nil {
		return domain.Link{}, err
	}
	was, err := p.linkOf(ctx, projectID, id)
	if err != nil {
		return domain.Link{}, err
	}
	if in.Template != "" {
		return domain.Link{}, domain.Invalid("template", "is for links that are made; give utm")
	}
	change := func(was domain.Link) (domain.Link, error) {
		now := was
		var f faults
		in.apply(&project, &now, &f)
		if in.Archived != nil && *in.Archived != was.Archived() {
			if now.ArchivedAt = p.now(); was.Archived() {
				now.ArchivedAt = time.Time{}
			}
		}
		return now, f.err()
	}
	now, err := change(was)
	if err != nil || now == was {
		return now, err
	}
	defer p.directory.Forget(projectID) // by which click links learn of it
	err = p.store.ChangeLinks(p.noteChange(ctx, was, now), projectID, func(ctx context.Context, tx LinkTx) error {
		was, err := tx.Link(ctx, id)
		if err != nil {
			return err
		}
		if now, err = change(was); err != nil {
			return err
		}
		taken, err := readTaken(ctx, tx, []domain.Link{now})
		if err == nil {
			err = taken.change(&was, &now)
		}
		if err != nil {
			return err
		}
		return tx.UpdateLink(ctx, now)
	})
	return now, fieldsOf(err)
}

// linkOf reads a link of a project.
func (p *Projects) linkOf(ctx context.Context, projectID, id string) (domain.Link, error) {
	l, err := p.store.Link(ctx, id)
	if err == nil && l.ProjectID != projectID {
		err = fmt.Errorf("link %s: %w", id, domain.ErrNotFound)
	}
	return l, err
}

// noteChange puts into the context what is written down of a change.
func (p *Projects) noteChange(ctx context.Context, was, now domain.Link) context.Context {
	but := was
	but.ArchivedAt = now.ArchivedAt
	switch {
	case but != now:
		return p.audit.note(ctx, now.ProjectID, "link.update", now.Name, changedLink(was, now))
	case now.Archived():
		return p.audit.note(ctx, now.ProjectID, "link.archive", now.Name, nil)
	}
	return p.audit.note(ctx, now.ProjectID, "link.restore", now.Name, nil)
}

// changedLink says what became of the fields of a link that changed.
func changedLink(was, now domain.Link) map[string]string {
	out := map[string]string{}
	before, after := linkWords(&was), linkWords(&now)
	for field, value := range after {
		if before[field] != value {
			out[field] = value
		}
	}
	return out
}

func linkWords(l *domain.Link) map[string]string {
	words := map[string]string{
		"name": l.Name, "invite_link": l.InviteLink, "slug": l.Slug, "tags": strings.Join(l.Tags.List(), ", "),
		"open_page": string(l.OpenPage),
	}
	for field, value := range l.UTM.Fields() {
		words["utm_"+field] = *value
	}
	return words
}

// DeleteLink removes a link of which nothing is kept; LinkInUseError where
// something is.
func (p *Projects) DeleteLink(ctx context.Context, projectID, id string) error {
	was, err := p.linkOf(ctx, projectID, id)
	if err != nil {
		return err
	}
	defer p.directory.Forget(projectID)
	err = p.store.ChangeLinks(p.audit.note(ctx, projectID, "link.delete", was.Name, nil), projectID,
		func(ctx context.Context, tx LinkTx) error {
			uses, err := tx.LinkUses(ctx, id)
			if err != nil {
				return err
			}
			if !uses.None() {
				return &LinkInUseError{uses}
			}
			return tx.DeleteLink(ctx, id)
		})
	var used *LinkInUseError
	if errors.As(err, &used) {
		return used
	}
	return err
}

// LinkInUseError refuses to delete a link of which something is kept, and would
// lose its source. It is a domain.ErrConflict.
type LinkInUseError struct{ Uses domain.LinkUses }

// Error says what is kept, and what to do.
func (e *LinkInUseError) Error() string {
	return "the link has " + strings.Join(e.Uses.Names(), ", ") +
		", which would lose their source; archive it instead: it goes on leading, and lists leave it out"
}

// Unwrap makes it a conflict.
func (e *LinkInUseError) Unwrap() error { return domain.ErrConflict }

// DuplicateLink makes a link like another: with its UTM and tags, and addresses
// of its own. An invite link is one link's alone.
func (p *Projects) DuplicateLink(ctx context.Context, projectID, id string, name *string) (domain.Link, error) {
	from, err := p.linkOf(ctx, projectID, id)
	if err != nil {
		return domain.Link{}, err
	}
	l := p.newLink(projectID)
	l.Name, l.UTM, l.Tags, l.OpenPage = from.Name, from.UTM, from.Tags, from.OpenPage
	if name != nil {
		if l.Name, err = requiredText("name", *name, maxLinkName); err != nil {
			return domain.Link{}, err
		}
	}
	err = p.store.ChangeLinks(p.audit.note(ctx, projectID, "link.duplicate", from.Name, nil), projectID,
		func(ctx context.Context, tx LinkTx) error {
			taken, err := readTaken(ctx, tx, []domain.Link{l})
			if err != nil {
				return err
			}
			if name == nil {
				l.Name = taken.free(from.Name)
			}
			if err := taken.take(&l); err != nil {
				return err
			}
			return tx.CreateLinks(ctx, []domain.Link{l})
		})
	return l, fieldsOf(err)
}

// apply takes over what is given and right.
func (in LinkInput) apply(p *domain.Project, to *domain.Link, f *faults) {
	given(f, &to.Name, in.Name, func(s string) (string, error) { return requiredText("name", s, maxLinkName) })
	given(f, &to.InviteLink, in.InviteLink, inviteLink(p))
	given(f, &to.UTM, in.UTM, utm)
	given(f, &to.OpenPage, in.OpenPage, oneOf("open_page", domain.OpenPageOff, domain.OpenPageAuto,
		domain.OpenPageAlways))
	given(f, &to.Slug, in.Slug, domain.CheckSlug)
	given(f, &to.Tags, in.Tags, domain.NewTags)
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
