package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// build makes the program with a folder for temporary files of its own, so
// that what it leaves behind can be seen.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pgtmp")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// command prepares a run that makes a server of its own.
func command(t *testing.T, path string, args ...string) (*exec.Cmd, string) {
	t.Helper()
	// Not t.TempDir: the account of the server may not pass its parents.
	dir, err := os.MkdirTemp("", "pgtmp-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, variable+"=") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "TMPDIR="+dir)
	return cmd, dir
}

// empty waits until the folder is empty: the files go after the program when
// it was killed.
func empty(t *testing.T, dir string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("left behind: %v", entries)
		case <-tick.C:
		}
	}
}

func TestPgtmp(t *testing.T) {
	t.Parallel()
	path := build(t)
	t.Run("the command's output and exit code come through", func(t *testing.T) {
		t.Parallel()
		cmd, dir := command(t, path, "--", "sh", "-c", `echo "$TGTEST_POSTGRES_URL"; cat; exit 7`)
		cmd.Stdin = strings.NewReader("from stdin")
		out, err := cmd.Output()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 7 {
			t.Errorf("ended with %v, want exit code 7", err)
		}
		address, rest, _ := strings.Cut(string(out), "\n")
		if !strings.HasPrefix(address, "postgres://tgtrack@127.0.0.1:") || rest != "from stdin" {
			t.Errorf("printed %q", out)
		}
		empty(t, dir)
	})
	t.Run("a given server is used", func(t *testing.T) {
		t.Parallel()
		cmd, dir := command(t, path, "sh", "-c", `echo "$TGTEST_POSTGRES_URL"`)
		cmd.Env = append(cmd.Env, variable+"=postgres://given/db")
		out, err := cmd.Output()
		if err != nil || string(out) != "postgres://given/db\n" {
			t.Errorf("%q, %v", out, err)
		}
		empty(t, dir)
	})
	t.Run("no such command", func(t *testing.T) {
		t.Parallel()
		cmd, dir := command(t, path, "tgtrack-no-such-command")
		out, err := cmd.CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("tgtrack-no-such-command")) {
			t.Errorf("%q, %v", out, err)
		}
		empty(t, dir)
	})
	t.Run("wrong usage", func(t *testing.T) {
		t.Parallel()
		cmd, dir := command(t, path)
		var exit *exec.ExitError
		if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
			t.Errorf("ended with %v, want exit code 2", err)
		}
		empty(t, dir)
	})
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(fmt.Sprintf("signal %d reaches the command", s), func(t *testing.T) {
			t.Parallel()
			const script = `trap 'echo caught; exit 3' INT TERM; echo ready; while :; do sleep 0.05; done`
			cmd, dir := command(t, path, "sh", "-c", script)
			out := started(t, cmd)
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			if rest, err := io.ReadAll(out); err != nil || string(rest) != "caught\n" {
				t.Errorf("printed %q, %v", rest, err)
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
				t.Errorf("ended with %v, want exit code 3", err)
			}
			empty(t, dir)
		})
	}
	t.Run("nothing is left when it is killed", func(t *testing.T) {
		t.Parallel()
		cmd, dir := command(t, path, "sh", "-c", `echo ready; exec sleep 600`)
		started(t, cmd)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Error("a killed program ended well")
		}
		empty(t, dir)
	})
}

// started starts a command that prints "ready" and returns the rest of its output.
func started(t *testing.T, cmd *exec.Cmd) io.Reader {
	t.Helper()
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	if line, err := out.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("read %q, %v", line, err)
	}
	return out
}
