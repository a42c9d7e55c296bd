package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// errNoBrowser is returned where Chromium is neither installed nor installable.
var errNoBrowser = errors.New("no browser for tests: install Chromium (Debian: apt-get install chromium)")

// installTime bounds the installation of the browser.
const installTime = 5 * time.Minute

// browser is looked for, and installed, once for all tests of a process.
var browser = sync.OnceValues(func() (string, error) {
	if path, found := findBrowser(); found {
		return path, nil
	}
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return "", errNoBrowser
	}
	ctx, cancel := context.WithTimeout(context.Background(), installTime)
	defer cancel()
	for _, args := range [][]string{{"update", "-q"}, {"install", "-q", "-y", "--no-install-recommends", "chromium"}} {
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			return "", fmt.Errorf("no browser for tests: apt-get %s: %s: %w", args[0], lines[len(lines)-1], err)
		}
	}
	if path, found := findBrowser(); found {
		return path, nil
	}
	return "", errNoBrowser
})

func findBrowser() (string, bool) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// NewBrowser starts a headless Chromium with an empty profile, which ends with
// the test; tabs are opened in it by chromedp.NewContext. Hosts is a rule such
// as "MAP t.me 127.0.0.1:8443": no other name is looked up, and nothing leaves
// the machine. Certificates are not checked. A test never skips: no browser is
// a failure.
func NewBrowser(t testing.TB, hosts ...string) context.Context {
	t.Helper()
	path, err := browser()
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
