package pgtmp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, name := range []string{
		"listen_addresses", "max_connections", "fsync", "server_encoding", "unix_socket_directories",
	} {
		var value string
		if err := conn.QueryRow(t.Context(), "SHOW "+name).Scan(&value); err != nil {
			t.Fatal(err)
		}
		got[name] = value
	}
	want := map[string]string{
		"listen_addresses": "127.0.0.1", "max_connections": "200", "fsync": "off",
		"server_encoding": "UTF8", "unix_socket_directories": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	// The server stops although somebody is connected.
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if err := conn.Ping(context.Background()); err == nil {
		t.Error("the server still answers")
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestHaltAndResume(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{MaxConnections: 7})
	if err != nil {
		t.Fatal(err)
	}
	before, dir := s.URL, s.dir
	for range 2 {
		if err := s.Halt(t.Context()); err != nil {
			t.Fatal(err)
		}
		if conn, err := pgx.Connect(t.Context(), s.URL); err == nil {
			t.Error("a halted server answers", conn.Close(t.Context()))
		}
		if err := s.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.Connect(t.Context(), before)
	if err != nil {
		t.Fatal(err)
	}
	var most string
	if err := conn.QueryRow(t.Context(), "SHOW max_connections").Scan(&most); err != nil || most != "7" {
		t.Errorf("max_connections is %q, %v", most, err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestDurable(t *testing.T) {
	t.Parallel()
	args := serverCommand("/d", "/b", 1, Options{Durable: true})
	for _, arg := range args {
		if arg == "fsync=off" {
			t.Error("a durable server has fsync off")
		}
	}
}

// A port that another program has is told apart, so that Start tries another.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	bin, ok := find(t.Context())
	if !ok {
		t.Fatal(errNotFound)
	}
	who, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "tgtrack-pgtmp-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := initialise(t.Context(), dir, bin, who); err != nil {
		t.Fatal(err)
	}
	s, err := launchOn(l.Addr().(*net.TCPAddr).Port, dir, bin, who, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ready(t.Context()); !errors.Is(err, errPortTaken) {
		t.Errorf("ready = %v, want errPortTaken", err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, err := Start(ctx, Options{}); err == nil {
		t.Error("started", s.Stop())
	}
}

// Nobody's system is changed without a word, and the word comes first.
func TestInstallSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	apt, called := filepath.Join(dir, "apt-get"), filepath.Join(dir, "called")
	if err := os.WriteFile(apt, []byte("#!/bin/sh\necho \"$*\" >>"+called+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	err := install(t.Context(), apt, writerFunc(func(b []byte) (int, error) {
		if _, err := os.Stat(called); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("apt-get was called before anything was said: %v", err)
		}
		return log.Write(b)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "apt-get install postgresql") || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("said %q", log.String())
	}
	got, err := os.ReadFile(called)
	if err != nil || strings.Count(string(got), "\n") != 2 {
		t.Errorf("called apt-get with %q, %v", got, err)
	}
	if (Options{}).log() != os.Stderr {
		t.Error("without a log it says nothing")
	}
}

func TestOneInstallsAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	release, err := alone(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := alone(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second one begins: %v", err)
	}
	release()
	if _, err := alone(t.Context(), path); err != nil {
		t.Error(err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestComplete(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if complete(dir) {
		t.Error("an empty folder has a server")
	}
	for name, mode := range map[string]os.FileMode{"initdb": 0o700, "postgres": 0o600} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	if complete(dir) {
		t.Error("a file that cannot be run is a server")
	}
	if err := os.Chmod(filepath.Join(dir, "postgres"), 0o700); err != nil {
		t.Fatal(err)
	}
	if !complete(dir) {
		t.Error("a folder with both programs has no server")
	}
}

func TestNewestFirst(t *testing.T) {
	t.Parallel()
	got := newestFirst([]string{
		"/usr/lib/postgresql/9.6/bin", "/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/x/bin",
	})
	want := []string{"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/9.6/bin", "/usr/lib/postgresql/x/bin"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
