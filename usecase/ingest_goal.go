package usecase

import (
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// goalFact is what a conversion is made from.
type goalFact struct {
	kind     domain.ConversionKind
	target   string
	at       time.Time
	episode  domain.EpisodeStart // that it belongs to
	eventID  string
	value    *domain.Amount // in main units; nil or not above 0: sent without
	counting *domain.Amount // above 0: counts each time
	currency string
	// namedOnly: only ad accounts that have a name for the target are told.
	namedOnly bool
	// reattributes: an activation of an episode that was organic when it began.
	// Who takes those of organic people, too, has it already.
	reattributes bool
}

// goal applies an event that may carry a goal, and answers why it is refused
// although it is kept.
func (b *batch) goal(a *Arrival, sig *domain.Signal, e *domain.Event, sub *domain.Subscriber) *domain.Refusal {
	episode := sub.EpisodeOf(e.OccurredAt, b.earlier[sub.ID])
	e.EpisodeID = episode.ID
	fact, ok := b.goalFact(a, e)
	if !ok {
		return nil
	}
	fact.episode, fact.namedOnly = episode, sig.NativePayment
	if fact.namedOnly && !named(a.Project.Accounts, fact.target) {
		return nil // revenue, and no goal
	}
	state, touch := domain.JudgeGoal(sub, episode, a.Project.Attribution, e.OccurredAt, b.cfg.Window)
	e.GoalState = state
	if state == domain.GoalWaits {
		w := WaitingGoal{
			EventID: e.ID, ProjectID: e.ProjectID, SubscriberID: sub.ID, Target: fact.target, Amount: fact.value,
			RawAmount: fact.counting, Currency: fact.currency, OccurredAt: e.OccurredAt,
			Until: a.ReceivedAt.Add(b.cfg.JoinWindow), NamedOnly: fact.namedOnly,
		}
		sub.WaitingGoals++
		b.changes.Waiting = append(b.changes.Waiting, w)
		b.state.Waiting[sub.ID] = append(b.state.Waiting[sub.ID], w)
		return nil
	}
	b.convert(a, sub, touch, state, fact)
	if e.Type != domain.GoalReached {
		return nil
	}
	return refuseGoal(state)
}

// goalFact says what goal an event carries, if any.
func (b *batch) goalFact(a *Arrival, e *domain.Event) (goalFact, bool) {
	f := goalFact{
		kind: domain.Goal, at: e.OccurredAt, eventID: e.ID, value: e.Amount, counting: e.Amount, currency: e.Currency,
	}
	switch {
	case e.Type == domain.GoalReached:
		f.target = e.Name
	case e.Type == domain.FunnelEvent:
		f.target = e.Target
	case e.Type.Commerce():
		f.target = string(e.Type)
		if e.RawAmount != nil {
			f.counting = e.RawAmount
			f.value = domain.InMajor(*e.RawAmount, firstOf(a.Project.AmountUnit, b.cfg.AmountUnit))
			if f.value != nil && e.Type == domain.PaymentRefunded { // told with or without a minus
				back := -f.value.Abs()
				f.value = &back
			}
		}
	}
	return f, f.target != ""
}

// named tells whether an ad account has a name for a target.
func named(accounts []*domain.Account, target string) bool {
	return slices.ContainsFunc(accounts, func(a *domain.Account) bool { return a.Goals[target] != "" })
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// joinGoals gives the goals that came before the start to it.
func (b *batch) joinGoals(a *Arrival, sub *domain.Subscriber) {
	waiting := b.state.Waiting[sub.ID]
	slices.SortStableFunc(waiting, func(a, b WaitingGoal) int { return a.OccurredAt.Compare(b.OccurredAt) })
	for _, w := range waiting {
		b.mark(w.ProjectID, w.OccurredAt)
		if w.Over(a.ReceivedAt) {
			b.changes.Conversions = append(b.changes.Conversions,
				NeverStarted(w, sub.Messenger, sub.UserID, a.Project.Currency, b.at))
			continue
		}
		at := w.OccurredAt
		if at.Before(sub.EpisodeAt) { // it waited for this start, so it is this start's
			at = sub.EpisodeAt
		}
		state, touch := domain.JudgeGoal(sub, currentEpisode(sub), a.Project.Attribution, at, b.cfg.Window)
		b.convert(a, sub, touch, state, goalFact{
			kind: domain.Goal, target: w.Target, at: w.OccurredAt, eventID: w.EventID, value: w.Amount,
			counting: w.RawAmount, currency: w.Currency, episode: currentEpisode(sub), namedOnly: w.NamedOnly,
		})
	}
	delete(b.state.Waiting, sub.ID)
	b.changes.Waiting = slices.DeleteFunc(b.changes.Waiting,
		func(w WaitingGoal) bool { return w.SubscriberID == sub.ID })
	sub.WaitingGoals = 0
	b.changes.Joined = append(b.changes.Joined, sub.ID)
}

// NeverStarted is what becomes of a goal whose start did not come within the
// time goals wait: it is kept for the ledger. There is no episode for it to
// count once in, so that it counts once for the person.
func NeverStarted(w WaitingGoal, messenger string, userID int64, currency string, now time.Time) NewConversion {
	counting := w.RawAmount
	if counting == nil {
		counting = w.Amount
	}
	c := NewConversion{
		SubscriberID: w.SubscriberID, Once: !domain.CountsEachTime(counting),
		Conversion: domain.Conversion{
			ID: domain.ConversionID(
				domain.CountKey("never:"+w.SubscriberID, w.Target, "", w.EventID, counting)),
			ProjectID: w.ProjectID, Kind: domain.Goal, Target: w.Target, Name: w.Target,
			Currency:   firstOf(w.Currency, currency),
			OccurredAt: w.OccurredAt, CreatedAt: now, EventID: w.EventID, Messenger: messenger, UserID: userID,
		},
	}
	c.Because(domain.Unattributed, domain.ReasonNoStart)
	if domain.CountsEachTime(w.Amount) {
		c.Value = w.Amount
	}
	return c
}

// activate makes the conversions of a start or join, by the person's current
// click: that of a start without a click is the one they came by before, and
// with the first click as the model a later one does not take its place.
func (b *batch) activate(a *Arrival, e *domain.Event, sub *domain.Subscriber, own domain.Touch) {
	b.convert(a, sub, b.activatedBy(a, e, sub, own), domain.GoalCounts, goalFact{
		kind: domain.Activation, at: e.OccurredAt, eventID: e.ID, episode: currentEpisode(sub),
		reattributes: !e.Change.Opens(),
	})
}

func (b *batch) activatedBy(a *Arrival, e *domain.Event, sub *domain.Subscriber, own domain.Touch) domain.Touch {
	if t, ok := domain.Current(sub.Touches, a.Project.Attribution, e.OccurredAt, b.cfg.Window); ok {
		return t
	}
	return own
}

func currentEpisode(s *domain.Subscriber) domain.EpisodeStart {
	return domain.EpisodeStart{ID: s.EpisodeID, At: s.EpisodeAt}
}

// convert makes a conversion for each ad account that takes it. A goal that
// no account takes is kept as unattributed.
func (b *batch) convert(a *Arrival, sub *domain.Subscriber, t domain.Touch, state domain.GoalState, f goalFact) {
	var click *domain.Click
	if c := b.state.ClickByID[t.ClickID]; c != nil && state != domain.GoalOrganic {
		click = &c.Click
	}
	guessed := t.Guess() && !a.Project.SendGuesses
	if guessed {
		click = nil
	}
	made := false
	for _, acc := range a.Project.Accounts {
		if f.namedOnly && acc.Goals[f.target] == "" {
			continue
		}
		if !b.networks.Receives(acc, click) || f.reattributes && b.networks.Receives(acc, nil) {
			continue
		}
		if c, ok := b.conversion(a, sub, acc, click, state, f); ok {
			c.Source = t.Source
			b.changes.Conversions = append(b.changes.Conversions, c)
			made = true
		}
	}
	if made || f.kind == domain.Activation {
		return
	}
	c := b.newConversion(a, sub, f, f.target, "")
	c.Source = t.Source
	if state == domain.GoalLate {
		c.Because(domain.Expired, domain.ReasonTooLate)
	} else {
		c.Because(domain.Unattributed, unattributed(state, t, guessed))
	}
	b.changes.Conversions = append(b.changes.Conversions, c)
}

func unattributed(state domain.GoalState, t domain.Touch, guessed bool) domain.ReasonCode {
	switch {
	case state == domain.GoalOrganic:
		return domain.ReasonNoLink
	case guessed:
		return domain.ReasonGuessNotSent
	case t.ClickID == "":
		return domain.ReasonNoClick
	}
	return domain.ReasonNoAccount
}

// conversion makes the conversion for one account; not ok when the account
// wants no such.
func (b *batch) conversion(a *Arrival, sub *domain.Subscriber, acc *domain.Account, click *domain.Click,
	state domain.GoalState, f goalFact) (NewConversion, bool) {
	target := f.target
	if f.kind == domain.Activation {
		if target = b.networks.Activation(acc); target == "" {
			return NewConversion{}, false
		}
	}
	c := b.newConversion(a, sub, f, target, acc.ID)
	c.Network, c.Name = acc.Network, firstOf(acc.Goals[target], target)
	if acc.Currency != "" && f.currency == "" {
		c.Currency = acc.Currency
	}
	if click != nil {
		c.ClickID, c.Click = click.ID, click
		if c.OccurredAt.Before(click.At) { // a sender's clock is behind; networks refuse what precedes its click
			c.OccurredAt = click.At
		}
	}
	if f.kind == domain.Activation {
		c.ID = domain.ConversionID(domain.ActivationKey(f.episode.ID, c.ClickID, acc.ID))
	}
	w := b.networks.Window(acc, click, c.OccurredAt, b.at)
	c.NotBefore, c.ExpiresAt = w.NotBefore, w.ExpiresAt
	switch {
	case domain.IsTestSpace(a.Project.ID):
		c.Because(domain.SandboxOnly, domain.ReasonTestPerson)
	case a.Project.Mode == domain.Sandbox:
		c.Because(domain.SandboxOnly, domain.ReasonSandbox)
	case state == domain.GoalLate:
		c.Because(domain.Expired, domain.ReasonTooLate)
	case !b.at.Before(c.ExpiresAt):
		c.Because(domain.Expired, domain.ReasonWindowMissed)
	case b.restored && !b.dropsRepeat(a, acc, w):
		c.Because(domain.Uncertain, domain.ReasonRestored)
	case acc.Paused:
		c.Because(domain.Parked, domain.ReasonAccountPaused)
	default:
		c.Status, c.NextAttemptAt = domain.Pending, &w.DueAt
	}
	return c, true
}

// dropsRepeat tells whether a conversion that the network may have had when its
// request came does no harm if it is sent again: when it is due, or, for a
// paused account, whenever that goes on.
func (b *batch) dropsRepeat(a *Arrival, acc *domain.Account, w Window) bool {
	at := w.DueAt
	if acc.Paused {
		at = w.ExpiresAt
	}
	return b.networks.DropsRepeats(acc, a.ReceivedAt, at)
}

func (b *batch) newConversion(a *Arrival, sub *domain.Subscriber, f goalFact, target, accountID string) NewConversion {
	f.value, f.currency = a.Project.Worth(f.value, f.currency)
	c := NewConversion{
		SubscriberID: sub.ID, Once: !domain.CountsEachTime(f.counting),
		Conversion: domain.Conversion{
			ID:        domain.ConversionID(domain.CountKey(f.episode.ID, target, accountID, f.eventID, f.counting)),
			ProjectID: a.Project.ID, AccountID: accountID, Kind: f.kind, Target: target, Name: target,
			Currency: firstOf(f.currency, a.Project.Currency), OccurredAt: f.at, CreatedAt: b.at, EventID: f.eventID,
			Messenger: sub.Messenger, UserID: sub.UserID, EpisodeID: f.episode.ID,
		},
	}
	if domain.CountsEachTime(f.value) {
		c.Value = f.value
	}
	return c
}
