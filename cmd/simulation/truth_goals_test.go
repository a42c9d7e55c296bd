package simulation

import (
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

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
			if g.until.Before(at) {
				t.never(p, g)
			}
		}
		p.waiting = slices.DeleteFunc(p.waiting, func(g goal) bool { return g.until.Before(at) })
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
	if g.stars {
		g.value = nil
	}
	for _, n := range w.accounts {
		a := n.account
		if !(networks{}).Receives(a, click) || g.named && a.Goals[g.target] == "" {
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
