package usecase

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// DeliveryStore is where conversions wait and their verdicts go.
type DeliveryStore interface {
	LeaseStore
	// Lease takes conversions for one attempt: those that are still open (or
	// accepted, for a poll) and that no other process holds. The attempt of one
	// whose outcome nobody wrote is open.
	Lease(ctx context.Context, ids []string, owner string, now, until time.Time) ([]domain.Conversion, error)
	// Backlogged gives the ad accounts that have a backlog, but for those that
	// are known, and how many conversions are in it, counted up to most.
	Backlogged(ctx context.Context, known []string, now time.Time, most int) ([]AccountBacklog, error)
	// LeaseBacklog takes conversions from backlogs for one attempt, as Lease
	// does, of each account the first.
	LeaseBacklog(
		ctx context.Context, shares []BacklogShare, owner string, now, until time.Time,
	) ([]domain.Conversion, error)
	// Begin says that a call is about to be made, since a lease alone is no
	// attempt. It raises the number of the attempt of those that the owner
	// still has and whose account is as it was read, and answers their ids. The
	// batch id is kept with each; one whose attempt is open keeps that of it.
	Begin(ctx context.Context, cs []domain.Conversion, owner string, now time.Time) (held []string, err error)
	// Settle writes outcomes and gives the leases back. One is written if its
	// attempt is the last; that the network has it is true of any.
	Settle(ctx context.Context, ss []Settlement, now time.Time) error
	// AccountsByID reads accounts with their settings, deleted ones left out.
	AccountsByID(ctx context.Context, ids []string) (map[string]domain.Account, error)
	// SetHealth records what an account's answers show; pause stops it.
	SetHealth(
		ctx context.Context, accountID string, h domain.Health, reason string, pause bool, now time.Time,
	) error
	// SetNetworkWarning records what an account's network warned of.
	SetNetworkWarning(ctx context.Context, accountID, warning string, now time.Time) error
	// ParkSome parks at most limit of the open conversions of an account that
	// is paused, behind an id and in the order of their ids.
	ParkSome(ctx context.Context, a domain.Account, reason, after string, limit int, now time.Time) (Retried, error)
	// ExpireDue ends open conversions whose window is over, and waiting goals
	// whose start never came; at most limit of each.
	ExpireDue(ctx context.Context, now time.Time, limit int) (int, error)
	// Unpark makes conversions due that are parked although their account is
	// not paused.
	Unpark(ctx context.Context, now time.Time) (int, error)
}

// Dispatcher calls the ad networks, behind all the stages every network
// needs. It gives one verdict for each conversion, in their order.
type Dispatcher interface {
	Deliver(ctx context.Context, a domain.Account, cs []domain.Conversion) []Verdict
	Poll(ctx context.Context, a domain.Account, cs []domain.Conversion) []Verdict
	// Batch is how many conversions one call to the network takes.
	Batch(network string) int
	// Upload names what a conversion is sent in by a call that has a name of its
	// own: what the network can be asked for when the answer is lost.
	Upload(a domain.Account, call string, c domain.Conversion) string
	// Repeatable tells whether an attempt whose answer was lost may be made
	// again: the network drops repeats, or can be asked what it has.
	Repeatable(a domain.Account) bool
}

// Handover names conversions of one ad account that may be sent now. It is what
// a message of the stream holds.
type Handover struct {
	Network       string
	AccountID     string
	ConversionIDs []string
}

// DeliverConfig sets the sizes and times of Deliver.
type DeliverConfig struct {
	Lease    time.Duration // how long a process that lives may keep conversions before others take them
	Timeout  time.Duration // of one call with all its parts
	RetryMin time.Duration
	RetryMax time.Duration
	Parallel int // calls of one account under way at once, for networks without batches
	Backlog  int // conversions of one account held in memory

	// LookForBacklogs is how often to look for ad accounts that have more due
	// than they can send. Defaults to 200ms.
	LookForBacklogs time.Duration
	// DeadAfter is how long a process must be silent before the others take what
	// it held. Defaults to ProcessGoneAfter.
	DeadAfter time.Duration
	// HandedOver is told how many conversions of a network were taken to be
	// sent. Defaults to nobody.
	HandedOver func(network string, n int)
	// StopCalls is how long calls under way may go on after a stop. Defaults to
	// 4s.
	StopCalls time.Duration
	// StopWrites is how long it is tried after that to write their outcomes.
	// Defaults to 3s.
	StopWrites time.Duration
}

