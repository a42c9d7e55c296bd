package usecase

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// batch is one attempt at storing arrivals together. It is thrown away when
// the transaction has to be repeated.
type batch struct {
	*Ingest
	at       time.Time
	ps       []*pending
	results  []result
	admitted []int                  // arrivals to be decided, in order
	follows  map[int]int            // arrival → earlier one with the same Idempotency-Key
	calls    map[*Together]Together // as they are once this is committed; nil: none of several arrivals

	state    *IngestState
	changes  *IngestChanges
	dirty    map[string]bool // subscribers' ids in changes.Subscribers or Inserted
	episodes map[string]int  // episode id → index in changes.Episodes
	updates  map[string]int  // episode id → index in changes.Updates
	// earlier are episodes before the current one, by subscriber's id: of those
	// of whom something is told that happened before it.
	earlier map[string][]domain.EpisodeStart
	// history is what those did of whom something is told late, by subscriber's id.
	history map[string]*history
	// restored: the signal that is decided was taken once before, see Arrival.
	restored bool
}

func newBatch(i *Ingest, ps []*pending) *batch {
	now := i.now()
	return &batch{
		Ingest: i, at: now, ps: ps, results: make([]result, len(ps)), follows: map[int]int{},
		changes: &IngestChanges{Now: now, SenderKeys: map[SenderKey]KeyUse{}},
		dirty:   map[string]bool{}, episodes: map[string]int{}, updates: map[string]int{},
	}
}

// relays tells whether the batch left something for the streams.
func (b *batch) relays() bool { return len(b.changes.Events) > 0 }

func (b *batch) run(ctx context.Context, tx IngestTx) error {
	if err := b.admit(ctx, tx); err != nil {
		return err
	}
	if len(b.admitted) > 0 {
		needs := b.needs()
		state, err := tx.Load(ctx, needs)
		if err != nil {
			return err
		}
		b.state = state
		if b.earlier, err = b.earlierEpisodes(ctx, tx); err != nil {
			return err
		}
		if b.history, err = b.histories(ctx, tx); err != nil {
			return err
		}
		for _, n := range b.admitted {
			b.results[n].Outcome = b.arrive(&b.ps[n].Arrival)
		}
	}
	if err := b.keepAnswers(); err != nil {
		return err
	}
	for n, first := range b.follows {
		b.results[n] = result{Outcome: repeated(b.results[first].Outcome), err: b.results[first].err}
	}
	b.leaveFacts()
	return tx.Save(ctx, b.changes)
}

// needs collects what the admitted arrivals' decisions depend on.
func (b *batch) needs() IngestNeeds {
	w := IngestNeeds{Now: b.at, NewIDs: map[domain.SubscriberKey]string{},
		Guesses: map[string][]ClickWindow{}, Joins: map[InviteKey][]ClickWindow{},
		Own: map[string]domain.Place{}, Elsewhere: map[domain.SubscriberKey]bool{}}
	seen := map[any]bool{}
	once := func(k any) bool {
		was := seen[k]
		seen[k] = true
		return !was
	}
	for _, n := range b.admitted {
		a := &b.ps[n].Arrival
		for s := range a.Signals {
			b.need(&w, a, s, once)
		}
	}
	slices.SortFunc(w.Subscribers, func(x, y domain.SubscriberKey) int {
		return cmp.Or(cmp.Compare(x.ProjectID, y.ProjectID), cmp.Compare(x.Messenger, y.Messenger),
			cmp.Compare(x.UserID, y.UserID))
	})
	return w
}

func (b *batch) need(w *IngestNeeds, a *Arrival, n int, once func(any) bool) {
	sig := &a.Signals[n]
	if !a.Project.Reads(sig) {
		return
	}
	if k, ok := subscriberKey(a, sig); ok && once(k) {
		w.Subscribers = append(w.Subscribers, k)
		w.NewIDs[k] = domain.EventID(a.RequestID, n)
	}
	if k, ok := b.senderKey(a, n); ok && once(k) {
		w.SenderKeys = append(w.SenderKeys, k)
	}
	if a.Replay {
		w.EventIDs = append(w.EventIDs, domain.EventID(a.RequestID, n))
	}
	b.needPlaces(w, a, sig)
	ours := a.Project.Owns(sig) || a.Project.Learns(sig)
	if k, ok := inviteKey(a, sig); ok {
		if once(k) {
			w.Invites = append(w.Invites, k)
		}
		if ours {
			w.Joins[k] = widened(w.Joins[k], a.ReceivedAt, b.cfg.Window)
		}
	}
	if !sig.Type.Opens() {
		return
	}
	if own, ok := domain.OwnStart(sig.StartValue); ok {
		if k := (StartKey{a.Project.ID, own}); once(k) {
			w.Starts = append(w.Starts, k)
		}
	} else if r, ok := a.Project.StartRules.Match(sig.StartValue); ok {
		b.needRuled(w, a, sig, r, once)
	}
	if ours && isAutoDetect(sig) {
		w.Guesses[a.Project.ID] = widened(w.Guesses[a.Project.ID], clickedBy(a, sig), b.cfg.AutoDetectWindow)
	}
}

