package simulation

import (
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// truth is what really happened, in the order in which the service learned it,
// and what has to come of it.
type truth struct {
	taken   []usecase.Arrival
	keys    map[string]bool // of senders
	people  map[int64]*soul
	claimed map[string]int64 // who started first with a click
	wanted  map[string]wanted
	events  map[string]bool // that the stream has to have, and whether it does
}

// soul is what is true of a person.
type soul struct {
	id        int64
	open      bool
	episodes  []time.Time
	closed    time.Time
	touches   []touch
	lastStart time.Time // without a value
	waiting   []goal
}

type touch struct {
	at    time.Time
	click *domain.Click // nil: of a link, with no click of theirs
}

type goal struct {
	target string
	at     time.Time
	until  time.Time
	value  *domain.Amount
	event  string
}

// wanted is a conversion that has to be there.
type wanted struct {
	account  *domain.Account // nil: nobody takes it
	target   string
	person   int64
	click    *domain.Click
	at       time.Time
	value    *domain.Amount
	tooLate  bool
	activity bool
}

func (t *truth) published(event string) {
	if t.events == nil {
		t.events = map[string]bool{}
	}
	t.events[event] = true
}

// take notes a request that was committed.
func (t *truth) take(w *world, a usecase.Arrival) {
	if t.keys == nil {
		t.keys, t.people = map[string]bool{}, map[int64]*soul{}
		t.claimed, t.wanted = map[string]int64{}, map[string]wanted{}
	}
	s := a.Signals[0]
	if t.keys[s.SenderKey] {
		w.tell("again: %s", describe(w, a))
		return
	}
	t.keys[s.SenderKey] = true
	t.taken = append(t.taken, a)
	w.tell("%s", describe(w, a))
	p := t.people[s.Person.ID]
	if p == nil {
		p = &soul{id: s.Person.ID}
		t.people[p.id] = p
	}
	at := s.At
	if at.IsZero() {
		at = a.ReceivedAt
	}
	switch s.Type {
	case domain.BotStarted:
		t.start(w, p, at, s.StartValue, a.ReceivedAt)
	case domain.BotStopped:
		if p.open {
			p.open = false
		}
		p.closed = at
	case domain.GoalReached:
		t.goal(w, p, goal{target: s.Name, at: at, until: a.ReceivedAt.Add(day), event: a.RequestID})
	case domain.FunnelEvent:
		t.goal(w, p, goal{target: s.Target, at: at, until: a.ReceivedAt.Add(day), value: s.Amount, event: a.RequestID})
	}
}

func describe(w *world, a usecase.Arrival) string {
	s := a.Signals[0]
	out := string(s.Type) + " of " + s.Person.FirstName
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

func (t *truth) start(w *world, p *soul, at time.Time, value string, received time.Time) {
	var by *touch
	for _, c := range w.clicks {
		if c.StartValue != value {
			continue
		}
		by = &touch{at: at}
		if _, other := t.claimed[c.ID]; !other {
			t.claimed[c.ID] = p.id
		}
		if t.claimed[c.ID] == p.id {
			by.click = c
		}
	}
	for _, l := range w.links {
		if l.StartValue == value {
			by = &touch{at: at}
		}
	}
	opens := !p.open
	late := !opens && by != nil && !p.lastStart.IsZero() && at.Sub(p.lastStart) <= time.Minute &&
		(len(p.touches) == 0 || p.touches[len(p.touches)-1].at.Before(p.episodes[len(p.episodes)-1]))
	if opens {
		p.open = true
		p.episodes = append(p.episodes, at)
	}
	if by != nil {
		if late { // it tells where the start before it came from
			by.at = p.lastStart
		}
		p.touches = append(p.touches, *by)
	}
	if value == "" {
		p.lastStart = at
	}
	if opens || late {
		click := p.current(at)
		for _, n := range w.accounts {
			a := n.account
			if a.ActivationGoal == "" || !(networks{}).Receives(a, click) || late && (networks{}).Receives(a, nil) {
				continue
			}
			key := "a " + a.ID + " " + itoa(int(p.id)) + " " + itoa(len(p.episodes))
			if click != nil {
				key = "a " + a.ID + " " + click.ID
			}
			t.want(key, wanted{account: a, target: a.ActivationGoal, person: p.id, click: click, at: at, activity: true})
		}
	}
	slices.SortStableFunc(p.waiting, func(a, b goal) int { return a.at.Compare(b.at) })
	for _, g := range p.waiting {
		if g.until.Before(received) {
			t.never(p, g)
			continue
		}
		t.convert(w, p, g, p.episodes[0])
	}
	p.waiting = nil
}

// never is a goal whose start did not come in time.
func (t *truth) never(p *soul, g goal) {
	key := "never " + itoa(int(p.id)) + " " + g.target
	if g.value != nil {
		key = "never " + g.event
	}
	x := wanted{target: g.target, person: p.id, at: g.at, value: g.value}
	if g.value == nil { // it counts once, whichever of several is looked at first
		x.at = time.Time{}
	}
	t.want(key, x)
}

func (t *truth) want(key string, x wanted) {
	if _, there := t.wanted[key]; !there {
		t.wanted[key] = x
	}
}

// current is the click that a person has at a time: that of their latest
// attributed start of the 21 days before.
func (p *soul) current(at time.Time) *domain.Click {
	for i := len(p.touches) - 1; i >= 0; i-- {
		if x := p.touches[i]; !x.at.After(at) {
			if at.Sub(x.at) > 21*day {
				return nil
			}
			return x.click
		}
	}
	return nil
}

// linked tells whether they have a current click, or a link without one.
func (p *soul) linked(at time.Time) bool {
	return slices.ContainsFunc(p.touches, func(x touch) bool { return !x.at.After(at) && at.Sub(x.at) <= 21*day })
}

func (t *truth) goal(w *world, p *soul, g goal) {
	if len(p.episodes) == 0 {
		p.waiting = append(p.waiting, g)
		return
	}
	began := p.episodes[0]
	for _, e := range p.episodes {
		if !g.at.Before(e) {
			began = e
		}
	}
	t.convert(w, p, g, began)
}

func (t *truth) convert(w *world, p *soul, g goal, began time.Time) {
	at := g.at
	if at.Before(began) {
		at = began
	}
	click := p.current(at)
	late := g.at.Sub(began) > 21*day
	if late && click == nil && len(p.touches) > 0 && !p.linked(at) {
		click = p.touches[len(p.touches)-1].click // by which it would have counted
	}
	given := false
	for _, n := range w.accounts {
		a := n.account
		if !(networks{}).Receives(a, click) {
			continue
		}
		given = true
		key := "g " + a.ID + " " + itoa(int(p.id)) + " " + began.String() + " " + g.target
		if g.value != nil {
			key = "e " + a.ID + " " + g.event
		}
		told := g.at
		if click != nil && told.Before(click.At) {
			told = click.At
		}
		t.want(key, wanted{
			account: a, target: g.target, person: p.id, click: click, at: told, value: g.value, tooLate: late,
		})
	}
	if !given {
		key := "g none " + itoa(int(p.id)) + " " + began.String() + " " + g.target
		if g.value != nil {
			key = "e none " + g.event
		}
		t.want(key, wanted{target: g.target, person: p.id, at: g.at, value: g.value, tooLate: late})
	}
}