// Deliver brings conversions to the ad networks. It leases in the database what
// it is handed; each ad account has a queue of its own, so that a slow account
// keeps no other waiting. The outcome of every attempt is written back.
type Deliver struct {
	cfg        DeliverConfig
	store      DeliveryStore
	dispatcher Dispatcher
	owner      string
	newID      func() string
	now        func() time.Time
	jitter     func(time.Duration) time.Duration
	logger     *slog.Logger
	settler    *settler
	marker     *attemptMarker
	dead       *deadSenders

	judging sync.Mutex // held while an account's health is written

	mu     sync.Mutex
	queues map[string]*accountQueue
	shared string // the last account that had a share of what was taken from backlogs
	// drained asks for conversions from backlogs.
	drained chan struct{}
	active  sync.WaitGroup
	stop    context.Context
	// calls is over when calls under way at a stop have had their time.
	calls    context.Context
	endCalls context.CancelFunc
}

// NewDeliver makes a Deliver; Run starts it. jitter spreads a delay, so that
// what failed together is not tried together.
func NewDeliver(
	cfg DeliverConfig, store DeliveryStore, d Dispatcher, life Life, newID func() string, now func() time.Time,
	jitter func(time.Duration) time.Duration, logger *slog.Logger,
) *Deliver {
	owner := life.ID()
	cfg.StopCalls, cfg.StopWrites = cmp.Or(cfg.StopCalls, 4*time.Second), cmp.Or(cfg.StopWrites, 3*time.Second)
	if cfg.HandedOver == nil {
		cfg.HandedOver = func(string, int) {}
	}
	cfg.LookForBacklogs = cmp.Or(cfg.LookForBacklogs, lookForBacklogs)
	calls, endCalls := context.WithCancel(context.Background())
	return &Deliver{
		cfg: cfg, store: store, dispatcher: d, owner: owner, newID: newID, now: now,
		jitter: jitter, logger: logger,
		settler: newSettler(store, now, logger), marker: newAttemptMarker(calls, store, life, now, logger),
		dead:   newDeadSenders(store, owner, cfg.DeadAfter, now, logger),
		queues: map[string]*accountQueue{}, drained: make(chan struct{}, 1), stop: context.Background(),
		calls: calls, endCalls: endCalls,
	}
}

// Run writes outcomes and ends what is over until ctx ends; then it gives the
// calls under way their time. An error means that outcomes could not be written.
func (d *Deliver) Run(ctx context.Context) error {
	d.mu.Lock()
	d.stop = ctx
	d.mu.Unlock()
	writing, written := context.WithCancel(context.WithoutCancel(ctx))
	defer written()
	var writers sync.WaitGroup
	writers.Go(func() { d.settler.batches.run(writing) })
	writers.Go(func() { d.marker.batches.run(writing) })
	writers.Go(func() { d.refill(ctx) })
	writers.Go(func() { d.dead.run(ctx) })
	d.expire(ctx)
	// From here on begin refuses, so that active only falls.
	d.mu.Lock()
	//lint:ignore SA2001 a barrier
	d.mu.Unlock()
	dying := time.AfterFunc(d.cfg.StopCalls, d.endCalls)
	defer dying.Stop()
	d.active.Wait()
	giveUp := time.AfterFunc(d.cfg.StopWrites, d.settler.giveUp)
	defer giveUp.Stop()
	written() // what is queued by now is still written
	writers.Wait()
	d.endCalls()
	return d.settler.failed()
}

const (
	// expireEvery is how often to look for conversions whose window is over.
	expireEvery = time.Second
	// unparkEvery is how often to look for conversions that are parked by
	// mistake: at the very moment when their account was resumed.
	unparkEvery = 15 * time.Second
)

// roundWithin is how long one look at what is over may take.
const roundWithin = 30 * time.Second

func (d *Deliver) expire(ctx context.Context) {
	expire, unpark := time.NewTicker(expireEvery), time.NewTicker(unparkEvery)
	defer expire.Stop()
	defer unpark.Stop()
	expiring := &rounds.Work{
		Doing: "end conversions whose window is over", Within: roundWithin, Logger: d.logger,
	}
	unparking := &rounds.Work{
		Doing: "look for conversions that are parked by mistake", Within: roundWithin, Logger: d.logger,
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-expire.C:
			_ = expiring.Round(ctx, func(ctx context.Context) error {
				_, err := d.store.ExpireDue(ctx, d.now(), 1000)
				return err
			})
		case <-unpark.C:
			_ = unparking.Round(ctx, func(ctx context.Context) error {
				_, err := d.store.Unpark(ctx, d.now())
				return err
			})
		}
	}
}

