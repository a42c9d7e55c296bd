package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestRunAnnouncesServesAndStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"--addr", "127.0.0.1:0"}, w)
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
	if all := strings.Join(env, "\n"); !strings.Contains(all, "export TGTRACK_ADNETWORKS_YANDEX_BASE_URL="+base+"/yandex") {
		t.Errorf("printed %s", all)
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
