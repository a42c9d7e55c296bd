package faults_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// judge brings the open requests to an end and holds everything that was
// promised against what is there.
func (l *load) judge() {
	t, w := l.w.t, l.w
	t.Helper()
	e2e.Eventually(t, 20*time.Second, func() error {
		for {
			l.mu.Lock()
			n := len(l.open)
			l.mu.Unlock()
			if n == 0 {
				return nil
			}
			if code, err := l.send(t.Context(), l.ask()); err != nil || code != 200 {
				return fmt.Errorf("%d requests are not taken: %d %v; answers %v, %.1000q", n, code, err, l.codes, l.faults)
			}
		}
	})
	want := people + l.goals + len(w.probes)
	maps.Copy(l.answered, w.probes)
	w.delivered(want)
	w.inDatabase(l.answered)
	w.counted(want)
	w.inStream(l.answered)
	for i, f := range l.faults {
		if i == 5 {
			t.Errorf("and %d more", len(l.faults)-i)
			break
		}
		t.Error(f)
	}
	if l.memory > memoryWithin {
		t.Errorf("the process grew to %d MiB", l.memory)
	}
	t.Logf("answers %v, slowest %s, memory up to %d MiB, %d events, %d conversions", l.codes,
		l.slowest.Round(time.Millisecond), l.memory, len(l.answered), want)
}

// delivered waits until the ledger has n conversions of each network and all
// have an end: delivered, or kept as uncertain by a network that drops no
// repeats.
func (w *world) delivered(n int) {
	w.t.Helper()
	began := time.Now()
	e2e.Eventually(w.t, w.drains(), func() error {
		l := w.s.API(200, "GET", "/projects/"+w.id+"/ledger", nil)
		if l["balanced"] != true {
			w.t.Fatalf("the ledger does not balance: %v", l)
		}
		got := map[string]int{}
		for _, it := range l["by"].([]any) {
			line := it.(map[string]any)
			got[fmt.Sprint(line["network"], " ", line["status"])] = number(w.t, line["count"])
		}
		if w.crw.roles != nil {
			if end := got["postback delivered"] + got["postback uncertain"]; end != n {
				return fmt.Errorf("want %d with an end: %v\n%.3000s", n, l, w.log())
			}
		}
		if number(w.t, l["created"]) != n*w.networks() || got["facebook delivered"] != n {
			return fmt.Errorf("want %d delivered: %v\n%.3000s", n, l, w.log())
		}
		return nil
	})
	w.t.Logf("all was delivered %s after the end", time.Since(began).Round(10*time.Millisecond))
}

// counted: the network has n conversions, each once.
func (w *world) counted(n int) {
	w.t.Helper()
	ids := map[string]bool{}
	for _, it := range w.sim.Received("facebook") {
		if ids[it.ID] {
			w.t.Errorf("the network counted %s twice", it.ID)
		}
		ids[it.ID] = true
	}
	if len(ids) != n {
		w.t.Errorf("the network has %d conversions, want %d", len(ids), n)
	}
	if w.crw.roles != nil {
		w.trackedOnce(n)
	}
}

func number(t *testing.T, v any) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(fmt.Sprint(v), &n); err != nil {
		t.Fatalf("%v is no number", v)
	}
	return n
}

// inDatabase: the events that were answered, each once, and no others.
func (w *world) inDatabase(answered map[string]int) {
	w.t.Helper()
	rows, err := w.reader.QueryContext(w.t.Context(), "SELECT id FROM events")
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	got := map[string]int{}
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			w.t.Fatal(err)
		}
		got[e2e.EventID(id)]++
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	if err := once(answered, got); err != nil {
		w.t.Errorf("the database: %v", err)
	}
}

// once: what was answered is there once, beside what the people's starts made.
func once(answered, got map[string]int) error {
	for id := range answered {
		if got[id] != 1 {
			return fmt.Errorf("event %s is there %d times; %d are there, %d were answered", id, got[id], len(got),
				len(answered)+people)
		}
	}
	if len(got) != len(answered)+people {
		return fmt.Errorf("%d events are there, %d were answered", len(got), len(answered)+people)
	}
	return nil
}

// inStream waits until each event is in TGTRACK_EVENTS once.
func (w *world) inStream(answered map[string]int) {
	w.t.Helper()
	e2e.Eventually(w.t, 10*time.Second, func() error {
		got, err := w.published()
		if err != nil {
			return err
		}
		if err := once(answered, got); err != nil {
			return fmt.Errorf("the stream: %w", err)
		}
		return nil
	})
}

// published counts the messages of the stream by their id.
func (w *world) published() (map[string]int, error) {
	nc, err := nats.Connect(w.natsURL)
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	// A call that gets lost is made again by whoever waits for the answer.
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(time.Second))
	if err != nil {
		return nil, err
	}
	s, err := js.Stream(w.t.Context(), "TGTRACK_EVENTS")
	if err != nil {
		return nil, err
	}
	ids := map[string]int{}
	left := s.CachedInfo().State.Msgs
	if left == 0 {
		return ids, nil
	}
	c, err := s.OrderedConsumer(w.t.Context(), jetstream.OrderedConsumerConfig{})
	if err != nil {
		return nil, err
	}
	it, err := c.Messages()
	if err != nil {
		return nil, err
	}
	defer it.Stop()
	for ; left > 0; left-- {
		m, err := it.Next(jetstream.NextMaxWait(time.Second))
		if err != nil {
			return nil, err
		}
		ids[m.Headers().Get("Nats-Msg-Id")]++
	}
	return ids, nil
}
