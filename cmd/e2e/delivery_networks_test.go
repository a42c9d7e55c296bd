package e2e_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestEveryNetwork: a click with everybody's click id, a start and a goal go
// to each network of the registry, once, and each account can be tested.
func TestEveryNetwork(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		e2e.Scenarios(t, e2e.Binary(t), env, all.Sinks())
	})
}
