package simulation

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
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
	delays    bool // the next request comes late
	garbles   int  // how the body of the next request is mangled; 0: it is not
	decoders  *platforms.Registry
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
	w := &world{Store: st, ctx: ctx, networks: map[string]*network{}, disk: d, decoders: d.f.decoders}
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
	for _, a := range []struct {
		network, activation, receive string
		goals                        map[string]string
	}{
		{drops, "start", "", nil}, {counts, "start", "", map[string]string{string(domain.PaymentCreated): "Purchase"}},
		{files, "start", "", nil}, {drops, "", "all", nil},
	} {
		w.open(a.network, a.activation, a.receive, a.goals)
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

func (w *world) open(kind, activation, receive string, goals map[string]string) {
	a := &domain.Account{
		ID: w.newID(), ProjectID: w.project.ID, Network: kind, Name: kind + receive,
		Settings: map[string]any{"receive": receive}, ActivationGoal: activation, Goals: goals, Health: domain.Healthy,
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

// changed is an account with other settings.
func (w *world) changed(n *network) {
	w.refresh()
	w.must(w.UpdateAccount(w.ctx, *n.account, usecase.AccountUpdate{}))
	w.refresh()
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
	case "payment": // of which the messenger itself tells
		sum := domain.Amount(100 * (1 + s.b%7))
		w.arrive(w.by(s.a, domain.Signal{
			Type: domain.PaymentCreated, NativePayment: true, Amount: &sum, At: w.when(s.c),
			Currency: []string{domain.Stars, "RUB"}[s.b%2],
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
	case "garble":
		w.garbles = 1 + s.a
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
	case "resume":
		w.pause(w.accounts[s.a%len(w.accounts)], false)
	case "pause", "settings":
		n := w.accounts[s.a%len(w.accounts)]
		n.change = map[string]int{"pause": isPaused, "settings": isChanged}[s.do]
		if s.b%2 == 0 { // else it happens while the next call is under way
			dispatcher{world: w}.change(n)
		}
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

// unfinished is how many conversions may still be sent.
func (w *world) unfinished() int {
	_, by, err := w.Ledger(w.ctx, w.project.ID)
	w.must(err)
	n := 0
	for _, l := range by {
		if l.Status.Unfinished() {
			n += l.Count
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