func subscriberKey(a *Arrival, sig *domain.Signal) (domain.SubscriberKey, bool) {
	if sig.Person == nil {
		return domain.SubscriberKey{}, false
	}
	return domain.SubscriberKey{
		ProjectID: a.Project.ID, Messenger: a.Project.MessengerOf(sig.Messenger), UserID: sig.Person.ID,
	}, true
}

func inviteKey(a *Arrival, sig *domain.Signal) (InviteKey, bool) {
	if sig.Type != domain.MemberJoined || (sig.InviteLink == "" && sig.InviteLinkName == "") {
		return InviteKey{}, false
	}
	return InviteKey{a.Project.ID, sig.InviteLink, sig.InviteLinkName}, true
}

// senderKey is the key that makes a signal sent twice the same event. A
// funnel event without one has the body it came in, for a short time, unless
// the request has a key of its own.
func (b *batch) senderKey(a *Arrival, n int) (SenderKey, bool) {
	sig := &a.Signals[n]
	k := SenderKey{ProjectID: a.Project.ID, Messenger: a.Project.MessengerOf(sig.Messenger), Key: sig.SenderKey}
	switch {
	case sig.SenderKey != "":
		return k, true
	case sig.Type == domain.FunnelEvent && a.IdempotencyKey == "" && b.cfg.Identical > 0:
		k.Key, k.Same = fmt.Sprintf("same:%s:%d:%s", a.Method, n, hex.EncodeToString(a.BodyHash[:16])), true
		return k, true
	}
	return SenderKey{}, false
}

// earlierEpisodes reads the episodes of those of whom something is told that
// happened before their current one began.
func (b *batch) earlierEpisodes(ctx context.Context, tx IngestTx) (map[string][]domain.EpisodeStart, error) {
	var ids []string
	for _, n := range b.admitted {
		a := &b.ps[n].Arrival
		for i := range a.Signals {
			sig := &a.Signals[i]
			k, ok := subscriberKey(a, sig)
			if !ok || sig.Type.Opens() || sig.Type.Closes() || sig.At.IsZero() {
				continue
			}
			sub := b.state.Subscribers[k]
			if sub.FirstJoin.Before(sub.EpisodeAt) && sig.At.Before(sub.EpisodeAt) && !slices.Contains(ids, sub.ID) {
				ids = append(ids, sub.ID)
			}
		}
	}
	if len(ids) == 0 {
		return map[string][]domain.EpisodeStart{}, nil
	}
	found, err := tx.Episodes(ctx, ids)
	for id, es := range found {
		found[id] = slices.DeleteFunc(es, func(
			e domain.EpisodeStart) bool {
			return e.ID == b.state.ByID[id].EpisodeID
		})
	}
	return found, err
}

// arrive decides about one arrival.
func (b *batch) arrive(a *Arrival) Outcome {
	out := Outcome{Receipts: make([]Receipt, 0, len(a.Signals))}
	for n := range a.Signals {
		sig := &a.Signals[n]
		if !a.Project.Reads(sig) {
			continue
		}
		id := domain.EventID(a.RequestID, n)
		if first, repeat := b.repeats(a, n, id); repeat {
			out.Receipts = append(out.Receipts, Receipt{ID: first, Type: sig.Type, Duplicate: true})
			continue
		}
		e := b.event(a, sig, id)
		b.restored = a.Restored[n]
		if why := b.take(a, sig, e); why != nil {
			out.Refusal, out.Why = why.English(), why
		}
		b.changes.Events = append(b.changes.Events, *e)
		out.Receipts = append(out.Receipts, Receipt{ID: id, Type: sig.Type})
	}
	return out
}

