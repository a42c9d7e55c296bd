package domain

import (
	"slices"
	"time"
)

// SubscriberKey is a person's identity: ids of different messengers and of
// different projects never meet.
type SubscriberKey struct {
	ProjectID string
	Messenger string
	UserID    int64
}

// Subscriber is a person as one project knows them, with the state that
// decides what their next event counts as. A start whose person is unknown
// makes one with UserID 0.
type Subscriber struct {
	SubscriberKey
	ID        string
	Person    Person
	FirstSeen time.Time
	Seq       int64 // number of the person's last event

	// Place that the subscription below is of: the project's own when the
	// person's last event came.
	Place      Place
	Subscribed bool
	// Episode is the current subscription, or the last one when not
	// subscribed; empty when there never was one.
	EpisodeID string
	EpisodeAt time.Time // its start
	// Joined: it began with a join, and no start at that very time is known.
	Joined    bool
	StoppedAt time.Time // latest stop or leave known, zero for none
	FirstJoin time.Time // start of the first episode
	LastStart time.Time // latest start without a value, zero for none
	LastMove  time.Time // latest start, stop, join or leave known, zero for none
	// FirstSource and FirstUTM are those of the first attributed start, as they
	// were then: see Today.
	FirstSource     string
	FirstUTM        UTM
	FirstAttributed bool
	// FirstLinkID is the link of that start, and FirstClickUTM what its click
	// itself had of UTM.
	FirstLinkID   string
	FirstClickUTM UTM
	Touches       []Touch // attributed starts within the window
	WaitingGoals  int     // goals kept for the start
}

// Anonymous tells whether nobody knows who this is.
func (s *Subscriber) Anonymous() bool { return s.UserID == 0 }

// LastJoin is the start of the latest episode, zero when there was none.
func (s *Subscriber) LastJoin() time.Time {
	if s.EpisodeID == "" {
		return time.Time{}
	}
	return s.EpisodeAt
}

// LeftAt is when the person left, zero while subscribed or never subscribed.
func (s *Subscriber) LeftAt() time.Time {
	if s.Subscribed || s.EpisodeID == "" {
		return time.Time{}
	}
	return s.StoppedAt
}

// Learn takes over what a webhook says of the person; what it leaves out
// stays.
func (s *Subscriber) Learn(p Person) {
	set := func(dst *string, v string) {
		if v != "" {
			*dst = v
		}
	}
	s.Person.ID = s.UserID
	set(&s.Person.Username, p.Username)
	set(&s.Person.FirstName, p.FirstName)
	set(&s.Person.Language, p.Language)
	if p.FirstName != "" || p.LastName != "" {
		set(&s.Person.LastName, p.LastName)
	}
	if p.IsPremium != nil {
		s.Person.IsPremium = p.IsPremium
	}
}

// Change is what an event did to a person's subscription.
type Change string

// Changes.
const (
	NoChange Change = ""
	Opened   Change = "opened"
	Closed   Change = "closed"
	// OpenedClosed: a start that arrived after its stop; the episode is
	// already over.
	OpenedClosed Change = "opened_closed"
	// Moved: an earlier start of the current episode arrived late.
	Moved Change = "moved"

	// Of places that are not the project's own, which count nowhere.
	JoinedElsewhere Change = "joined_elsewhere"
	LeftElsewhere   Change = "left_elsewhere"
	Elsewhere       Change = "elsewhere" // and it changed nothing there
)

// ChangesElsewhere are those of places that are not the project's own.
func ChangesElsewhere() []Change { return []Change{JoinedElsewhere, LeftElsewhere, Elsewhere} }

// Elsewhere tells whether it is of a place that is not the project's own.
func (c Change) Elsewhere() bool { return slices.Contains(ChangesElsewhere(), c) }

// Opens tells whether an episode began by it.
func (c Change) Opens() bool { return c == Opened || c == OpenedClosed }

// Start applies a start or join at a time and says what it changed; newID
// names an episode it opens. Times count in whole seconds: within one second
// the order of arrival decides.
func (s *Subscriber) Start(at time.Time, newID string) Change {
	s.joined(at) // told late, it is the first one all the same
	switch {
	case s.Subscribed && !before(at, s.EpisodeAt):
		return NoChange
	case s.Subscribed && (s.StoppedAt.IsZero() || before(s.StoppedAt, at)):
		s.EpisodeAt = at
		return Moved
	case s.Subscribed: // belongs to an episode that a known stop ended long ago
		return NoChange
	case s.EpisodeID == "" && before(at, s.StoppedAt):
		s.open(at, newID)
		s.Subscribed = false
		return OpenedClosed
	case s.EpisodeID != "" && before(at, s.StoppedAt):
		return NoChange
	}
	s.open(at, newID)
	return Opened
}

