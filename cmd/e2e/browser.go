package e2e

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// NewBrowser starts a headless Chromium with an empty profile, which ends with
// the test; tabs are opened in it by chromedp.NewContext. Hosts is a rule such
// as "MAP t.me 127.0.0.1:8443": no other name is looked up, and nothing leaves
// the machine. Certificates are not checked. A test never skips: no browser is
// a failure.
func NewBrowser(t testing.TB, hosts ...string) context.Context {
	t.Helper()
	path, err := Tool("chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
	if err != nil {
		t.Fatal(err)
	}
	rules := strings.Join(append(hosts, "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"), ", ")
	_, agent, _ := strings.Cut(Browser, ": ")
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.UserAgent(agent), chromedp.Headless, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.IgnoreCertErrors, chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-extensions", true),
		// Pages of the tests are served without TLS, and several tabs are busy
		// at the same time.
		chromedp.Flag("disable-features", "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable"), chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("host-resolver-rules", rules),
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
