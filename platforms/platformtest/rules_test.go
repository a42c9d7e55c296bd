package platformtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// The suite must itself notice what it is there to notice.

func TestWrongError(t *testing.T) {
	t.Parallel()
	some := []domain.Signal{{Type: domain.BotStarted}}
	for _, c := range []struct {
		name    string
		signals []domain.Signal
		err     error
		wrong   bool
	}{
		{"none", some, nil, false},
		{"invalid", nil, domain.Invalid("a", "is missing"), false},
		{"media type", nil, platforms.ErrMediaType, false},
		{"warning with signals", some, &domain.Warning{Text: "w"}, false},
		{"warning alone", nil, &domain.Warning{Text: "w"}, true},
		{"invalid with signals", some, domain.Invalid("a", "is missing"), true},
		{"foreign", nil, errors.New("boom"), true},
		{"long", nil, domain.Invalid("a", "%s", strings.Repeat("x", 200)), true},
		{"empty", nil, fmt.Errorf(" %w", &domain.FieldError{}), true},
	} {
		if got := wrongError(c.signals, c.err); (got != "") != c.wrong {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestWrongSignal(t *testing.T) {
	t.Parallel()
	in := platforms.Inbound{ReceivedAt: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	p := &domain.Person{ID: 5}
	if got := wrongSignal(domain.Signal{Type: domain.BotStopped, Person: p, At: in.ReceivedAt}, in); got != "" {
		t.Errorf("a good signal: %s", got)
	}
	for _, s := range []domain.Signal{
		{Type: "party"},
		{Type: domain.BotStopped},
		{Type: domain.BotStarted, Person: &domain.Person{}},
		{Type: domain.GoalReached, Person: p},
		{Type: domain.BotStarted, At: in.ReceivedAt.In(time.FixedZone("MSK", 3*3600))},
		{Type: domain.BotStarted, At: in.ReceivedAt.Add(time.Nanosecond)},
		{Type: domain.BotStarted, At: in.ReceivedAt.Add(25 * time.Hour)},
		{Type: domain.BotStarted, StartValue: "/start x"},
		{Type: domain.BotStarted, UTM: domain.UTM{Term: "a\x00"}},
		{Type: domain.BotStarted, Person: &domain.Person{ID: 5, FirstName: "\xff"}},
		{Type: domain.BotStarted, SenderKey: strings.Repeat("k", 3000)},
	} {
		if wrongSignal(s, in) == "" {
			t.Errorf("nothing wrong found in %+v", s)
		}
	}
}
