package usecase

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// A start may be told before its click is known: the click waits in a stream
// while storage is away. Such a start is organic for the moment. When its click
// comes it is attributed as if the click had come first.

// UnknownStart is a start that named a value of ours which is not known.
type UnknownStart struct {
	StartKey
	EventID      string
	SubscriberID string
	EpisodeID    string
	ReceivedAt   time.Time
	// Attributes: it opened its episode, or came so soon after a start without a
	// value that it would have attributed the episode.
	Attributes bool
}

// LateStart is an UnknownStart as it stands when its click has come.
type LateStart struct {
	UnknownStart
	Event   domain.Event
	Episode domain.EpisodeStart
	// Sourced: the episode was attributed meanwhile.
	Sourced bool
}

// ClicklessGoal is a conversion that a goal made without a click.
type ClicklessGoal struct {
	ConversionID string
	SubscriberID string
	Target       string
	Value        *domain.Amount
	Once         bool // it counts once in its episode
	OccurredAt   time.Time
	Episode      domain.EpisodeStart
	Event        domain.Event // that reached it
	// Unattributed: no ad account takes it.
	Unattributed bool
}

// Clicked gives a conversion that was made without a click the one it has now,
// unless it was sent.
type Clicked struct{ ConversionID, ClickID, Source string }

// unknown notes a start whose value has the form of ours and is not known;
// attributes tells that it decides about the source of its episode.
func (b *batch) unknown(
	a *Arrival, sig *domain.Signal, e *domain.Event, sub *domain.Subscriber, episodeID string, attributes bool,
) {
	own, ok := domain.OwnStart(sig.StartValue)
	k := StartKey{a.Project.ID, own}
	if !ok || e.Touch.Attributed() || b.state.ClickByStart[k] != nil || b.state.LinkByStart[k] != nil ||
		b.at.Sub(a.ReceivedAt) > b.cfg.LateClicks {
		return
	}
	b.changes.Unknown = append(b.changes.Unknown, UnknownStart{
		StartKey: k, EventID: e.ID, SubscriberID: sub.ID, EpisodeID: episodeID, ReceivedAt: a.ReceivedAt,
		Attributes: attributes,
	})
}

// AttributeLate attributes the starts of a project that named values whose
// clicks are known by now, and answers how many those were. Doing it again
// changes nothing.
func (i *Ingest) AttributeLate(ctx context.Context, p *ProjectView, values []string) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, i.cfg.Timeout)
	defer cancel()
	conversions := false
	err = i.store.Ingest(ctx, func(ctx context.Context, tx IngestTx) (err error) {
		defer survive(&err)
		b := newBatch(i, nil)
		err = b.attributeLate(ctx, tx, p, values)
		n, conversions = len(b.changes.Known), len(b.changes.Conversions) > 0
		return err
	})
	if err == nil && conversions {
		i.committed(true)
	}
	return n, err
}

func (b *batch) attributeLate(ctx context.Context, tx IngestTx, p *ProjectView, values []string) error {
	needs := IngestNeeds{Now: b.at}
	for _, v := range values {
		needs.Starts = append(needs.Starts, StartKey{p.ID, v})
	}
	starts, err := tx.LateStarts(ctx, needs.Starts)
	if err != nil || len(starts) == 0 {
		return err
	}
	seen := map[string]bool{}
	for i := range starts {
		if id := starts[i].SubscriberID; !seen[id] {
			seen[id] = true
			needs.People = append(needs.People, id)
		}
	}
	if b.state, err = tx.Load(ctx, needs); err != nil {
		return err
	}
	goals, err := tx.ClicklessGoals(ctx, needs.People)
	if err != nil {
		return err
	}
	l := late{batch: b, a: &Arrival{Project: p}, starts: map[string][]*LateStart{}, judged: map[[2]string]bool{}}
	for i := range starts {
		l.start(&starts[i])
	}
	for i := range goals {
		l.goal(&goals[i])
	}
	return tx.Save(ctx, b.changes)
}

// late attributes starts whose clicks came after them.
type late struct {
	*batch
	a      *Arrival
	starts map[string][]*LateStart // that were attributed, by subscriber's id
	judged map[[2]string]bool      // goals, by event and target
}

