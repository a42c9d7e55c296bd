package cmd

import (
	"os"
	"runtime/debug"

	"github.com/tgtrack/tgtrack/infrastructure/config"
)

// What the heap may grow to before it is collected more often. It bounds
// nothing that is needed. SQLite keeps its own beside it.
const (
	memoryGoal       = 120 << 20
	memoryGoalSQLite = 88 << 20
	// garbage is how much more than what lives may wait to be collected, in
	// percent: what lives is small, what requests leave behind is much.
	garbage = 400
)

// tuneMemory lets garbage wait while there is room. Whoever set GOGC or
// GOMEMLIMIT knows better.
func tuneMemory(cfg config.Config) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	goal := int64(memoryGoal)
	if cfg.Database.URL == "" {
		goal = memoryGoalSQLite
	}
	debug.SetGCPercent(garbage)
	debug.SetMemoryLimit(goal)
}
