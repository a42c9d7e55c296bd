package domain_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

func TestReach(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]domain.Reach{
		"https://go.example.org": domain.ReachWorld, "https://8.8.8.8": domain.ReachWorld,
		"https://[2606:4700::1111]:8443": domain.ReachWorld,
		"http://go.example.org":          domain.ReachPlain, "http://8.8.8.8:8080": domain.ReachPlain,
		"http://127.0.0.1:8080": domain.ReachSelf, "https://localhost": domain.ReachSelf,
		"http://app.localhost:80": domain.ReachSelf, "http://[::1]:8080": domain.ReachSelf,
		"http://0.0.0.0:8080": domain.ReachSelf, "http://[::ffff:127.0.0.1]": domain.ReachSelf,
		"https://192.168.1.10": domain.ReachNetwork, "http://10.0.0.5": domain.ReachNetwork,
		"https://100.64.1.1": domain.ReachNetwork, "https://[fe80::1]": domain.ReachNetwork,
		"https://[fd00::1]": domain.ReachNetwork, "http://tgtrack:8080": domain.ReachNetwork,
		"https://box.local": domain.ReachNetwork, "https://box.lan.": domain.ReachNetwork,
		"http://:9000": domain.ReachNobody, "": domain.ReachNobody, "https://a b": domain.ReachNobody,
	} {
		if got := domain.ReachOf(address); got != want {
			t.Errorf("%s reaches %q, want %q", address, got, want)
		}
	}
}
