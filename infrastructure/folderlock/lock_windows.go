package folderlock

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// farAway is where the locked byte lies: on Windows a locked range cannot be
// read by others, and the note is to be.
const farAway = 1 << 30

func lock(f *os.File) error {
	at := &windows.Overlapped{Offset: farAway}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrTaken
	}
	if err != nil {
		return fmt.Errorf("lock the folder: %w", err)
	}
	return nil
}
