package usecase

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// CallErrorText says why a call got no answer, for users to read. The words of
// the network library name the addresses of this machine, of its resolver and
// of what a host's name leads to: whoever may enter an address would read from
// them what stands beside the service. They are left out.
func CallErrorText(err error) string {
	var address *url.Error
	var lookup *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &address):
		return CallErrorText(address.Err)
	case errors.As(err, &lookup):
		if lookup.IsTimeout {
			return "the name of the host was not found in time"
		}
		return "the name of the host was not found"
	case errors.As(err, &op) && op.Err != nil:
		return op.Op + ": " + CallErrorText(op.Err)
	}
	return addressText.ReplaceAllStringFunc(err.Error(), hideAddress)
}

// addressText is what may be an address of the internet, with a port or
// without.
var addressText = regexp.MustCompile(`\[?[0-9A-Fa-f:.]*[0-9A-Fa-f:]+(?:%\w+)?\]?(?::\d+)?`)

func hideAddress(s string) string {
	bare := strings.Trim(s, "[]")
	if _, err := netip.ParseAddr(bare); err == nil {
		return "***"
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return "***"
	}
	return s
}
