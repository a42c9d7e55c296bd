package simulation

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

const window = 14 * day

var (
	monday = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

	ingestConfig = usecase.IngestConfig{
		MaxBatch: 100, Queue: 100, Writers: 1, Timeout: 20 * time.Second, AutoDetectWindow: 10 * time.Minute,
		Window: 21 * day, Reattribute: time.Minute, JoinWindow: day, KeepAnswers: day, Identical: 10 * time.Second,
	}
	deliverConfig = usecase.DeliverConfig{
		Lease: 2 * time.Minute, Timeout: time.Minute, RetryMin: 10 * time.Second, RetryMax: time.Hour, Parallel: 1,
		Backlog: 20, LookForBacklogs: time.Second, StopCalls: time.Millisecond, StopWrites: time.Millisecond,
	}
)

// world is a project, and all who have to do with it. Only one thing happens
// at a time.
type world struct {
	*store.Store
	ctx       context.Context
	now       atomic.Int64
	ids       atomic.Int64 // of all worlds in one database
	project   *usecase.ProjectView
	links     []*domain.Link
	clicks    []*domain.Click
	networks  map[string]*network // by ad account
	accounts  []*network
	processes [2]*process
	stream    stream
	gathered  []usecase.Arrival // to be sent together with those that follow
	together  int
	sending   []usecase.Arrival
	truth     truth
	rollups   *report.Rollups
	unheard   []usecase.Arrival // nobody answered: they are sent again
	telling   sync.Mutex
	told      []string // what happened
	failed    []string
	calling   sync.Mutex // of a network: accounts are served at once
	delayed   []usecase.Arrival
	delays    bool          // the next request comes late
	skew      time.Duration // of the clock in the next step of delivery
	disk      *disk
	backup    *backup
	restored  bool
}

func (w *world) clock() time.Time { return time.Unix(0, w.now.Load()).UTC() }

func (w *world) pass(d time.Duration) { w.now.Add(int64(d)) }

func (w *world) newID() string {
	return fmt.Sprintf("%012x%020x", w.clock().UnixMilli(), w.ids.Add(1))
}

func (w *world) tell(format string, args ...any) {
	w.telling.Lock()
	defer w.telling.Unlock()
	w.told = append(w.told, w.clock().Format("01-02 15:04:05 ")+fmt.Sprintf(format, args...))
}

// fail notes what must not be.
func (w *world) fail(format string, args ...any) {
	w.tell("FAIL "+format, args...)
	w.telling.Lock()
	defer w.telling.Unlock()
	w.failed = append(w.failed, fmt.Sprintf(format, args...))
}

func (w *world) must(err error) {
	if err != nil {
		w.fail("%v", err)
	}
}

// settled waits until nobody has anything to do any more.
func (w *world) settled() { synctest.Wait() }

func newWorld(ctx context.Context, d *disk, ids int) *world {
	st := d.store
	w := &world{Store: st, ctx: ctx, networks: map[string]*network{}, disk: d}
	w.truth.reset()
	w.truth.events = map[string]bool{}
	w.ids.Store(int64(ids))
	w.now.Store(monday.UnixNano())
	w.project = &usecase.ProjectView{Project: domain.Project{
		ID: w.newID(), Name: "simulated", Kind: domain.KindBot, Constructor: "telegram", Mode: domain.Production,
		Timezone: "UTC", Currency: "RUB", Attribution: domain.LastClick, Enabled: true, CreatedAt: monday,
	}}
	w.must(st.CreateProject(ctx, w.project.Project, nil))
	for _, name := range []string{"spring", "autumn"} {
		id := w.newID()
		l := &domain.Link{ID: id, ProjectID: w.project.ID, Name: name, StartValue: "PJ" + id, CreatedAt: monday}
		w.must(st.CreateLink(ctx, *l))
		w.links = append(w.links, l)
	}
	for _, a := range []struct{ network, activation, receive string }{
		{drops, "start", ""}, {counts, "start", ""}, {files, "start", ""}, {drops, "", "all"},
	} {
		w.open(a.network, a.activation, a.receive)
	}
	w.bootAll()
	return w
}

func (w *world) bootAll() {
	w.rollups = report.NewRollups(report.RollupsConfig{Config: reports}, w.Store, "simulated", w.clock,
		slog.New(slog.DiscardHandler))
	for i := range w.processes {
		w.boot(i)
	}
}

func (w *world) open(kind, activation, receive string) {
	a := &domain.Account{
		ID: w.newID(), ProjectID: w.project.ID, Network: kind, Name: kind + receive,
		Settings: map[string]any{"receive": receive}, ActivationGoal: activation, Health: domain.Healthy,
		CreatedAt: monday, UpdatedAt: monday,
	}
	w.must(w.CreateAccount(w.ctx, *a))
	n := newNetwork(a)
	w.networks[a.ID], w.accounts = n, append(w.accounts, n)
	w.project.Accounts = append(w.project.Accounts, a)
	w.refresh()
}

