package cmd

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestSimulateAnnouncesServesAndStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := (&program{out: w, err: w}).simulate(ctx, []string{"--addr", "127.0.0.1:0"})
		_ = w.Close()
		done <- err
	}()
	var base string
	var env []string
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		line := sc.Text()
		if b, ok := strings.CutPrefix(line, "listening on "); ok {
			base = b
		}
		env = append(env, line)
		if strings.Contains(line, "ALLOW_PRIVATE") {
			break
		}
	}
	all := strings.Join(env, "\n")
	for _, line := range []string{
		"export TGTRACK_ADNETWORKS_YANDEX_BASE_URL=" + base + "/yandex",
		"export TGTRACK_ADNETWORKS_GOOGLE_OAUTH_BASE_URL=" + base + "/google_oauth",
		"export TGTRACK_ADNETWORKS_TELEGRAM_BASE_URL=" + base + "/telegram",
		"# bots of MAX: POST " + base + "/max/subscriptions",
		"# addresses of postback accounts begin with " + base + "/postback/",
	} {
		if !strings.Contains(all, line) {
			t.Errorf("%q is not in what it printed:\n%s", line, all)
		}
	}
	resp, err := http.Get(base + "/facebook/_received")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
