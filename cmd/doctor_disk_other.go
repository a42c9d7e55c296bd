//go:build !linux && !darwin && !freebsd

package cmd

import "errors"

// diskRoom is not known here.
func diskRoom(string) (free, total int64, err error) {
	return 0, 0, errors.New("the room on the disk is not known on this system")
}
