package adsim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook"
	"github.com/tgtrack/tgtrack/adapters/adnet/postback"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex"
	"github.com/tgtrack/tgtrack/domain"
)

// world is sinks behind their stages against the simulation.
type world struct {
	sim  *adsim.Sim
	url  string
	d    *adnet.Dispatcher
	skip *atomic.Int64 // nanoseconds the clock is ahead
}

func (w world) now() time.Time { return time.Now().Add(time.Duration(w.skip.Load())) }

func newWorld(t *testing.T, o adsim.Options) world {
	t.Helper()
	w := world{skip: &atomic.Int64{}}
	o.Now = w.now
	w.sim = adsim.New(o)
	srv := httptest.NewServer(w.sim)
	t.Cleanup(srv.Close)
	w.url = srv.URL
	r, err := adnet.NewRegistry(
		facebook.New(facebook.Options{BaseURL: srv.URL + "/facebook"}),
		yandex.New(yandex.Options{BaseURL: srv.URL + "/yandex", PollAfter: time.Minute}),
		postback.New(),
	)
	if err != nil {
		t.Fatal(err)
	}
	clients := adnet.NewClients(adnet.ClientOptions{AllowPrivate: true, Timeout: 5 * time.Second})
	t.Cleanup(clients.CloseIdle)
	w.d = adnet.NewDispatcher(adnet.Options{Registry: r, Clients: clients, Now: w.now, BreakerFailures: 100})
	return w
}

func (w world) conversions(n int) []domain.Conversion {
	cs := make([]domain.Conversion, n)
	now := w.now()
	batch := fmt.Sprintf("%012xabcdefabcdefabcdefab", now.UnixMilli())
	for i := range cs {
		cs[i] = domain.Conversion{
			ID: fmt.Sprintf("conv%04d", i), ProjectID: "p", Kind: domain.Goal, Target: "lead", Name: "Lead", Messenger: "telegram", UserID: int64(i + 1),
			OccurredAt: now.Add(-time.Minute), CreatedAt: now, ExpiresAt: now.Add(24 * time.Hour), BatchID: batch, Currency: "RUB",
			Click: &domain.Click{At: now.Add(-time.Hour), URL: "https://go.example/c/x", Params: map[string]string{
				"fbclid": fmt.Sprintf("Fb%d", i), "ym_uid": fmt.Sprintf("17%d", i+100), "subid": fmt.Sprintf("s%d", i),
			}},
		}
	}
	return cs
}

func fbAccount() domain.Account {
	return domain.Account{ID: "fb", Network: "facebook", Settings: map[string]any{"dataset_id": json.Number("7001"), "access_token": "EAAtoken"}}
}

func yaAccount() domain.Account {
	return domain.Account{ID: "ya", Network: "yandex", Settings: map[string]any{"counter_id": "44", "oauth_token": "y0_token"}}
}

func count(vs []adnet.Verdict) map[adnet.Class]int {
	m := map[adnet.Class]int{}
	for _, v := range vs {
		m[v.Class]++
	}
	return m
}

func wantCount(t *testing.T, vs []adnet.Verdict, want map[adnet.Class]int) {
	t.Helper()
	if diff := cmp.Diff(want, count(vs)); diff != "" {
		t.Fatalf("-want +got\n%s%+v", diff, vs[0])
	}
}

func TestMetaRefusesAllForOneOldEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adsim.Options{})
	cs := w.conversions(50)
	cs[17].OccurredAt = w.now().Add(-8 * 24 * time.Hour)
	vs := w.d.Deliver(context.Background(), fbAccount(), cs)
	wantCount(t, vs, map[adnet.Class]int{adnet.Delivered: 49, adnet.Rejected: 1})
	if !strings.Contains(vs[17].Reason, "2804003") {
		t.Errorf("reason %q", vs[17].Reason)
	}
	items := w.sim.Received("facebook")
	if len(items) != 49 {
		t.Errorf("%d counted", len(items))
	}
	w.d.Deliver(context.Background(), fbAccount(), cs[:1])
	if n := len(w.sim.Received("facebook")); n != 49 {
		t.Errorf("a repeat was counted: %d", n)
	}
}

func TestMetaForgetsRepeatsAfterTwoDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adsim.Options{})
	cs := w.conversions(1)
	cs[0].ExpiresAt = w.now().Add(time.Hour * 1000)
	for _, hours := range []int{0, 47, 2} {
		w.skip.Add(int64(hours) * int64(time.Hour))
		wantCount(t, w.d.Deliver(context.Background(), fbAccount(), cs), map[adnet.Class]int{adnet.Delivered: 1})
	}
	if n := len(w.sim.Received("facebook")); n != 2 {
		t.Errorf("counted %d times, want 2: the third came after 49 hours", n)
	}
}

