package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc, the same on every Linux there is.
const tick = 10 * time.Millisecond

// stat is what the system tells of a process.
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
type stat struct {
	parent    int
	own, left time.Duration // busy itself, and its children that ended
}

func readStat(file string) (s stat, ok bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return s, false // it has ended meanwhile
	}
	// The name, in brackets, may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 15 {
		return s, false
	}
	var ticks [4]time.Duration // user and system time, twice
	for i := range ticks {
		n, _ := strconv.Atoi(fields[11+i])
		ticks[i] = time.Duration(n) * tick
	}
	s.parent, _ = strconv.Atoi(fields[1])
	s.own, s.left = ticks[0]+ticks[1], ticks[2]+ticks[3]
	return s, true
}

// cpuTime is how long a process has kept processors busy. It tells what a
// request costs even where others use the machine. 0 where the system does not
// say.
func cpuTime(pid int) time.Duration {
	s, _ := readStat(fmt.Sprintf("/proc/%d/stat", pid))
	return s.own
}

// cpuBelow is the same of the processes below one, those that have ended
// included; the one itself is not, nor are those left out and what is below
// them.
func cpuBelow(parent int, without ...int) (total time.Duration) {
	// The only error is that of a malformed pattern.
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	all := map[int]stat{}
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if s, ok := readStat(file); ok && err == nil {
			all[pid] = s
		}
	}
	for pid, s := range all {
		for p := pid; p != 0 && p != parent && !slices.Contains(without, p); p = all[p].parent {
			if all[p].parent == parent {
				total += s.own + s.left
				break
			}
		}
	}
	return total
}

// stolen is for how long the host of this machine gave its processors to others
// while something here was ready to run. 0 where the system does not say.
// https://man7.org/linux/man-pages/man5/proc_stat.5.html
func stolen() time.Duration {
	text, _ := os.ReadFile("/proc/stat")
	all, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(all)
	if len(fields) < 9 {
		return 0
	}
	n, _ := strconv.Atoi(fields[8])
	return time.Duration(n) * tick
}

// peakMemory is the most memory that a process has had, in bytes.
func peakMemory(pid int) float64 { return procNumber(pid, "status", "VmHWM:") * 1024 }

// written is what a process wrote: bytes for the disk, or, on file systems that
// do not tell them, all that it wrote.
func written(pid int, disk bool) float64 {
	if disk {
		return procNumber(pid, "io", "write_bytes:")
	}
	return procNumber(pid, "io", "wchar:")
}

func procNumber(pid int, file, name string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return n
		}
	}
	return 0
}

// tellsWrites is whether the system tells what is written for the disk of a
// folder.
func tellsWrites(dir string) bool {
	const size = 4 << 20
	before := written(os.Getpid(), true)
	file := filepath.Join(dir, "written")
	if os.WriteFile(file, make([]byte, size), 0o600) != nil || os.Remove(file) != nil {
		return false
	}
	return written(os.Getpid(), true)-before >= size
}
