package faults_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// visitor came by a click and starts the bot as soon as that is taken.
type visitor struct{ param, start string }

// visit opens a link as a browser does, and answers how long it took.
func (w *world) visit(link, param string) (visitor, time.Duration, error) {
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequest("GET", w.s.URL+"/c/"+link+"?sub=1&fbclid="+param, nil)
	if err != nil {
		return visitor{}, 0, err
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0")
	began := time.Now()
	res, err := client.Do(req)
	took := time.Since(began)
	if err != nil {
		return visitor{}, took, err
	}
	_ = res.Body.Close()
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil || res.StatusCode != 302 {
		return visitor{}, took, fmt.Errorf("%d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	return visitor{param, to.Query().Get("start")}, took, nil
}

// visits come several at once; each must be sent on in time, with a value of
// its own.
func (w *world) visits(link, name string, n int) (out []visitor) {
	w.t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]bool{}
	for i := range n {
		wg.Go(func() {
			v, took, err := w.visit(link, fmt.Sprintf("%s%d", name, i))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				w.t.Errorf("visit: %v", err)
			case took > answerWithin:
				w.t.Errorf("a visitor was sent on after %s", took)
			case seen[v.start]:
				w.t.Errorf("%s was handed out twice", v.start)
			}
			seen[v.start] = true
			out = append(out, v)
		})
	}
	wg.Wait()
	return out
}

// startAll has everybody start the bot.
func (w *world) startAll(vs []visitor) {
	w.t.Helper()
	for i, v := range vs {
		e2e.Eventually(w.t, 20*time.Second, func() error {
			a := w.s.Event(w.key, "user_did_start_bot",
				fmt.Sprintf(`{"user_id":%d,"first_name":"V","start_value":%q}`, 50_000+i, v.start))
			if a.Code != 200 {
				return fmt.Errorf("start: %d %s", a.Code, a.Body)
			}
			return nil
		})
	}
}

// toldOf holds that each is told to the network with their own click, and so
// many things of each.
func (w *world) toldOf(link string, vs []visitor, things int) {
	w.t.Helper()
	w.delivered(people + things*len(vs))
	for _, v := range vs {
		n := 0
		for _, it := range w.sim.Received("facebook") {
			for _, value := range it.Extra {
				if strings.HasSuffix(value, "."+v.param) { // of fbc
					n++
				}
			}
		}
		if n != things {
			w.t.Errorf("the network was told %d times of %s, want %d", n, v.param, things)
		}
	}
	e2e.Eventually(w.t, 20*time.Second, func() error {
		for _, it := range w.s.API(200, "GET", "/projects/"+w.id+"/links", nil)["items"].([]any) {
			l := it.(map[string]any)
			if l["id"] == link && number(w.t, l["clicks"]) != len(vs) {
				return fmt.Errorf("%v clicks are stored, want %d", l["clicks"], len(vs))
			}
		}
		return nil
	})
	m := string(w.s.Call("GET", "/metrics", "").Body)
	if !strings.Contains(m, "tgtrack_clicks_lost_total 0\n") {
		w.t.Error("clicks are counted as lost, or not at all")
	}
	if published := `tgtrack_published_total{stream="TGTRACK_CLICKS"} `; !strings.Contains(m, published) ||
		strings.Contains(m, published+"0\n") {
		w.t.Error("no click went by the stream")
	}
}

func (w *world) newLink(name string) string {
	w.t.Helper()
	return w.s.API(201, "POST", "/projects/"+w.id+"/links", map[string]any{"name": name})["id"].(string)
}

// TestClicksWhileTheDatabaseIsStopped: none is lost, and each is stored once.
func TestClicksWhileTheDatabaseIsStopped(t *testing.T) {
	t.Parallel()
	pg := ownServer(t, pgtmp.Options{})
	w := newWorld(t, options{database: pg.URL})
	link := w.newLink("Outage")
	before := w.visits(link, "Before", 3)
	if err := pg.Halt(t.Context()); err != nil {
		t.Fatal(err)
	}
	during := w.visits(link, "During", 20)
	goOn(2 * time.Second)
	during = append(during, w.visits(link, "Still", 20)...)
	if err := pg.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	vs := append(before, during...)
	w.startAll(vs)
	w.toldOf(link, vs, 1)
}

// TestClicksWhileTheDatabaseHangs: visitors do not wait for it.
func TestClicksWhileTheDatabaseHangs(t *testing.T) {
	t.Parallel()
	address := databasetest.PostgresURL(t)
	r := newRelay(t, address)
	w := newWorld(t, options{database: address, seenAs: r.address(address)})
	link := w.newLink("Outage")
	vs := w.visits(link, "Before", 3)
	r.hold()
	for i := range 5 {
		vs = append(vs, w.visits(link, fmt.Sprintf("During%d-", i), 5)...)
		goOn(300 * time.Millisecond)
	}
	r.release()
	w.startAll(vs)
	w.toldOf(link, vs, 1)
}

// TestClicksComeAfterTheirStarts: the database is back, and nobody stores the
// clicks that wait yet. Starts and goals are taken as organic ones; later they
// are what they would have been.
func TestClicksComeAfterTheirStarts(t *testing.T) {
	t.Parallel()
	pg := ownServer(t, pgtmp.Options{})
	w := newWorld(t, options{
		database: pg.URL, natsURL: newNATS(t, 0).url(), crew: []string{"api", "relay,reports", "deliver"},
	})
	link := w.newLink("Outage")
	vs := w.visits(link, "Before", 1)
	w.delivered(people)
	w.withRole("relay")[0].Stop()
	if err := pg.Halt(t.Context()); err != nil {
		t.Fatal(err)
	}
	vs = append(vs, w.visits(link, "During", 10)...)
	if err := pg.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.startAll(vs)
	for i := range vs {
		want := 422 // organic, and kept
		if i == 0 {
			want = 200
		}
		a := w.s.Event(w.key, "send_reach_goal", fmt.Sprintf(`{"user_id":%d,"target":"lead"}`, 50_000+i))
		if a.Code != want {
			t.Errorf("goal of %s: %d %s, want %d", vs[i].param, a.Code, a.Body, want)
		}
	}
	relay := w.another("relay,reports")
	defer func() {
		if t.Failed() {
			t.Log(relay.Log(), string(relay.Call("GET", "/metrics", "").Body))
		}
	}()
	w.toldOf(link, vs, 2)
	w.counted(people + 2*len(vs))
}
