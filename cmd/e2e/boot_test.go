package e2e_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

// tool runs a command of the binary and answers its exit code and output.
func tool(t *testing.T, env []string, stdin string, args ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, e2e.Binary(t), args...)
	c.Env = append(e2e.Environ(), env...)
	c.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	if err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String()
}

func refusedStart(t *testing.T, env []string, want string) {
	t.Helper()
	code, out := tool(t, append(env, "TGTRACK_HTTP_ADDR=127.0.0.1:0"), "", "serve")
	if code == 0 || !strings.Contains(out, want) {
		t.Errorf("serve: exit code %d, want a refusal with %q:\n%s", code, want, out)
	}
}

// TestShortSecrets: a secret that can be guessed is refused at start, by its name
// and with what to do, before anything is made.
func TestShortSecrets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ env, want string }{
		"token":          {"TGTRACK_ADMIN_TOKEN=1", "admin_token (TGTRACK_ADMIN_TOKEN) has 1 characters; at least 16"},
		"token, nearly":  {"TGTRACK_ADMIN_TOKEN=fifteen-letters", "admin_token"},
		"key":            {"TGTRACK_SECRET_KEY=a", "secret_key (TGTRACK_SECRET_KEY) has 1 characters; at least 32"},
		"key, nearly":    {"TGTRACK_SECRET_KEY=thirty-one-characters-and-no-mo", "tgtrack secrets rotate"},
		"token of NATS":  {"TGTRACK_NATS_TOKEN=look", "nats.token (TGTRACK_NATS_TOKEN) has 4 characters; at least 16"},
		"in two letters": {"TGTRACK_ADMIN_TOKEN=жжжжжжжжж", "admin_token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			refusedStart(t, []string{"TGTRACK_DATA_DIR=" + dir, c.env}, c.want)
			if made, err := os.ReadDir(dir); err != nil || len(made) > 0 {
				t.Errorf("the folder has %v, %v", made, err)
			}
			if code, out := tool(t, []string{"TGTRACK_DATA_DIR=" + dir, c.env}, "", "config", "print"); code != 0 {
				t.Errorf("config print: exit code %d\n%s", code, out)
			}
		})
	}
}

// TestRefusals: a database that is not the one we mean is left alone.
func TestRefusals(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		env := []string{"TGTRACK_DATA_DIR=" + dir}
		s := e2e.Start(t, dir)
		newProject(s, nil)
		s.Stop()
		refusedStart(t, append(env, "TGTRACK_SECRET_KEY=another key, which is as long as the right one"), "secret_key")
		db, err := sql.Open("sqlite", filepath.Join(dir, "tgtrack.db"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("INSERT INTO schema_migrations (version, name, applied_at) VALUES (9999, 'future', 0)"); err != nil {
			t.Fatal(err)
		}
		db.Close()
		refusedStart(t, env, "newer version")
		for _, f := range []string{"tgtrack.db", "tgtrack.db-wal", "tgtrack.db-shm"} {
			_ = os.Remove(filepath.Join(dir, f))
		}
		refusedStart(t, env, "migrate up --fresh")
		if code, out := tool(t, env, "", "migrate", "up", "--fresh"); code != 0 {
			t.Fatalf("migrate up --fresh: %d\n%s", code, out)
		}
		e2e.Start(t, dir).Stop()
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url, dir := databasetest.PostgresURL(t), t.TempDir()
		env := []string{"TGTRACK_DATA_DIR=" + dir, "TGTRACK_DATABASE_URL=" + url}
		refusedStart(t, env, "secret_key")
		env = append(env, "TGTRACK_SECRET_KEY=the right key, of thirty-two characters or more")
		s := e2e.Start(t, dir, env[1:]...)
		newProject(s, nil)
		s.Stop()
		refusedStart(t, append(env, "TGTRACK_SECRET_KEY=the wrong key, of thirty-two characters or more"), "secret_key")
		db, err := sql.Open("pgx", url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("DO $$ DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables WHERE " +
			"schemaname = current_schema() LOOP EXECUTE 'DROP TABLE IF EXISTS ' || quote_ident(r.tablename) || ' " +
			"CASCADE'; END LOOP; END $$"); err != nil {
			t.Fatal(err)
		}
		refusedStart(t, env, "migrate up --fresh")
	})
}

// TestUsage: a wrong command line or setting is exit code 2 and says what.
func TestUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  []string
		args []string
		want string
	}{
		{nil, []string{"nosuch"}, "nosuch"},
		{nil, []string{"serve", "--nosuch"}, "nosuch"},
		{nil, []string{"serve", "extra"}, "extra"},
		{nil, []string{"migrate"}, "migrate up"},
		{nil, []string{"decode"}, "--method"},
		{[]string{"TGTRACK_NOSUCH=1"}, []string{"serve"}, "TGTRACK_NOSUCH"},
		{[]string{"TGTRACK_LIMITS_PER_HOUR=many"}, []string{"serve"}, "TGTRACK_LIMITS_PER_HOUR"},
		{[]string{"TGTRACK_ROLES=api"}, []string{"serve"}, "TGTRACK_ROLES"},
	} {
		code, out := tool(t, c.env, "", c.args...)
		if code != 2 || !strings.Contains(out, c.want) {
			t.Errorf("%v %v: exit code %d, want 2 with %q:\n%s", c.env, c.args, code, c.want, out)
		}
	}
}

