package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// report is all that was measured.
type report struct {
	Machine    machine    `json:"machine"`
	Base       string     `json:"base,omitempty"` // the commit that is compared with
	Empty      []emptyRun `json:"empty_handler,omitempty"`
	Lines      []line     `json:"rows,omitempty"`
	Deliveries []drained  `json:"deliveries,omitempty"`
	Fairness   []fairness `json:"fairness,omitempty"`
	Tenants    []tenants  `json:"tenants,omitempty"`
	Pages      []served   `json:"pages,omitempty"`
	Targets    []judged   `json:"targets,omitempty"`
}

// emptyRun is one of the empty handler.
type emptyRun struct {
	Connections int     `json:"connections"`
	PerSecond   float64 `json:"requests_per_second"`
	CPU         float64 `json:"cpu_us"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
}

// machine is what the numbers depend on.
type machine struct {
	Cores         int     `json:"cores"`
	System        string  `json:"system"`
	Go            string  `json:"go"`
	Sync          float64 `json:"sync_us"`      // a write and fsync of the disk
	Busy          string  `json:"load_average"` // before
	WritesCounted string  `json:"writes_counted"`
	Took          string  `json:"took"`
	People        int     `json:"people,omitempty"` // of a large database
	Events        int     `json:"events,omitempty"`
}

// write prints the tables to out and the figures to a file, if one is named.
func (r *report) write(out io.Writer, file string) error {
	r.Targets = r.judge()
	if _, err := io.WriteString(out, r.text()); err != nil || file == "" {
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("--json: %w", err)
	}
	return nil
}

// text is the tables, in Markdown, and what they were measured on.
func (r *report) text() string {
	var parts []string
	if len(r.Lines) > 0 {
		parts = append(parts, r.requestTable())
	}
	if len(r.Deliveries) > 0 {
		parts = append(parts, deliveryTable(r.Deliveries))
	}
	if len(r.Fairness) > 0 {
		parts = append(parts, fairTable(r.Fairness))
	}
	if len(r.Tenants) > 0 {
		parts = append(parts, tenantTable(r.Tenants))
	}
	if len(r.Pages) > 0 {
		parts = append(parts, pagesTable(r.Pages))
	}
	if r.Base != "" {
		parts = append(parts, r.compareTable())
	}
	if len(r.Targets) > 0 {
		parts = append(parts, targetTable(r.Targets))
	}
	m := r.Machine
	return strings.Join(append(parts, fmt.Sprintf(
		"%d cores (%s), shared with the load, the networks and the database; %s; "+
			"a write and fsync of the disk takes %.0fµs; "+
			"written by SQLite's service: %s of /proc; load average before: %s; all took %s.\n%s",
		m.Cores, m.System, m.Go, m.Sync, m.WritesCounted, m.Busy, m.Took, r.notes())), "\n")
}

// table is one in Markdown: words to the left, figures to the right.
type table struct{ strings.Builder }

// head begins the table; the first two columns are words.
func (t *table) head(names ...string) {
	t.row(names...)
	lines := make([]string, len(names))
	for i := range lines {
		if lines[i] = "---:"; i < 2 {
			lines[i] = "---"
		}
	}
	t.row(lines...)
}

func (t *table) row(cells ...string) { fmt.Fprintf(t, "| %s |\n", strings.Join(cells, " | ")) }

func whole(v float64) string     { return fmt.Sprintf("%.0f", v) }
func decimal(v float64) string   { return fmt.Sprintf("%.1f", v) }
func megabytes(v float64) string { return whole(v / (1 << 20)) }

// spent is the columns of a cost.
func (c cost) spent() []string {
	return []string{whole(c.ServerCPU) + " + " + whole(c.DatabaseCPU), whole(c.Written), whole(c.Allocations)}
}

// spentHead names them.
func spentHead() []string {
	return []string{"CPU, µs: server + database", "written, B", "allocations", "peak, MB"}
}

// requestTable has a row for each load, first the empty handler's.
func (r *report) requestTable() string {
	var t table
	t.head(append([]string{"load", "database", "connections", "projects", "requests/s", "to empty", "p50, ms",
		"p99, ms"}, spentHead()...)...)
	var seen []int
	for _, e := range r.Empty {
		if !slices.Contains(seen, e.Connections) {
			seen = append(seen, e.Connections)
			e = r.emptyMedian(e.Connections)
			t.row("empty handler", "none", fmt.Sprint(e.Connections), "–", whole(e.PerSecond), "1.000×",
				decimal(e.P50), decimal(e.P99),
				whole(e.CPU), "–", "–", "–")
		}
	}
	for _, l := range r.Lines {
		cells := []string{
			l.title(), databaseTitle(l.Database), fmt.Sprint(l.Connections), fmt.Sprint(l.Projects),
			whole(l.PerSecond),
			fmt.Sprintf("%.3f×", l.Beside), decimal(l.P50), decimal(l.P99),
		}
		t.row(append(append(cells, l.spent()...), megabytes(l.PeakMemory))...)
	}
	return t.String()
}

// emptyMedian is the empty handler over a number of connections.
func (r *report) emptyMedian(connections int) emptyRun {
	var rate, cpu, p50, p99 []float64
	for _, e := range r.Empty {
		if e.Connections == connections {
			rate, cpu, p50, p99 = append(rate, e.PerSecond), append(cpu, e.CPU), append(p50, e.P50), append(p99, e.P99)
		}
	}
	return emptyRun{Connections: connections, PerSecond: median(rate), CPU: median(cpu), P50: median(p50),
		P99: median(p99)}
}

// notes say of each row what its figures do not.
func (r *report) notes() (text string) {
	if r.Machine.People > 0 {
		text = fmt.Sprintf("A large database has %d people and %d events; a tenth and a fifth of them are of the "+
			"project "+
			"whose pages are asked for.\n", r.Machine.People, r.Machine.Events)
	}
	for _, l := range r.Lines {
		if l.LeftOut > 0 {
			text += fmt.Sprintf("%s: %d runs left out, the empty handler beside them was over %.0f %% off its "+
				"median.\n",
				l.name(), l.LeftOut, 100*offBy)
		}
	}
	var load []float64
	for _, l := range r.Lines {
		load = append(load, l.LoadCPU)
		for _, s := range l.Runs {
			if s.Unpublished+s.Undelivered > 0 {
				text += fmt.Sprintf("%s: %d events and %d conversions of a run were not sent %s after it.\n", l.name(),
					s.Unpublished, s.Undelivered, restWithin)
			}
		}
	}
	if len(load) > 0 {
		text += fmt.Sprintf("The load itself took %.0f to %.0f µs of CPU a request.\n", slices.Min(load),
			slices.Max(load))
	}
	return text
}

// name is that of a line among all.
func (l *line) name() string {
	return fmt.Sprintf("%s on %s, %d connections, %d projects", l.title(), databaseTitle(l.Database),
		l.Connections, l.Projects)
}

func (l *line) title() string {
	title := l.Part
	switch l.Part {
	case starts:
		title = "starts"
	case open:
		title = fmt.Sprintf("starts, %d/s, open loop", l.Rate)
	case intoEmpty:
		title = "starts into an empty database"
	case intoLarge:
		title = "starts into a large database"
	case clicked:
		title = "starts with click and conversion"
	case day:
		title = "a day's mix"
	case peak:
		title = fmt.Sprintf("starts for %.0f s", l.seconds.Seconds())
	}
	return titled(title, l.Build)
}

// titled names the build where it is not the one that is measured.
func titled(title, build string) string {
	if build == ours {
		return title
	}
	return title + ", " + build
}

func databaseTitle(name string) string {
	if name == database.SQLite {
		return "SQLite"
	}
	return "PostgreSQL"
}

// deliveryTable compares each row with that of the first number of accounts,
// and what goes one by one with what goes in batches.
func deliveryTable(ds []drained) string {
	var t table
	head := []string{"network", "database", "ad accounts", "conversions", "conversions/s"}
	t.head(append(append(head, spentHead()...), "to fewest accounts", "to batched")...)
	for i := range ds {
		d := &ds[i]
		few, batched := "–", "–"
		for _, o := range ds {
			if o.Build != d.Build {
				continue
			}
			if o.beside(d) && o.Accounts < d.Accounts {
				few = times(d.PerSecond, o.PerSecond)
			}
			if o.Database == d.Database && o.Accounts == d.Accounts && o.Network == batchedNetwork &&
				d.Network != batchedNetwork {
				batched = times(d.PerSecond, o.PerSecond)
			}
		}
		cells := []string{
			titled(networkTitle(d.Network), d.Build), databaseTitle(d.Database), fmt.Sprint(d.Accounts),
			fmt.Sprint(d.Conversions), whole(d.PerSecond),
		}
		t.row(append(append(cells, d.spent()...), megabytes(d.PeakMemory), few, batched)...)
	}
	return t.String()
}

// beside tells whether two rows are of the same network and database.
func (d *drained) beside(o *drained) bool { return d.Network == o.Network && d.Database == o.Database }

func networkTitle(name string) string {
	if name == batchedNetwork {
		return name + ", batches"
	}
	return name + ", one by one"
}

func times(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f×", a/b)
}

// lookAtMachine tries the disk of a folder.
func lookAtMachine(dir string) (m machine, err error) {
	sync, err := syncTime(dir)
	return machine{
		Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Sync: microseconds(sync),
		Busy: loadAverage(),
	}, err
}

// loadAverage is how busy the machine is with other things: the table means
// little when this is not near 0.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "unknown"
}

// syncTimes is how often the disk is tried.
const syncTimes = 101

// syncTime is how long the disk takes to keep a page, the median of some.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, fmt.Errorf("try the disk: %w", err)
	}
	defer f.Close()
	times := make([]time.Duration, syncTimes)
	for i := range times {
		begun := time.Now()
		_, err := f.Write(make([]byte, 4096))
		if err := cmp.Or(err, f.Sync()); err != nil {
			return 0, fmt.Errorf("try the disk: %w", err)
		}
		times[i] = time.Since(begun)
	}
	slices.Sort(times)
	return times[syncTimes/2], nil
}
