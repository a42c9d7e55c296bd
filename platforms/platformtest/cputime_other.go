//go:build !unix

package platformtest

import "time"

// cpuTime is the time of day where the system does not tell how long a process
// has computed: a decode then has decodeLimit, however busy the machine is.
func cpuTime() time.Duration { return time.Duration(time.Now().UnixNano()) }
