package usecase

import "testing"

// TestLoginSource: who has a network of IPv6 has no more attempts by it.
func TestLoginSource(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"2001:db8:1:2::1": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::9": "2001:db8:1:2::/64",
		"2001:db8:1:3::1": "2001:db8:1:3::/64", "203.0.113.7": "203.0.113.7/32", "::ffff:203.0.113.7": "203.0.113.7/32",
		"fe80::1%eth0": "fe80::/64", "": "", "unix": "unix",
	} {
		if got := loginSource(ip); got != want {
			t.Errorf("%q counts as %q, want %q", ip, got, want)
		}
	}
}
