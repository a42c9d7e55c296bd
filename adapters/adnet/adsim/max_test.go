package adsim_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
)

// maxHook is an address that updates are posted to; it answers what it is told.
type maxHook struct {
	url   string
	posts chan string // secret and body
	codes chan int
}

func newMaxHook(t *testing.T) *maxHook {
	t.Helper()
	h := &maxHook{posts: make(chan string, 100), codes: make(chan int, 100)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		h.posts <- r.Header.Get("X-Max-Bot-Api-Secret") + " " + string(b)
		select {
		case code := <-h.codes:
			w.WriteHeader(code)
		default:
		}
	}))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func (h *maxHook) next(t *testing.T) string {
	t.Helper()
	select {
	case p := <-h.posts:
		return p
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was posted")
		return ""
	}
}

// maxCall calls the Bot API of MAX and gives code and body.
func maxCall(t *testing.T, token, method, address, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(res.StatusCode, " ", string(b))
}

func TestMaxSubscriptions(t *testing.T) {
	t.Parallel()
	clock := simtest.NewClock()
	sim, base := simtest.Serve(t, adsim.Options{Now: clock.Now})
	at := base + "/max/subscriptions"
	const fine = `200 {"success":true}`
	for _, c := range []struct{ token, method, url, body, want string }{
		{"", "GET", at, "", `401 {"code":"verify.token","message":"Invalid access_token"}`},
		{"", "GET", at + "?access_token=bot", "", `401 {"code":"verify.token","message":"Invalid access_token"}`},
		{"bot", "GET", at, "", `200 {"subscriptions":[]}`},
		{"bot", "POST", at, `{"url":"https://a.example/x","secret":"s3cr3t_-","update_types":["bot_started"]}`, fine},
		{"bot", "POST", at, `{"url":"http://127.0.0.1:1/x"}`, fine},
		{"bot", "POST", at, `{"url":"http://a.example/x"}`,
			`400 {"code":"proto.payload","message":"url: must begin with https://"}`},
		{"bot", "POST", at, `{"url":"https://a.example/x","secret":"four"}`, `400 {"code":"proto.payload",` +
			`"message":"secret: must have 5 to 256 characters of A-Z, a-z, 0-9, _ and -"}`},
		// In its place:
		{"bot", "POST", at, `{"url":"https://a.example/x","update_types":["bot_stopped"]}`, fine},
		{"bot", "DELETE", at + "?url=http%3A%2F%2F127.0.0.1%3A1%2Fx", "", fine},
		{"other", "GET", at, "", `200 {"subscriptions":[]}`},
		{"bot", "GET", at, "", fmt.Sprintf(`200 {"subscriptions":[{"url":"https://a.example/x","time":%d,`+
			`"update_types":["bot_stopped"]}]}`, clock.Now().UnixMilli())},
		{"bot", "PUT", at, "", `405 {"code":"method.not.allowed","message":"Method is not allowed"}`},
		{"bot", "GET", base + "/max/chats", "", `404 {"code":"not.found","message":"Resource not found"}`},
	} {
		if got := maxCall(t, c.token, c.method, c.url, c.body); got != c.want {
			t.Errorf("%s %s %s\n got %s\nwant %s", c.method, c.url, c.body, got, c.want)
		}
	}
	sim.Revoke("max", "bot")
	if got := maxCall(t, "bot", "GET", base+"/max/me", ""); !strings.HasPrefix(got, "401") {
		t.Errorf("a revoked token: %s", got)
	}
}

func TestMaxTakes30CallsASecond(t *testing.T) {
	t.Parallel()
	clock := simtest.NewClock()
	_, base := simtest.Serve(t, adsim.Options{Now: clock.Now})
	for i := range 31 {
		got := maxCall(t, "bot", "GET", base+"/max/me", "")
		if strings.HasPrefix(got, "429") != (i == 30) {
			t.Errorf("call %d: %s", i, got)
		}
	}
	clock.Forward(time.Second)
	if got := maxCall(t, "bot", "GET", base+"/max/me", ""); !strings.HasPrefix(got, "200") {
		t.Errorf("a second later: %s", got)
	}
}

