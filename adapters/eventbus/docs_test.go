package eventbus_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// docs/events.md is what other people's programs are written by.
func TestDocsNameEveryField(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, s := range strings.Split(string(page), "\n## ") {
		title, _, _ := strings.Cut(s, "\n")
		sections[title] = s
	}
	for title, fields := range map[string][]string{
		"Events: `tgtrack.event.v1`":         eventFields(t),
		"Requests: `tgtrack.request.v1`":     tags(reflect.TypeFor[usecase.RequestRecord]()),
		"Conversions: `tgtrack.handover.v1`": {"schema", "network", "ad_account_id", "conversion_ids"},
		"Clicks: `tgtrack.click.v1`": {
			"schema", "id", "project_id", "link_id", "start_value", "at", "url", "raw_query", "params", "ip",
			"user_agent", "referrer", "cookies", "robot",
		},
	} {
		text := sections[title]
		if text == "" {
			t.Errorf("no section %q", title)
		}
		for _, f := range fields {
			if !strings.Contains(text, "`"+f+"`") {
				t.Errorf("%s: field %q is missing", title, f)
			}
		}
	}
	for _, word := range []string{
		eventbus.StreamEvents, eventbus.StreamRequests, eventbus.StreamConversions, eventbus.StreamClicks,
		eventbus.PersonHeader, eventbus.RequestHeader,
	} {
		if !strings.Contains(string(page), "`"+word+"`") {
			t.Errorf("%q is missing", word)
		}
	}
}

func tags(t reflect.Type) (names []string) {
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// eventFields are those of an event that has everything.
func eventFields(t *testing.T) (names []string) {
	t.Helper()
	sum := domain.Amount(1)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	doc, err := usecase.EventDocument(&domain.Event{
		ID: "a", ProjectID: "a", RequestID: "a", SubscriberID: "a", EpisodeID: "a", Type: domain.GoalReached,
		OccurredAt: at, ReceivedAt: at, Seq: 1, Change: domain.Opened, ChatID: 1, Name: "a", Target: "a",
		Touch: &domain.Touch{
			LinkID: "a", ClickID: "a", Source: "a", Reason: domain.ByClick, Confidence: 1,
			UTM: domain.UTM{Source: "a"},
		},
		Result: domain.Success, Amount: &sum, RawAmount: &sum, Currency: "EUR",
		Labels: []domain.Label{{Name: "a", Value: "b"}}, GoalState: domain.GoalCounts,
	})
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(doc, &fields); err != nil {
		t.Fatal(err)
	}
	for name := range fields {
		names = append(names, name)
	}
	return names
}
