// Package browser starts a browser for tests. It is a package of its own because
// of all that it imports: who tries the service without a browser should not
// have to build it, and again for the race detector and for fuzzing.
package browser

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// New starts a headless Chromium with an empty profile, which ends with
// the test; tabs are opened in it by chromedp.NewContext. Hosts is a rule such
// as "MAP t.me 127.0.0.1:8443": no other name is looked up, and nothing leaves
// the machine. Certificates are not checked. A test never skips: no browser is
// a failure.
func New(t testing.TB, hosts ...string) context.Context {
	t.Helper()
	path, err := e2e.Tool("chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
	if err != nil {
		t.Fatal(err)
	}
	rules := strings.Join(append(hosts, "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"), ", ")
	_, agent, _ := strings.Cut(e2e.Browser, ": ")
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.UserAgent(agent),
		chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.IgnoreCertErrors,
		chromedp.WSURLReadTimeout(time.Minute), chromedp.Flag("host-resolver-rules", rules),
		// Pages of the tests are served without TLS.
		chromedp.Flag("disable-features", "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable"),
	}
	for _, flag := range []string{
		"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"disable-dev-shm-usage", "disable-extensions",
		// Several tabs are busy at the same time.
		"disable-renderer-backgrounding", "disable-background-timer-throttling",
		"disable-backgrounding-occluded-windows",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // ends the process and waits for it
		cancel()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}