// refresh reads the accounts as they are now.
func (w *world) refresh() {
	ids := make([]string, len(w.accounts))
	for i, n := range w.accounts {
		ids[i] = n.account.ID
	}
	found, err := w.AccountsByID(w.ctx, ids)
	w.must(err)
	for _, n := range w.accounts {
		*n.account = found[n.account.ID]
	}
}

func (w *world) pause(n *network, paused bool) {
	w.refresh()
	a := *n.account
	if a.Paused == paused {
		return
	}
	a.Paused = paused
	if !paused {
		a.Health, a.HealthReason = domain.Healthy, ""
	}
	w.must(w.UpdateAccount(w.ctx, a, usecase.AccountUpdate{}))
	w.refresh()
	if !paused {
		_, err := w.Unpark(w.ctx, w.clock())
		w.must(err)
	}
}

// do lets a step happen.
func (w *world) do(s step) {
	w.pass(time.Second)
	switch s.do {
	case "click":
		w.click(s.a, s.b)
	case "start":
		w.arrive(w.start(s))
	case "anonymous":
		w.arrive(w.signal(domain.Signal{Type: domain.BotStarted, StartValue: w.value(s)}))
	case "stop":
		w.arrive(w.by(s.a, domain.Signal{Type: domain.BotStopped}))
	case "goal":
		w.arrive(w.by(s.a, domain.Signal{
			Type: domain.GoalReached, Name: targets[s.b%len(targets)], At: w.when(s.c),
		}))
	case "sale":
		sum := domain.Amount(100 * (1 + s.b%7))
		w.arrive(w.by(s.a, domain.Signal{
			Type: domain.FunnelEvent, Name: "paid", Target: "sale", Result: domain.Success,
			Amount: &sum, At: w.when(s.c),
		}))
	case "member": // of a channel, which the bot's subscription has nothing to do with
		w.arrive(w.by(s.a, domain.Signal{
			Type: []domain.EventType{domain.MemberJoined, domain.MemberLeft}[s.b%2], ChatID: -1001000000000 - int64(s.c%2),
		}))
	case "refund":
		sum := domain.Amount(100 * (1 + s.b%7))
		w.arrive(w.by(s.a, domain.Signal{
			Type: domain.PaymentRefunded, RawAmount: &sum, At: w.when(s.c),
		}))
	case "repeat":
		if taken := w.truth.requests(); len(taken) > 0 {
			w.arrive(w.again(taken[s.a%len(taken)]))
		}
	case "delay":
		w.delays = true
	case "together":
		w.together = 2 + s.a%3
	case "pass":
		w.late()
		w.flush(s.b)
		w.pass([]time.Duration{
			time.Second, 30 * time.Second, 5 * time.Minute, time.Hour, 6 * time.Hour, day, 3 * day, 9 * day,
		}[s.a%8])
	case "relay":
		w.jumped(func() { w.relay(w.alive(s.a), s.b) })
	case "deliver":
		w.jumped(func() { w.deliver(w.alive(s.a), s.b, s.c) })
	case "break":
		g := w.alive(s.a).gate
		g.with(func() { g.after, g.how = 1+s.b%4, s.c%breaks })
		w.tell("something breaks in process %d: in %d operations, %d", s.a%2, 1+s.b%4, s.c%breaks)
	case "outage":
		g := w.alive(s.a).gate
		g.with(func() { g.after, g.how, g.lasting = 1+s.b%4, staysAway, 1+s.c%30 })
		w.tell("the database goes away from process %d: in %d operations, for %d", s.a%2, 1+s.b%4, 1+s.c%30)
	case "wait":
		time.Sleep(8 * time.Second)
	case "jump":
		w.skew = []time.Duration{-3 * time.Hour, -10 * time.Minute, 10 * time.Minute, 3 * time.Hour}[s.a%4]
	case "erase":
		w.erase(person(s.a))
	case "backup":
		w.backUp()
	case "restore":
		w.restore()
	case "network":
		n := w.accounts[s.a%len(w.accounts)]
		n.mood, n.calls = s.b%moods, 1+s.c%3
	case "pause", "resume":
		w.pause(w.accounts[s.a%len(w.accounts)], s.do == "pause")
	case "settings":
		w.refresh()
		w.must(w.UpdateAccount(w.ctx, *w.accounts[s.a%len(w.accounts)].account, usecase.AccountUpdate{}))
		w.refresh()
	case "count":
		_, err := w.rollups.Round(w.ctx)
		w.must(err)
	case "expire":
		w.jumped(func() { w.expire(w.alive(s.a)) })
	case "retry":
		_, err := w.RetrySome(w.ctx, usecase.RetrySelection{
			ConversionFilter: usecase.ConversionFilter{ProjectID: w.project.ID},
			Statuses:         []domain.Status{domain.Retrying, domain.Pending, domain.Parked, domain.Expired},
		}, "", 100, false, w.clock(), nil)
		w.must(err)
	}
	w.settled()
}

