package usecase

import (
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// isAutoDetect tells a start or join whose click we are to find ourselves.
func isAutoDetect(sig *domain.Signal) bool {
	return sig.Type == domain.MemberJoined && sig.LinkUnknown || sig.Type == domain.BotStarted &&
		strings.EqualFold(domain.NormalStart(sig.StartValue), domain.AutoDetect)
}

// found is where a start came from.
type found struct {
	touch domain.Touch
	click *ClaimedClick // to be claimed by this start, nil for none
	// anonymous holds the click since a start that named nobody.
	anonymous *domain.Subscriber
	// confirms: the click is the person's already, by a guess.
	confirms bool
	// counted: an anonymous start by a click that somebody started with
	// already.
	counted bool
}

// start applies a start or join. sub is nil when nobody is named.
func (b *batch) start(a *Arrival, sig *domain.Signal, e *domain.Event, sub *domain.Subscriber) {
	f := b.find(a, sig, e, sub)
	e.Touch = &f.touch
	if f.counted {
		return
	}
	if sub == nil {
		sub = b.anonymous(a, sig, e)
	}
	if f.anonymous != nil {
		delete(b.history, sub.ID) // it lacks what is theirs now
	}
	h := b.history[sub.ID]
	defer h.moved(sub, e)
	if f.anonymous == nil && h.late(sub, e) && b.startBefore(a, sig, e, sub, &f, h) {
		return
	}
	began, was := sub.EpisodeAt, domain.EpisodeStart{ID: sub.EpisodeID, At: sub.EpisodeAt}
	if f.anonymous != nil {
		first := f.touch // theirs, told by name only now
		first.At = f.anonymous.EpisodeAt
		if b.merge(f.anonymous, sub, e) {
			f.touch = first
		} else {
			sub.Attribute(first, b.cfg.Window)
		}
	} else {
		e.Change = sub.Start(e.OccurredAt, e.ID)
	}
	if f.click != nil {
		b.claim(f, sub)
	}
	switch {
	case e.Change == domain.Moved:
		b.mark(sub.ProjectID, began, e.OccurredAt)
		if f.anonymous != nil {
			b.mark(sub.ProjectID, f.anonymous.EpisodeAt)
		}
	case e.Change == domain.NoChange && sub.Joined && e.Type == domain.BotStarted && e.OccurredAt.Equal(sub.EpisodeAt):
		b.mark(sub.ProjectID, e.OccurredAt) // a join and a start at once are a start
		sub.Joined = false
	}
	if was.ID != "" && was.ID != sub.EpisodeID {
		b.earlier[sub.ID] = append(b.earlier[sub.ID], was)
	}
	counts := b.opened(e, sub, &f)
	b.unknown(a, sig, e, sub, sub.EpisodeID, counts || sub.Reattributes(e.OccurredAt, b.cfg.Reattribute))
	sub.Attribute(f.touch, b.cfg.Window)
	if counts {
		b.activate(a, e, sub, f.touch)
	}
	noteBare(sig, e, sub)
	e.EpisodeID = sub.EpisodeID
	if sub.WaitingGoals > 0 && sub.EpisodeID != "" {
		b.joinGoals(a, sub)
	}
}

// noteBare notes a start without a value: one with a value that follows soon
// tells where it came from.
func noteBare(sig *domain.Signal, e *domain.Event, sub *domain.Subscriber) {
	bare := sig.Type == domain.BotStarted && domain.StartIn(sig.Messenger, sig.StartValue) == ""
	if bare && e.OccurredAt.After(sub.LastStart) {
		sub.LastStart = e.OccurredAt
	}
}

// opened writes what the start did to the episodes and tells whether it counts
// as an activation.
func (b *batch) opened(e *domain.Event, sub *domain.Subscriber, f *found) bool {
	confirmed := f.confirms && sub.Confirm(f.touch.ClickID)
	switch e.Change {
	case domain.Opened, domain.OpenedClosed:
		ep := domain.Episode{
			ID: sub.EpisodeID, ProjectID: sub.ProjectID, SubscriberID: sub.ID, Place: sub.Place,
			OpenedAt: e.OccurredAt, Touch: f.touch,
		}
		if e.Change == domain.OpenedClosed {
			closed := sub.StoppedAt
			ep.ClosedAt = &closed
		}
		b.episodes[ep.ID] = len(b.changes.Episodes)
		b.changes.Episodes = append(b.changes.Episodes, ep)
		sub.Joined = e.Type == domain.MemberJoined
		return true
	case domain.Moved:
		sub.Joined = e.Type == domain.MemberJoined
		b.update(EpisodeUpdate{ID: sub.EpisodeID, OpenedAt: e.OccurredAt})
	}
	began := e.Change == domain.Moved && f.touch.Attributed() && !sub.Sourced() // in truth it began by this one
	if !confirmed && !began && !(f.touch.Attributed() && sub.Reattributes(e.OccurredAt, b.cfg.Reattribute)) {
		return false
	}
	if !confirmed && !began { // else it is the same click
		if sub.LastStart.Before(f.touch.At) { // the start that it says of where it came from
			f.touch.At = sub.LastStart
		}
		b.changes.Resourced = append(b.changes.Resourced, sub.EpisodeID)
	}
	b.update(EpisodeUpdate{ID: sub.EpisodeID, Touch: &f.touch})
	return f.anonymous == nil // whose start was counted when it came
}

// anonymous makes a subscriber whom nobody knows.
func (b *batch) anonymous(a *Arrival, sig *domain.Signal, e *domain.Event) *domain.Subscriber {
	sub := &domain.Subscriber{
		SubscriberKey: domain.SubscriberKey{ProjectID: a.Project.ID, Messenger: a.Project.MessengerOf(sig.Messenger)},
		ID:            e.ID, FirstSeen: b.at, Seq: 1, Place: a.Project.Place(),
	}
	e.SubscriberID, e.Messenger, e.Seq = sub.ID, sub.Messenger, 1
	b.dirty[sub.ID] = true
	b.changes.Inserted = append(b.changes.Inserted, sub)
	b.state.ByID[sub.ID] = sub
	return sub
}

// merge makes an anonymous start that of the person it turned out to be, and
// applies the start that says so. It tells whether the person had not been
// subscribed at the time, so that it is a start of theirs.
func (b *batch) merge(anon, sub *domain.Subscriber, e *domain.Event) (adopted bool) {
	switch adopted = sub.Adopt(anon); {
	case !adopted: // they were subscribed at the time
		b.update(EpisodeUpdate{ID: anon.EpisodeID, ClosedAt: anon.EpisodeAt})
		b.mark(sub.ProjectID, anon.EpisodeAt)
	case !sub.Subscribed: // a stop that was told by name ended it
		b.update(EpisodeUpdate{ID: anon.EpisodeID, ClosedAt: sub.StoppedAt})
		b.mark(sub.ProjectID, anon.EpisodeAt, sub.StoppedAt)
	}
	e.Change = sub.Start(e.OccurredAt, e.ID)
	b.changes.Merges = append(b.changes.Merges, Merge{From: anon.ID, To: sub.ID})
	delete(b.state.ByID, anon.ID)
	for _, c := range b.state.ClickByID {
		if c.ClaimedBy == anon.ID {
			c.ClaimedBy = sub.ID
		}
	}
	return adopted
}

// claim gives the click to the person. A person whose guess it was loses it.
func (b *batch) claim(f found, sub *domain.Subscriber) {
	c := f.click
	if c.ClaimedBy != "" && c.ClaimedBy != sub.ID && c.Guessed {
		b.withdraw(c)
	}
	c.ClaimedBy, c.Guessed = sub.ID, f.touch.Guess()
	b.changes.Claims = append(b.changes.Claims, Claim{ClickID: c.ID, SubscriberID: sub.ID, Guess: c.Guessed, At: b.at})
}

func (b *batch) withdraw(c *ClaimedClick) {
	if holder := b.state.ByID[c.ClaimedBy]; holder != nil {
		holder.Withdraw(c.ID)
		b.save(holder)
	}
	b.changes.Withdrawals = append(b.changes.Withdrawals, Withdrawal{ClickID: c.ID, SubscriberID: c.ClaimedBy})
	for i := range b.changes.Conversions { // of this batch
		v := &b.changes.Conversions[i]
		if v.ClickID == c.ID && v.SubscriberID == c.ClaimedBy && v.Status.Open() {
			v.WithdrawGuess()
			v.NextAttemptAt = nil
		}
	}
}

// find says where a start or join came from, by the surest way there is.
func (b *batch) find(a *Arrival, sig *domain.Signal, e *domain.Event, sub *domain.Subscriber) found {
	if k, ok := inviteKey(a, sig); ok {
		if l, reason := b.state.Invited(k); l != nil {
			return b.findInvited(a, e, sub, l, reason)
		}
	}
	if own, ok := domain.OwnStart(sig.StartValue); ok {
		k := StartKey{a.Project.ID, own}
		if c := b.state.ClickByStart[k]; c != nil {
			return b.findClick(e, sub, c)
		}
		if l := b.state.LinkByStart[k]; l != nil {
			return found{touch: domain.LinkTouch(e.OccurredAt, l, domain.ByLink)}
		}
	}
	if r, ok := a.Project.StartRules.Match(sig.StartValue); ok {
		if f, ok := b.findRuled(a, sig, e, sub, r); ok {
			return f
		}
	}
	if isAutoDetect(sig) && (sub == nil || !sub.Subscribed) {
		c, n := candidates(b.state.Guesses[a.Project.ID], clickedBy(a, sig), b.cfg.AutoDetectWindow)
		if c != nil {
			if l := b.state.Links[c.LinkID]; l != nil {
				return found{touch: domain.ClickTouch(e.OccurredAt, l, &c.Click, domain.ByGuess,
					1/float64(n)), click: c}
			}
		}
	}
	t := domain.OrganicTouch(e.OccurredAt, domain.StartIn(sig.Messenger, sig.StartValue))
	t.UTM = sig.UTM
	return found{touch: t}
}

func (b *batch) findClick(e *domain.Event, sub *domain.Subscriber, c *ClaimedClick) found {
	l := b.state.Links[c.LinkID]
	if l == nil { // the link is gone, the click is not
		l = &domain.Link{ID: c.LinkID, ProjectID: c.ProjectID}
	}
	exact := found{touch: domain.ClickTouch(e.OccurredAt, l, &c.Click, domain.ByClick, 1), click: c}
	switch {
	case c.ClaimedBy == "" || c.Guessed:
		exact.confirms = sub != nil && c.ClaimedBy == sub.ID
		return exact
	case sub == nil:
		exact.click, exact.counted = nil, true
		return exact
	case c.ClaimedBy == sub.ID:
		exact.click = nil
		return exact
	}
	if holder := b.state.ByID[c.ClaimedBy]; holder != nil && holder.Anonymous() {
		exact.anonymous = holder
		return exact
	}
	return found{touch: domain.ClickTouch(e.OccurredAt, l, &c.Click, domain.BySharedClick, 1)}
}

// findInvited is a join of a channel by a link's invite link: the source is
// known, the click is the newest one of the link that nobody joined with.
func (b *batch) findInvited(a *Arrival, e *domain.Event, sub *domain.Subscriber, l *domain.Link,
	reason domain.Reason) found {
	if sub == nil || !sub.Subscribed {
		if c, n := candidates(b.state.GuessesByLink[l.ID], a.ReceivedAt, b.cfg.Window); c != nil {
			return found{touch: domain.ClickTouch(e.OccurredAt, l, &c.Click, reason,
				1/float64(n)), click: c}
		}
	}
	return found{touch: domain.LinkTouch(e.OccurredAt, l, reason)}
}

// toldAtOnce is how long after a join it may be told and still count as told at
// once, and how far the messenger's clock may be behind.
const toldAtOnce = time.Minute

// clickedBy is the time by which the click was made that is to be guessed: when
// the request came in. A join that is told late, since nobody took it before, is
// not of the clicks made since.
func clickedBy(a *Arrival, sig *domain.Signal) time.Time {
	if by := sig.At.Add(toldAtOnce); sig.LinkUnknown && !sig.At.IsZero() && by.Before(a.ReceivedAt) {
		return by
	}
	return a.ReceivedAt
}

// candidates gives the newest click that nobody started with, and how many
// there are, in the time before another.
func candidates(cs []*ClaimedClick, before time.Time, within time.Duration) (newest *ClaimedClick, n int) {
	for _, c := range cs {
		if c.ClaimedBy != "" || c.At.After(before) || before.Sub(c.At) > within {
			continue
		}
		if n++; newest == nil || c.At.After(newest.At) {
			newest = c
		}
	}
	return newest, n
}
