package usecase

import "github.com/tgtrack/tgtrack/domain"

// A start value of the owner's own may carry a click id, which a rule of the
// project reads. The click was seen by nobody, so it is made when the start
// comes, before anything is decided. From then on it is a click as any other.

// needRuled asks for the click of a start that a rule read.
func (b *batch) needRuled(w *IngestNeeds, a *Arrival, sig *domain.Signal, r domain.RuledStart, once func(any) bool) {
	if once("link " + r.LinkID) {
		w.RuledLinks = append(w.RuledLinks, r.LinkID)
	}
	c, ok := ruledClick(a, sig, r)
	if k := (StartKey{a.Project.ID, c.StartValue}); ok && once(k) {
		w.Starts, w.Ruled = append(w.Starts, k), append(w.Ruled, c)
	}
}

func ruledClick(a *Arrival, sig *domain.Signal, r domain.RuledStart) (domain.Click, bool) {
	var who *domain.SubscriberKey
	if k, ok := subscriberKey(a, sig); ok {
		who = &k
	}
	c, ok := r.Click(a.Project.ID, sig.StartValue, who)
	if c.At = a.ReceivedAt; !sig.At.IsZero() && sig.At.Before(a.ReceivedAt) {
		c.At = sig.At.UTC()
	}
	return c, ok
}

// findRuled is a start whose value a rule read. False: the rule's link is gone.
func (b *batch) findRuled(
	a *Arrival, sig *domain.Signal, e *domain.Event, sub *domain.Subscriber, r domain.RuledStart,
) (found, bool) {
	l := b.state.Links[r.LinkID]
	if l == nil {
		return found{}, false
	}
	f := found{touch: domain.LinkTouch(e.OccurredAt, l, domain.ByLink)}
	if click, ok := ruledClick(a, sig, r); ok {
		if c := b.state.ClickByStart[StartKey{a.Project.ID, click.StartValue}]; c != nil {
			f = b.findClick(e, sub, c)
		}
	} else { // nobody is named: the tags of the value are known all the same
		f.touch.ClickUTM = click.UTM()
		f.touch.UTM = f.touch.ClickUTM.Or(l.UTM)
	}
	f.touch.StartValue = domain.StartIn(sig.Messenger, sig.StartValue)
	return f, true
}
