package main

import (
	"fmt"
	"sync/atomic"
	"time"
)

// A life is what somebody does from their first start on: the past of a large
// database is made of many. It is lived quickly, and put where it belongs in
// the year when it is copied, see fill.go.
type life struct {
	who      int64
	to       *target
	name     int // of lifeNames
	steps    int
	clicks   bool
	goal     bool
	stopAt   int // the round after the start in which they leave; 0: never
	finished int // the last round in which they do anything
}

// lifeOf is the n-th person's. One of ten is of the first project, which is
// the large one: its people do more.
func lifeOf(ts []target, links []target, n int) life {
	l := life{who: person(0, n/perWorker, n), name: n, steps: 1 + n%6}
	if n%10 == 0 || len(ts) == 1 {
		n /= 10
		l.to = &links[n%len(links)]
		l.steps, l.clicks, l.goal = 2+n%14, n%10 < 7, n%5 == 0
	} else {
		l.to = &ts[1+n%(len(ts)-1)]
		l.clicks = n%20 == 1
	}
	if l.finished = l.steps; n%10 < 3 {
		l.stopAt = l.steps + 1 + n%5
		l.finished = l.stopAt
	}
	return l
}

// lifeScript has people live side by side, so many begin with each round.
type lifeScript struct {
	w       *writer
	people  *atomic.Int64 // who began, over all connections
	total   int
	life    func(n int) life
	cohorts [][]life // by the rounds since they began
	todo    []func() call
	value   string // that the last click handed out
}

// beginners begin with a round.
const beginners = 16

// goalRound is the one after the start in which a goal is reached.
const goalRound = 2

// lives makes the script of a connection, for so many people in all.
func lives(total int, of func(n int) life) func(worker int) script {
	now := time.Now()
	var people atomic.Int64
	return func(worker int) script {
		return &lifeScript{w: newWriter(0, now), people: &people, total: total, life: of}
	}
}

func (s *lifeScript) next() call {
	if len(s.todo) == 0 {
		s.round()
	}
	if len(s.todo) == 0 {
		return call{}
	}
	do := s.todo[0]
	s.todo = s.todo[1:]
	return do()
}

func (s *lifeScript) answered(location string) { s.value = valueIn(location) }

// round plans the next. There may be nothing to do for a while and something
// later.
func (s *lifeScript) round() {
	s.todo = nil
	for alive := true; alive && len(s.todo) == 0; {
		var begin []life
		for len(begin) < beginners {
			n := int(s.people.Add(1) - 1)
			if n >= s.total {
				break
			}
			begin = append(begin, s.life(n))
		}
		s.cohorts = append([][]life{begin}, s.cohorts...)
		alive = false
		for age, cohort := range s.cohorts {
			for _, l := range cohort {
				s.plan(l, age)
				alive = alive || l.finished > age
			}
		}
		const longest = 32
		s.cohorts = s.cohorts[:min(len(s.cohorts), longest)]
	}
}

// plan is what somebody does in a round.
func (s *lifeScript) plan(l life, age int) {
	do := func(f func() call) { s.todo = append(s.todo, f) }
	switch {
	case age == 0 && l.clicks:
		do(func() call { return call{address: visit(l.to, l.who+1), counted: true} }) // leads nobody anywhere
		do(func() call { return call{address: visit(l.to, l.who), counted: true} })
		do(func() call { return s.start(l, s.value, 1) })
	case age == 0:
		do(func() call { return s.start(l, "", 0) })
	case age <= l.steps:
		do(func() call {
			return call{address: l.to.event, body: s.step(l, age-1), left: left{events: 1}, counted: true}
		})
	case age == l.stopAt:
		do(func() call {
			return call{address: l.to.stopped, body: s.stopped(l), left: left{events: 1}, counted: true}
		})
	}
	if l.goal && age == goalRound {
		do(func() call {
			c := call{address: l.to.goal, body: s.w.goal(l.who, goalTarget), left: left{events: 1}, counted: true}
			if l.clicks {
				c.conversions = 1
			}
			return c
		})
	}
}

// The names of people: many have the same, as anywhere.
var (
	lifeNames = []string{
		"Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Зоя", "Иван", "Кира", "Лев",
	}
	lifeLastNames = []string{"Орлова", "Соколов", "Громова", "Лебедев", "Ким", "Зайцева"}
	lifeSteps     = []string{"watched_lesson", "opened_price", "filled_form", "asked", "came_back", "shared", "paid"}
)

// start says it as constructors do that know the time better than Telegram's
// seconds.
func (s *lifeScript) start(l life, value string, conversions int) call {
	const body = `{"user_id":"%d","first_name":"%s","last_name":"%s","username":"marina_%d","start_value":"%s"}`
	first, last := lifeNames[l.name/7%len(lifeNames)], lifeLastNames[l.name/77%len(lifeLastNames)]
	s.w.body = fmt.Appendf(s.w.body[:0], body, l.who, first, last, l.who, value)
	return call{address: l.to.started, body: s.w.body, left: left{1, conversions}, counted: true}
}

// step is the n-th of somebody; a payment is among them.
func (s *lifeScript) step(l life, n int) []byte {
	name, more := lifeSteps[n%len(lifeSteps)], ""
	if n == len(lifeSteps)-1 {
		more = `,"event_result":"success","amount":990`
	}
	s.w.body = fmt.Appendf(s.w.body[:0],
		`{"user_id":"%d","event_type":"%s"%s,"labels":[{"name":"group","value":"%d"}]}`,
		l.who, name, more, (l.name+n/len(lifeSteps))%5) // the same body again would be the same event
	return s.w.body
}

func (s *lifeScript) stopped(l life) []byte {
	s.w.user(l.who)
	s.w.text("}")
	return s.w.body
}
