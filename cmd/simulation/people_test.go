package simulation

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// who somebody is in a messenger: ids of different messengers never meet.
type who struct {
	messenger string
	id        int64
}

func (p who) String() string { return fmt.Sprintf("Person-%d-%s", p.id, p.messenger) }

// everybody of the world.
var everybody = []who{
	{domain.Telegram, 1001}, {domain.Telegram, 1002}, {domain.Telegram, 1003}, {domain.Telegram, 1004},
	{domain.MAX, 1001},
}

func person(n int) who { return everybody[n%len(everybody)] }

func (w *world) key(p who) domain.SubscriberKey {
	return domain.SubscriberKey{ProjectID: w.project.ID, Messenger: p.messenger, UserID: p.id}
}

// by is a request of somebody.
func (w *world) by(n int, s domain.Signal) usecase.Arrival {
	p := person(n)
	s.Messenger, s.Person = p.messenger, &domain.Person{ID: p.id, FirstName: p.String()}
	return w.signal(s)
}

// when is the sender's time of an event: mostly now, sometimes days ago.
func (w *world) when(c int) time.Time {
	if c%10 < 7 {
		return time.Time{}
	}
	return w.clock().Add(-time.Duration(1+c%5) * day)
}

func (w *world) click(a, b int) {
	id := w.newID()
	c := &domain.Click{
		ID: id, ProjectID: w.project.ID, LinkID: w.links[a%len(w.links)].ID, StartValue: "PJ" + id, At: w.clock(),
		Params: map[string]string{}, UserAgent: "Mozilla/5.0",
	}
	for i, name := range []string{drops, counts, files} {
		if b&(1<<i) != 0 {
			c.Params[name] = "id-" + id
		}
	}
	w.must(w.SaveClicks(w.ctx, []domain.Click{*c}))
	w.clicks = append(w.clicks, c)
	w.tell("click %d %v", len(w.clicks)-1, c.Params)
}

func (w *world) start(s step) usecase.Arrival {
	return w.by(s.a, domain.Signal{Type: domain.BotStarted, StartValue: w.value(s)})
}

// value is what a start came by.
func (w *world) value(s step) string {
	switch n := len(w.clicks); {
	case s.b%10 < 6 && n > 0:
		return w.clicks[n-1-min(s.c%5, n-1)].StartValue
	case s.b%10 == 6:
		return w.links[s.c%len(w.links)].StartValue
	case s.b%10 == 7:
		return "blog"
	case s.b%10 == 8 && s.do == "start":
		return domain.AutoDetect
	}
	return ""
}

// again is a request that its sender repeats.
func (w *world) again(a usecase.Arrival) usecase.Arrival {
	a.RequestID, a.ReceivedAt = w.newID(), w.clock()
	return a
}

// signal makes a request of its own for a signal.
func (w *world) signal(s domain.Signal) usecase.Arrival {
	id := w.newID()
	s.SenderKey = "key " + id
	return usecase.Arrival{
		RequestID: id, Project: w.project, Method: "method", BodyHash: sha256.Sum256([]byte(id)),
		ReceivedAt: w.clock(), Signals: []domain.Signal{s},
	}
}

// arrive sends a request, or has it wait for others to be sent together, or come
// late.
func (w *world) arrive(a usecase.Arrival) {
	if how := w.garbles; how > 0 {
		w.garbles = 0
		var read bool
		if read, a = w.garbled(a, how); !read {
			return
		}
	}
	if w.delays {
		w.delays = false
		w.delayed = append(w.delayed, a)
		return
	}
	w.gathered = append(w.gathered, a)
	if len(w.gathered) >= w.together {
		w.flush(len(w.clicks))
	}
}

// late sends what was delayed, the last first.
func (w *world) late() {
	for _, a := range slices.Backward(w.delayed) {
		a.ReceivedAt = w.clock()
		w.gathered = append(w.gathered, a)
	}
	w.delayed = nil
}

// flush sends what was gathered to a process.
func (w *world) flush(to int) {
	as := w.gathered
	w.gathered, w.together = nil, 0
	if len(as) > 0 {
		w.send(w.alive(to), as)
	}
}

// send has a process store requests together, in their order.
func (w *world) send(p *process, as []usecase.Arrival) {
	w.refresh()
	w.sending = as
	answers := make([]error, len(as))
	in := usecase.NewIngest(ingestConfig, p.gate, networks{}, w.newID, w.clock, unseen{}, func(bool) {})
	for i, a := range as {
		go func() { _, answers[i] = in.Submit(w.ctx, a) }()
		w.settled()
	}
	stopped, stop := context.WithCancel(w.ctx)
	stop() // what is queued is stored all the same
	w.must(in.Run(stopped))
	w.settled()
	w.sending = nil
	for i, err := range answers {
		if err != nil {
			w.tell("request %s was not answered: %v", as[i].RequestID[26:], err)
			w.unheard = append(w.unheard, as[i])
		}
	}
}

// taken is called when what is being sent is in the database.
func (w *world) taken() {
	for _, a := range w.sending {
		w.truth.take(w, a)
	}
	w.sending = nil
}
