package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc, the same on every Linux there is.
const tick = 10 * time.Millisecond

// cpuTime is how long the processes below one have kept processors busy, those
// that have ended included; the one itself is not, nor are those left out and
// what is below them. It tells what a request
// costs even where others use the machine. Not ok where the system does not
// say. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func cpuTime(parent int, without ...int) (total time.Duration, ok bool) {
	// The only error is that of a malformed pattern.
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	parents, times := map[int]int{}, map[int]time.Duration{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		// The name, in brackets, may hold anything.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if err != nil || len(fields) < 15 {
			continue
		}
		parents[pid], _ = strconv.Atoi(fields[1])
		for _, field := range fields[11:15] { // its own time and that of children that ended, each in two parts
			n, _ := strconv.Atoi(field)
			times[pid] += time.Duration(n) * tick
		}
	}
	for pid, spent := range times {
		for p := pid; p != 0 && pid != parent && !slices.Contains(without, p); p = parents[p] {
			if parents[p] == parent {
				total, ok = total+spent, true
				break
			}
		}
	}
	return total, ok
}
