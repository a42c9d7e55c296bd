package e2e_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/folderlock"
)

// tgtrack runs a command of the binary and gives its output and exit code.
func tgtrack(t *testing.T, dir string, env []string, args ...string) (string, int) {
	t.Helper()
	c := exec.Command(e2e.Binary(t), args...)
	c.Env = append(append(e2e.Environ(), "TGTRACK_DATA_DIR="+dir, "TGTRACK_HTTP_ADDR=127.0.0.1:0",
		"TGTRACK_ADMIN_TOKEN="+e2e.Token), env...)
	c.WaitDelay = 30 * time.Second
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

func readText(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// keyed is a service with an account and a conversion that waits for it.
func keyed(t *testing.T, dir string, env []string) (p project, account string) {
	t.Helper()
	s := e2e.Start(t, dir, env...)
	p = unlimited(s)
	account = p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "fb-token"},
		"activation_goal", "Lead")
	p.patch(s, account, map[string]any{"paused": true})
	p.arrive(t, s, 1000, 3, "fbclid=F%d")
	p.until(t, s, 20*time.Second, map[string]int{"facebook parked": 3})
	s.Stop()
	return p, account
}

// works tells that keys and settings from before open under a new key.
func (p project) works(t *testing.T, st *street, dir string, env []string, account string) {
	t.Helper()
	s := e2e.Start(t, dir, env...)
	p.patch(s, account, map[string]any{"paused": false})
	p.arrive(t, s, 2000, 2, "fbclid=F%d") // with the API key of before
	p.until(t, s, 20*time.Second, map[string]int{"facebook delivered": 5})
	for _, c := range st.Calls("facebook") {
		if !strings.Contains(c.Body, `"fb-token"`) {
			t.Errorf("sent with another token: %s", c.Body)
		}
	}
	p.closed(t, s)
	s.Stop()
}

func refused(t *testing.T, dir string, env []string, says string) {
	t.Helper()
	out, code := tgtrack(t, dir, env, "serve")
	if code != 1 || !strings.Contains(out, says) {
		t.Errorf("serve: exit %d, want 1 and %q: %s", code, says, out)
	}
}

// TestRotateOwnKey: the key is one that the service made for SQLite.
func TestRotateOwnKey(t *testing.T) {
	t.Parallel()
	st := openStreet(t)
	dir := t.TempDir()
	p, account := keyed(t, dir, st.env)
	file := filepath.Join(dir, "secret-key")
	old := readText(t, file)

	lock, err := folderlock.Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	if out, code := tgtrack(t, dir, st.env, "secrets", "rotate"); code != 1 || readText(t, file) != old {
		t.Errorf("while another has the folder: exit %d: %s", code, out)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	out, code := tgtrack(t, dir, st.env, "secrets", "rotate")
	fresh := readText(t, file)
	if code != 0 || fresh == old || !strings.Contains(out, "API keys 2, ad accounts 1") {
		t.Fatalf("rotate: exit %d: %s", code, out)
	}
	if strings.Contains(out, old) || strings.Contains(out, fresh) {
		t.Errorf("a key is printed: %s", out)
	}
	aside, err := filepath.Glob(file + ".*")
	if err != nil || len(aside) != 1 || readText(t, aside[0]) != old {
		t.Fatalf("the old key is in %v, %v", aside, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key's file: %v, %v", info.Mode(), err)
	}
	refused(t, dir, append(st.env, "TGTRACK_SECRET_KEY="+old), "secret_key does not open")

	// As a crash between the commit and the swap of the files leaves it.
	if err := errors.Join(os.Rename(file, file+".new"), os.Rename(aside[0], file)); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, st.env, "tgtrack secrets rotate")
	if out, code := tgtrack(t, dir, st.env, "secrets", "rotate"); code != 0 || !strings.Contains(out, "finished") ||
		readText(t, file) != fresh {
		t.Fatalf("finish: exit %d: %s", code, out)
	}
	p.works(t, st, dir, st.env, account)
}

// TestRotateGivenKey: the key is the operator's, in the configuration.
func TestRotateGivenKey(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		const old, fresh = "the-old-secret-key-of-this-test-0123", "the-new-secret-key-of-this-test-4567"
		st := openStreet(t)
		env = append(append(env, st.env...), "TGTRACK_SECRET_KEY="+old)
		dir := t.TempDir()
		p, account := keyed(t, dir, env)
		file := filepath.Join(t.TempDir(), "key")
		for text, want := range map[string]int{"short": 2, old: 2} {
			if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, code := tgtrack(t, dir, env, "secrets", "rotate", "--new-key-file", file); code != want {
				t.Errorf("key %q: exit %d: %s", text, code, out)
			}
		}
		if err := os.WriteFile(file, []byte(fresh+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		out, code := tgtrack(t, dir, env, "secrets", "rotate", "--new-key-file", file)
		if code != 0 || !strings.Contains(out, "TGTRACK_SECRET_KEY") || strings.Contains(out, fresh) ||
			strings.Contains(out, old) {
			t.Fatalf("rotate: exit %d: %s", code, out)
		}
		refused(t, dir, env, "secret_key does not open")
		p.works(t, st, dir, append(env, "TGTRACK_SECRET_KEY="+fresh), account)

		// Without a file of the operator's the new key is written into one.
		env = append(env, "TGTRACK_SECRET_KEY="+fresh)
		if out, code = tgtrack(t, dir, env, "secrets", "rotate", "--json"); code != 0 ||
			!strings.Contains(out, `"set_secret_key":true`) {
			t.Fatalf("rotate: exit %d: %s", code, out)
		}
		made, err := filepath.Glob(filepath.Join(dir, "secret-key-*"))
		if err != nil || len(made) != 1 || strings.Contains(out, readText(t, made[0])) {
			t.Fatalf("the new key is in %v, %v: %s", made, err, out)
		}
		s := e2e.Start(t, dir, append(env, "TGTRACK_SECRET_KEY="+readText(t, made[0]))...)
		if a := s.Event(p.key, "user_did_start_bot", `{"user_id":1000,"first_name":"P"}`); a.Code != 200 {
			t.Errorf("the API key of before: %d %s", a.Code, a.Body)
		}
		s.Stop()
	})
}

// TestRotateKeepsTheAdminToken: one that was made lives in its file alone.
func TestRotateKeepsTheAdminToken(t *testing.T) {
	t.Parallel()
	dir, env := t.TempDir(), []string{"TGTRACK_ADMIN_TOKEN="}
	e2e.Start(t, dir, env...).Stop()
	for _, lost := range []bool{false, true} {
		token := readText(t, filepath.Join(dir, "admin-token"))
		if lost {
			if err := os.Remove(filepath.Join(dir, "admin-token")); err != nil {
				t.Fatal(err)
			}
		}
		if out, code := tgtrack(t, dir, env, "secrets", "rotate"); code != 0 ||
			strings.Contains(out, "admin token") != lost {
			t.Fatalf("rotate: exit %d: %s", code, out)
		}
		s := e2e.Start(t, dir, env...)
		for given, want := range map[string]int{token: map[bool]int{false: 200, true: 401}[lost],
			readText(t, filepath.Join(dir, "admin-token")): 200} {
			if a := s.Call("GET", "/api/v1/projects", "", "Authorization: Bearer "+given); a.Code != want {
				t.Errorf("lost %v: %d, want %d: %s", lost, a.Code, want, a.Body)
			}
		}
		s.Stop()
	}
}
