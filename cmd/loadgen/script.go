package main

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// call is one request. A nil body is a GET; without an address there is no
// more to ask for.
type call struct {
	address string
	body    []byte
	left         // what it leaves
	counted bool // it is one of those that the row counts
}

// left is what requests leave behind.
type left struct{ events, conversions int }

// script says what a connection asks for, one request after the other.
type script interface {
	next() call
	// answered is told where the answer to the last request leads, if it does.
	answered(location string)
}

// target is a project as its callers know it.
type target struct {
	base, key         string
	id, link, account string // for the management API
	// The addresses that are called.
	webhook, started, stopped, event, goal, click string
	startValue                                    string // of its link
	bot                                           *bot
}

// newTarget gives the addresses of a project at base, such as http://127.0.0.1:80.
func newTarget(base, key, link, startValue string) target {
	api := base + "/v1/" + key + "/"
	return target{
		base: base, key: key, link: link,
		webhook: api + webhookMethod, started: api + "user_did_start_bot", stopped: api + "my_bot_was_stopped",
		event: api + "add_event", goal: api + "send_reach_goal", click: base + "/c/" + link, startValue: startValue,
		bot: new(bot),
	}
}

// at is the target at another address of the service.
func (t target) at(base string) target {
	n := newTarget(base, t.key, t.link, t.startValue)
	n.id, n.account, n.bot = t.id, t.account, t.bot
	return n
}

const webhookMethod = "on_telegram_webhook"

// unknownTargets are for a server that does not look keys up.
func unknownTargets(base string, n int) []target {
	out := make([]target, n)
	for i := range out {
		out[i] = newTarget(base, fmt.Sprintf("tgk_%026d", i), "", "TGTrack-PJ5ca1ab1e00425ca1ab1e")
	}
	return out
}

// loader makes the script of a part for a connection. Runs into the same
// database have different numbers, below runs.
func loader(part string, ts []target, run int) func(worker int) script {
	now := time.Now()
	var people atomic.Int64
	return func(worker int) script {
		b := crowd{targets: ts, run: run, worker: worker, w: newWriter(run, now)}
		switch part {
		case clicked:
			return &clickedScript{crowd: b, people: &people}
		case day:
			return &dayScript{crowd: b}
		}
		return &startScript{crowd: b}
	}
}

// crowd is the people of one connection.
type crowd struct {
	targets     []target
	run, worker int
	count       int
	w           *writer
}

// person is the id of the n-th.
func (c *crowd) person(n int) int64 { return person(c.run, c.worker, n) }

// of is the project of the n-th person: two primes spread neighbours.
func (c *crowd) of(n int) *target { return &c.targets[(c.worker*7919+n*104729)%len(c.targets)] }

// visit is the address of somebody's click.
func visit(t *target, who int64) string {
	id := strconv.FormatInt(who, 10)
	return t.click + "?utm_source=meta&utm_campaign=autumn&fbclid=IwY2xjawFb" + id + "aBcDeFgHiJkLmN&subid=sub" + id
}

// startScript is starts by a link. Every repeatEvery-th is one more of the
// person of repeatBack before.
type startScript struct{ crowd }

const (
	repeatEvery = 8
	repeatBack  = 4
)

func (s *startScript) next() call {
	n := s.count
	s.count++
	if n%repeatEvery == repeatEvery-1 {
		n -= repeatBack
	}
	t := s.of(n)
	return call{address: t.webhook, body: s.w.start(t.bot, s.person(n), t.startValue), left: left{1, 0}, counted: true}
}

func (s *startScript) answered(string) {}

// clickedScript is a click and the start that it leads to, in turn. All
// connections number their people together, and the n-th is of project n
// modulo how many there are: each gets its share to the person.
type clickedScript struct {
	crowd
	people *atomic.Int64
	who    int64
	to     *target
	value  string // that the click handed out
}

func (s *clickedScript) next() call {
	if s.value == "" {
		n := int(s.people.Add(1) - 1)
		s.who, s.to = person(s.run, n/perWorker, n), &s.targets[n%len(s.targets)]
		return call{address: visit(s.to, s.who)}
	}
	c := call{address: s.to.webhook, body: s.w.start(s.to.bot, s.who, s.value), left: left{1, 1}, counted: true}
	s.value = ""
	return c
}

func (s *clickedScript) answered(location string) { s.value = valueIn(location) }

// valueIn is the start value of an address that leads to a bot; empty where
// there is none.
func valueIn(location string) string {
	_, value, _ := strings.Cut(location, "?start=")
	return value
}

// dayOrder is what comes on a day, forty requests at a time: n nothing, c a
// click, s its start, l a start by a link, o one by neither, f a step of a
// funnel, g a goal and x a stop.
const dayOrder = "ncnsnfnonncnsnfnolnncnsnfngonncnsnfnonxo"

// dayScript is a day's mix. Steps, goals and stops are of people who started
// in the forty requests before.
type dayScript struct {
	crowd
	at       int
	value    string
	now, old []int // who started, in this round and in the one before
}

func (s *dayScript) next() call {
	kind := dayOrder[s.at%len(dayOrder)]
	if s.at++; s.at%len(dayOrder) == 1 {
		s.now, s.old = s.old[:0], s.now
	}
	switch kind {
	case 'c':
		return call{address: visit(s.of(s.count), s.person(s.count)), counted: true}
	case 's':
		return s.start(s.value, 1)
	case 'l':
		return s.start(s.of(s.count).startValue, 0)
	case 'o':
		return s.start("", 0)
	}
	return s.later(kind)
}

func (s *dayScript) answered(location string) {
	if v := valueIn(location); v != "" {
		s.value = v
	}
}

// start is the next person's.
func (s *dayScript) start(value string, conversions int) call {
	n := s.count
	s.count++
	s.now = append(s.now, n)
	return call{address: s.of(n).webhook, body: s.w.start(s.of(n).bot, s.person(n), value), left: left{1, conversions},
		counted: true}
}

// The places among those who started of whoever does more: each but the last
// does one thing. A goal is of somebody who came by a click.
var dayLater = map[byte]int{'g': 0, 'f': 1, 'x': 9}

func (s *dayScript) later(kind byte) call {
	if len(s.old) == 0 || kind == 'n' {
		n := max(0, s.count-1)
		return call{address: s.of(n).webhook, body: s.w.chat(s.of(n).bot, s.person(n)), counted: true}
	}
	at := dayLater[kind]
	if kind == 'f' { // the next one's
		at += strings.Count(dayOrder[:(s.at-1)%len(dayOrder)], "f")
	}
	n := s.old[at]
	t, who := s.of(n), s.person(n)
	c := call{left: left{events: 1}, counted: true}
	switch kind {
	case 'f':
		c.address, c.body = t.event, s.w.step(who, daySteps[at%len(daySteps)])
	case 'g':
		c.address, c.body = t.goal, s.w.goal(who, goalTarget)
		c.conversions = 1
	default:
		c.address, c.body = t.webhook, s.w.stop(t.bot, who)
	}
	return c
}

const goalTarget = "userDidSharePhone"

var daySteps = []string{"watched_lesson", "opened_price", "filled_form", "asked"}
