package notify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// TestASlowReceiverDelaysItsProjectAlone: messages of others go out while it is
// waited for, and nobody makes many tests at once.
func TestASlowReceiverDelaysItsProjectAlone(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.post.hangs = "https://slow.example/"
		const slow = 8
		var ids []string
		for range slow {
			p := n.p.Project
			p.ID = n.newID()
			n.ok(n.CreateProject(n.Context(), p, nil))
			_, _, err := n.notices.Update(n.Context(), p.ID,
				notify.SettingsInput{WebhookURL: is(fmt.Sprint("https://slow.example/", p.ID))})
			n.ok(err)
			n.ok(n.notices.Test(n.Context(), p.ID))
			ids = append(ids, p.ID)
		}
		ctx, stop := context.WithCancel(n.Context())
		var running sync.WaitGroup
		running.Go(func() { n.check(n.another().Run(ctx)) })
		eventually(t, "the slow ones to be called", func() bool { return n.post.hanging.Load() == slow })
		for _, id := range ids {
			if err := n.notices.Test(n.Context(), id); !errors.Is(err, domain.ErrInvalid) ||
				!strings.Contains(err.Error(), "is being sent") {
				t.Error("a second test meanwhile:", err)
			}
		}
		n.set(notify.SettingsInput{WebhookURL: is("https://crm.example/hook")})
		n.ok(n.notices.Test(n.Context(), n.p.ID))
		eventually(t, "the quick one", func() bool {
			n.post.mu.Lock()
			defer n.post.mu.Unlock()
			return len(n.post.calls) == 1
		})
		if got := n.post.hanging.Load(); got != slow {
			t.Errorf("%d calls to those who do not answer, want one each", got)
		}
		stop()
		running.Wait()
	})
}
