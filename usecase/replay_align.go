package usecase

import (
	"encoding/json"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// signalsThen is what the body was read as when it came, nil where that was
// not kept.
func signalsThen(r *RequestRecord) []domain.Signal {
	b, err := json.Marshal(r.Decoded)
	if err != nil {
		return nil
	}
	var old []domain.Signal
	if json.Unmarshal(b, &old) != nil {
		return nil
	}
	return old
}

// align gives the signals of a request in the places of its events. An event
// has the number of its signal in its id; a decoder that was mended may read
// one more before those that were taken. Each place that is taken therefore
// goes to the signal that was taken there, or stays empty where none reads so
// any more; what is new goes to the places that are free. Places that are not
// to be taken again are put into taken. What was taken and is not known any
// more, since the database is an older one, keeps its place just so, and is
// taken again: those places are put into the arrival.
func align(q *readyRequest, exist map[string]domain.EventType, taken map[string]bool) []domain.Signal {
	now, used := q.arrival.Signals, make([]bool, len(q.arrival.Signals))
	occupied, lost := map[int]domain.EventType{}, map[int]bool{}
	for n := range len(q.old) + len(q.r.Receipts) + len(now) {
		id := domain.EventID(q.r.ID, n)
		if t, ok := exist[id]; ok {
			occupied[n] = t
		} else if n < len(q.r.Receipts) {
			occupied[n], lost[n] = q.r.Receipts[n].Type, !q.r.Receipts[n].Duplicate
		}
	}
	if len(occupied) == 0 {
		return now
	}
	places := make([]int, 0, len(occupied))
	for n := range occupied {
		places = append(places, n)
		taken[domain.EventID(q.r.ID, n)] = !lost[n]
	}
	slices.Sort(places)
	matched := map[int]bool{}
	out := make([]domain.Signal, places[len(places)-1]+1)
	for _, same := range []func(old *domain.Signal, t domain.EventType, s *domain.Signal) bool{
		sameSignal, sameName, sameFact, sameType,
	} {
		for _, n := range places {
			if matched[n] {
				continue
			}
			var old *domain.Signal
			if n < len(q.old) {
				old = &q.old[n]
			}
			for i := range now {
				if !used[i] && same(old, occupied[n], &now[i]) {
					used[i], matched[n] = true, true
					if lost[n] {
						out[n] = now[i]
						q.arrival.restore(n)
					}
					break
				}
			}
		}
	}
	free := 0
	for i := range now {
		if used[i] {
			continue
		}
		for ; free < len(out); free++ {
			if _, is := occupied[free]; !is {
				break
			}
		}
		if free == len(out) {
			out = append(out, domain.Signal{})
		}
		out[free] = now[i]
		free++
	}
	for n := range out {
		if out[n].Type == "" { // nothing is to be taken there
			taken[domain.EventID(q.r.ID, n)] = true
		}
	}
	return out
}

func sameSignal(old *domain.Signal, _ domain.EventType, s *domain.Signal) bool {
	if old == nil {
		return false
	}
	a, errA := json.Marshal(old)
	b, errB := json.Marshal(s)
	return errA == nil && errB == nil && string(a) == string(b)
}

func sameName(old *domain.Signal, t domain.EventType, s *domain.Signal) bool {
	return sameFact(old, t, s) && old.Name == s.Name
}

// sameFact: the decoder reads more or other details of it now.
func sameFact(old *domain.Signal, _ domain.EventType, s *domain.Signal) bool {
	if old == nil || old.Type != s.Type || (old.Person == nil) != (s.Person == nil) {
		return false
	}
	return old.Person == nil || old.Person.ID == s.Person.ID && old.Messenger == s.Messenger
}

func sameType(old *domain.Signal, t domain.EventType, s *domain.Signal) bool {
	return old == nil && t == s.Type
}