func (b *late) start(s *LateStart) {
	c, sub := b.state.ClickByStart[s.StartKey], b.state.ByID[s.SubscriberID]
	if c == nil {
		return
	}
	b.changes.Known = append(b.changes.Known, s.EventID)
	if sub == nil {
		return
	}
	e := &s.Event
	named := sub
	if sub.Anonymous() {
		named = nil
	}
	f := b.findClick(e, named, c)
	if f.counted {
		return // it was counted when it came
	}
	if f.anonymous != nil {
		b.mergeLate(f.anonymous, sub)
	}
	if f.click != nil {
		b.claim(f, sub)
	}
	e.Touch = &f.touch
	b.changes.Rewritten = append(b.changes.Rewritten, *e)
	b.starts[sub.ID] = append(b.starts[sub.ID], s)
	b.save(sub)
	b.mark(sub.ProjectID, e.OccurredAt, c.At)
	confirmed := f.confirms && sub.Confirm(f.touch.ClickID)
	attributes := confirmed || s.Attributes && (s.opened() || !s.Sourced)
	if attributes {
		b.update(EpisodeUpdate{ID: s.Episode.ID, Touch: &f.touch})
		b.changes.Resourced = append(b.changes.Resourced, s.Episode.ID)
	}
	sub.Attribute(f.touch, b.cfg.Window)
	if attributes && f.anonymous == nil {
		b.activateLate(e, sub, f.touch, s.Episode)
	}
}

// activateLate makes the conversions of a start. Accounts that take those of
// organic people, too, have theirs already; it gets the click.
func (b *late) activateLate(e *domain.Event, sub *domain.Subscriber, own domain.Touch, ep domain.EpisodeStart) {
	t := b.activatedBy(b.a, e, sub, own)
	b.convert(b.a, sub, t, domain.GoalCounts, goalFact{
		kind: domain.Activation, at: e.OccurredAt, eventID: e.ID, episode: ep, reattributes: true,
	})
	c := b.state.ClickByID[t.ClickID]
	if c == nil || t.Guess() && !b.a.Project.SendGuesses {
		return
	}
	for _, acc := range b.a.Project.Accounts {
		if b.networks.Receives(acc, nil) {
			id := domain.ConversionID(domain.ActivationKey(ep.ID, "", acc.ID))
			b.changes.Clicked = append(b.changes.Clicked, Clicked{id, t.ClickID, t.Source})
		}
	}
}

// opened tells whether the start opened its episode.
func (s *LateStart) opened() bool {
	return s.Event.Change.Opens()
}

// mergeLate makes an anonymous start that of the person it turns out to be, who
// was counted by their own.
func (b *late) mergeLate(anon, sub *domain.Subscriber) {
	b.update(EpisodeUpdate{ID: anon.EpisodeID, ClosedAt: anon.EpisodeAt})
	b.mark(sub.ProjectID, anon.EpisodeAt)
	b.changes.Merges = append(b.changes.Merges, Merge{From: anon.ID, To: sub.ID})
	delete(b.state.ByID, anon.ID)
}

// goal judges a goal again that was reached without a click. It changes only
// where the click of one of the starts is now the current one: what was
// attributed otherwise, or was reached before, stays.
func (b *late) goal(g *ClicklessGoal) {
	sub, key := b.state.ByID[g.SubscriberID], [2]string{g.Event.ID, g.Target}
	if sub == nil {
		return
	}
	waited := g.Event.GoalState == domain.GoalWaits
	at := g.OccurredAt
	if waited && at.Before(g.Episode.At) {
		at = g.Episode.At
	}
	state, t := domain.JudgeGoal(sub, g.Episode, b.a.Project.Attribution, at, b.cfg.Window)
	if state == domain.GoalOrganic || !b.follows(g, t, waited) {
		return
	}
	if g.Unattributed { // what is made now takes its place
		b.changes.Dropped = append(b.changes.Dropped, g.ConversionID)
	}
	if b.judged[key] {
		return
	}
	b.judged[key] = true
	f := goalFact{
		kind: domain.Goal, target: g.Target, at: g.OccurredAt, episode: g.Episode, eventID: g.Event.ID,
		value: g.Value, currency: g.Event.Currency,
	}
	if !g.Once {
		each := domain.Amount(1) // any amount above 0 counts each time
		f.counting = &each
	}
	made := len(b.changes.Conversions)
	b.convert(b.a, sub, t, state, f)
	for _, c := range b.changes.Conversions[made:] {
		if c.ClickID != "" {
			b.changes.Clicked = append(b.changes.Clicked, Clicked{c.ID, c.ClickID, c.Source})
		}
	}
	b.mark(sub.ProjectID, g.OccurredAt)
	if g.Event.GoalState == domain.GoalOrganic {
		g.Event.GoalState = state
		b.changes.Rewritten = append(b.changes.Rewritten, g.Event)
	}
}

// follows tells whether a touch is that of a late start which came before the
// goal, or which the goal had waited for.
func (b *late) follows(g *ClicklessGoal, t domain.Touch, waited bool) bool {
	for _, s := range b.starts[g.SubscriberID] {
		if !s.Event.Touch.At.Equal(t.At) || s.Event.Touch.StartValue != t.StartValue {
			continue
		}
		if g.Event.Seq > s.Event.Seq || waited && s.opened() && s.Episode.ID == g.Episode.ID {
			return true
		}
	}
	return false
}
