package database

import (
	"syscall"
	"time"
)

// tcpUserTimeout is an option of tcp(7) that package syscall does not name.
const tcpUserTimeout = 0x12

// limitUnreceived bounds how long what was sent may stay without a sign that
// it was received.
func limitUnreceived(c syscall.RawConn, d time.Duration) (err error) {
	controlled := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(d.Milliseconds()))
	})
	if controlled != nil {
		return controlled
	}
	return err
}