// repeats tells whether the signal was taken before, and under which id.
func (b *batch) repeats(a *Arrival, n int, id string) (string, bool) {
	if a.Replay && b.state.Taken[id] {
		return id, true
	}
	k, ok := b.senderKey(a, n)
	if !ok {
		return "", false
	}
	use, found := b.state.SenderKeys[k]
	if found && (!k.Same || a.ReceivedAt.Sub(use.At).Abs() <= b.cfg.Identical) {
		return use.EventID, true
	}
	use = KeyUse{EventID: id, At: a.ReceivedAt}
	b.state.SenderKeys[k], b.changes.SenderKeys[k] = use, use
	return "", false
}

func (b *batch) event(a *Arrival, sig *domain.Signal, id string) *domain.Event {
	at := sig.At
	if at.IsZero() {
		at = a.ReceivedAt
	}
	chat := sig.ChatID
	if chat != 0 {
		chat = int64(domain.ChatPlace(a.Project.MessengerOf(sig.Messenger), chat))
	}
	return &domain.Event{
		ID: id, ProjectID: a.Project.ID, RequestID: a.RequestID, Type: sig.Type,
		OccurredAt: at.UTC().Truncate(time.Microsecond), ReceivedAt: a.ReceivedAt, ChatID: chat,
		InviteLink: cmp.Or(sig.InviteLinkName, sig.InviteLink), Name: sig.Name, Target: sig.Target, Result: sig.Result,
		Amount: sig.Amount, RawAmount: sig.RawAmount, Currency: sig.Currency, Labels: sig.Labels,
	}
}

// take applies a signal to its person and answers why it is refused although
// it is kept.
func (b *batch) take(a *Arrival, sig *domain.Signal, e *domain.Event) *domain.Refusal {
	var sub *domain.Subscriber
	p := b.project(a, sig)
	if k, ok := subscriberKey(a, sig); ok {
		sub = b.state.Subscribers[k]
		sub.Learn(*sig.Person)
		b.move(sub, p.Place())
		b.touch(sub, e)
	}
	switch {
	case (sig.Type.Opens() || sig.Type.Closes()) && !p.Owns(sig):
		b.elsewhere(a, sig, e, sub, p.PlaceOf(sig))
	case sig.Type.Opens():
		b.start(a, sig, e, sub)
	case sub == nil:
	case sig.Type.Closes():
		b.stop(a, e, sub)
	default:
		return b.goal(a, sig, e, sub)
	}
	return nil
}

// stop applies a stop or leave.
func (b *batch) stop(a *Arrival, e *domain.Event, sub *domain.Subscriber) {
	h := b.history[sub.ID]
	if !h.late(sub, e) || !b.stopBefore(a, e, sub, h) {
		if e.Change = sub.Stop(e.OccurredAt); e.Change == domain.Closed {
			b.update(EpisodeUpdate{ID: sub.EpisodeID, ClosedAt: e.OccurredAt})
		}
		e.EpisodeID = sub.EpisodeID
	}
	h.moved(sub, e)
}

// touch makes the event the person's next, and the person one to be saved.
func (b *batch) touch(sub *domain.Subscriber, e *domain.Event) {
	sub.Seq++
	e.Seq, e.SubscriberID, e.Messenger = sub.Seq, sub.ID, sub.Messenger
	b.save(sub)
}

func (b *batch) save(sub *domain.Subscriber) {
	if !b.dirty[sub.ID] {
		b.dirty[sub.ID] = true
		b.changes.Subscribers = append(b.changes.Subscribers, sub)
	}
}

// update changes an episode, the one this batch opened included. Each has one
// update: a row that stands twice in an UPDATE is changed by either, nobody
// knows which.
func (b *batch) update(u EpisodeUpdate) {
	if i, made := b.episodes[u.ID]; made {
		u.apply(&b.changes.Episodes[i])
		return
	}
	i, known := b.updates[u.ID]
	if !known {
		b.updates[u.ID] = len(b.changes.Updates)
		b.changes.Updates = append(b.changes.Updates, u)
		return
	}
	was := &b.changes.Updates[i]
	was.OpenedAt = orTime(u.OpenedAt, was.OpenedAt)
	was.ClosedAt = orTime(u.ClosedAt, was.ClosedAt)
	if u.Touch != nil {
		was.Touch = u.Touch
	}
}

// orTime is the first time that is one.
func orTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

// apply changes an episode.
func (u *EpisodeUpdate) apply(e *domain.Episode) {
	e.OpenedAt = orTime(u.OpenedAt, e.OpenedAt)
	if !u.ClosedAt.IsZero() {
		e.ClosedAt = &u.ClosedAt
	}
	if u.Touch != nil {
		e.Touch = *u.Touch
	}
}
