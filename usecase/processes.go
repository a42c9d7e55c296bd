package usecase

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Process is a running tgtrack, as the others know it from the database.
type Process struct {
	ID      string
	Host    string
	Address string // where it listens
	Version string
	Roles   []string
	// MaxConns is how many connections to the database it may take, 0 on SQLite.
	MaxConns  int
	StartedAt time.Time
	SeenAt    time.Time // its last sign of life
	// DecodersOff are those that it does not ask any more, because they do not
	// answer.
	DecodersOff []string
}

// Times of signs of life.
const (
	ProcessSignEvery = 10 * time.Second
	// ProcessGoneAfter is the silence after which a process is taken for dead:
	// others then do what it had begun.
	ProcessGoneAfter = 30 * time.Second
	// ProcessKept is for how long the dead are listed, unless another takes their
	// place.
	ProcessKept = time.Hour

	processTimeout = 5 * time.Second // of one sign
	processRetry   = time.Second     // after a sign that failed
)

// Gone tells whether the process has given no sign for too long.
func (p Process) Gone(now time.Time) bool { return now.Sub(p.SeenAt) > ProcessGoneAfter }

// Has tells whether the process has a role.
func (p Process) Has(role string) bool {
	for _, r := range p.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// ProcessStore keeps the list of processes.
type ProcessStore interface {
	// SignProcess writes that a process lives, and takes out those that gave no
	// sign since goneBefore and whose place it has: host and address, or on a
	// database for one process any. opensBound: all that gave a sign since then
	// open what is sealed for its place, as versions before do not.
	SignProcess(ctx context.Context, p Process, goneBefore time.Time) (opensBound bool, err error)
	// EndProcess takes out a process that stops.
	EndProcess(ctx context.Context, id string) error
	// Processes lists all, the oldest first.
	Processes(ctx context.Context) ([]Process, error)
}

// Processes tells the others that this process lives, for as long as it runs.
type Processes struct {
	store  ProcessStore
	self   Process
	off    func() []string
	bind   func(bound bool)
	now    func() time.Time
	logger *slog.Logger

	mu     sync.Mutex
	signed time.Time // when the last sign was begun that was written
}

// NewProcesses makes the sign of life of a process that starts now; off lists
// its decoders that are switched off. bind is told with each sign whether
// secrets may be sealed for their places: all processes can open them then.
func NewProcesses(
	store ProcessStore, self Process, off func() []string, bind func(bound bool), now func() time.Time,
	logger *slog.Logger,
) *Processes {
	self.StartedAt = now()
	return &Processes{store: store, self: self, off: off, bind: bind, now: now, logger: logger}
}

// ID is the name of this process in the list.
func (p *Processes) ID() string { return p.self.ID }

// List gives all processes, the oldest first.
func (p *Processes) List(ctx context.Context) ([]Process, error) { return p.store.Processes(ctx) }

// Start gives the first sign, so that whatever this process begins belongs to
// one that is known.
func (p *Processes) Start(ctx context.Context) error { return p.sign(ctx) }

// Run gives signs until ctx ends, and then takes this process out.
func (p *Processes) Run(ctx context.Context) error {
	failed := false
	for {
		wait := ProcessSignEvery
		if failed {
			wait = processRetry
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			p.end(context.WithoutCancel(ctx))
			return nil
		}
		err := p.sign(ctx)
		if err != nil && !failed && ctx.Err() == nil {
			p.logger.Warn("say in the database that this process lives; without a sign for "+
				ProcessGoneAfter.String()+" others take over what it sends", "error", err)
		}
		failed = err != nil
	}
}

// Assure returns when the others saw a sign lately, and gives one first where
// they did not: this process may have been frozen.
func (p *Processes) Assure(ctx context.Context) error {
	p.mu.Lock()
	lately := time.Since(p.signed) < ProcessGoneAfter/2
	p.mu.Unlock()
	if lately {
		return nil
	}
	return p.sign(ctx)
}

func (p *Processes) sign(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, processTimeout)
	defer cancel()
	began := time.Now()
	self := p.self
	self.SeenAt, self.DecodersOff = p.now(), p.off()
	bound, err := p.store.SignProcess(ctx, self, self.SeenAt.Add(-ProcessGoneAfter))
	if err != nil {
		return err
	}
	p.bind(bound)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signed = began
	return nil
}

// end does not hold up a stop while the database is away: the row is then
// taken for that of a dead process.
func (p *Processes) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, processRetry)
	defer cancel()
	if err := p.store.EndProcess(ctx, p.self.ID); err != nil {
		p.logger.Warn("take this process out of the list of those that live", "error", err)
	}
}
