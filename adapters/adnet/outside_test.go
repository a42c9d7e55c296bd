package adnet_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/domain"
)

// What follows up to the next mark is printed in docs/adding-a-network.md.

// Sink delivers to Acme Ads.
type Sink struct{ BaseURL string }

// Describe implements adnet.Sink.
func (s Sink) Describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "acme", Title: "Acme Ads", Docs: "https://acme.example/docs/conversions",
		ClickIDs: []string{"acid"}, Batch: 1, Dedup: true,
		Fields: []adnet.Field{
			{Name: "key", Required: true, Secret: true, Kind: adnet.Text,
				Label: "API key", Help: "Settings of the cabinet, API key.",
				LabelRU: "Ключ API", HelpRU: "Настройки кабинета, ключ API.",
			},
			adnet.ProxyField(),
		},
	}
}

// Deliver implements adnet.Sink.
func (s Sink) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	mask := adnet.NewMask(s.Describe(), a.Settings)
	vs := make([]adnet.Verdict, len(cs))
	for i, c := range cs {
		q := url.Values{"click": {c.Click.Param("acid")}, "goal": {c.Name}, "id": {c.ID}}
		req, err := http.NewRequest(http.MethodPost, s.BaseURL+"/conversion?"+q.Encode(), nil)
		if err != nil {
			vs[i] = adnet.Verdict{Class: adnet.Misconfigured, Reason: "the base URL is no address"}
			continue
		}
		req.Header.Set("Authorization", "Bearer "+a.Settings.Text("key"))
		ans, err := adnet.Do(ctx, a.Client, req, 0)
		vs[i] = mask.Alone(verdict(ans, err, a.Now), &c, req, "", ans, err)
	}
	return vs
}

func verdict(ans adnet.Answer, err error, now time.Time) adnet.Verdict {
	reason := fmt.Sprintf("Acme answered %d", ans.Status)
	switch {
	case err != nil:
		return adnet.Failed(err, true)
	case ans.OK():
		return adnet.Verdict{Class: adnet.Delivered}
	case ans.Status == http.StatusUnauthorized:
		return adnet.Verdict{Class: adnet.AuthRevoked, Reason: reason}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, After: adnet.RetryAfter(ans.Header, now), Reason: reason}
	case ans.Status >= 500:
		return adnet.Verdict{Class: adnet.Retry, Reason: reason}
	}
	return adnet.Verdict{Class: adnet.Rejected, Reason: reason}
}

// End of what is printed.

func TestSinkFromOutside(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, Sink{BaseURL: "https://api.acme.example"}, "testdata/acme")
	r, err := adnet.NewRegistry(append(all.Sinks(all.Options{}), Sink{})...)
	if err != nil {
		t.Fatal(err)
	}
	a := domain.Account{Network: "acme", Settings: map[string]any{"key": "k"}}
	if !r.Receives(a, &domain.Click{Params: map[string]string{"acid": "1"}}) {
		t.Error("a sink from outside takes no clicks")
	}
	if _, err := r.CheckSettings("acme", a.Settings); err != nil {
		t.Error(err)
	}
}

func TestGuideShowsThisSink(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/adding-a-network.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("outside_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(source), "docs/adding-a-network.md.\n\n")
	code, _, _ = strings.Cut(code, "\n// End of what is printed.")
	if !strings.Contains(string(guide), code) {
		t.Error("the sink in docs/adding-a-network.md is not the one tested here: copy it")
	}
}
