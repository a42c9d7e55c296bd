package notify_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// TestTroubles: what is the matter is known at once, the most urgent first, also
// where nobody wants alerts; it is gone when it is mended.
func TestTroubles(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.set(notify.SettingsInput{Alerts: is(false)})
		kinds := func(p *domain.Project) []string {
			n.Helper()
			n.after(time.Minute)
			found, err := n.notices.Troubles(n.Context(), p)
			n.ok(err)
			var out []string
			for i := range found {
				if n.notices.AlertText("ru", p, &found[i]) == string(found[i].Kind) {
					n.Errorf("%s has no words", found[i].Kind)
				}
				out = append(out, string(found[i].Kind))
			}
			return out
		}
		want := func(what string, want ...string) {
			n.Helper()
			if d := cmp.Diff(want, kinds(&n.p.Project)); d != "" {
				n.Errorf("%s (-want +got):\n%s", what, d)
			}
		}
		n.send(start(1, ""))
		want("all is well")
		a := domain.Account{
			ID: n.newID(), ProjectID: n.p.ID, Network: "facebook", Name: "Meta", Settings: map[string]any{},
			Health: domain.Reauth, HealthReason: "token revoked", CreatedAt: n.now, UpdatedAt: n.now,
		}
		n.ok(n.CreateAccount(n.Context(), a))
		want("an account stopped", "access")
		n.after(30 * time.Hour)
		want("and nothing comes", "access", "silence")
		n.send(start(2, ""))
		want("somebody came", "access")
		off := n.p.Project
		off.Enabled = false
		n.after(48 * time.Hour)
		if slices.Contains(kinds(&off), "silence") {
			n.Error("a project that is off is meant to be silent")
		}
	})
}
