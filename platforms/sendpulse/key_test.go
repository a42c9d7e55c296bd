package sendpulse_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/sendpulse"
)

// TestOneStartToldTwice: the two events of a first start are one, wherever the
// minute ends; a later start is another; a value is never dropped for a start
// without one.
func TestOneStartToldTwice(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, 3, 10, 11, 59, 59, 0, time.UTC)
	contact := fmt.Sprintf("%08x", made.Unix()) + "aabbccdd00112233"
	key := func(title, text string, at time.Time) string {
		body := fmt.Sprintf(`[{"service":"telegram","title":%q,"contact":{"id":%q,`+
			`"telegram_id":"5100200300","last_message":%q},"date":%d}]`,
			title, contact, text, at.UnixMilli())
		signals, err := sendpulse.Decoder{}.Decode(platforms.Inbound{
			Method: "on_send_pulse_event", Body: []byte(body), ReceivedAt: at.Add(time.Second),
		})
		if err != nil || len(signals) != 1 {
			t.Fatalf("%s: %v, %v", body, signals, err)
		}
		return signals[0].SenderKey
	}
	first := key("new_subscriber", "/start a", made.Add(500*time.Millisecond))
	if again := key("incoming_message", "/start a", made.Add(4*time.Second)); again != first || first == "" {
		t.Errorf("keys of one start: %q and %q", first, again)
	}
	later := key("incoming_message", "/start a", made.Add(time.Hour))
	if later == first || later == key("incoming_message", "/start a", made.Add(2*time.Hour)) {
		t.Errorf("a later start has the key %q of another", later)
	}
	if bare := key("new_subscriber", "", made); bare == first {
		t.Error("a start without value has the key of one with a value")
	}
}
