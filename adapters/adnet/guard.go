package adnet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
)

// BlockedError says that an address a user entered is not one we may call.
// The request was not sent, and sending it again will not help.
type BlockedError struct{ Why string }

// Error gives the reason, without the query of the address.
func (e *BlockedError) Error() string { return "address is not allowed: " + e.Why }

// localV4 are the IPv4 networks that are nobody's public server: private,
// loopback, link-local (cloud metadata lives there and in 192.0.0.0/24),
// carrier NAT, documentation, benchmarking, multicast and reserved space.
// https://www.iana.org/assignments/iana-ipv4-special-registry
func localV4() []netip.Prefix {
	return prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4")
}

// localV6 are the parts of global unicast space that lead elsewhere; all
// outside 2000::/3 is refused anyway.
func localV6() []netip.Prefix {
	return prefixes("2001::/23", "2001:db8::/32", "3fff::/20")
}

func prefixes(texts ...string) []netip.Prefix {
	ps := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		ps[i] = netip.MustParsePrefix(t)
	}
	return ps
}

// guard decides which addresses may be dialled.
type guard struct {
	v4, v6             []netip.Prefix
	global, nat64, six netip.Prefix
}

func newGuard() guard {
	return guard{
		v4: localV4(), v6: localV6(),
		global: netip.MustParsePrefix("2000::/3"),
		nat64:  netip.MustParsePrefix("64:ff9b::/96"),
		six:    netip.MustParsePrefix("2002::/16"),
	}
}

// public tells whether a is an address of the open internet. An IPv4 address
// wrapped into an IPv6 one counts as what it leads to.
func (g guard) public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	b := a.As16()
	switch {
	case a.Is4():
		return !slices.ContainsFunc(g.v4, func(p netip.Prefix) bool { return p.Contains(a) })
	case g.nat64.Contains(a):
		return g.public(netip.AddrFrom4([4]byte(b[12:16])))
	case g.six.Contains(a):
		return g.public(netip.AddrFrom4([4]byte(b[2:6])))
	}
	return g.global.Contains(a) && !slices.ContainsFunc(g.v6, func(p netip.Prefix) bool { return p.Contains(a) })
}

// control is asked by the dialer with the resolved address, so that a name
// that resolves differently the second time gains nothing.
func (g guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &BlockedError{Why: "it is not an IP address"}
	}
	if !g.public(ap.Addr()) {
		return &BlockedError{Why: fmt.Sprintf("%s is a private or reserved address", ap.Addr())}
	}
	return nil
}

// CheckAddress refuses an address a user entered that could never be called:
// anything but https on a usual port with a public host. Names are resolved
// only when they are dialled.
func CheckAddress(u *url.URL) error {
	if u.Scheme != "https" {
		return &BlockedError{Why: "it must begin with https://"}
	}
	if p := u.Port(); p != "" && !slices.Contains([]string{"80", "443", "8080", "8443"}, p) {
		return &BlockedError{Why: "port " + p + " is not one of 80, 443, 8080, 8443"}
	}
	if u.Hostname() == "" {
		return &BlockedError{Why: "it has no host"}
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !newGuard().public(a) {
		return &BlockedError{Why: fmt.Sprintf("%s is a private or reserved address", a)}
	}
	return nil
}

// dialer makes connections; a guarded one refuses local addresses after resolving.
func dialer(o ClientOptions, guarded bool) *net.Dialer {
	d := &net.Dialer{Timeout: o.ConnectTimeout}
	if guarded && !o.AllowPrivate {
		d.ControlContext = newGuard().control
	}
	return d
}
