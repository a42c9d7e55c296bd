package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestPrivateBuild: a decoder from outside the tree is added by a main of its
// own, and is a decoder like all others.
func TestPrivateBuild(t *testing.T) {
	t.Parallel()
	s := e2e.StartBinary(t, e2e.Build(t, "./testdata/privatebuild"), t.TempDir())
	p := newProject(s, map[string]any{"constructor": "house"})
	a := s.Event(p.key, "on_house_event", `{"who":77,"from":"poster"}`)
	if a.Code != 200 || !strings.Contains(string(a.Body), "bot_started") {
		t.Errorf("start: %d %s", a.Code, a.Body)
	}
	a = s.Event(p.key, "on_house_event", `{"who":0}`)
	if a.Code != 422 || !strings.Contains(string(a.Body), "who") {
		t.Errorf("no person: %d %s", a.Code, a.Body)
	}
	a = s.Event(p.key, "get_user_info", `{"user_id":77}`)
	if !strings.Contains(string(a.Body), `"invite_link":"poster"`) {
		t.Errorf("get_user_info: %d %s", a.Code, a.Body)
	}
}

// houseAds is the ad network of the private build.
type houseAds struct {
	*httptest.Server
	mu  sync.Mutex
	got []string // hid of each conversion
}

func newHouseAds(t *testing.T) *houseAds {
	h := &houseAds{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.got = append(h.got, r.URL.Query().Get("hid"))
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *houseAds) wait(t *testing.T, want ...string) {
	t.Helper()
	e2e.Eventually(t, 30*time.Second, func() error {
		h.mu.Lock()
		defer h.mu.Unlock()
		if fmt.Sprint(h.got) != fmt.Sprint(want) {
			return fmt.Errorf("the network got %v, want %v", h.got, want)
		}
		return nil
	})
}

// TestStockBuildKeepsWhatItLacks: the data of a private build under the stock
// binary. Requests and conversions that it can do nothing with are kept and
// shown, the doctor and the log name what is missing, and the private build
// takes all of it later.
func TestStockBuildKeepsWhatItLacks(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		private, ads, dir := e2e.Build(t, "./testdata/privatebuild"), newHouseAds(t), t.TempDir()
		env = append(env, "HOUSE_ADS_URL="+ads.URL)
		s := e2e.StartBinary(t, private, dir, env...)
		p := newProject(s, map[string]any{"constructor": "house"})
		account := "/projects/" + p.id + "/ad-accounts/" +
			p.account(s, "house_ads", map[string]any{"key": "hushed"})
		start := func(who int, hid string) string {
			return fmt.Sprintf(`{"who":%d,"from":%q}`, who, s.Click(p.link, "hid="+hid))
		}
		if a := s.Event(p.key, "on_house_event", start(1, "first")); a.Code != 200 {
			t.Fatalf("start: %d %s", a.Code, a.Body)
		}
		ads.wait(t, "first")
		s.Stop()

		s = e2e.Start(t, dir, env...)
		second := start(2, "second")
		a := s.Event(p.key, "on_house_event", second)
		const why = "constructor house; the request is kept"
		if a.Code != 404 || !strings.Contains(string(a.Body), why) {
			t.Errorf("a request to a constructor that is not there: %d %s", a.Code, a.Body)
		}
		if a := s.Event(p.key, "on_house_evnt", second); a.Code != 404 {
			t.Errorf("a request to a method that nobody has: %d %s", a.Code, a.Body)
		}
		third := fmt.Sprintf(`{"user_id":3,"start_value":%q}`, s.Click(p.link, "hid=third"))
		if a := s.Event(p.key, "user_did_start_bot", third); a.Code != 200 {
			t.Errorf("a start that the stock build can read: %d %s", a.Code, a.Body)
		}
		stockShows(t, s, p, account)
		kept(t, s, p, 4)
		j := replayed(t, e2e.Binary(t), s, "requests", "--project", p.id)
		if j.Progress.Changed != 0 || j.Progress.Failed != 0 {
			t.Errorf("replayed without the decoder: %+v", j.Progress)
		}
		captured := t.TempDir()
		code, out, errs := command(t, e2e.Binary(t), s, "decode", "--from-stream",
			"--method", "on_house_event", "--code", "404", "--save", captured)
		if code != 0 {
			t.Errorf("decode --save: exit code %d\n%s%s", code, out, errs)
		}
		sameCase(t, captured, second)
		s.Stop()

		s = e2e.StartBinary(t, private, dir, env...)
		ads.wait(t, "first", "third")
		j = replayed(t, private, s, "requests", "--project", p.id, "--method", "on_house_event")
		if j.Progress.Changed != 1 || j.Progress.Events != 1 {
			t.Errorf("replayed with the decoder: %+v", j.Progress)
		}
		ads.wait(t, "first", "third", "second")
		if got := eventsOf(s, p, 2); got["bot_started"] != 1 {
			t.Errorf("events of the person: %v", got)
		}
		if a := s.API(200, "GET", account, nil); a["health"] != "healthy" {
			t.Errorf("the account under its own build: %v", a)
		}
		p.balanced(t, s)
		s.Stop()
	})
}

