package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/tgtrack/tgtrack/usecase"
)

// TestCallErrorText: what users read of a call that failed names no address.
func TestCallErrorText(t *testing.T) {
	t.Parallel()
	at := net.TCPAddrFromAddrPort(netip.MustParseAddrPort("10.1.2.3:443"))
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	lookup := &net.DNSError{Err: "no such host", Name: "db.internal", Server: "10.0.0.2:53", IsNotFound: true}
	slow := &net.DNSError{Err: "i/o timeout", Name: "db.internal", Server: "[fd00::2]:53", IsTimeout: true}
	for _, c := range []struct {
		err  error
		want string
	}{
		{refused, "dial: connect: connection refused"},
		{&url.Error{Op: "Post", URL: "https://u:p@10.1.2.3/x", Err: refused}, "dial: connect: connection refused"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: refused}, "proxyconnect: dial: connect: connection refused"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: lookup}, "the name of the host was not found"},
		{fmt.Errorf("x 10.0.0.2: %w", slow), "the name of the host was not found in time"},
		{&net.OpError{Op: "read", Source: at, Addr: at, Err: syscall.ECONNRESET}, "read: connection reset by peer"},
		{errors.New("bad answer from 192.168.0.1:8080 and [fe80::1%eth0]:80, fe80::1, 127.0.0.53."),
			"bad answer from *** and ***, ***, ***."},
		{errors.New("tls: expected 1 certificate, got 2: version 1.2"), "tls: expected 1 certificate, got 2: version 1.2"},
		{context.DeadlineExceeded, "context deadline exceeded"},
	} {
		got := usecase.CallErrorText(c.err)
		if got != c.want && got != strings.TrimSuffix(c.want, ".") {
			t.Errorf("%v\ngot  %s\nwant %s", c.err, got, c.want)
		}
	}
}