func TestMetaRevokedTokenIsHTTP500(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adsim.Options{})
	w.sim.Revoke("facebook", "EAAtoken")
	vs := w.d.Deliver(context.Background(), fbAccount(), w.conversions(2))
	wantCount(t, vs, map[adnet.Class]int{adnet.AuthRevoked: 2})
	if vs[0].Exchange.StatusCode != 500 {
		t.Errorf("status %d", vs[0].Exchange.StatusCode)
	}
	if r := w.d.Test(context.Background(), fbAccount()); r.OK {
		t.Error("the test found a revoked token fine")
	}
	w.sim.Restore("facebook", "EAAtoken")
	if r := w.d.Test(context.Background(), fbAccount()); !r.OK {
		t.Errorf("test: %+v", r)
	}
}

func TestMetricaGoesThroughItsStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adsim.Options{Stage: time.Minute})
	cs := w.conversions(5)
	vs := w.d.Deliver(context.Background(), yaAccount(), cs)
	wantCount(t, vs, map[adnet.Class]int{adnet.Accepted: 5})
	for i := range cs {
		cs[i].Handle = vs[i].Handle
	}
	w.skip.Add(int64(3 * time.Minute))
	wantCount(t, w.d.Poll(context.Background(), yaAccount(), cs), map[adnet.Class]int{adnet.Accepted: 5})
	w.skip.Add(int64(2 * time.Minute))
	wantCount(t, w.d.Poll(context.Background(), yaAccount(), cs), map[adnet.Class]int{adnet.Delivered: 5})
	if it := w.sim.Received("yandex")[0]; it.Outcome != "linked" || it.Target != "Lead" || it.Account != "44" {
		t.Errorf("%+v", it)
	}
}

func TestMetricaLinksNoStrangers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adsim.Options{Goals: []string{"Lead"}})
	cs := w.conversions(2)
	cs[0].Click.Params["ym_uid"] = "0123"
	cs[1].Name = "other"
	wantCount(t, w.d.Deliver(context.Background(), yaAccount(), cs[:1]), map[adnet.Class]int{adnet.Unmatched: 1})
	wantCount(t, w.d.Deliver(context.Background(), yaAccount(), cs[1:]), map[adnet.Class]int{adnet.Rejected: 1})
	if r := w.d.Test(context.Background(), yaAccount()); !r.OK || !strings.Contains(strings.Join(r.Checked, " "), "Lead") {
		t.Errorf("test: %+v", r)
	}
}

func TestMetricaChats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adsim.Options{})
	cs := w.conversions(1)
	cs[0].Kind = domain.Activation
	cs[0].Click.Params = map[string]string{"yclid": "12345678901234567890"}
	wantCount(t, w.d.Deliver(context.Background(), yaAccount(), cs), map[adnet.Class]int{adnet.Delivered: 1})
	it := w.sim.Received("yandex")[0]
	if it.Target != "chat" || it.Extra["Yclid"] != "12345678901234567890" || it.Extra["ChatUserID"] != "1" {
		t.Errorf("%+v", it)
	}
}

// The answer to an upload is lost after Metrica counted it: nothing may be
// counted twice and nothing may be lost.
func TestMetricaLostAnswerIsFoundAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adsim.Options{Stage: time.Minute})
	cs := w.conversions(3)
	w.sim.Fail("yandex", adsim.Fault{Fail: adsim.FailLost, Times: 1})
	vs := w.d.Deliver(context.Background(), yaAccount(), cs)
	wantCount(t, vs, map[adnet.Class]int{adnet.Retry: 3})
	for i := range cs {
		cs[i].Handle, cs[i].BatchID = vs[i].Handle, fmt.Sprintf("%012xffffffffffffffffffff", w.now().UnixMilli())
	}
	wantCount(t, w.d.Deliver(context.Background(), yaAccount(), cs), map[adnet.Class]int{adnet.Accepted: 3})
	for _, it := range w.sim.Received("yandex") {
		if it.Copies != 1 {
			t.Errorf("%s was counted %d times", it.ID, it.Copies)
		}
	}
}

