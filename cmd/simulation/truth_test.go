package simulation

import (
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// truth is what really happened, in the order in which the service learned it,
// and what has to come of it.
type truth struct {
	log    []entry
	events map[string]bool // that the stream has
	state
}

// entry is what the service learned, or did, at once.
type entry struct {
	arrival *usecase.Arrival
	who     *soul
	// forgotten: the log of requests has it no more, since its person was
	// erased.
	forgotten bool
	erased    who       // a person who was erased instead
	overdue   time.Time // goals that had waited until then were given up
}

// state is what follows of the entries.
type state struct {
	keys    map[string]bool // of senders
	people  map[who]*soul
	claimed map[string]*soul // who started first with a click
	guessed map[string]bool  // of those, which only a guess gave to somebody
	gone    map[string]bool  // clicks of people who were erased
	wanted  map[string]*wanted
	born    int
}

// soul is what is true of a person.
type soul struct {
	who       // no id: somebody whom nobody knows
	uid       string
	is        *soul // who an unknown one turned out to be
	erased    bool
	open      bool
	episodes  []*episode // in the order of time
	last      *episode
	closed    time.Time
	touches   []touch
	lastStart time.Time // without a value
	waiting   []goal
}

// episode is a subscription.
type episode struct {
	at time.Time
	n  int // tells it from all others
}

type touch struct {
	at    time.Time
	click *domain.Click // nil: of a link, with no click of theirs
	guess bool
}

type goal struct {
	target string
	at     time.Time
	until  time.Time
	value  *domain.Amount
	each   bool // it counts each time
	named  bool // told only where there is a name for it
	stars  bool // the value is in stars, which nobody is told of
	event  string
}

// wanted is a conversion that has to be there.
type wanted struct {
	account *domain.Account // nil: nobody takes it
	target  string
	person  *soul
	click   *domain.Click
	at      time.Time
	value   *domain.Amount
	tooLate bool
	never   bool // its start never came
	maybe   bool // it need not be there
}

// really is who somebody is.
func (p *soul) really() *soul {
	for p.is != nil {
		p = p.is
	}
	return p
}

func (t *truth) reset() {
	t.state = state{
		keys: map[string]bool{}, people: map[who]*soul{}, claimed: map[string]*soul{}, guessed: map[string]bool{},
		gone: map[string]bool{}, wanted: map[string]*wanted{},
	}
}

func (t *truth) published(event string) { t.events[event] = true }

// requests are those that the log of requests has.
func (t *truth) requests() (out []usecase.Arrival) {
	for i := range t.log {
		if a := t.log[i].arrival; a != nil && !t.log[i].forgotten {
			out = append(out, *a)
		}
	}
	return out
}

// take notes a request that was committed.
func (t *truth) take(w *world, a usecase.Arrival) {
	if t.keys[a.Signals[0].SenderKey] {
		w.tell("again: %s", describe(w, a))
		return
	}
	w.tell("%s", describe(w, a))
	t.log = append(t.log, entry{arrival: &a, who: t.apply(w, &a)})
}

// again makes the state of what the entries say.
func (t *truth) again(w *world, log []entry) {
	t.reset()
	t.log = nil
	for _, e := range log {
		switch {
		case e.arrival != nil:
			e.who = t.apply(w, e.arrival)
		case e.erased.id != 0:
			t.forget(e.erased, e.overdue)
		default:
			t.giveUp(e.overdue)
		}
		t.log = append(t.log, e)
	}
}

// apply gives who it was.
func (t *truth) apply(w *world, a *usecase.Arrival) *soul {
	s := &a.Signals[0]
	t.keys[s.SenderKey] = true
	at := s.At
	if at.IsZero() {
		at = a.ReceivedAt
	}
	if s.Person == nil {
		return t.anonymous(w, at, s.StartValue)
	}
	k := who{s.Messenger, s.Person.ID}
	p := t.people[k]
	if p == nil {
		p = t.soul(k)
		t.people[k] = p
	}
	g := goal{target: s.Target, at: at, until: a.ReceivedAt.Add(day), value: s.Amount, each: s.Amount != nil,
		event: a.RequestID}
	switch s.Type {
	case domain.BotStarted:
		t.start(w, p, at, s.StartValue, a.ReceivedAt)
	case domain.BotStopped:
		if p.open || p.last == nil { // else it is their history, and ends nothing
			p.open, p.closed = false, at
		}
	case domain.GoalReached:
		g.target = s.Name
		t.goal(w, p, g)
	case domain.FunnelEvent:
		t.goal(w, p, g)
	case domain.PaymentRefunded:
		g.target, g.each = string(s.Type), true // in a unit that nobody knows
		t.goal(w, p, g)
	case domain.PaymentCreated:
		g.target, g.named, g.stars = string(s.Type), true, s.Currency == domain.Stars
		t.goal(w, p, g)
	}
	return p
}

func (t *truth) soul(k who) *soul {
	t.born++
	return &soul{who: k, uid: itoa(t.born)}
}

func describe(w *world, a usecase.Arrival) string {
	s := a.Signals[0]
	out := string(s.Type) + " of nobody"
	if s.Person != nil {
		out = string(s.Type) + " of " + s.Person.FirstName
	}
	if s.StartValue != "" {
		out += " by " + s.StartValue
		for i, c := range w.clicks {
			if c.StartValue == s.StartValue {
				out += " (click " + itoa(i) + ")"
			}
		}
	}
	if s.Name != "" {
		out += " " + s.Name
	}
	if !s.At.IsZero() {
		out += " at " + s.At.Format("01-02 15:04:05")
	}
	return out
}

// forget is true of a person from whom everything was taken: what they did
// counts, and nobody knows who it was.
func (t *truth) forget(k who, now time.Time) {
	p := t.people[k]
	if p == nil {
		return
	}
	before := len(t.wanted)
	for _, g := range p.waiting { // of these it may have been written already that their start never came
		if g.until.Before(now) {
			t.never(p, g)
		}
	}
	if len(t.wanted) > before {
		for _, x := range t.wanted {
			x.maybe = x.maybe || x.never && x.person == p
		}
	}
	p.erased, p.waiting = true, nil
	delete(t.people, k)
	for c, of := range t.claimed {
		if of.really() == p {
			t.gone[c] = true
		}
	}
	for i := range t.log {
		if a := t.log[i].arrival; a != nil && t.log[i].who.who == k {
			t.log[i].forgotten = true
			delete(t.keys, a.Signals[0].SenderKey)
		}
	}
}
