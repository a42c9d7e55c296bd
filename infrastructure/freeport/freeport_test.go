package freeport_test

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/infrastructure/freeport"
)

// Ports are free, and the system gives none of them to an outgoing connection.
func TestAddr(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		text = []byte("32768 60999")
	}
	bounds := strings.Fields(string(text))
	low, _ := strconv.Atoi(bounds[0])
	high, _ := strconv.Atoi(bounds[1])
	for range 50 {
		address, err := freeport.Addr()
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if low > 10_100 && port >= low && port <= high {
			t.Errorf("port %d is one of the system's, %d to %d", port, low, high)
		}
	}
}
