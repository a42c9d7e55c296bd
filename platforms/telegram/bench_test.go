package telegram_test

import (
	"os"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/telegram"
)

// BenchmarkDecode: a start, and the ordinary update that comes a thousand times
// as often.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"start_with_value", "ordinary_message", "callback"} {
		b.Run(name, func(b *testing.B) {
			body, err := os.ReadFile("testdata/" + name + "/request.json")
			if err != nil {
				b.Fatal(err)
			}
			in := platforms.Inbound{
				Method: "on_telegram_webhook", ContentType: "application/json", Body: body,
				ReceivedAt: time.Unix(1_800_000_000, 0),
			}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := (telegram.Decoder{}).Decode(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
