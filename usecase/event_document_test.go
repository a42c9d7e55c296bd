package usecase_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestEventDocument(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 5, 6, 7, 8, 9, 123456000, time.UTC)
	sum := domain.Amount(12_500_000)
	e := &domain.Event{
		ID: "r1-0", ProjectID: "p1", RequestID: "r1", SubscriberID: "s1", EpisodeID: "e1", Type: domain.BotStarted,
		OccurredAt: at, ReceivedAt: at.Add(time.Second), Seq: 3, Change: domain.Opened, Amount: &sum, Currency: "RUB",
		Touch:  &domain.Touch{LinkID: "l1", ClickID: "c1", Source: "Spring", Reason: domain.ByGuess, Confidence: 0.5},
		Labels: []domain.Label{{Name: "plan", Value: "pro"}},
	}
	b, err := usecase.EventDocument(e)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"schema": "tgtrack.event.v1", "id": "r1-0", "project_id": "p1", "request_id": "r1",
		"subscriber_id": "s1", "episode_id": "e1", "type": "bot_started", "occurred_at": "2031-05-06T07:08:09.123456Z",
		"received_at": "2031-05-06T07:08:10.123456Z", "seq": 3.0, "change": "opened", "source": "Spring",
		"link_id":  "l1",
		"click_id": "c1", "reason": "auto_detect", "confidence": 0.5, "amount": 12.5, "currency": "RUB",
		"labels": []any{map[string]any{"name": "plan", "value": "pro"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}
