package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/platforms"
	decoders "github.com/tgtrack/tgtrack/platforms/all"
)

// Bodies are read by the decoder that the service uses, and say what they are
// meant to.
func TestUpdates(t *testing.T) {
	t.Parallel()
	r, err := platforms.NewRegistry(decoders.Decoders()...)
	if err != nil {
		t.Fatal(err)
	}
	u := newUpdates(2, 17, time.Unix(1_790_000_000, 0))
	people, senderKeys, keys := map[int64]int{}, map[string]bool{}, map[int64]int{}
	const n = 64
	for range n {
		body, key := u.next(5000)
		signals, err := r.Decode("telegram", platforms.Inbound{Method: method, ContentType: "application/json", Body: body})
		if err != nil || len(signals) != 1 {
			t.Fatalf("%s: %v, %v", body, signals, err)
		}
		s := signals[0]
		own, _ := domain.OwnStart(s.StartValue)
		if s.Type != domain.BotStarted || own != startValue || s.At.Unix() != 1_790_000_000 {
			t.Errorf("%+v", s)
		}
		if k, known := keys[s.Person.ID]; known && k != key {
			t.Errorf("person %d came by the keys %d and %d", s.Person.ID, k, key)
		}
		people[s.Person.ID]++
		senderKeys[s.SenderKey], keys[s.Person.ID] = true, key
	}
	if want := n - n/repeatEvery; len(people) != want || len(senderKeys) != n {
		t.Errorf("%d people and %d updates, want %d and %d", len(people), len(senderKeys), want, n)
	}
}

func TestHistogram(t *testing.T) {
	t.Parallel()
	var a, b histogram
	for ms := 1; ms <= 100; ms++ {
		h := &a
		if ms%2 == 0 {
			h = &b
		}
		h.add(time.Duration(ms) * time.Millisecond)
	}
	a.merge(&b)
	for q, want := range map[float64]time.Duration{0: time.Millisecond, 0.5: 51 * time.Millisecond, 0.99: 100 * time.Millisecond} {
		if got := a.quantile(q); got < want || got > want+want/25 {
			t.Errorf("quantile %v = %v, want %v", q, got, want)
		}
	}
	for us := uint64(0); us < 1<<20; us += 1 + us/50 {
		if i := slot(us); upper(i) < us || i > 0 && upper(i-1) >= us {
			t.Errorf("%d µs in slot %d, which ends at %d", us, i, upper(i))
		}
	}
	a.add(1 << 62)
}

// The whole way of a load, on the server with a transaction per request: what
// it answers is what the database has.
func TestDrive(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := &place{dir: t.TempDir()}
	plain, err := openPlain(ctx, p.options())
	if err != nil {
		t.Fatal(err)
	}
	app, err := comparison(plain.write)
	if err != nil {
		t.Fatal(err)
	}
	out, in := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- serve(ctx, app, in) }()
	line := make([]byte, 100)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	addr, _ := strings.CutPrefix(strings.TrimSpace(string(line[:n])), announced)
	r, err := drive(t.Context(), load{
		addr: addr, connections: 3, keys: addresses(addr, 10), run: 1, warmUp: 50 * time.Millisecond, measure: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drive(t.Context(), load{addr: addr, connections: 1, keys: []string{"http://" + addr + "/nowhere"}, measure: time.Second}); err == nil {
		t.Error("an answer other than 200 went unnoticed")
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := plain.close(); err != nil {
		t.Error(err)
	}
	events, unsent, err := p.count(t.Context())
	if err != nil || events != r.accepted || unsent != events {
		t.Errorf("%d events and %d of the outbox for %d answers, %v", events, unsent, r.accepted, err)
	}
	if r.perSecond <= 0 || r.p50 <= 0 || r.p99 < r.p50 {
		t.Errorf("measured %+v", r)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	o, err := benchOptions([]string{"--seconds", "0.5", "--connections", "8, 16", "--only", "tgtrack,postgres"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{ours}, {database.Postgres}}, [][]string{o.servers, o.databases}); diff != "" {
		t.Errorf("chosen (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{8, 16}, o.connections); diff != "" || o.measure != 500*time.Millisecond {
		t.Errorf("connections (-want +got):\n%s\n%v", diff, o.measure)
	}
	for _, args := range [][]string{{"--only", "mysql"}, {"--connections", "0"}, {"--connections", "1000"}, {"--seconds", "0"}, {"more"}} {
		if _, err := benchOptions(args, io.Discard); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	cells := []cell{
		{server: empty, connections: 64, result: result{perSecond: 40000}, unsent: -1},
		{server: transaction, database: database.SQLite, connections: 64, result: result{perSecond: 1000}, unsent: -1},
		{server: unbatched, database: database.SQLite, connections: 64, result: result{perSecond: 500}, unsent: -1},
		{server: ours, database: database.SQLite, connections: 64, result: result{perSecond: 5000, p50: 7 * time.Millisecond, p99: 25 * time.Millisecond}, cpu: 150 * time.Microsecond, unsent: 12},
		{server: ours, database: database.Postgres, connections: 64, result: result{perSecond: 10000}, unsent: 0},
	}
	var out bytes.Buffer
	if err := report(&out, cells, nil, "", machine{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| tgtrack | SQLite | 64 | 5000 | 7.0 | 25.0 | 150 | 10.00× | 5.00× | 0.12× |\n", "| tgtrack | PostgreSQL | 64 | 10000 | 0.0 | 0.0 | 0 | – | – | 0.25× |\n",
		"tgtrack on SQLite: every answered event is in the database; 12 of",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

// The time of a process that ended is its parent's.
func TestCPUTime(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return // nothing tells it here
	}
	if err := exec.Command("/bin/sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done").Run(); err != nil {
		t.Fatal(err)
	}
	all, ok := cpuTime(os.Getppid())
	if !ok || all < tick {
		t.Errorf("%v of processor time, %v", all, ok)
	}
}
