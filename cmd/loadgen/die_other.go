//go:build !linux

package main

import "syscall"

// dieWithParent asks for nothing: only Linux can tie a server to its parent.
func dieWithParent() *syscall.SysProcAttr {
	return nil
}
