package usecase

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/tgtrack/tgtrack/domain"
)

// TestHashingAdmitsFew: two passwords are looked at at once, eight wait, and one
// network has two of those places; who gives up leaves theirs.
func TestHashingAdmitsFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHashing()
		refused := func(ip string) bool {
			t.Helper()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			leave, err := h.enter(ctx, ip)
			if err == nil {
				leave()
			}
			return errors.Is(err, domain.ErrLimited)
		}
		ctx, giveUp := context.WithCancel(t.Context())
		running := make(chan func(), 20)
		come := func(ip string) {
			go func() {
				leave, err := h.enter(ctx, ip)
				if err == nil {
					running <- leave
				}
			}()
			synctest.Wait()
		}
		come("203.0.113.1")
		come("203.0.113.1")
		if !refused("203.0.113.1") || !refused("::ffff:203.0.113.1") || refused("203.0.113.2") {
			t.Error("a network has two places, and no more")
		}
		for i := range 8 {
			come(fmt.Sprintf("2001:db8:%d::1", i))
		}
		if len(running) != 2 || !refused("203.0.113.3") || !refused("127.0.0.1") || !refused("") {
			t.Errorf("%d run", len(running))
		}
		(<-running)()
		synctest.Wait()
		if len(running) != 2 || refused("203.0.113.3") {
			t.Errorf("%d run when one has left", len(running))
		}
		giveUp()
		synctest.Wait()
		for len(running) > 0 {
			(<-running)()
		}
		if h.in != 0 || len(h.by) != 0 {
			t.Errorf("%d are still there: %v", h.in, h.by)
		}
	})
}
