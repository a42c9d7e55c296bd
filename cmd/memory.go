package cmd

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/config"
)

// What the heap may grow to before it is collected more often. SQLite keeps
// its own beside it.
const (
	memoryGoal       = 120 << 20
	memoryGoalSQLite = 88 << 20
	// garbage is how much more than what lives may wait to be collected, in
	// percent: what lives is small, what requests leave behind is much.
	garbage = 400
	// leastGarbage may always wait, also beyond the goal: without it a process
	// with many connections would do nothing but collect.
	leastGarbage = 25
)

// memory lets garbage wait while there is room for it.
type memory struct {
	goal    int64 // bytes; 0: whoever set GOGC or GOMEMLIMIT knows better
	limit   int64
	samples []metrics.Sample
}

func newMemory(cfg config.Config) *memory {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return &memory{}
	}
	m := &memory{goal: memoryGoal, samples: []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/released:bytes"}, {Name: "/memory/classes/total:bytes"},
	}}
	if cfg.Database.URL == "" {
		m.goal = memoryGoalSQLite
	}
	debug.SetGCPercent(garbage)
	m.set(m.goal)
	return m
}

// memoryEvery is how often the limit is fitted to what lives.
const memoryEvery = 250 * time.Millisecond

// run keeps the limit fitted until ctx ends.
func (m *memory) run(ctx context.Context) {
	tick := time.NewTicker(memoryEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			m.fit()
		}
	}
}

// fit sets the limit to the goal, or to what is needed for leastGarbage where
// that is more.
func (m *memory) fit() {
	if m.goal == 0 {
		return
	}
	metrics.Read(m.samples)
	value := func(i int) int64 { return int64(m.samples[i].Value.Uint64()) }
	live, objects, free, released, total := value(0), value(1), value(2), value(3), value(4)
	beside := total - objects - free - released // stacks, tables, rests of pages
	m.set(max(m.goal, beside+live+live*leastGarbage/100))
}

// worthwhile is how much a limit has to change before it is set: it stops the
// program for a moment.
const worthwhile = 2 << 20

func (m *memory) set(limit int64) {
	if more := limit - m.limit; more < worthwhile && more > -worthwhile {
		return
	}
	m.limit = limit
	debug.SetMemoryLimit(limit)
}
