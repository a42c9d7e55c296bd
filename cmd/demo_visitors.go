package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

// firstVisitors come at once, so that no page of what happens now is empty.
const firstVisitors = 6

// demoVisitors are people who come to the demo while it runs: over HTTP, as those
// of an ad do.
type demoVisitors struct {
	url    string // of the service
	sim    string // of the simulated networks and messengers
	rand   *mathrand.Rand
	client *http.Client
}

// visitDemo sends a visitor every so often until ctx ends; what fails is left,
// as it is when a person gives up.
func visitDemo(ctx context.Context, serviceURL, simURL string, every time.Duration) {
	v := demoVisitors{url: serviceURL, sim: simURL, rand: mathrand.New(mathrand.NewPCG(uint64(clock().UnixNano()), 1)),
		client: &http.Client{
			Timeout: 10 * time.Second, CheckRedirect: func(*http.Request,
				[]*http.Request) error {
				return http.ErrUseLastResponse
			},
		}}
	for n := 0; ; n++ {
		if n%4 == 2 {
			v.visitMax(ctx)
		} else {
			v.visit(ctx, n)
		}
		wait := every
		if n < firstVisitors {
			wait = min(every, time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// visit is one person: a click, a start, and for some a step of the funnel.
// Now and then a request of the constructor is made wrong.
func (v *demoVisitors) visit(ctx context.Context, n int) {
	sources := demoPlans()[0].sources
	s := &sources[v.rand.IntN(5)]
	start, err := v.click(ctx, s.link, s.click)
	if err != nil {
		return
	}
	who := demoPerson(v.rand, 650_000_000+v.rand.Int64N(1e8))
	from := map[string]any{"id": who.ID, "is_bot": false, "first_name": who.FirstName, "last_name": who.LastName,
		"username": who.Username, "language_code": who.Language}
	v.post(ctx, "on_telegram_webhook", map[string]any{"update_id": v.rand.Int64N(1e9), "message": map[string]any{
		"message_id": 1, "date": clock().Unix(), "chat": map[string]any{"id": who.ID, "type": "private"},
		"from": from, "text": "/start " + start,
	}})
	if v.rand.IntN(2) == 0 {
		v.post(ctx, "add_event", map[string]any{"user_id": who.ID, "event_type": "watched_lesson_1"})
	}
	if n%8 == 1 {
		v.post(ctx, "send_reach_goal", map[string]any{"user_id": "{{user_id}}", "target": "lead_form"})
	}
}

// visitMax is one person who comes to the bot of MAX by an ad; MAX posts the
// start itself.
func (v *demoVisitors) visitMax(ctx context.Context) {
	start, err := v.click(ctx, demoMaxLink, "rb_clickid")
	if err != nil {
		return
	}
	who := demoPerson(v.rand, 650_000_000+v.rand.Int64N(1e8))
	v.postTo(ctx, v.sim+"/max/_write", adsim.MaxWrite{
		UserID: who.ID, FirstName: who.FirstName, LastName: who.LastName, Username: who.Username, Payload: start,
		Locale: who.Language,
	})
}

// click goes to a click link, with a click id of an ad network in a parameter,
// and gives the start value that the bot is to be started with.
func (v *demoVisitors) click(ctx context.Context, link, parameter string) (string, error) {
	query := url.Values{}
	if parameter != "" {
		query.Set(parameter, fmt.Sprint(1e18+v.rand.Uint64N(1e18)))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/c/"+link+"?"+query.Encode(), nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("User-Agent", demoAgents[v.rand.IntN(len(demoAgents))])
	res, err := v.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		return "", err
	}
	return to.Query().Get("start"), nil
}

func (v *demoVisitors) post(ctx context.Context, method string, body any) {
	v.postTo(ctx, strings.TrimSuffix(v.url, "/")+"/v1/"+method, body)
}

func (v *demoVisitors) postTo(ctx context.Context, address string, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+demoKey)
	req.Header.Set("Content-Type", "application/json")
	if res, err := v.client.Do(req); err == nil {
		_ = res.Body.Close()
	}
}
