package usecase

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// TestAlign: what was taken keeps its place, whatever the decoder reads now.
func TestAlign(t *testing.T) {
	t.Parallel()
	sig := func(text string) domain.Signal { // "start:7", "goal:7:sale"
		p := strings.Split(text, ":")
		s := domain.Signal{Type: map[string]domain.EventType{
			"start": domain.BotStarted, "goal": domain.GoalReached, "step": domain.FunnelEvent,
		}[p[0]]}
		if len(p) > 1 {
			s.Person = &domain.Person{ID: int64(p[1][0])}
		}
		if len(p) > 2 {
			s.Name = p[2]
		}
		if len(p) > 3 {
			s.Currency = p[3]
		}
		return s
	}
	sigs := func(text string) (out []domain.Signal) {
		for _, f := range strings.Fields(text) {
			out = append(out, sig(f))
		}
		return out
	}
	for name, c := range map[string]struct {
		then, now string
		taken     map[int]domain.EventType
		receipts  []Receipt
		want      string // new signals by place, "-" for places not to be taken
	}{
		"refused then":           {now: "start:7 goal:7:a", want: "start:7 goal:7:a"},
		"refused after decoding": {then: "goal:7:a", now: "start:7 goal:7:a", want: "start:7 goal:7:a"},
		"the same": {
			then: "start:7 goal:7:a", now: "start:7 goal:7:a", want: "- -",
			taken: map[int]domain.EventType{0: domain.BotStarted, 1: domain.GoalReached},
		},
		"one more before": {
			then: "goal:7:a", now: "start:7 goal:7:a", taken: map[int]domain.EventType{0: domain.GoalReached},
			want: "- start:7",
		},
		"one more, replayed": {
			then: "goal:7:a", now: "start:7 goal:7:a", want: "- -",
			taken: map[int]domain.EventType{0: domain.GoalReached, 1: domain.BotStarted},
		},
		"details changed": {
			then: "goal:7:a", now: "goal:7:a:EUR", taken: map[int]domain.EventType{0: domain.GoalReached}, want: "-",
		},
		"one of two by its name": {
			then: "step:7:b", now: "step:7:a step:7:b:EUR", taken: map[int]domain.EventType{0: domain.FunnelEvent},
			want: "- step:7:a",
		},
		"other person": {
			then: "goal:7:a", now: "goal:8:a", taken: map[int]domain.EventType{0: domain.GoalReached},
			want: "- goal:8:a",
		},
		"not read any more": {
			then: "goal:7:a", now: "start:7", taken: map[int]domain.EventType{0: domain.GoalReached},
			want: "- start:7",
		},
		"reading not kept": {
			now: "start:7 goal:7:a", taken: map[int]domain.EventType{0: domain.GoalReached}, want: "- start:7",
		},
		"a repeat then": {
			then: "step:7:a", now: "step:7:a", receipts: []Receipt{
				{ID: "other-0", Type: domain.FunnelEvent, Duplicate: true}},
			want: "-",
		},
		"a gap that nobody fills": {
			then: "start:7 goal:7:a", now: "goal:7:a",
			taken: map[int]domain.EventType{1: domain.GoalReached}, want: "- -",
		},
	} {
		q := readyRequest{
			r: &RequestRecord{ID: "r", Receipts: c.receipts}, old: sigs(c.then),
			arrival: Arrival{Signals: sigs(c.now)},
		}
		exist, taken := map[string]domain.EventType{}, map[string]bool{}
		for n, kind := range c.taken {
			exist[domain.EventID("r", n)] = kind
		}
		got := align(&q, exist, taken)
		var want []domain.Signal
		for n, f := range strings.Fields(c.want) {
			if f == "-" {
				want = append(want, domain.Signal{})
			} else {
				want = append(want, sig(f))
			}
			if taken[domain.EventID("r", n)] != (f == "-") {
				t.Errorf("%s: place %d is taken: %v", name, n, f != "-")
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestSignalsThenAreReadBack(t *testing.T) {
	t.Parallel()
	amount := domain.Amount(1)
	want := []domain.Signal{{
		Type: domain.GoalReached, Person: &domain.Person{ID: domain.MaxUserID, Username: "u"},
		At: time.Date(2027, 1, 2, 3, 4, 5, 6000, time.UTC), Name: "sale", Amount: &amount, ChatID: -1001234567890123,
		Labels: []domain.Label{{Name: "a"}},
	}}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var kept any // as a record has it
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, signalsThen(&RequestRecord{Decoded: kept})); diff != "" {
		t.Error(diff)
	}
	if got := signalsThen(&RequestRecord{Decoded: "something else"}); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestReplayIsChecked(t *testing.T) {
	t.Parallel()
	day := time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		r     Replay
		field string
	}{
		"all requests":     {Replay{Kind: ReplayRequests}, ""},
		"unknown kind":     {Replay{Kind: "streams"}, "kind"},
		"network":          {Replay{Kind: ReplayRequests, Filter: ReplayFilter{Network: "vk"}}, "network"},
		"events by person": {Replay{Kind: ReplayEvents, Filter: ReplayFilter{UserID: 7}}, "user"},
		"delivered": {Replay{Kind: ReplayConversions,
			Filter: ReplayFilter{Status: domain.Delivered}}, "status"},
		"unmatched": {Replay{Kind: ReplayConversions, Filter: ReplayFilter{Status: domain.Unmatched}}, ""},
		"type":      {Replay{Kind: ReplayRefill, Filter: ReplayFilter{Type: "start"}}, "type"},
		"backwards": {Replay{Kind: ReplayRefill, Filter: ReplayFilter{From: day, To: day}}, "to"},
		"rate":      {Replay{Kind: ReplayRefill, Rate: -1}, "rate"},
		"code":      {Replay{Kind: ReplayRequests, Filter: ReplayFilter{Code: 42}}, "code"},
	} {
		err := c.r.check()
		var field *domain.FieldError
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.field != "" && (!errors.As(err, &field) || field.Field != c.field):
			t.Errorf("%s: %v, want the field %s", name, err, c.field)
		}
	}
}

func TestUnreplayable(t *testing.T) {
	t.Parallel()
	yes := true
	for _, c := range []struct {
		r    RequestRecord
		want bool
	}{
		{RequestRecord{Method: "add_event", Code: 200}, true}, {RequestRecord{Method: "add_event", Code: 400}, true},
		{RequestRecord{Method: "add_event", Code: 422}, true}, {RequestRecord{Method: "add_event", Code: 429}, true},
		{RequestRecord{Method: "add_event", Code: 503}, true}, {RequestRecord{Method: "add_event", Code: 402}, false},
		{RequestRecord{Method: "add_event", Code: 409}, false}, {RequestRecord{Method: "unknown", Code: 404}, false},
		{RequestRecord{Method: "unknown", Asked: "acme_started", Code: 404}, true},
		{RequestRecord{Method: "unknown", Asked: "acme_started", Code: 401}, false},
		{RequestRecord{Method: "unknown", Asked: "acme_started", Code: 404, Truncated: true}, false},
		{RequestRecord{Method: "add_event", Code: 404}, false},
		{RequestRecord{Method: "add_event", Code: 400, Signed: new(bool)}, false},
		{RequestRecord{Method: "add_event", Code: 429, Signed: &yes}, true},
		{RequestRecord{Method: "get_user_info", Code: 429}, false},
		{RequestRecord{Method: "add_event", Code: 429, Truncated: true}, false},
		{RequestRecord{Method: "add_event", Code: 200, Ignored: true}, false},
	} {
		if why := Unreplayable(&c.r); (why == "") != c.want {
			t.Errorf("%+v: %q", c.r, why)
		}
	}
}
