package simulation

import (
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

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
		if received.After(g.until) {
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
