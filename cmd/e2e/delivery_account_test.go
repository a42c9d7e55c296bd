package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestRevokedToken: the account pauses itself at the first such answer, which
// Meta gives as HTTP 500, and all goes out once with a new token.
func TestRevokedToken(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		s := e2e.Start(t, t.TempDir(), append(env, st.env...)...)
		p := unlimited(s)
		for _, n := range []string{"facebook", "tiktok", "yandex"} {
			st.Revoke(n, "old-token")
		}
		accounts := map[string]string{
			"facebook": p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "old-token"},
				"activation_goal", "Lead"),
			"tiktok": p.account(s, "tiktok", map[string]any{"pixel_code": "C1", "access_token": "old-token"},
				"activation_goal", "Subscribe"),
			"yandex": p.account(s, "yandex", map[string]any{"counter_id": "55", "oauth_token": "old-token"}),
		}
		secret := map[string]string{"facebook": "access_token", "tiktok": "access_token", "yandex": "oauth_token"}
		const n = 30
		p.arrive(t, s, 1000, n/2, "fbclid=F%d&ttclid=T%d&yclid=17%d")
		for network, id := range accounts {
			e2e.Eventually(t, 20*time.Second, func() error {
				if a := p.show(s, id); a["health"] != "reauth" || a["paused"] != true || a["last_error"] == "" {
					return fmt.Errorf("%s: %v", network, a)
				}
				return nil
			})
		}
		calls := len(st.Calls("facebook"))
		p.arrive(t, s, 2000, n/2, "fbclid=F%d&ttclid=T%d&yclid=17%d")
		p.until(t, s, 20*time.Second, map[string]int{"facebook parked": n, "tiktok parked": n, "yandex parked": n})
		if now := len(st.Calls("facebook")); now != calls {
			t.Errorf("Meta was called %d times more with a token it had revoked", now-calls)
		}
		for network, id := range accounts {
			a := p.patch(s, id, map[string]any{"settings": map[string]any{secret[network]: "new-token"}})
			if a["health"] != "healthy" || a["paused"] != false || number(t, a["resumed"]) != n {
				t.Errorf("%s with a new token: %v", network, a)
			}
			if strings.Contains(fmt.Sprint(a), "new-token") {
				t.Errorf("%s shows its token: %v", network, a)
			}
		}
		p.until(t, s, 30*time.Second, map[string]int{"facebook delivered": n, "tiktok delivered": n,
			"yandex delivered": n})
		for network := range accounts {
			st.once(t, network, n)
		}
		if strings.Contains(s.Log(), "old-token") || strings.Contains(s.Log(), "new-token") {
			t.Error("a token is in the log")
		}
		p.closed(t, s)
	})
}

// TestWindowEndsWhileParked: what waited too long for its account is expired,
// and says so; a conversion of another network waits on.
func TestWindowEndsWhileParked(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		s := e2e.Start(t, t.TempDir(), append(append(env, st.env...), "TGTRACK_DELIVERY_WINDOWS_FACEBOOK=3s")...)
		p := unlimited(s)
		meta := p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "t"},
			"activation_goal", "Lead")
		hook := p.account(s, "webhook", map[string]any{"url": st.url + "/webhook/in"}, "activation_goal", "start")
		p.patch(s, meta, map[string]any{"paused": true})
		p.patch(s, hook, map[string]any{"paused": true})
		p.arrive(t, s, 1000, 10, "fbclid=F%d")
		p.until(t, s, 20*time.Second, map[string]int{"facebook expired": 10, "webhook parked": 10})
		for _, c := range p.conversions(s, "status=expired") {
			if !strings.Contains(c["status_reason"].(string), "window is over") {
				t.Errorf("expired: %v", c["status_reason"])
			}
		}
		if a := p.patch(s, meta, map[string]any{"paused": false}); number(t, a["resumed"]) != 0 {
			t.Errorf("expired conversions were resumed: %v", a["resumed"])
		}
		p.patch(s, hook, map[string]any{"paused": false})
		p.until(t, s, 20*time.Second, map[string]int{"facebook expired": 10, "webhook delivered": 10})
		if n := len(st.Calls("facebook")); n != 0 {
			t.Errorf("Meta was called %d times", n)
		}
		p.closed(t, s)
	})
}

// TestPausedAndDeleted: a pause keeps, a resume sends or skips, a deletion
// ends what is open and leaves what is done.
func TestPausedAndDeleted(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		s := e2e.Start(t, t.TempDir(), append(env, st.env...)...)
		p := unlimited(s)
		account := p.account(s, "vk", map[string]any{"pixel_id": "77"}, "activation_goal", "start")
		p.arrive(t, s, 1000, 5, "rb_clickid=A%d")
		p.until(t, s, 20*time.Second, map[string]int{"vk delivered": 5})

		p.patch(s, account, map[string]any{"paused": true})
		p.arrive(t, s, 2000, 5, "rb_clickid=B%d")
		p.until(t, s, 20*time.Second, map[string]int{"vk parked": 5})
		if a := p.patch(s, account, map[string]any{"paused": false, "parked": "skip"}); number(t, a["resumed"]) != 5 {
			t.Errorf("skipped: %v", a["resumed"])
		}
		p.until(t, s, 20*time.Second, map[string]int{"vk delivered": 5, "vk rejected": 5})
		for _, c := range p.conversions(s, "status=rejected") {
			if !strings.Contains(c["status_reason"].(string), "skipped") {
				t.Errorf("skipped: %v", c["status_reason"])
			}
		}

		p.patch(s, account, map[string]any{"paused": true})
		p.arrive(t, s, 3000, 5, "rb_clickid=C%d")
		p.until(t, s, 20*time.Second, map[string]int{"vk parked": 5})
		p.patch(s, account, map[string]any{"paused": false, "parked": "send"})
		p.until(t, s, 20*time.Second, map[string]int{"vk delivered": 10, "vk rejected": 5})
		st.once(t, "vk", 10)

		p.patch(s, account, map[string]any{"paused": true})
		p.arrive(t, s, 4000, 5, "rb_clickid=D%d")
		p.until(t, s, 20*time.Second, map[string]int{"vk parked": 5})
		a := s.Call(http.MethodDelete, "/api/v1/projects/"+p.id+"/ad-accounts/"+account, "",
			"Authorization: Bearer "+e2e.Token)
		if a.Code != http.StatusNoContent {
			t.Fatalf("delete: %d %s", a.Code, a.Body)
		}
		p.until(t, s, 20*time.Second, map[string]int{"vk delivered": 10, "vk rejected": 10})
		p.arrive(t, s, 5000, 3, "rb_clickid=E%d") // nobody takes these any more
		p.until(t, s, 5*time.Second, map[string]int{"vk delivered": 10, "vk rejected": 10})
		st.once(t, "vk", 10)
		p.closed(t, s)
	})
}