var targets = []string{"lead", "registered", "lesson"}

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

// jumped does something by a clock that is wrong for the moment.
func (w *world) jumped(do func()) {
	by := w.skew
	w.skew = 0
	w.pass(by)
	do()
	w.settled()
	w.pass(-by)
}

// relay hands over what is due. The stream may refuse it, or lose the answer,
// or deliver it twice.
func (w *world) relay(p *process, how int) {
	if !p.isDead() {
		_, err := p.Store.RelayEvents(w.ctx, 100, func(_ context.Context, es []usecase.OutboxEvent) error {
			if how%publishes == refused {
				return errAway
			}
			for _, e := range es {
				w.truth.published(e.EventID)
			}
			if how%publishes == unanswered {
				return errAway
			}
			return nil
		})
		if err != nil {
			w.tell("relay: %v", err)
		}
	}
	now := w.clock()
	_, err := p.Store.RelayConversions(w.ctx, now, now.Add(-5*time.Minute), 100, 8,
		func(_ context.Context, cs []usecase.DueConversion) error {
			return w.stream.publish(cs, how%publishes)
		})
	if err != nil {
		w.tell("relay: %v", err)
	}
}

// deliver gives a process some of the messages. One whose acknowledgement is
// lost comes again.
func (w *world) deliver(p *process, which, how int) {
	for range 1 + which%4 {
		if p.isDead() {
			return
		}
		w.stream.next(which, func(h usecase.Handover) (acknowledged bool) {
			err := p.deliver.Handle(w.ctx, []usecase.Handover{h})
			if err == nil {
				w.checkClaimed(p, h)
			}
			w.settled()
			return err == nil && how%8 != 7
		})
	}
}

// checkClaimed holds that a message which is done with was looked at in the
// database.
func (w *world) checkClaimed(p *process, h usecase.Handover) {
	for _, id := range h.ConversionIDs {
		if !p.named[id] {
			w.fail("a message was acknowledged whose conversion %s nobody had claimed", id)
		}
	}
	clear(p.named)
}

func (w *world) expire(p *process) {
	_, err := p.ExpireDue(w.ctx, w.clock(), 100)
	if err != nil {
		w.tell("expire: %v", err)
	} else {
		w.truth.gaveUp(w.clock())
	}
	if _, err := w.Unpark(w.ctx, w.clock()); err != nil {
		w.tell("unpark: %v", err)
	}
}

// replay takes all requests once more.
func (w *world) replay() {
	for _, a := range w.truth.requests() {
		a.Replay = true
		w.send(w.alive(0), []usecase.Arrival{a})
	}
}

// calm lets all come to its end: nothing breaks any more, senders repeat what
// nobody answered, and time goes by.
func (w *world) calm() {
	w.late()
	w.flush(0)
	for i := range w.processes {
		p := w.processes[i]
		p.with(func() { p.after, p.outage = 0, 0 })
		w.alive(i)
	}
	time.Sleep(3 * time.Second) // what waits to be written is written
	for _, a := range w.unheard {
		w.send(w.alive(0), []usecase.Arrival{w.again(a)})
	}
	w.unheard = nil
	for _, n := range w.accounts {
		n.calls = 0
		w.pause(n, false)
	}
	for range 40 {
		p := w.alive(0)
		w.relay(p, 0)
		for len(w.stream.messages) > 0 {
			w.deliver(p, 0, 0)
		}
		time.Sleep(1100 * time.Millisecond) // so long it takes to look for backlogs
		w.settled()
		w.expire(p)
		if w.unfinished() == 0 {
			break
		}
		w.pass(2 * time.Hour)
	}
}

// unfinished is how many conversions may still be sent.
func (w *world) unfinished() int {
	n := 0
	for _, c := range w.conversions() {
		if c.Status.Unfinished() {
			n++
		}
	}
	return n
}

func (w *world) conversions() []domain.Conversion {
	var all []domain.Conversion
	for page := (usecase.Page{Limit: 100}); ; {
		cs, next, err := w.Conversions(w.ctx, usecase.ConversionFilter{ProjectID: w.project.ID}, page)
		w.must(err)
		all = append(all, cs...)
		if next == "" || err != nil {
			return all
		}
		page.Cursor = next
	}
}

// live plays a history and gives the world that came of it.
func live(t *testing.T, d *disk, ids int, steps []step) *world {
	ctx, end := context.WithCancel(t.Context())
	w := newWorld(ctx, d, ids)
	for _, s := range steps {
		w.do(s)
		if len(w.failed) > 0 {
			break
		}
	}
	if len(w.failed) == 0 {
		w.calm()
		w.check()
		w.replay()
		w.calm()
		w.tell("all was replayed")
		w.check()
		w.checkReports()
		w.checkErasure()
	}
	end()
	for _, p := range w.processes {
		p.with(func() { p.dead = false })
		<-p.ended
	}
	return w
}