// TestMaxRepeatsUntil200: with the secret, the same body each time; anything but
// 200 is a failure.
func TestMaxRepeatsUntil200(t *testing.T) {
	t.Parallel()
	clock, hook := simtest.NewClock(), newMaxHook(t)
	sim, base := simtest.Serve(t, adsim.Options{Now: clock.Now, MaxRepeat: time.Millisecond})
	maxCall(t, "bot", "POST", base+"/max/subscriptions", `{"url":"`+hook.url+`","secret":"s3cr3t"}`)
	for _, code := range []int{500, 204, 302, 200} {
		hook.codes <- code
	}
	got := maxCall(t, "", "POST", base+"/max/_write", `{"user_id":7,"first_name":"Anna","payload":"promo x"}`)
	if got != `200 {"posted_to":1}` {
		t.Errorf("write: %s", got)
	}
	want := fmt.Sprintf(`s3cr3t {"chat_id":7,"payload":"promo x","timestamp":%[1]d,"update_type":"bot_started",`+
		`"user":{"first_name":"Anna","is_bot":false,"last_activity_time":%[1]d,"name":"Anna","user_id":7}}`,
		clock.Now().UnixMilli())
	for range 4 {
		if d := cmp.Diff(want, hook.next(t)); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
	}
	sim.Close()
	select {
	case p := <-hook.posts:
		t.Errorf("posted after 200: %s", p)
	default:
	}
	if it := sim.Received("max"); len(it) != 1 || it[0].Copies != 4 || it[0].Target != "bot_started" ||
		it[0].Account != hook.url {
		t.Errorf("received %+v", it)
	}
}

// TestMaxTellsWhatWasSubscribedTo: a removed dialog is a stop, too; numbers of
// messages are beyond what a float holds.
func TestMaxTellsWhatWasSubscribedTo(t *testing.T) {
	t.Parallel()
	sim, base := simtest.Serve(t, adsim.Options{})
	some, all := newMaxHook(t), newMaxHook(t)
	maxCall(t, "bot", "POST", base+"/max/subscriptions", `{"url":"`+some.url+`","update_types":["bot_stopped"]}`)
	maxCall(t, "bot", "POST", base+"/max/subscriptions", `{"url":"`+all.url+`"}`)
	sim.WriteMax(adsim.MaxWrite{UserID: 7, UpdateType: "dialog_removed", Token: "another"})
	sim.WriteMax(adsim.MaxWrite{UserID: 7, UpdateType: "dialog_removed", Token: "bot"})
	if p := some.next(t); !strings.Contains(p, `"update_type":"bot_stopped"`) {
		t.Errorf("posted %s", p)
	}
	both := all.next(t) + all.next(t)
	if !strings.Contains(both, `"dialog_removed"`) || !strings.Contains(both, `"bot_stopped"`) {
		t.Errorf("posted %s", both)
	}
	sim.WriteMax(adsim.MaxWrite{UserID: 7, UpdateType: "message_created", Text: "hello"})
	if p := all.next(t); !strings.Contains(p, `"seq":116327994376978688`) {
		t.Errorf("posted %s", p)
	}
	sim.WriteMax(adsim.MaxWrite{UserID: 7, UpdateType: "user_added", ChatID: -70801090403050})
	if p := all.next(t); !strings.Contains(p, `"inviter_id":null,"is_channel":true`) {
		t.Errorf("posted %s", p)
	}
	sim.Close()
	if len(some.posts) > 0 || len(all.posts) > 0 {
		t.Error("more was posted than subscribed to")
	}
}

// TestMaxGivesUp: the subscription ends.
func TestMaxGivesUp(t *testing.T) {
	t.Parallel()
	hook := newMaxHook(t)
	sim, base := simtest.Serve(t, adsim.Options{MaxRepeat: time.Millisecond, MaxGiveUp: 2 * time.Millisecond})
	maxCall(t, "bot", "POST", base+"/max/subscriptions", `{"url":"`+hook.url+`"}`)
	for range 100 {
		hook.codes <- 503
	}
	sim.WriteMax(adsim.MaxWrite{UserID: 7})
	sim.WaitMax()
	if got := maxCall(t, "bot", "GET", base+"/max/subscriptions", ""); got != `200 {"subscriptions":[]}` {
		t.Errorf("after it gave up: %s", got)
	}
}
