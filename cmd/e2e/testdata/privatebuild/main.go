// Command privatebuild is a build of tgtrack with a decoder and an ad network of
// its own: what somebody does whose constructor or network is nobody else's
// business.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/tgtrack/tgtrack/adapters/adnet/testdata/acme"
	"github.com/tgtrack/tgtrack/cmd"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// house reads {"who": 1, "from": "value"}.
type house struct{}

func (house) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "house", Title: "House bot", Methods: []string{"on_house_event"}, Tier: platforms.Medium, Evidence: platforms.Captured,
		Docs: "https://bots.example/webhooks",
	}
}

func (house) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	var body struct {
		Who  int64
		From string
	}
	if err := json.Unmarshal(in.Body, &body); err != nil {
		return nil, fmt.Errorf("%w: %w", domain.ErrMalformed, err)
	}
	if body.Who <= 0 {
		return nil, domain.Invalid("who", "is the person's id, a number above 0")
	}
	return []domain.Signal{{Type: domain.BotStarted, Person: &domain.Person{ID: body.Who}, StartValue: body.From}}, nil
}

func main() { os.Exit(cmd.Main(os.Args[1:], cmd.WithDecoders(house{}), cmd.WithSinks(acme.New(nil)))) }
