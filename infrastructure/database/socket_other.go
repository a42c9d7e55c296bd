//go:build !linux

package database

import (
	"syscall"
	"time"
)

// limitUnreceived is left to what the system does by itself.
func limitUnreceived(syscall.RawConn, time.Duration) error { return nil }
