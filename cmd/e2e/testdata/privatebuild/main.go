// Command privatebuild is a build of tgtrack with a decoder and a sink of its
// own: what somebody does whose constructor and ad network are nobody else's
// business.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/testdata/acme"
	"github.com/tgtrack/tgtrack/cmd"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// house reads {"who": 1, "from": "value"}.
type house struct{}

func (house) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "house", Title: "House bot", Methods: []string{"on_house_event"}, Tier: platforms.Medium,
		Evidence: platforms.Captured,
		Docs:     "https://bots.example/webhooks",
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
	start := domain.Signal{Type: domain.BotStarted, Person: &domain.Person{ID: body.Who}, StartValue: body.From}
	return []domain.Signal{start}, nil
}

// houseAds takes clicks that carry hid.
type houseAds struct{ baseURL string }

func (houseAds) Describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "house_ads", Title: "House Ads", ClickIDs: []string{"hid"}, Batch: 1, Dedup: true,
		DefaultActivation: "start", Docs: "https://ads.example/conversions",
		Fields: []adnet.Field{{Name: "key", Required: true, Secret: true, Kind: adnet.Text}},
	}
}

func (h houseAds) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	vs := make([]adnet.Verdict, len(cs))
	for i, c := range cs {
		query := url.Values{"hid": {c.Click.Param("hid")}, "goal": {c.Name}}
		req, err := http.NewRequest(http.MethodPost, h.baseURL+"/conversion?"+query.Encode(), nil)
		if err != nil {
			vs[i] = adnet.Verdict{Class: adnet.Misconfigured, Reason: "HOUSE_ADS_URL is not an address"}
			continue
		}
		ans, err := adnet.Do(ctx, a.Client, req, 0)
		switch {
		case err != nil:
			vs[i] = adnet.Failed(err, true)
		case ans.OK():
			vs[i] = adnet.Verdict{Class: adnet.Delivered}
		default:
			vs[i] = adnet.Verdict{Class: adnet.Rejected, Reason: fmt.Sprintf("answered %d", ans.Status)}
		}
	}
	return vs
}

func main() {
	sinks := cmd.WithSinks(houseAds{os.Getenv("HOUSE_ADS_URL")}, acme.New(nil))
	os.Exit(cmd.Main(os.Args[1:], cmd.WithDecoders(house{}), sinks))
}