// TestExternalNATS is the story on PostgreSQL and a NATS server outside, by
// environment variables alone.
func TestExternalNATS(t *testing.T) {
	t.Parallel()
	srv, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: -1, JetStream: true,
		StoreDir: t.TempDir(), NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	sim, simEnv := networks(t)
	s := e2e.Start(t, t.TempDir(), append(simEnv, "TGTRACK_NATS_URL="+srv.ClientURL(),
		"TGTRACK_DATABASE_URL="+databasetest.PostgresURL(t), "TGTRACK_SECRET_KEY=k-is-a-key-of-thirty-two-characters")...)
	p := newProject(s, nil)
	p.account(s, "facebook", map[string]any{"dataset_id": "1", "access_token": "t"}, "activation_goal", "Lead")
	s.Event(p.key, "user_did_start_bot",
		fmt.Sprintf(`{"user_id":1,"first_name":"A","start_value":%q}`, s.Click(p.link, "fbclid=x")))
	p.settled(t, s, 1, "delivered")
	if n := len(sim.Received("facebook")); n != 1 {
		t.Errorf("facebook got %d conversions", n)
	}
}

// TestReadmeStory runs the README's lines as they stand, but for the ports.
func TestReadmeStory(t *testing.T) {
	t.Parallel()
	service, sim := e2e.FreeAddr(t), e2e.FreeAddr(t)
	c := exec.Command(e2e.Binary(t), "demo", "--networks-addr", sim)
	c.Env = append(e2e.Environ(), "TGTRACK_HTTP_ADDR="+service)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	})
	e2e.Eventually(t, 20*time.Second, func() error {
		_, err := e2e.Do(context.Background(), "GET", "http://"+service+"/readyz", "")
		return err
	})
	// Visitors come by themselves, and some of their requests are wrong.
	e2e.Eventually(t, 90*time.Second, func() error {
		a, err := e2e.Do(context.Background(), "GET", "http://"+service+"/api/v1/projects/demo/requests", "",
			"Authorization: Bearer demo")
		if got := string(a.Body); err != nil || !strings.Contains(got, "watched_lesson_1") ||
			!strings.Contains(got, "{{user_id}}") {
			return fmt.Errorf("%w: %s", err, got)
		}
		return nil
	})
	for _, file := range []string{"README.md", "README.ru.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		block := regexp.MustCompile("(?s)<!-- story:begin -->\n```sh\n(.*?)```").FindSubmatch(text)
		if block == nil {
			t.Fatalf("%s has no story", file)
		}
		script := strings.NewReplacer("127.0.0.1:8080", service, "127.0.0.1:8090", sim).Replace(string(block[1]))
		e2e.Eventually(t, 20*time.Second, func() error {
			got, err := exec.Command("bash", "-c", script).CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, got)
			}
			if strings.Count(string(got), `"status":"delivered"`) < 4 ||
				!strings.Contains(string(got), `"target":"Lead"`) {
				return fmt.Errorf("%s: %s", file, got)
			}
			return nil
		})
	}
}
