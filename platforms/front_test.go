package platforms_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// decoding is a decoder that does what a function does.
type decoding func(in platforms.Inbound) ([]domain.Signal, error)

func (decoding) Describe() platforms.Descriptor { return platforms.Descriptor{Name: "acme"} }

func (d decoding) Decode(in platforms.Inbound) ([]domain.Signal, error) { return d(in) }

// TestDecodersAreHeldToTheRules: what breaks a rule is the decoder's fault, and
// nothing of it is taken.
func TestDecodersAreHeldToTheRules(t *testing.T) {
	t.Parallel()
	in := platforms.Inbound{ReceivedAt: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	p := &domain.Person{ID: 5}
	some := []domain.Signal{{Type: domain.BotStarted}}
	type result struct {
		signals []domain.Signal
		err     error
	}
	one := func(s domain.Signal) result { return result{[]domain.Signal{s}, nil} }
	for i, good := range []result{
		{some, nil}, {nil, domain.Invalid("a", "is missing")}, {nil, platforms.ErrMediaType},
		one(domain.Signal{Type: domain.BotStopped, Person: p, At: in.ReceivedAt}),
		one(domain.Signal{Type: domain.BotStarted, Person: p, Messenger: "whatsapp"}),
	} {
		_, _, err := platforms.Decode(decoding(func(platforms.Inbound) ([]domain.Signal, error) {
			return good.signals, good.err
		}), in)
		var broken *platforms.DecoderError
		if errors.As(err, &broken) {
			t.Errorf("good result %d: %v", i, err)
		}
	}
	for i, bad := range []result{
		{some, domain.Invalid("a", "is missing")}, {nil, errors.New("boom")},
		{nil, domain.Invalid("a", "%s", strings.Repeat("x", 200))}, {nil, fmt.Errorf(" %w", &domain.FieldError{})},
		one(domain.Signal{Type: "party"}),
		one(domain.Signal{Type: domain.BotStopped}),
		one(domain.Signal{Type: domain.BotStarted, Person: &domain.Person{}}),
		one(domain.Signal{Type: domain.BotStarted, Person: &domain.Person{ID: domain.MaxUserID + 1}}),
		one(domain.Signal{Type: domain.GoalReached, Person: p}),
		one(domain.Signal{Type: domain.BotStarted, At: in.ReceivedAt.In(time.FixedZone("MSK", 3*3600))}),
		one(domain.Signal{Type: domain.BotStarted, At: in.ReceivedAt.Add(-time.Nanosecond)}),
		one(domain.Signal{Type: domain.BotStarted, At: time.Unix(-5, 0).UTC()}),
		one(domain.Signal{Type: domain.BotStarted, StartValue: "/start x"}),
		one(domain.Signal{Type: domain.BotStarted, UTM: domain.UTM{Term: "a\x00"}}),
		one(domain.Signal{Type: domain.BotStarted, Person: &domain.Person{ID: 5, FirstName: "\xff"}}),
		one(domain.Signal{Type: domain.BotStarted, SenderKey: strings.Repeat("k", 3000)}),
		one(domain.Signal{Type: domain.BotStarted, Messenger: "no such, ü"}),
		one(domain.Signal{Type: domain.BotStarted, Messenger: "Telegram"}),
	} {
		signals, _, err := platforms.Decode(decoding(func(platforms.Inbound) ([]domain.Signal, error) {
			return bad.signals, bad.err
		}), in)
		var broken *platforms.DecoderError
		if !errors.As(err, &broken) || broken.Decoder != "acme" || len(signals) > 0 {
			t.Errorf("bad result %d: %v, %v", i, signals, err)
		}
	}
}

// TestTooManySignals: a request of more is refused as the sender's mistake.
func TestTooManySignals(t *testing.T) {
	t.Parallel()
	decode := func(n int) error {
		_, _, err := platforms.Decode(decoding(func(platforms.Inbound) ([]domain.Signal, error) {
			many := make([]domain.Signal, n)
			for i := range many {
				many[i].Type = domain.BotStarted
			}
			return many, nil
		}), platforms.Inbound{})
		return err
	}
	if err := decode(platforms.MaxSignals); err != nil {
		t.Errorf("as many as may be: %v", err)
	}
	if err := decode(platforms.MaxSignals + 1); !errors.Is(err, domain.ErrInvalid) {
		t.Errorf("one more: %v", err)
	}
}

// TestTimesAhead: what has not happened yet has happened now, and is told.
func TestTimesAhead(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for ahead, want := range map[time.Duration][]domain.Warning{
		-time.Minute: nil, 2 * time.Second: nil,
		30 * time.Minute: {{Code: domain.WarnAhead, Value: "2026-03-10T12:30:00Z"}},
	} {
		signals, warnings, err := platforms.Decode(decoding(func(in platforms.Inbound) ([]domain.Signal, error) {
			s := domain.Signal{Type: domain.BotStarted, At: received.Add(ahead)}
			s.SenderKey = platforms.Key(s, "")
			return []domain.Signal{s}, nil
		}), platforms.Inbound{ReceivedAt: received})
		if err != nil || len(signals) != 1 {
			t.Fatal(signals, err)
		}
		if at := signals[0].At; at.After(received) || ahead < 0 && !at.Equal(received.Add(ahead)) {
			t.Errorf("%v ahead: taken as %v", ahead, at)
		}
		if d := cmp.Diff(want, warnings); d != "" {
			t.Errorf("%v ahead: %s", ahead, d)
		}
		if key := platforms.Key(domain.Signal{Type: domain.BotStarted, At: received.Add(ahead)}, ""); signals[0].
			SenderKey != key {
			t.Errorf("%v ahead: the key is %q", ahead, signals[0].SenderKey)
		}
	}
}