// stockShows: what the stock build says of a constructor and a network that it
// lacks.
func stockShows(t *testing.T, s *e2e.Service, p project, account string) {
	t.Helper()
	for _, want := range []string{
		"lacks a constructor", "constructor=house", "lacks an ad network", "network=house_ads",
	} {
		if !strings.Contains(s.Log(), want) {
			t.Errorf("%q is not in the log:\n%s", want, s.Log())
		}
	}
	a := s.API(200, "GET", account, nil)
	reason, _ := a["health_reason"].(string)
	if a["health"] != "unsupported" || !strings.Contains(reason, "house_ads") {
		t.Errorf("the account: %v", a)
	}
	if open := p.conversions(s, "status=pending"); len(open) != 1 || open[0]["network"] != "house_ads" {
		t.Errorf("conversions that wait: %v", open)
	}
	s.API(200, "PATCH", account, map[string]any{"name": "Waiting"})
	s.API(422, "PATCH", account, map[string]any{"settings": map[string]any{"key": "other"}})
	r := s.API(200, "POST", account+"/test", nil)
	if r["ok"] != false || !strings.Contains(fmt.Sprint(r["problems"]), "house_ads") {
		t.Errorf("the account's test: %v", r)
	}
	s.API(200, "PATCH", "/projects/"+p.id, map[string]any{"name": "Kept", "constructor": "house"})
	s.API(422, "PATCH", "/projects/"+p.id, map[string]any{"constructor": "nobodys"})

	var d diagnosed
	found := s.Call("GET", "/api/v1/doctor", "", "Authorization: Bearer "+e2e.Token)
	if err := json.Unmarshal(found.Body, &d); err != nil {
		t.Fatal(err)
	}
	for check, text := range map[string]string{
		"build.constructors": "constructor house, which 1 project has", "build.networks": "house_ads",
	} {
		if !d.has(check, "problem", text) {
			t.Errorf("the doctor does not find %s: %+v", check, d.Findings)
		}
	}
}

// sameCase: a folder has one golden case, with the body as it was sent.
func sameCase(t *testing.T, folder, body string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "*", "request.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("golden cases: %v, %v", found, err)
	}
	got, err := os.ReadFile(found[0])
	if err != nil || string(got) != body {
		t.Errorf("the body was saved as %s, %v; want %s", got, err, body)
	}
	meta, err := os.ReadFile(filepath.Join(filepath.Dir(found[0]), "meta.json"))
	if err != nil || !strings.Contains(string(meta), `"method": "on_house_event"`) {
		t.Errorf("meta.json: %s, %v", meta, err)
	}
}
