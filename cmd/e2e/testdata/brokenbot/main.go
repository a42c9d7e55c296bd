// Command brokenbot is a build of tgtrack with a decoder that can be broken on
// purpose, by BROKENBOT: "refuse" takes nothing for valid, "half" overlooks
// starts, "stuck" never comes back, anything else is in order.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/tgtrack/tgtrack/cmd"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// brittle reads {"who": 1, "start": "value", "goal": "name"}.
type brittle struct{ mode string }

func (brittle) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "brittle", Title: "Brittle bot", Methods: []string{"on_brittle_event"}, Tier: platforms.Medium,
		Evidence: platforms.Captured,
		Docs:     "https://bots.example/webhooks",
	}
}

func (b brittle) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	if b.mode == "stuck" {
		select {}
	}
	var body struct {
		Who         int64
		Start, Goal string
	}
	if err := json.Unmarshal(in.Body, &body); err != nil {
		return nil, fmt.Errorf("%w: %w", domain.ErrMalformed, err)
	}
	if b.mode == "refuse" {
		return nil, domain.Invalid("who", "is nobody")
	}
	var out []domain.Signal
	person := domain.Person{ID: body.Who}
	if body.Start != "" && b.mode != "half" {
		out = append(out, domain.Signal{Type: domain.BotStarted, Person: &person, StartValue: body.Start})
	}
	if body.Goal != "" {
		out = append(out, domain.Signal{Type: domain.GoalReached, Person: &person, Name: body.Goal})
	}
	return out, nil
}

func main() {
	os.Exit(cmd.Main(os.Args[1:], cmd.WithDecoders(brittle{os.Getenv("BROKENBOT")})))
}