// The connection broke before Metrica had the file: it is sent again once the
// list had time to show it.
func TestMetricaLostRequestIsSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adsim.Options{Stage: time.Minute})
	cs := w.conversions(3)
	w.sim.Fail("yandex", adsim.Fault{Fail: adsim.FailReset, Times: 1})
	vs := w.d.Deliver(context.Background(), yaAccount(), cs)
	wantCount(t, vs, map[adnet.Class]int{adnet.Retry: 3})
	for i := range cs {
		cs[i].AttemptOpen = true // the service stopped before it wrote the handle down
	}
	vs = w.d.Deliver(context.Background(), yaAccount(), cs)
	wantCount(t, vs, map[adnet.Class]int{adnet.Retry: 3})
	if vs[0].After <= 0 || vs[0].After > time.Minute || vs[0].Handle == "" {
		t.Errorf("%+v", vs[0])
	}
	w.skip.Add(int64(2 * time.Minute))
	wantCount(t, w.d.Deliver(context.Background(), yaAccount(), cs), map[adnet.Class]int{adnet.Accepted: 3})
	if n := len(w.sim.Received("yandex")); n != 3 {
		t.Errorf("%d rows", n)
	}
}

func TestMetricaBadRowAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, adsim.Options{})
	cs := w.conversions(20)
	cs[7].Click.Params["ym_uid"] = "not a number"
	vs := w.d.Deliver(context.Background(), yaAccount(), cs)
	wantCount(t, vs, map[adnet.Class]int{adnet.Delivered: 19, adnet.Rejected: 1})
	if vs[7].Class != adnet.Rejected || len(w.sim.Received("yandex")) != 19 {
		t.Errorf("%+v", vs[7])
	}
	for _, it := range w.sim.Received("yandex") {
		if it.Copies != 1 {
			t.Errorf("%s came %d times", it.ID, it.Copies)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault adsim.Fault
		want  adnet.Class
	}{
		{adsim.Fault{Fail: adsim.FailStatus, Status: 503}, adnet.Retry},
		{adsim.Fault{Fail: adsim.FailStatus, Status: 429, Headers: map[string]string{"Retry-After": "9"}}, adnet.Throttled},
		{adsim.Fault{Fail: adsim.FailStatus, Status: 404}, adnet.Misconfigured},
		{adsim.Fault{Fail: adsim.FailStatus, Status: 410}, adnet.Disabled},
		{adsim.Fault{Fail: adsim.FailReset}, adnet.Uncertain},
		{adsim.Fault{Fail: adsim.FailLost}, adnet.Uncertain},
		{adsim.Fault{Fail: adsim.FailGarbage}, adnet.Delivered},
		{adsim.Fault{Fail: adsim.FailHuge}, adnet.Delivered},
		{adsim.Fault{Fail: adsim.FailLatency, Latency: 1}, adnet.Delivered},
		{adsim.Fault{Fail: adsim.FailNone}, adnet.Delivered},
	} {
		w := newWorld(t, adsim.Options{})
		a := domain.Account{ID: "pb", Network: "postback", Settings: map[string]any{"url": w.url + "/postback/k3y/pb?subid={click.subid}&tid={event_id}"}}
		w.sim.Fail("postback", c.fault)
		vs := w.d.Deliver(context.Background(), a, w.conversions(1))
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
	w := newWorld(t, adsim.Options{})
	post := func(body string) int {
		resp, err := http.Post(w.url+"/_control", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode
	}
	for body, want := range map[string]int{
		`{"network":"facebook","fail":"status","status":500,"times":1}`: 200, `{"network":"yandex","revoke":"y0_token"}`: 200,
		`{"network":"nowhere","fail":"status"}`: 400, `{"network":"facebook","fail":"odd"}`: 400, `{"network":"facebook","odd":1}`: 400,
	} {
		if got := post(body); got != want {
			t.Errorf("%s: %d", body, got)
		}
	}
	wantCount(t, w.d.Deliver(context.Background(), yaAccount(), w.conversions(1)), map[adnet.Class]int{adnet.AuthRevoked: 1})
	wantCount(t, w.d.Deliver(context.Background(), fbAccount(), w.conversions(1)), map[adnet.Class]int{adnet.Retry: 1})
	wantCount(t, w.d.Deliver(context.Background(), fbAccount(), w.conversions(1)), map[adnet.Class]int{adnet.Delivered: 1})
	for path, want := range map[string]string{"/": "conv0000", "/facebook/_received": `"id":"conv0000"`, "/facebook/_calls": `"status":500`} {
		resp, err := http.Get(w.url + path)
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
