package domain

import (
	"net/netip"
	"net/url"
	"strings"
)

// Reach says who reaches an address that is handed out.
type Reach string

// How far addresses reach. The world is where bots' constructors, messengers and
// visitors are.
const (
	ReachWorld   Reach = ""        // everybody
	ReachPlain   Reach = "plain"   // everybody, and all on the way can read it: it is not https
	ReachNetwork Reach = "network" // whoever is in the same network
	ReachSelf    Reach = "self"    // this machine alone
	ReachNobody  Reach = "nobody"  // it is no address of anything
)

// ReachOf judges an address by what it says: no name is looked up.
func ReachOf(address string) Reach {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return ReachNobody
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if r := reachOfHost(host); r != ReachWorld {
		return r
	}
	if u.Scheme != "https" {
		return ReachPlain
	}
	return ReachWorld
}

func reachOfHost(host string) Reach {
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil && (host == "localhost" || strings.HasSuffix(host, ".localhost")):
		return ReachSelf
	case err != nil:
		if !strings.Contains(host, ".") || ofNetwork(host) {
			return ReachNetwork
		}
		return ReachWorld
	}
	ip = ip.Unmap()
	switch {
	case ip.IsLoopback(), ip.IsUnspecified():
		return ReachSelf
	case !ip.IsGlobalUnicast(), ip.IsPrivate(), cgnat.Contains(ip):
		return ReachNetwork
	}
	return ReachWorld
}

// ofNetwork tells the names that mean something in a network of one's own alone.
func ofNetwork(host string) bool {
	for _, end := range []string{".local", ".lan", ".internal", ".home.arpa", ".home", ".localdomain", ".intranet"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}
