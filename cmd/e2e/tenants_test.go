package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// floodRequests are so many that they fill the log of the test several times.
const floodRequests = 20_000

// TestAFloodCostsOthersNothing: while one project sends twenty thousand
// requests that are refused, clicks, lets its webhook hang and opens live views,
// another one's requests are kept with their bodies, its clicks are recorded,
// its notice goes out and its live view opens.
func TestAFloodCostsOthersNothing(t *testing.T) {
	t.Parallel()
	told := make(chan struct{}, 1)
	receivers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/hangs") {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return
		}
		select {
		case told <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(receivers.Close)
	s := e2e.Start(t, t.TempDir(), "TGTRACK_REQUESTS_MAX_BYTES=8MiB", "TGTRACK_OUTBOUND_ALLOW_PRIVATE=true",
		"TGTRACK_LIMITS_PER_SECOND=0", "TGTRACK_LIMITS_PER_HOUR=0", "TGTRACK_LIMITS_PER_DAY=0")
	quiet, loud := newProject(s, nil), newProject(s, nil)
	owner := signUp(t, s, setupLink.FindStringSubmatch(s.Log())[1], "anna@example.com")
	viewer := signUp(t, s, owner.invite(loud.id), "boris@example.com")
	for p, path := range map[project]string{quiet: "/answers", loud: "/hangs"} {
		s.API(200, "PUT", "/projects/"+p.id+"/notifications", map[string]any{"webhook_url": receivers.URL + path})
	}
	start := func(user int) {
		t.Helper()
		if a := s.Event(quiet.key, "user_did_start_bot", fmt.Sprintf(`{"user_id":"%d"}`, user)); a.Code != 200 {
			t.Fatalf("a start of the quiet one: %d %s", a.Code, a.Body)
		}
	}
	for user := 1; user <= 5; user++ {
		start(user)
	}
	s.API(204, "POST", "/projects/"+loud.id+"/notifications/test", nil)
	stop := loud.flood(s)
	if n := viewer.liveViews(loud.id, 40); n == 0 || n == 40 {
		t.Errorf("%d live views of the loud one are open", n)
	}
	for user := 6; user <= 10; user++ {
		start(user)
		if value := s.Click(quiet.link, fmt.Sprint("fbclid=", user)); !strings.HasPrefix(value, "TGTrack-PJ") {
			t.Errorf("a click of the quiet one got %q", value)
		}
	}
	s.API(204, "POST", "/projects/"+quiet.id+"/notifications/test", nil)
	select {
	case <-told:
	case <-time.After(10 * time.Second):
		t.Error("the quiet one's notice did not go out")
	}
	if n := owner.liveViews(quiet.id, 1); n != 1 {
		t.Error("the quiet one's live view does not open")
	}
	if n := stop(); n != floodRequests {
		t.Fatalf("%d requests of the loud one were answered", n)
	}
	start(11)
	e2e.Eventually(t, 20*time.Second, func() error {
		items := s.API(200, "GET", "/projects/"+quiet.id+"/requests", nil)["items"].([]any)
		for _, it := range items {
			if body := it.(map[string]any)["body"]; body == "" {
				return fmt.Errorf("a request of the quiet one lost its body: %v", it)
			}
		}
		if len(items) != 11 {
			return fmt.Errorf("%d requests of the quiet one are kept, want 11", len(items))
		}
		return nil
	})
	links := s.API(200, "GET", "/projects/"+quiet.id+"/links", nil)["items"].([]any)
	if n := fmt.Sprint(links[0].(map[string]any)["clicks"]); n != "5" {
		t.Errorf("%s clicks of the quiet one are recorded, want 5", n)
	}
	kept := s.API(200, "GET", "/projects/"+loud.id+"/requests", nil)["items"].([]any)
	newest := kept[0].(map[string]any)
	if len(kept) != 100 || newest["body"] != "" || newest["body_left_out"] != "share" {
		t.Errorf("%d of the loud one's are listed, the newest: %v", len(kept), newest)
	}
}

// flood sends refused requests with large bodies, and clicks, as fast as they
// are answered; what it gives waits for their end.
func (p project) flood(s *e2e.Service) (wait func() int64) {
	body := `{"first_name":"` + strings.Repeat("x", 12<<10) + `"}`
	var sent, answered atomic.Int64
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for sent.Add(1) <= floodRequests {
				a, err := e2e.Do(context.Background(), "POST", s.URL+"/v1/"+p.key+"/user_did_start_bot", body,
					"Content-Type: application/json")
				if err == nil && a.Code == 422 {
					answered.Add(1)
				}
			}
		})
	}
	workers.Go(func() {
		for range 2000 {
			_, _ = e2e.Do(context.Background(), "GET", s.URL+"/c/"+p.link+"?yclid=1", "", e2e.Browser)
		}
	})
	return func() int64 {
		workers.Wait()
		return answered.Load()
	}
}

// visitor is somebody who is logged into the cabinet.
type visitor struct {
	t      *testing.T
	s      *e2e.Service
	client *http.Client
}

// signUp makes a user by a link for it.
func signUp(t *testing.T, s *e2e.Service, link, email string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t, s, &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	form := url.Values{"email": {email}, "name": {"Anna"}, "password": {"a wide river 1804"}}
	if code, page := v.post(link, form); code != 200 {
		t.Fatalf("sign up: %d %s", code, page)
	}
	if strings.HasPrefix(link, "/invite/") { // it does not say whether there was such a user
		if code, page := v.post("/login", form); code != 200 {
			t.Fatalf("log in: %d %s", code, page)
		}
	}
	return v
}

func (v *visitor) post(path string, form url.Values) (int, string) {
	v.t.Helper()
	return v.read(v.client.PostForm(v.s.URL+path, form))
}

func (v *visitor) read(res *http.Response, err error) (int, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

var (
	formToken  = regexp.MustCompile(`name="form_token" value="([^"]*)"`)
	inviteLink = regexp.MustCompile(`/invite/[A-Za-z0-9_-]+`)
	setupLink  = regexp.MustCompile(`http://\S+(/setup/\S+)`)
)

// invite makes a link for another user of a project.
func (v *visitor) invite(projectID string) string {
	v.t.Helper()
	users := "/projects/" + projectID + "/users"
	_, page := v.read(v.client.Get(v.s.URL + users))
	token := formToken.FindStringSubmatch(page)
	if token == nil {
		v.t.Fatalf("no form on %s", page)
	}
	_, page = v.post(users+"/invite", url.Values{"form_token": {token[1]}, "role": {"viewer"}})
	link := inviteLink.FindString(page)
	if link == "" {
		v.t.Fatalf("no invitation on %s", page)
	}
	return link
}

// liveViews opens live views of a project, and tells how many were opened; they
// stay open until the test ends.
func (v *visitor) liveViews(projectID string, n int) (open int) {
	v.t.Helper()
	for range n {
		req, err := http.NewRequestWithContext(v.t.Context(), "GET", v.s.URL+"/projects/"+projectID+"/live/stream", nil)
		if err != nil {
			v.t.Fatal(err)
		}
		res, err := v.client.Do(req)
		if err != nil {
			v.t.Fatal(err)
		}
		v.t.Cleanup(func() { _ = res.Body.Close() })
		if res.StatusCode == 200 && strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
			open++
		}
	}
	return open
}