// Stop applies a stop or leave at a time and says what it changed. One that
// was told after a later start has been overtaken by it.
func (s *Subscriber) Stop(at time.Time) Change {
	if at.After(s.StoppedAt) && (s.EpisodeID == "" || s.Subscribed && before(at, s.EpisodeAt)) {
		s.StoppedAt = at
	}
	if !s.Subscribed || before(at, s.lastStarted()) {
		return NoChange
	}
	s.Subscribed = false
	s.StoppedAt = at
	return Closed
}

// lastStarted is the latest start that is known.
func (s *Subscriber) lastStarted() time.Time {
	last := s.EpisodeAt
	if s.LastStart.After(last) {
		last = s.LastStart
	}
	if n := len(s.Touches); n > 0 && s.Touches[n-1].At.After(last) {
		last = s.Touches[n-1].At
	}
	return last
}

// Reattributes tells whether a start with a value at a time says where a start
// without one came from: close to it, and while nothing was attributed since
// the current episode began.
func (s *Subscriber) Reattributes(at time.Time, within time.Duration) bool {
	if s.LastStart.IsZero() || s.EpisodeID == "" || within <= 0 {
		return false
	}
	if s.Sourced() {
		return false
	}
	return at.Sub(s.LastStart).Abs() <= within
}

// Sourced tells whether an attributed start came since the current episode began.
func (s *Subscriber) Sourced() bool {
	n := len(s.Touches)
	return n > 0 && !before(s.Touches[n-1].At, s.EpisodeAt)
}

// Adopt takes over the subscription of an anonymous start that turned out to
// be this person's; it tells whether that one is now the current one.
func (s *Subscriber) Adopt(from *Subscriber) bool {
	if s.Subscribed || (s.EpisodeID != "" && before(from.EpisodeAt, s.StoppedAt)) {
		s.joined(from.EpisodeAt)
		return false
	}
	s.open(from.EpisodeAt, from.EpisodeID)
	s.Joined = from.Joined
	if !from.Subscribed || before(s.EpisodeAt, s.StoppedAt) {
		s.Subscribed = from.Subscribed && !before(s.EpisodeAt, s.StoppedAt)
	}
	return true
}

func (s *Subscriber) open(at time.Time, id string) {
	s.EpisodeID, s.EpisodeAt, s.Subscribed = id, at, true
	s.joined(at)
}

func (s *Subscriber) joined(at time.Time) {
	if s.FirstJoin.IsZero() || at.Before(s.FirstJoin) {
		s.FirstJoin = at
	}
}

// Attribute adds a touch to the person's history.
func (s *Subscriber) Attribute(t Touch, window time.Duration) {
	switch {
	case t.Attributed() && (!s.FirstAttributed ||
		len(s.Touches) > 0 && s.isFirst(s.Touches[0]) && before(t.At, s.Touches[0].At)):
		s.setFirst(t)
	case !s.FirstAttributed && s.FirstSource == "":
		s.FirstSource = t.Source
	}
	s.Touches = AddTouch(s.Touches, t, window)
}

// Confirm makes a guess certain: the person started with that very click. It
// tells whether the current episode came by it.
func (s *Subscriber) Confirm(clickID string) bool {
	current := false
	for i, t := range s.Touches {
		if t.ClickID == clickID && t.Guess() {
			s.Touches[i].Reason, s.Touches[i].Confidence = ByClick, 1
			current = current || !before(t.At, s.EpisodeAt)
		}
	}
	return current
}

// Withdraw takes a guessed click away again: the start becomes organic.
func (s *Subscriber) Withdraw(clickID string) {
	was := s.Touches
	s.Touches = DropClick(was, clickID)
	if len(s.Touches) == len(was) || !s.isFirst(was[0]) || was[0].ClickID != clickID {
		return
	}
	s.setFirst(Touch{})
	s.FirstAttributed = false
	if len(s.Touches) > 0 {
		s.setFirst(s.Touches[0])
	}
}

// isFirst tells whether a touch is the first attributed one; touches older
// than the window are gone, so the oldest that is kept need not be.
func (s *Subscriber) isFirst(t Touch) bool {
	return s.FirstAttributed && t.Source == s.FirstSource && t.UTM == s.FirstUTM
}

func (s *Subscriber) setFirst(t Touch) {
	s.FirstAttributed, s.FirstSource, s.FirstUTM = true, t.Source, t.UTM
	s.FirstLinkID, s.FirstClickUTM = t.LinkID, t.ClickUTM
}

// FirstTold tells whether the oldest touch that is kept is the first attributed
// one, and so tells its link.
func (s *Subscriber) FirstTold() bool { return len(s.Touches) > 0 && s.isFirst(s.Touches[0]) }

// Today gives the source the name and UTM that its link has by now.
func (s *Subscriber) Today(l *Link) {
	if s.FirstLinkID == l.ID {
		s.FirstSource, s.FirstUTM = l.Name, s.FirstClickUTM.Or(l.UTM)
	}
}

func before(a, b time.Time) bool { return a.Unix() < b.Unix() }
