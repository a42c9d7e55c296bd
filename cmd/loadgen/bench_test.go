package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	// The go command does not see that this test builds the program.
	_ "github.com/tgtrack/tgtrack/cmd"
	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database"
)

func TestMain(m *testing.M) {
	// The benchmark starts its own program for the servers beside the service.
	if len(os.Args) == 2 && (os.Args[1] == "serve-empty" || os.Args[1] == "serve-networks") {
		main()
		return
	}
	code := m.Run()
	e2e.Clean()
	os.Exit(code)
}

// TestBench measures the built binary a little in every way.
func TestBench(t *testing.T) {
	t.Parallel()
	o := options{
		binary: e2e.Binary(t), measure: 200 * time.Millisecond, warmUp: 10 * time.Millisecond,
		peakFor: 200 * time.Millisecond, runs: 1, quiet: 300 * time.Millisecond,
		connections: []int{8}, projects: []int{3, 5}, rate: 200, accounts: []int{3}, batched: 60, single: 20,
		backlog: 300, fairFor: time.Second,
		parts: allParts(), databases: []string{database.SQLite}, dir: t.TempDir(),
	}
	b, err := openBenchmark(t.Context(), o, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := b.measureAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, l := range b.report.Lines {
		parts = append(parts, fmt.Sprint(l.Part, l.Projects))
		if l.PerSecond <= 0 || l.P99 <= 0 || l.cpu() <= 0 || l.Written <= 0 || l.Allocations <= 0 ||
			l.PeakMemory <= 0 || l.Beside <= 0 || l.Beside >= 1 {
			t.Errorf("%s: %+v", l.Part, l.sample)
		}
	}
	if diff := cmp.Diff([]string{"start3", "start5", "open3", "click3", "day3", "peak3"}, parts); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if len(b.report.Deliveries) != 2 {
		t.Errorf("%+v", b.report.Deliveries)
	}
	if fs := b.report.Fairness; len(fs) != 1 || fs[0].Sent < 1 || fs[0].P99 <= 0 || fs[0].HandOvers < 1 {
		t.Errorf("%+v", fs)
	}
	if ns := b.report.Tenants; len(ns) != 1 || ns[0].Loud != 10*ns[0].Quiet || ns[0].Alone <= 0 || ns[0].Ratio <= 0 {
		t.Errorf("%+v", ns)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	o, err := benchOptions("bench", []string{"--seconds", "0.5", "--connections", "8, 16", "--only",
		"open,postgres"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{open}, {database.Postgres}}, [][]string{o.parts, o.databases}); diff != "" {
		t.Errorf("chosen (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{8, 16}, o.connections); diff != "" || o.measure != 500*time.Millisecond {
		t.Errorf("connections (-want +got):\n%s\n%v", diff, o.measure)
	}
	for _, args := range [][]string{
		{"--only", "mysql"}, {"--connections", "0"}, {"--connections", "1000"}, {"--seconds", "0"}, {"--runs", "0"},
		{"more"}, {"--accounts", "0"},
		{"--single", "10", "--accounts", "11"}, {"--batched", "0"}, {"--base", "HEAD"},
	} {
		if _, err := benchOptions("bench", args, io.Discard); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
	if o, err := benchOptions("compare", []string{"--base", "HEAD"}, io.Discard); err != nil || o.base != "HEAD" {
		t.Errorf("base %q, %v", o.base, err)
	}
	if _, err := benchOptions("compare", nil, io.Discard); err == nil {
		t.Error("a comparison with nothing is accepted")
	}
}

// The time of a process that ended is its parent's.
func TestCPUBelow(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return // nothing tells it here
	}
	if err := exec.Command("/bin/sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done").Run(); err != nil {
		t.Fatal(err)
	}
	if all := cpuBelow(os.Getppid()); all < tick {
		t.Errorf("%v of processor time", all)
	}
}

// What a conversion costs is of those that came once.
func TestOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		came map[string]int
		ok   bool
	}{{map[string]int{"a": 1, "b": 1}, true}, {map[string]int{"a": 1}, false},
		{map[string]int{"a": 1, "b": 2}, false}} {
		if err := once(c.came, 2); (err == nil) != c.ok {
			t.Errorf("%v: %v", c.came, err)
		}
	}
}
