package report

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// TestGate: a project has few reports at once, the next wait a moment, and none
// of them keeps another project's from theirs.
func TestGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(reportsAtOnce)
		var leaves []func()
		for range reportsAtOnce {
			leave, err := g.Enter(t.Context(), "loud")
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, leave)
		}
		began := time.Now()
		if _, err := g.Enter(t.Context(), "loud"); !errors.Is(err, ErrBusy) || !errors.Is(err, domain.ErrLimited) ||
			time.Since(began) != reportPatience {
			t.Errorf("one too many: %v after %s", err, time.Since(began))
		}
		began = time.Now()
		leave, err := g.Enter(t.Context(), "quiet")
		if err != nil || time.Since(began) != 0 {
			t.Errorf("another project's: %v after %s", err, time.Since(began))
		}
		leave()
		waits := make(chan error, 1)
		go func() {
			leave, err := g.Enter(t.Context(), "loud")
			if err == nil {
				leave()
			}
			waits <- err
		}()
		synctest.Wait()
		leaves[0]()
		if err := <-waits; err != nil {
			t.Errorf("when one left: %v", err)
		}
		leave, err = g.Enter(t.Context(), "loud")
		if err != nil {
			t.Fatal(err)
		}
		leaves[0] = leave
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := g.Enter(gone, "loud"); !errors.Is(err, context.Canceled) {
			t.Errorf("who is gone: %v", err)
		}
		refused := make(chan error, reportsWaiting+5)
		for range cap(refused) {
			go func() {
				_, err := g.Enter(t.Context(), "loud")
				refused <- err
			}()
		}
		began = time.Now()
		for n := range cap(refused) {
			if err := <-refused; !errors.Is(err, ErrBusy) || n < 5 && time.Since(began) != 0 {
				t.Errorf("of a crowd: %v after %s", err, time.Since(began))
			}
		}
		for _, leave := range leaves {
			leave()
		}
		if len(g.projects) != 0 {
			t.Errorf("%d doors are left", len(g.projects))
		}
	})
}
