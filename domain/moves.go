package domain

import (
	"slices"
	"time"
)

// Move is a start, join, stop or leave in the project's own place.
type Move struct {
	At    time.Time
	Opens bool // else it is a stop or leave
}

// Span is a subscription as moves make it.
type Span struct {
	From, To time.Time // To is zero while it lasts
	By       int       // the move that opened it
}

// Spans gives the subscriptions that a person's moves make, in the order of
// time. The moves are in the order of their arrival, which decides within one
// second. A start while subscribed and a stop while not make none.
func Spans(moves []Move) (out []Span) {
	order := make([]int, len(moves))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return moves[a].At.Truncate(time.Second).Compare(moves[b].At.Truncate(time.Second))
	})
	for _, i := range order {
		open := len(out) > 0 && out[len(out)-1].To.IsZero()
		switch m := moves[i]; {
		case m.Opens && !open:
			out = append(out, Span{From: m.At, By: i})
		case !m.Opens && open:
			out[len(out)-1].To = m.At
		}
	}
	return out
}

// Same tells whether two are one subscription: times count in whole seconds.
func (s Span) Same(o Span) bool {
	return sameSecond(s.From, o.From) && s.To.IsZero() == o.To.IsZero() && sameSecond(s.To, o.To)
}

func sameSecond(a, b time.Time) bool { return !before(a, b) && !before(b, a) }

// Late tells whether a start or stop at a time may change what was made of
// others that came before it and happened after it.
func (s *Subscriber) Late(opens bool, at time.Time) bool {
	last := s.lastStarted()
	for _, t := range []time.Time{s.StoppedAt, s.LastMove} {
		if t.After(last) {
			last = t
		}
	}
	switch {
	case !before(at, last):
		return false
	case opens && s.Subscribed: // else it lies in the current subscription, or begins it
		return before(at, s.EpisodeAt) && (!s.StoppedAt.IsZero() || s.FirstJoin.Before(s.EpisodeAt))
	}
	return true
}

// Moved notes the latest start or stop that is known.
func (s *Subscriber) Moved(at time.Time) {
	if at.After(s.LastMove) {
		s.LastMove = at
	}
}
