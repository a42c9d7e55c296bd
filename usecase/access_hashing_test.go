package usecase

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/tgtrack/tgtrack/domain"
)

// TestHashingAdmitsFew: two passwords are looked at at once, eight wait, one
// network has two of those places, and strangers can not take the last two; who
// gives up leaves theirs.
func TestHashingAdmitsFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHashing()
		stranger := func(ip string) place { return guesser{ip: ip}.place() }
		known := func(browser string) place { return guesser{known: browser, ip: "203.0.113.1"}.place() }
		refused := func(p place) bool {
			t.Helper()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			leave, err := h.enter(ctx, p)
			if err == nil {
				leave()
			}
			return errors.Is(err, domain.ErrLimited)
		}
		ctx, giveUp := context.WithCancel(t.Context())
		running := make(chan func(), 20)
		come := func(p place) {
			go func() {
				leave, err := h.enter(ctx, p)
				if err == nil {
					running <- leave
				}
			}()
			synctest.Wait()
		}
		come(stranger("203.0.113.1"))
		come(stranger("203.0.113.1"))
		if !refused(stranger("203.0.113.1")) || !refused(stranger("::ffff:203.0.113.1")) ||
			refused(stranger("203.0.113.2")) || refused(known("a")) {
			t.Error("a network has two places, and no more")
		}
		for i := range 6 {
			come(stranger(fmt.Sprintf("2001:db8:%d::1", i)))
		}
		if len(running) != 2 || !refused(stranger("203.0.113.3")) || !refused(stranger("127.0.0.1")) ||
			!refused(stranger("")) {
			t.Errorf("%d run; strangers have eight places", len(running))
		}
		come(known("a"))
		if refused(known("a")) || refused(known("b")) {
			t.Error("two places are kept for who is known")
		}
		come(known("b"))
		if !refused(known("c")) {
			t.Error("there are ten places")
		}
		(<-running)()
		synctest.Wait()
		if len(running) != 2 || !refused(stranger("203.0.113.3")) || refused(known("c")) {
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
