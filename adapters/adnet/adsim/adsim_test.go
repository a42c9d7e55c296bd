package adsim_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook"
	"github.com/tgtrack/tgtrack/adapters/adnet/postback"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex"
	"github.com/tgtrack/tgtrack/domain"
)

func metaAccount() domain.Account {
	return domain.Account{ID: "fb", Network: "facebook", Settings: map[string]any{
		"dataset_id": json.Number("7001"), "access_token": "EAAtoken",
	}}
}

func metricaAccount() domain.Account {
	return domain.Account{ID: "ya", Network: "yandex", Settings: map[string]any{
		"counter_id": "44", "oauth_token": "y0_token",
	}}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault adsim.Fault
		want  adnet.Class
	}{
		{adsim.Fault{Fail: adsim.FailStatus, Status: 503}, adnet.Retry},
		{adsim.Fault{Fail: adsim.FailStatus, Status: 429, Headers: map[string]string{"Retry-After": "9"}},
			adnet.Throttled},
		{adsim.Fault{Fail: adsim.FailStatus, Status: 404}, adnet.Misconfigured},
		{adsim.Fault{Fail: adsim.FailStatus, Status: 410}, adnet.Disabled},
		{adsim.Fault{Fail: adsim.FailReset}, adnet.Uncertain},
		{adsim.Fault{Fail: adsim.FailLost}, adnet.Uncertain},
		{adsim.Fault{Fail: adsim.FailGarbage}, adnet.Delivered},
		{adsim.Fault{Fail: adsim.FailHuge}, adnet.Delivered},
		{adsim.Fault{Fail: adsim.FailLatency, Latency: 1}, adnet.Delivered},
		{adsim.Fault{Fail: adsim.FailNone}, adnet.Delivered},
	} {
		w := simtest.NewWorld(t, adsim.Options{}, facebook.New(nil), yandex.New(nil), postback.New())
		a := domain.Account{ID: "pb", Network: "postback",
			Settings: map[string]any{"url": w.URL + "/postback/k3y/pb?subid={click.subid}&tid={event_id}"}}
		w.Sim.Fail("postback", c.fault)
		vs := w.Dispatcher.Deliver(t.Context(), a, w.Conversions(1))
		if vs[0].Class != c.want {
			t.Errorf("%+v: %s (%s), want %s", c.fault, vs[0].Class, vs[0].Reason, c.want)
		}
		if strings.Contains(fmt.Sprintf("%+v %+v", vs[0], vs[0].Exchange), "k3y") {
			t.Errorf("the key is shown: %+v", vs[0].Exchange)
		}
	}
}

func TestControlAndPages(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{}, facebook.New(nil), yandex.New(nil), postback.New())
	post := func(body string) int {
		resp, err := http.Post(w.URL+"/_control", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode
	}
	for body, want := range map[string]int{
		`{"network":"facebook","fail":"status","status":500,"times":1}`: 200,
		`{"network":"yandex","revoke":"y0_token"}`:                      200,
		`{"network":"nowhere","fail":"status"}`:                         400,
		`{"network":"facebook","fail":"odd"}`:                           400,
		`{"network":"facebook","odd":1}`:                                400,
	} {
		if got := post(body); got != want {
			t.Errorf("%s: %d", body, got)
		}
	}
	simtest.Want(t, w.Dispatcher.Deliver(t.Context(), metricaAccount(), w.Conversions(1)),
		map[adnet.Class]int{adnet.AuthRevoked: 1})
	simtest.Want(t, w.Dispatcher.Deliver(t.Context(), metaAccount(), w.Conversions(1)),
		map[adnet.Class]int{adnet.Retry: 1})
	simtest.Want(t, w.Dispatcher.Deliver(t.Context(), metaAccount(), w.Conversions(1)),
		map[adnet.Class]int{adnet.Delivered: 1})
	for path, want := range map[string]string{"/": "conv0000", "/facebook/_received": `"id":"conv0000"`,
		"/facebook/_calls": `"status":500`} {
		resp, err := http.Get(w.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if !strings.Contains(string(b), want) {
			t.Errorf("%s does not show %s", path, want)
		}
	}
}
