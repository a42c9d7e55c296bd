package e2e_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	// The go command does not see that these tests build the program: without
	// this it would take their results from its cache after a change of it.
	_ "github.com/tgtrack/tgtrack/cmd"
	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
)

// web is what a browser of the tests can reach beside the service: pages of
// advertisers, each under a host of its own, and Telegram's t.me.
type web struct {
	service *e2e.Service
	browser context.Context

	mu       sync.Mutex
	pages    map[string]http.HandlerFunc // by host
	telegram []*url.URL                  // addresses of t.me that were opened
}

func newWeb(t *testing.T) *web {
	t.Helper()
	w := &web{pages: map[string]http.HandlerFunc{}}
	shops := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		page := w.pages[r.Host]
		w.mu.Unlock()
		if page == nil || r.URL.Path == "/favicon.ico" {
			http.NotFound(rw, r)
			return
		}
		page(rw, r)
	}))
	t.Cleanup(shops.Close)
	telegram := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.telegram = append(w.telegram, r.URL)
	}))
	t.Cleanup(telegram.Close)
	w.service = e2e.Start(t, t.TempDir())
	w.browser = browser.New(t, "MAP *.shop.test "+shops.Listener.Addr().String(),
		"MAP t.me "+telegram.Listener.Addr().String())
	return w
}

// opened gives the addresses of t.me that were opened for a name.
func (w *web) opened(name string) []*url.URL {
	w.mu.Lock()
	defer w.mu.Unlock()
	var us []*url.URL
	for _, u := range w.telegram {
		if strings.EqualFold(u.Path, "/"+name) {
			us = append(us, u)
		}
	}
	return us
}

// waitOpened waits until an address of t.me was opened for a name.
func (w *web) waitOpened(t *testing.T, name string) *url.URL {
	t.Helper()
	e2e.Eventually(t, 30*time.Second, func() error {
		if len(w.opened(name)) == 0 {
			w.mu.Lock()
			defer w.mu.Unlock()
			return fmt.Errorf("t.me/%s was not opened, but %v\n%s", name, w.telegram, w.service.Log())
		}
		return nil
	})
	return w.opened(name)[0]
}

// page makes a page of an advertiser: a host, its cookies and its HTML, in
// which {t.js} stands for the address of the script and {bot} for the name.
func (w *web) page(host, bot, link, html string, cookies ...string) {
	html = strings.NewReplacer("{t.js}", w.service.URL+"/t.js?link="+link, "{bot}", bot).Replace(html)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[host] = func(rw http.ResponseWriter, _ *http.Request) {
		for _, c := range cookies {
			rw.Header().Add("Set-Cookie", c+"; Path=/")
		}
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(rw, "<!doctype html><title>Shop</title>"+html)
	}
}

// tab of the browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func (w *web) tab(t *testing.T) tab {
	t.Helper()
	ctx, cancel := context.WithTimeout(w.browser, time.Minute)
	t.Cleanup(cancel)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	b := tab{t, ctx}
	b.do(chromedp.Navigate("about:blank"))
	return b
}

func (b tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open goes to a page and waits until it and its scripts are loaded.
func (b tab) open(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
}

// leave goes to a page that may redirect at once, and waits for nothing.
func (b tab) leave(address string) {
	b.t.Helper()
	b.text(fmt.Sprintf("setTimeout(() => { location.href = %q }), ''", address))
}

// text evaluates an expression.
func (b tab) text(js string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return s
}

// click presses the mouse in the middle of what an expression finds.
func (b tab) click(js string, how ...chromedp.MouseOption) {
	b.t.Helper()
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](
		"(e => { const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })("+js+")"))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	b.do(chromedp.MouseClickXY(at[0], at[1], how...))
}

// TestBrowserIsOnItsOwn: names that a test did not map are not found, so that
// no test depends on the network.
func TestBrowserIsOnItsOwn(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := chromedp.NewContext(browser.New(t, "MAP known.test "+listener.Addr().String()))
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate("http://unknown.test/")); err == nil ||
		!strings.Contains(err.Error(), "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("a name that is not mapped: %v", err)
	}
}
