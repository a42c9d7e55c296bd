package usecase

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// countedStories counts the questions to the store.
type countedStories struct {
	StoryStore
	asked int
}

func (s *countedStories) EventsByID(_ context.Context, _ string, ids []string) ([]StoryEvent, error) {
	s.asked++
	var out []StoryEvent
	for _, id := range ids {
		if id != "unstored" {
			out = append(out, StoryEvent{Event: domain.Event{ID: id, Type: domain.BotStarted}})
		}
	}
	return out, nil
}

func (s *countedStories) EventConversions(_ context.Context, _ string, _ []string) ([]domain.Conversion, error) {
	s.asked++
	return []domain.Conversion{
		{EventID: "a", Network: "yandex", Status: domain.Delivered}, {EventID: "b", Network: "vk", Status: domain.Retrying},
	}, nil
}

// TestSee: a list asks the store as often for many requests as for one, and knows
// of which more may become.
func TestSee(t *testing.T) {
	t.Parallel()
	store := &countedStories{}
	stories := NewRequestStories(nil, store)
	var rs []RequestRecord
	for _, id := range []string{"a", "b", "unstored"} {
		rs = append(rs, RequestRecord{ID: "of " + id, Receipts: []Receipt{{ID: id, Duplicate: id == "a"}}})
	}
	seen, err := stories.See(t.Context(), "p", append(rs, RequestRecord{ID: "refused", Code: 422}))
	if err != nil || store.asked != 2 {
		t.Fatalf("%d questions, %v", store.asked, err)
	}
	type line struct {
		ID       string
		Events   int
		Networks string
		Repeat   bool
		Open     bool
	}
	var got []line
	for i := range seen {
		l := line{ID: seen[i].ID, Events: len(seen[i].Events), Open: seen[i].Unfinished()}
		for _, e := range seen[i].Events {
			l.Repeat = e.Duplicate
			for _, c := range e.Conversions {
				l.Networks += c.Network
			}
		}
		got = append(got, l)
	}
	want := []line{
		{"of a", 1, "yandex", true, false}, {"of b", 1, "vk", false, true}, {"of unstored", 0, "", false, true},
		{"refused", 0, "", false, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadAs(t *testing.T) {
	t.Parallel()
	var r RequestRecord
	if err := json.Unmarshal([]byte(`{"decoded":[
		{"type":"bot_started","person":{"id":5123456789,"first_name":"Vera"},"start_value":"x"},
		{"type":"goal_reached","person":{"id":7,"username":"vera"},"name":"sale"},
		{"type":"bot_started"},"odd"]}`), &r); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range r.ReadAs() {
		got = append(got, string(s.Type)+" "+s.Who()+" "+s.PersonID+" "+s.Name+s.StartValue)
	}
	want := []string{"bot_started Vera 5123456789 x", "goal_reached @vera 7 sale", "bot_started   "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
