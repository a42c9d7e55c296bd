package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	decoders "github.com/tgtrack/tgtrack/platforms/all"
)

// play gives what the first n requests of a script say, decoded as the service
// does it; clicks lead to start values of their own.
func play(t *testing.T, s script, n int) (kinds map[string]int, signals []domain.Signal, sum left) {
	t.Helper()
	r, err := platforms.NewRegistry(decoders.Decoders()...)
	if err != nil {
		t.Fatal(err)
	}
	kinds = map[string]int{}
	for i := range n {
		c := s.next()
		sum.events, sum.conversions = sum.events+c.events, sum.conversions+c.conversions
		if c.body == nil {
			kinds["click"]++
			s.answered(fmt.Sprintf("https://t.me/bench_bot?start=TGTrack-PJ%020x", i+1))
			continue
		}
		method := c.address[strings.LastIndexByte(c.address, '/')+1:]
		got, _, err := r.Decode("telegram", platforms.Inbound{Method: method, ContentType: "application/json",
			Body: c.body, ReceivedAt: time.Now()})
		if err != nil || len(got) != c.events {
			t.Fatalf("%s %s: %v, %v", method, c.body, got, err)
		}
		if len(got) == 0 {
			kinds["nothing"]++
		}
		for _, g := range got {
			kinds[string(g.Type)]++
			signals = append(signals, g)
		}
	}
	return kinds, signals, sum
}

// Seven of eight starts are by a new person, each always of the same project.
func TestStarts(t *testing.T) {
	t.Parallel()
	ts := unknownTargets("http://server", 5000)
	script := loader(starts, ts, 0)(17)
	people, senderKeys := map[int64]int{}, map[string]bool{}
	const n = 64
	_, signals, sum := play(t, script, n)
	for _, s := range signals {
		if own, _ := domain.OwnStart(s.StartValue); s.Type != domain.BotStarted || "TGTrack-"+own != ts[0].startValue {
			t.Errorf("%+v", s)
		}
		people[s.Person.ID]++
		senderKeys[s.SenderKey] = true
	}
	if want := n - n/repeatEvery; len(people) != want || len(senderKeys) != n || sum.events != n {
		t.Errorf("%d people and %d updates with %d events, want %d and %d", len(people), len(senderKeys), sum.events,
			want, n)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	seen := map[int64]bool{}
	for _, worker := range []int{0, 1, 500, maxConnections} {
		for n := range 1000 {
			id := person(worker%runs, worker, n)
			if seen[id] || id < firstID || id > 9_999_999_999 {
				t.Fatalf("person %d of %d is %d", n, worker, id)
			}
			seen[id] = true
		}
	}
}

// Each click is followed by its start, and the projects get equal shares.
func TestClicked(t *testing.T) {
	t.Parallel()
	load := loader(clicked, unknownTargets("http://server", 3), 0)
	kinds, signals, sum := play(t, load(1), 20)
	if kinds["click"] != 10 || kinds["bot_started"] != 10 || sum != (left{10, 10}) {
		t.Errorf("%v, %+v", kinds, sum)
	}
	if signals[0].StartValue == signals[1].StartValue {
		t.Errorf("two clicks have the start value %s", signals[0].StartValue)
	}
	if got := share(20, 3, 2); got != 14 {
		t.Errorf("two projects of three have %d of 20", got)
	}
}

// A day is as the issue says: half means nothing, a quarter are starts, half of
// them attributed, and so on.
func TestDay(t *testing.T) {
	t.Parallel()
	script := loader(day, unknownTargets("http://server", 10), 0)(3)
	play(t, script, len(dayOrder)) // who has more to do must have started
	const rounds = 10
	kinds, signals, sum := play(t, script, rounds*len(dayOrder))
	want := map[string]int{"nothing": 20, "click": 4, "bot_started": 10, "funnel_event": 4, "goal_reached": 1,
		"bot_stopped": 1}
	for kind, n := range want {
		if kinds[kind] != n*rounds {
			t.Errorf("%s: %d, want %d", kind, kinds[kind], n*rounds)
		}
	}
	attributed, doers := 0, map[string]bool{}
	for _, s := range signals {
		if own, ok := domain.OwnStart(s.StartValue); s.Type == domain.BotStarted && ok && own != "" {
			attributed++
		}
		if s.Type != domain.BotStarted {
			doers[fmt.Sprint(s.Person.ID)] = true
		}
	}
	if attributed != 5*rounds || sum != (left{16 * rounds, 5 * rounds}) {
		t.Errorf("%d starts are attributed; %+v", attributed, sum)
	}
	if len(doers) != 6*rounds {
		t.Errorf("%d people do more, want %d: a repeat would be the same event", len(doers), 6*rounds)
	}
}
