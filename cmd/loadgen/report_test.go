package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/infrastructure/database"
)

func sampled(build, db string, projects int, s sample) line {
	return line{Build: build, Database: db, row: row{Part: starts, Connections: 256, Projects: projects},
		sample: s, Runs: []sample{s}}
}

func TestReport(t *testing.T) {
	t.Parallel()
	fast := sample{PerSecond: 8000, Beside: 0.2, P50: 7, P99: 25, cost: cost{ServerCPU: 90, DatabaseCPU: 30,
		Written: 1500, Allocations: 200}, PeakMemory: 150 << 20}
	slow := sample{PerSecond: 4000, Beside: 0.1, cost: cost{ServerCPU: 240, DatabaseCPU: 60, Written: 3000},
		Unpublished: 12}
	r := report{
		Base: "abc1234", Empty: []emptyRun{{Connections: 256, PerSecond: 40000}, {Connections: 256,
			PerSecond: 38000}, {Connections: 256, PerSecond: 39000}},
		Lines: []line{sampled("abc1234", database.Postgres, 100, slow), sampled(ours, database.Postgres, 100, fast),
			sampled(ours, database.Postgres, 5000, slow)},
		Deliveries: []drained{
			{Build: ours, Database: database.SQLite, Network: batchedNetwork, Accounts: 1, Conversions: 1000,
				PerSecond: 9500, cost: cost{ServerCPU: 80}},
			{Build: ours, Database: database.SQLite, Network: batchedNetwork, Accounts: 1000, Conversions: 1000,
				PerSecond: 4750, cost: cost{ServerCPU: 120}},
			{Build: ours, Database: database.SQLite, Network: singleNetwork, Accounts: 1, Conversions: 1000,
				PerSecond: 950, cost: cost{ServerCPU: 400}},
		},
	}
	file := filepath.Join(t.TempDir(), "figures.json")
	var out bytes.Buffer
	if err := r.write(&out, file); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| empty handler | none | 256 | – | 39000 |",
		"| starts | PostgreSQL | 256 | 100 | 8000 | 0.200× | 7.0 | 25.0 | 90 + 30 | 1500 | 200 | 150 |\n",
		"| starts, abc1234 | PostgreSQL | 256 | 100 | 4000 |",
		"| starts | PostgreSQL | 256 | 100 | 4000 | 8000 | 2.00× | 300 | 120 | 2.50× |\n",
		"| facebook, batches | SQLite | 1000 | 1000 | 4750 | 120 + 0 | 0 | 0 | 0 | 0.50× | – |\n",
		"| postback, one by one | SQLite | 1 | 1000 | 950 | 400 + 0 | 0 | 0 | 0 | – | 0.10× |\n",
		"| CPU of a start | PostgreSQL | 120 µs | ≤ 150 µs | yes |\n",
		"| 5,000 projects beside 100 | PostgreSQL | 0.50 × | ≥ 0.80 × | **no** |\n",
		"| batched conversions of 1 account | SQLite | 9500 /s | ≥ 9000 /s | yes |\n",
		"12 events and 0 conversions of a run were not sent",
		"| rate of starts beside the base | PostgreSQL | 2.00 × | ≥ 1.80 × | yes |\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	text, err := os.ReadFile(file)
	var read report
	if err != nil || json.Unmarshal(text, &read) != nil || read.Lines[1].ServerCPU != 90 || len(read.Targets) == 0 {
		t.Errorf("as JSON: %s, %v", text, err)
	}
}

// A round beside a slow empty handler does not count.
func TestSteady(t *testing.T) {
	t.Parallel()
	b := &benchmark{options: options{connections: []int{64, 256}}}
	all := []round{{empty: 100}, {empty: 84}, {empty: 101}, {empty: 116}, {empty: 99}}
	for _, n := range all {
		b.report.Empty = append(b.report.Empty, emptyRun{Connections: 256, PerSecond: n.empty},
			emptyRun{Connections: 64, PerSecond: 1})
	}
	var kept []float64
	for _, n := range b.steady(row{Part: open, Rate: 1, Connections: openConnections}, all) {
		kept = append(kept, n.empty)
	}
	if diff := cmp.Diff([]float64{100, 101, 99}, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestMedians(t *testing.T) {
	t.Parallel()
	got := medians([]sample{{PerSecond: 3, P99: 1}, {PerSecond: 1, P99: 9}, {PerSecond: 2, P99: 4}})
	if got.PerSecond != 2 || got.P99 != 4 {
		t.Errorf("%+v", got)
	}
	if m := median([]float64{4, 1}); m != 2.5 || median(nil) != 0 {
		t.Errorf("of two: %v", m)
	}
}
