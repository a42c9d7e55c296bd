//go:build !linux

package main

import "syscall"

// dieWithParent asks for nothing: only Linux can tie a command to its parent.
func dieWithParent() *syscall.SysProcAttr {
	return nil
}
