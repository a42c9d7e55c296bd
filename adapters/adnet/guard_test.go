package adnet_test

import (
	"net/url"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// One address of each network that is nobody's public server, and what wraps
// them. https://www.iana.org/assignments/iana-ipv4-special-registry
func TestAddressesOfNobodysServer(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"0.1.2.3", "10.255.255.255", "100.127.255.255", "127.255.255.254", "169.254.169.254",
		"172.31.255.255", "192.0.0.8", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1",
		"192.168.255.255", "192.175.48.1", "198.19.255.255", "198.51.100.1", "203.0.113.255",
		"224.0.0.251", "239.255.255.255", "240.0.0.1", "255.255.255.255", "[::]", "[::1]",
		"[::ffff:192.168.1.1]", "[64:ff9b::c0a8:101]", "[64:ff9b:1::1]", "[100::1]", "[2001::1]",
		"[2001:20::1]", "[2001:db8::1]", "[2002:c0a8:101::1]", "[2002:101:101::1]", "[3fff::1]",
		"[5f00::1]", "[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]",
		"[ff02::1]",
	} {
		if err := adnet.CheckAddress(httpsAddress(t, host)); err == nil {
			t.Errorf("%s may be called", host)
		}
	}
	for _, host := range []string{
		"9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
		"192.0.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "[2001:200::1]",
		"[2a00:1450:4001::8a]", "[64:ff9b::808:808]", "[::ffff:8.8.8.8]",
	} {
		if err := adnet.CheckAddress(httpsAddress(t, host)); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func httpsAddress(t *testing.T, host string) *url.URL {
	t.Helper()
	u, err := url.Parse("https://" + host + "/")
	if err != nil {
		t.Fatal(err)
	}
	return u
}