// Handle leases conversions that were handed over, all at once, and puts them
// into their accounts' queues. After it returned the database knows who has
// them: the messages that named them are done with. An error means that
// nothing was leased.
func (d *Deliver) Handle(ctx context.Context, hs []Handover) error {
	if !d.begin() {
		return fmt.Errorf("%w: the service is stopping", domain.ErrUnavailable)
	}
	defer d.active.Done()
	now := d.now()
	var ids []string
	for _, h := range hs {
		ids = append(ids, h.ConversionIDs...)
	}
	ctx, cancel := context.WithTimeout(ctx, recordWithin)
	defer cancel()
	cs, err := d.store.Lease(ctx, ids, d.owner, now, now.Add(d.cfg.Lease))
	if err != nil {
		return fmt.Errorf("lease conversions: %w", err)
	}
	return d.routeAll(ctx, cs, now)
}

// routeAll puts leased conversions into their accounts' queues; those of an
// account in the order in which they are.
func (d *Deliver) routeAll(ctx context.Context, cs []domain.Conversion, now time.Time) error {
	byAccount := map[string][]domain.Conversion{}
	var accountIDs []string
	for _, c := range cs {
		if byAccount[c.AccountID] == nil {
			accountIDs = append(accountIDs, c.AccountID)
		}
		byAccount[c.AccountID] = append(byAccount[c.AccountID], c)
	}
	accounts, err := d.store.AccountsByID(ctx, accountIDs)
	if err != nil {
		d.release(cs, now)
		return fmt.Errorf("read ad accounts: %w", err)
	}
	for _, id := range accountIDs {
		cs := byAccount[id]
		d.cfg.HandedOver(cs[0].Network, len(cs))
		d.route(accounts, id, cs, now)
	}
	return nil
}

// begin keeps Run from ending before what is begun is done; false after the
// stop, when no outcome can be written any more.
func (d *Deliver) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stop.Err() != nil {
		return false
	}
	d.active.Add(1)
	return true
}

func (d *Deliver) route(accounts map[string]domain.Account, id string, cs []domain.Conversion, now time.Time) {
	a, ok := accounts[id]
	switch {
	case !ok:
		for _, c := range cs {
			d.settler.add(because(c, domain.Rejected, domain.ReasonAccountDeleted))
		}
	case a.Paused:
		d.park(cs, domain.ReasonAccountPaused, domain.ReasonAccountPaused.Text())
	default:
		d.putAside(d.enqueue(a, cs, now.Add(d.cfg.Lease)))
	}
}

// because is the outcome of a conversion that we end ourselves, and why.
func because(c domain.Conversion, st domain.Status, why domain.ReasonCode) Settlement {
	return Settlement{ID: c.ID, Attempt: c.Attempt, Status: st, ReasonCode: why, Reason: why.Text()}
}

// release gives leases back without an attempt.
func (d *Deliver) release(cs []domain.Conversion, at time.Time) {
	for _, c := range cs {
		d.settler.add(released(c, at))
	}
}

// released is what becomes of a conversion whose lease is given back.
func released(c domain.Conversion, at time.Time) Settlement {
	return Settlement{
		ID: c.ID, Attempt: c.Attempt, Status: c.Status, ReasonCode: c.ReasonCode, Reason: c.StatusReason,
		NextAttemptAt: &at, Handle: c.Handle, AttemptOpen: c.AttemptOpen,
	}
}

// park keeps what a paused account can not send. What was accepted already
// waits for its outcome all the same.
func (d *Deliver) park(cs []domain.Conversion, why domain.ReasonCode, reason string) {
	for _, c := range cs {
		s := Settlement{
			ID: c.ID, Attempt: c.Attempt, Status: domain.Parked, ReasonCode: why, Reason: reason,
			Handle: c.Handle, AttemptOpen: c.AttemptOpen,
		}
		if c.Status == domain.Accepted {
			later := d.now().Add(d.cfg.RetryMax)
			s.Status, s.AttemptOpen, s.NextAttemptAt = domain.Accepted, false, &later
		}
		d.settler.add(s)
	}
}
