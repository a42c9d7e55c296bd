package adnet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall"

	"code.dny.dev/ssrf"
)

// BlockedError says that an address a user entered is not one we may call.
// The request was not sent, and sending it again will not help.
type BlockedError struct{ Why string }

// Error gives the reason, without the query of the address.
func (e *BlockedError) Error() string { return "address is not allowed: " + e.Why }

// guard decides which addresses may be dialled. The networks that are nobody's
// public server come with the library, which makes them from the registries of
// the IANA: private, loopback, link-local (cloud metadata lives there), carrier
// NAT, documentation, reserved space and the like.
type guard struct {
	special *ssrf.Guardian
}

func newGuard() guard { return guard{special: ssrf.New()} }

// public tells whether a is an address of the open internet. An IPv4 address
// wrapped into an IPv6 one counts as what it leads to.
func (g guard) public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if ssrf.IPv6NAT64Prefix.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return g.special.SafeAddr(a) == nil
}

// control is asked by the dialer with the resolved address, so that a name
// that resolves differently the second time gains nothing.
func (g guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &BlockedError{Why: "it is not an IP address"}
	}
	if !g.public(ap.Addr()) {
		// What a name leads to is nothing that users are told.
		return &BlockedError{Why: "its host is at a private or reserved address"}
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
