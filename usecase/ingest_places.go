package usecase

import (
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// A subscription is of a person and a place. The project's own place alone
// makes episodes and conversions; what happens elsewhere is kept in the
// person's history, and counts nowhere.

// MembershipChange is a person's subscription to another place as it is to be
// written.
type MembershipChange struct {
	SubscriberID string
	ProjectID    string
	domain.Membership
}

// LearnedChannel is a project's own channel, told by its members.
type LearnedChannel struct {
	ProjectID string
	ChannelID domain.ChatID
}

// tellChannels says which projects' channels were learned, after the commit.
func (b *batch) tellChannels() {
	for _, c := range b.changes.Channels {
		if b.cfg.Learned != nil {
			b.cfg.Learned(c.ProjectID)
		}
	}
}

// needPlaces asks for what a signal's place makes necessary.
func (b *batch) needPlaces(w *IngestNeeds, a *Arrival, sig *domain.Signal) {
	w.Own[a.Project.ID] = a.Project.Place()
	if a.Project.Place() == domain.UnnamedPlace && !slices.Contains(w.Channels, a.Project.ID) {
		w.Channels = append(w.Channels, a.Project.ID)
	}
	if k, ok := subscriberKey(a, sig); ok && (sig.Type.Opens() || sig.Type.Closes()) && !a.Project.Owns(sig) {
		w.Elsewhere[k] = true
	}
}

// project is an arrival's project with the channel that is its own by now:
// another process may have learned it, or this batch.
func (b *batch) project(a *Arrival, sig *domain.Signal) *domain.Project {
	p := &a.Project.Project
	if p.Kind != domain.KindChannel || p.ChannelID != 0 {
		return p
	}
	known := *p
	known.ChannelID = b.state.Channels[p.ID]
	if known.Learns(sig) {
		known.ChannelID = domain.ChatID(known.PlaceOf(sig))
		b.state.Channels[p.ID] = known.ChannelID
		b.changes.Channels = append(b.changes.Channels, LearnedChannel{p.ID, known.ChannelID})
	}
	return &known
}

// move has a person's subscription be of the project's own place.
func (b *batch) move(sub *domain.Subscriber, own domain.Place) {
	if sub.Place == own {
		return
	}
	if kept := sub.MoveTo(own, b.state.Memberships[sub.ID][own]); kept != nil {
		b.keepMembership(sub, kept)
	}
}

func (b *batch) keepMembership(sub *domain.Subscriber, m *domain.Membership) {
	of := b.state.Memberships[sub.ID]
	if of == nil {
		of = map[domain.Place]*domain.Membership{}
		b.state.Memberships[sub.ID] = of
	}
	of[m.Place] = m
	change := MembershipChange{SubscriberID: sub.ID, ProjectID: sub.ProjectID, Membership: *m}
	for i := range b.changes.Memberships {
		if was := &b.changes.Memberships[i]; was.SubscriberID == sub.ID && was.Place == m.Place {
			*was = change
			return
		}
	}
	b.changes.Memberships = append(b.changes.Memberships, change)
}

// elsewhere keeps what happened in a place that is not the project's own: it
// opens, closes, claims and sends nothing. sub is nil when nobody is named.
func (b *batch) elsewhere(a *Arrival, sig *domain.Signal, e *domain.Event, sub *domain.Subscriber, at domain.Place) {
	e.Change = domain.Elsewhere
	if sig.Type.Opens() {
		touch := b.sourceElsewhere(a, sig, e)
		e.Touch = &touch
	}
	if sub == nil {
		return
	}
	m := &domain.Membership{Place: at}
	if known := b.state.Memberships[sub.ID][at]; known != nil {
		*m = *known
	}
	switch {
	case sig.Type.Opens() && m.Join(e.OccurredAt):
		e.Change = domain.JoinedElsewhere
	case sig.Type.Closes() && m.Leave(e.OccurredAt):
		e.Change = domain.LeftElsewhere
	}
	b.keepMembership(sub, m)
}

// sourceElsewhere says where a join or start came from, without its click:
// that is left to those that count.
func (b *batch) sourceElsewhere(a *Arrival, sig *domain.Signal, e *domain.Event) domain.Touch {
	if k, ok := inviteKey(a, sig); ok {
		if l, reason := b.state.Invited(k); l != nil {
			return domain.LinkTouch(e.OccurredAt, l, reason)
		}
	}
	if own, ok := domain.OwnStart(sig.StartValue); ok {
		k := StartKey{a.Project.ID, own}
		l := b.state.LinkByStart[k]
		if c := b.state.ClickByStart[k]; c != nil {
			l = b.state.Links[c.LinkID]
		}
		if l != nil {
			return domain.LinkTouch(e.OccurredAt, l, domain.ByLink)
		}
	}
	t := domain.OrganicTouch(e.OccurredAt, domain.NormalStart(sig.StartValue))
	t.UTM = sig.UTM
	return t
}
