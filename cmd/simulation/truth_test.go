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
		p.open, p.closed = false, at
	case domain.GoalReached:
		g.target = s.Name
		t.goal(w, p, g)
	case domain.FunnelEvent:
		t.goal(w, p, g)
	case domain.PaymentRefunded:
		g.target, g.each = string(s.Type), true // in a unit that nobody knows
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

// clickOf is the click that a start value is of.
func (t *truth) clickOf(w *world, value string) *domain.Click {
	for _, c := range w.clicks {
		if c.StartValue == value && !t.gone[c.ID] {
			return c
		}
	}
	return nil
}

func linkOf(w *world, value string) bool {
	return slices.ContainsFunc(w.links, func(l *domain.Link) bool { return l.StartValue == value })
}

// anonymous is a start of somebody whom nobody knows. A click's value counts
// once, any other one each time.
func (t *truth) anonymous(w *world, at time.Time, value string) *soul {
	p := t.soul(who{})
	p.open = true
	t.begin(p, at)
	if c := t.clickOf(w, value); c != nil {
		if t.claimed[c.ID] != nil && !t.guessed[c.ID] {
			return p
		}
		t.claim(c, p)
		p.touches = []touch{{at: at, click: c}}
	} else if linkOf(w, value) {
		p.touches = []touch{{at: at}}
	}
	t.activate(w, p, at, false)
	return p
}

// claim gives a click to somebody; who only guessed it loses it.
func (t *truth) claim(c *domain.Click, p *soul) {
	if q := t.claimed[c.ID]; q != nil && q != p && t.guessed[c.ID] {
		q.touches = slices.DeleteFunc(q.touches, func(x touch) bool { return x.click == c })
	}
	t.claimed[c.ID] = p
	delete(t.guessed, c.ID)
}

// guess is the newest click of the ten minutes before, which nobody started
// with.
func (t *truth) guess(w *world, received time.Time) (newest *domain.Click) {
	for _, c := range w.clicks {
		if t.claimed[c.ID] != nil || t.gone[c.ID] || c.At.After(received) || received.Sub(c.At) > 10*time.Minute {
			continue
		}
		if newest == nil || !c.At.Before(newest.At) {
			newest = c
		}
	}
	return newest
}

func (t *truth) start(w *world, p *soul, at time.Time, value string, received time.Time) {
	var by *touch
	confirms, merged := false, false
	switch c := t.clickOf(w, value); {
	case c != nil:
		by = &touch{at: at, click: c}
		switch holder := t.claimed[c.ID]; {
		case holder == nil || t.guessed[c.ID] && holder != p:
			t.claim(c, p)
		case holder == p:
			confirms = t.guessed[c.ID] && p.confirm(c)
			delete(t.guessed, c.ID)
		case holder.id == 0 && !holder.erased:
			by.at = t.adopt(p, holder, c, at)
			t.claimed[c.ID], merged = p, true
		default:
			by.click = nil
		}
	case linkOf(w, value):
		by = &touch{at: at}
	case value == domain.AutoDetect && !p.open:
		if c := t.guess(w, received); c != nil {
			by = &touch{at: at, click: c, guess: true}
			t.claimed[c.ID], t.guessed[c.ID] = p, true
		}
	}
	opens := !p.open
	late := !opens && by != nil && !p.lastStart.IsZero() && at.Sub(p.lastStart) <= time.Minute &&
		(len(p.touches) == 0 || p.touches[len(p.touches)-1].at.Before(p.last.at))
	if opens {
		p.open = true
		t.begin(p, at)
	}
	if by != nil {
		if late && !confirms { // it tells where the start before it came from
			by.at = p.lastStart
		}
		p.touch(*by)
	}
	if value == "" {
		p.lastStart = at
	}
	if opens || (late || confirms) && !merged { // an unknown one's start was counted when it came
		t.activate(w, p, at, !opens)
	}
	slices.SortStableFunc(p.waiting, func(a, b goal) int { return a.at.Compare(b.at) })
	for _, g := range p.waiting {
		if g.until.Before(received) {
			t.never(p, g)
			continue
		}
		t.convert(w, p, g, p.last)
	}
	p.waiting = nil
}

// begin makes an episode the current one.
func (t *truth) begin(p *soul, at time.Time) {
	t.born++
	p.last = &episode{at, t.born}
	p.had(p.last)
}

func (p *soul) had(e *episode) {
	p.episodes = append(p.episodes, e)
	slices.SortStableFunc(p.episodes, func(a, b *episode) int { return a.at.Compare(b.at) })
}

