package usecase

import (
	"context"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// A start or stop that is told after others which happened later is put where
// it belongs: the subscriptions become those that the order of time makes, and
// an episode that is new has the conversions of a start.

// history is what somebody did, and what was made of it.
type history struct {
	events   []domain.Event   // in the order of arrival
	moves    []domain.Move    // the same
	spans    []domain.Span    // that the moves make
	episodes []domain.Episode // of these times
	lost     bool             // the episodes are no more those of the moves
}

// histories reads what those did of whom something is told late.
func (b *batch) histories(ctx context.Context, tx IngestTx) (map[string]*history, error) {
	var ids []string
	last := map[string]time.Time{} // within the batch
	for _, n := range b.admitted {
		a := &b.ps[n].Arrival
		for i := range a.Signals {
			sig := &a.Signals[i]
			k, ok := subscriberKey(a, sig)
			if !ok || !sig.Type.Opens() && !sig.Type.Closes() || !a.Project.Owns(sig) && !a.Project.Learns(sig) {
				continue
			}
			sub, at := b.state.Subscribers[k], sig.At
			if at.IsZero() {
				at = a.ReceivedAt
			}
			late := sub.Late(sig.Type.Opens(), at) || at.Unix() < last[sub.ID].Unix()
			if late && !slices.Contains(ids, sub.ID) {
				ids = append(ids, sub.ID)
			}
			if at.After(last[sub.ID]) {
				last[sub.ID] = at
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := tx.Moves(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]*history{}
	for _, id := range ids {
		if out[id] = newHistory(found[id]); out[id] == nil {
			delete(out, id)
		}
	}
	return out, nil
}

// newHistory is nil where the episodes are not those that the events make: where
// events have gone by their age, or another place was the project's own once.
func newHistory(m *Moves) *history {
	h := &history{}
	if m == nil {
		return h
	}
	h.events = m.Events
	for i := range m.Events {
		h.moves = append(h.moves, domain.Move{At: m.Events[i].OccurredAt, Opens: m.Events[i].Type.Opens()})
	}
	h.spans = domain.Spans(h.moves)
	if len(h.spans) != len(m.Episodes) {
		return nil
	}
	for i := range m.Episodes {
		ep := domain.Span{From: m.Episodes[i].OpenedAt}
		if m.Episodes[i].ClosedAt != nil {
			ep.To = *m.Episodes[i].ClosedAt
		}
		if !ep.Same(h.spans[i]) {
			return nil
		}
		h.episodes = append(h.episodes, m.Episodes[i])
	}
	return h
}

// late tells whether an event has to be put before others.
func (h *history) late(sub *domain.Subscriber, e *domain.Event) bool {
	return h != nil && !h.lost && sub.Late(e.Type.Opens(), e.OccurredAt)
}

// with gives the subscriptions that there are with one event more, and the place
// of the one that is new, -1 for none.
func (h *history) with(e *domain.Event) (spans []domain.Span, fresh int) {
	spans = domain.Spans(append(slices.Clone(h.moves), domain.Move{At: e.OccurredAt, Opens: e.Type.Opens()}))
	if len(spans) == len(h.spans) {
		return spans, -1
	}
	for fresh < len(h.spans) && spans[fresh].From.Equal(h.spans[fresh].From) {
		fresh++
	}
	return spans, fresh
}

// moved notes an event and what was made of it.
func (h *history) moved(sub *domain.Subscriber, e *domain.Event) {
	sub.Moved(e.OccurredAt)
	if h == nil {
		return
	}
	spans, fresh := h.with(e)
	if fresh >= 0 && len(h.episodes) < len(spans) && e.Change.Opens() { // else it was put in already
		h.episodes = slices.Insert(h.episodes, fresh, domain.Episode{ID: e.EpisodeID, Touch: *e.Touch})
	}
	h.lost = h.lost || len(h.episodes) != len(spans)
	h.events = append(h.events, *e)
	h.moves = append(h.moves, domain.Move{At: e.OccurredAt, Opens: e.Type.Opens()})
	h.spans = spans
}

// stopBefore applies a stop that is told late, and tells whether it changed a
// subscription: one of them ends by it, and a start that came after it begins
// another one.
func (b *batch) stopBefore(a *Arrival, e *domain.Event, sub *domain.Subscriber, h *history) bool {
	spans, fresh := h.with(e)
	ended := slices.IndexFunc(spans, func(s domain.Span) bool { return s.To.Equal(e.OccurredAt) })
	if ended < 0 || ended >= len(h.spans) || fresh < 0 && spans[ended].Same(h.spans[ended]) {
		return false
	}
	e.Change, e.EpisodeID = domain.Closed, h.episodes[ended].ID
	b.mark(sub.ProjectID, e.OccurredAt, spans[ended].From, h.spans[ended].To)
	if fresh >= 0 {
		b.split(a, e, sub, h, spans[ended], spans[fresh])
		return true
	}
	b.update(EpisodeUpdate{ID: e.EpisodeID, ClosedAt: e.OccurredAt})
	if ended == len(spans)-1 {
		sub.StoppedAt = e.OccurredAt
	}
	return true
}

// split makes two episodes of one, which keeps its id with the start that it was
// made from.
func (b *batch) split(a *Arrival, e *domain.Event, sub *domain.Subscriber, h *history, ended, begun domain.Span) {
	was := e.EpisodeID
	at := slices.IndexFunc(h.episodes, func(ep domain.Episode) bool { return ep.ID == was })
	current := at == len(h.episodes)-1
	next := h.events[begun.By]
	if next.ID == was {
		b.update(EpisodeUpdate{ID: was, OpenedAt: begun.From})
		b.mark(sub.ProjectID, begun.From)
		e.EpisodeID = h.events[ended.By].ID
		h.episodes = slices.Insert(h.episodes, at, b.open(a, sub, h, ended))
	} else {
		b.update(EpisodeUpdate{ID: was, ClosedAt: e.OccurredAt})
		h.episodes = slices.Insert(h.episodes, at+1, b.open(a, sub, h, begun))
	}
	if current {
		b.earlier[sub.ID] = append(b.earlier[sub.ID], domain.EpisodeStart{ID: e.EpisodeID, At: ended.From})
		sub.EpisodeID, sub.EpisodeAt, sub.Joined = next.ID, begun.From, next.Type == domain.MemberJoined
	}
}

// open makes an episode of a start that was taken for a repeat.
func (b *batch) open(a *Arrival, sub *domain.Subscriber, h *history, s domain.Span) domain.Episode {
	by := h.events[s.By]
	by.EpisodeID, by.Change = by.ID, domain.Opened
	t := domain.OrganicTouch(by.OccurredAt, "")
	if by.Touch != nil {
		t = *by.Touch
	}
	ep := b.insert(sub, by, s, t)
	if i := slices.IndexFunc(b.changes.Events, func(e domain.Event) bool { return e.ID == by.ID }); i >= 0 {
		b.changes.Events[i].Change, b.changes.Events[i].EpisodeID = by.Change, by.EpisodeID
	} else {
		b.changes.Opened = append(b.changes.Opened, OpenedBy{by.ID, by.EpisodeID, by.Change})
	}
	b.activateIn(a, &by, sub, t)
	return ep
}

// insert makes an episode between others, or behind them.
func (b *batch) insert(sub *domain.Subscriber, by domain.Event, s domain.Span, t domain.Touch) domain.Episode {
	ep := domain.Episode{
		ID: by.ID, ProjectID: sub.ProjectID, SubscriberID: sub.ID, Place: sub.Place, OpenedAt: s.From, Touch: t,
	}
	if !s.To.IsZero() {
		to := s.To
		ep.ClosedAt = &to
	}
	b.episodes[ep.ID] = len(b.changes.Episodes)
	b.changes.Episodes = append(b.changes.Episodes, ep)
	b.mark(sub.ProjectID, s.From, s.To)
	return ep
}

// activateIn makes the conversions of a start in the episode that it opened.
func (b *batch) activateIn(a *Arrival, by *domain.Event, sub *domain.Subscriber, t domain.Touch) {
	b.convert(a, sub, b.activatedBy(a, by, sub, t), domain.GoalCounts, goalFact{
		kind: domain.Activation, at: by.OccurredAt, eventID: by.ID,
		episode: domain.EpisodeStart{ID: by.EpisodeID, At: by.OccurredAt}, reattributes: !by.Change.Opens(),
	})
}

// source gives an episode that was organic, or a guess which proves to be right,
// the source of a start, and tells whether it did.
func (b *batch) source(f *found, ep *domain.Episode) bool {
	confirms := f.confirms && ep.Touch.Reason == domain.ByGuess
	if !f.touch.Attributed() || ep.Touch.Attributed() && !confirms {
		return false
	}
	ep.Touch = f.touch
	b.update(EpisodeUpdate{ID: ep.ID, Touch: &f.touch})
	b.changes.Resourced = append(b.changes.Resourced, ep.ID)
	return true
}

// startBefore applies a start that is told late, and tells whether it did: it
// begins an episode that a known stop ended, or one that began later, or was a
// repeat within one. Those of the current episode are no matter of it.
func (b *batch) startBefore(
	a *Arrival, sig *domain.Signal, e *domain.Event, sub *domain.Subscriber, f *found, h *history,
) bool {
	spans, fresh := h.with(e)
	in := slices.IndexFunc(spans, func(s domain.Span) bool {
		return !e.OccurredAt.Before(s.From) && (s.To.IsZero() || e.OccurredAt.Before(s.To))
	})
	if in < 0 || fresh < 0 && in == len(spans)-1 && sub.Subscribed {
		return false
	}
	if f.click != nil {
		b.claim(*f, sub)
	}
	current, sourced, decides := in == len(spans)-1, false, fresh >= 0
	switch {
	case fresh >= 0:
		e.Change, e.EpisodeID = domain.OpenedClosed, e.ID
		b.insert(sub, *e, spans[in], f.touch)
		if current {
			sub.EpisodeID, sub.EpisodeAt, sub.Joined = e.ID, e.OccurredAt, e.Type == domain.MemberJoined
			sub.Subscribed, sub.StoppedAt = false, spans[in].To
		}
	case !spans[in].Same(h.spans[in]):
		e.Change, e.EpisodeID = domain.Moved, h.episodes[in].ID
		b.update(EpisodeUpdate{ID: e.EpisodeID, OpenedAt: e.OccurredAt})
		b.mark(sub.ProjectID, e.OccurredAt, h.spans[in].From)
		if current {
			sub.EpisodeAt, sub.Joined = e.OccurredAt, e.Type == domain.MemberJoined
		}
		sourced = b.source(f, &h.episodes[in])
		decides = true
	default:
		e.EpisodeID = h.episodes[in].ID
		if decides = f.confirms || e.OccurredAt.Sub(spans[in].From) <= b.cfg.Reattribute; decides {
			sourced = b.source(f, &h.episodes[in])
		}
	}
	b.unknown(a, sig, e, sub, e.EpisodeID, decides)
	sub.FirstJoin = spans[0].From
	if f.confirms {
		sub.Confirm(f.touch.ClickID)
	}
	sub.Attribute(f.touch, b.cfg.Window)
	if fresh >= 0 || sourced {
		b.activateIn(a, e, sub, f.touch)
	}
	noteBare(sig, e, sub)
	if sub.WaitingGoals > 0 {
		b.joinGoals(a, sub)
	}
	return true
}