func (p *soul) touch(x touch) {
	p.touches = append(p.touches, x)
	slices.SortStableFunc(p.touches, func(a, b touch) int { return a.at.Compare(b.at) })
}

// confirm makes a guess certain, and tells whether the episode came by it.
func (p *soul) confirm(c *domain.Click) (current bool) {
	for i := range p.touches {
		if x := &p.touches[i]; x.click == c && x.guess {
			x.guess = false
			current = current || !x.at.Before(p.last.at)
		}
	}
	return current
}

// adopt gives the subscription of an unknown one to who it turned out to be. It
// is the current one unless they were subscribed then. It answers when they came
// by the click.
func (t *truth) adopt(p, unknown *soul, c *domain.Click, at time.Time) time.Time {
	unknown.is = p
	e := unknown.last
	if p.open || p.last != nil && e.at.Before(p.closed) {
		p.had(e)
		p.touch(touch{at: e.at, click: c})
		return at
	}
	p.last, p.open = e, !e.at.Before(p.closed)
	p.had(e)
	return e.at
}

// activate wants the conversions of a start.
func (t *truth) activate(w *world, p *soul, at time.Time, attributes bool) {
	click := p.current(at)
	for _, n := range w.accounts {
		a := n.account
		if a.ActivationGoal == "" || !(networks{}).Receives(a, click) || attributes && (networks{}).Receives(a, nil) {
			continue
		}
		key := "a " + a.ID + " " + p.uid + " " + itoa(p.last.n)
		if click != nil {
			key = "a " + a.ID + " " + click.ID
		}
		t.want(key, wanted{account: a, target: a.ActivationGoal, person: p, click: click, at: at})
	}
}

// never is a goal whose start did not come in time.
func (t *truth) never(p *soul, g goal) {
	key := "never " + p.uid + " " + g.target
	if g.each {
		key = "never " + g.event
	}
	x := wanted{target: g.target, person: p, at: g.at, value: g.value, never: true}
	if !g.each { // it counts once, whichever of several is looked at first
		x.at = time.Time{}
	}
	t.want(key, x)
}

// giveUp ends goals that have waited until a time.
func (t *truth) giveUp(at time.Time) {
	for _, p := range t.people {
		for _, g := range p.waiting {
			if !g.until.After(at) {
				t.never(p, g)
			}
		}
		p.waiting = slices.DeleteFunc(p.waiting, func(g goal) bool { return !g.until.After(at) })
	}
}

// gaveUp notes it.
func (t *truth) gaveUp(at time.Time) {
	t.log = append(t.log, entry{overdue: at})
	t.giveUp(at)
}

func (t *truth) want(key string, x wanted) {
	if _, there := t.wanted[key]; !there {
		t.wanted[key] = &x
	}
}

// current is the click that a person has at a time: that of their latest
// attributed start of the 21 days before. A guess is told to nobody.
func (p *soul) current(at time.Time) *domain.Click {
	for i := len(p.touches) - 1; i >= 0; i-- {
		if x := p.touches[i]; !x.at.After(at) {
			if at.Sub(x.at) > 21*day || x.guess {
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
	own := p.last
	if g.at.Before(own.at) {
		own = p.episodes[0]
		for _, e := range p.episodes {
			if !g.at.Before(e.at) {
				own = e
			}
		}
	}
	t.convert(w, p, g, own)
}

// convert wants the conversions of a goal that belongs to an episode.
func (t *truth) convert(w *world, p *soul, g goal, own *episode) {
	at, began := g.at, own.at
	if at.Before(began) {
		at = began
	}
	click := p.current(at)
	late := g.at.Sub(began) > 21*day
	if late && click == nil && len(p.touches) > 0 && !p.linked(at) {
		if x := p.touches[len(p.touches)-1]; !x.guess {
			click = x.click // by which it would have counted
		}
	}
	once := "g "
	rest := " " + p.uid + " " + itoa(own.n) + " " + g.target
	if g.each {
		once, rest = "e ", " "+g.event
	}
	given := false
	for _, n := range w.accounts {
		a := n.account
		if !(networks{}).Receives(a, click) {
			continue
		}
		given = true
		told := g.at
		if click != nil && told.Before(click.At) {
			told = click.At
		}
		t.want(once+a.ID+rest, wanted{
			account: a, target: g.target, person: p, click: click, at: told, value: g.value, tooLate: late,
		})
	}
	if !given {
		t.want(once+"none"+rest, wanted{target: g.target, person: p, at: g.at, value: g.value, tooLate: late})
	}
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
		if !g.until.After(now) {
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
