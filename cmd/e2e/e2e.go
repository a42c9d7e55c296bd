// Package e2e runs the built binary as its users do: it starts and kills the
// process, calls it over HTTP and looks at the simulated ad networks. It is
// for tests only.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/freeport"
)

// Token of the management API of every Service.
const Token = "e2e-admin-token-of-these-tests"

// Service is one process of the binary.
type Service struct {
	URL string // http://127.0.0.1:port

	t    testing.TB
	cmd  *exec.Cmd
	err  *tail
	done chan struct{}
}

// binary is built once for all tests of a process.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tgtrack-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "tgtrack")
	return path, build(path, "github.com/tgtrack/tgtrack/cmd/tgtrack")
})

// build leaves out what debuggers want, as `make build` does: it is a third of
// the linker's work.
func build(path, pkg string) error {
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, pkg).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// Binary is the path of the built binary.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Clean removes the binary; TestMain calls it at the end.
func Clean() {
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
}

// OnEach runs a test on the binary over each database.
func OnEach(t *testing.T, f func(t *testing.T, env []string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, nil)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, []string{"TGTRACK_DATABASE_URL=" + databasetest.PostgresURL(t),
			"TGTRACK_SECRET_KEY=e2e-secret-key-of-this-test-and-of-no-other"})
	})
}

// Build builds another main package of the module, in the test's folder.
func Build(t testing.TB, pkg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(pkg))
	if err := build(path, pkg); err != nil {
		t.Fatal(err)
	}
	return path
}

// Start starts the service in a data folder with further variables of the
// environment and waits until it is ready. It is stopped with the test.
func Start(t testing.TB, dir string, env ...string) *Service {
	t.Helper()
	// Who tests is not to be at the mercy of the disk's other users.
	return StartBinary(t, Binary(t), dir, append([]string{"TGTRACK_DISK_CLICKS_BELOW=0%"}, env...)...)
}

// StartBinary is Start for a binary of the caller's.
func StartBinary(t testing.TB, binary, dir string, env ...string) *Service {
	t.Helper()
	return start(t, exec.Command(binary, "serve"), append([]string{"TGTRACK_DATA_DIR=" + dir}, env...))
}

// StartDemo starts the demo, without visitors; its data go with the test.
func StartDemo(t testing.TB) *Service {
	t.Helper()
	return start(t, exec.Command(Binary(t), "demo", "--networks-addr", "127.0.0.1:0", "--visitors", "0", "--data-dir",
		t.TempDir()), nil)
}

// start starts a process that serves, and waits until it is ready.
func start(t testing.TB, command *exec.Cmd, env []string) *Service {
	t.Helper()
	s := &Service{t: t, cmd: command, err: &tail{}, done: make(chan struct{})}
	s.cmd.Env = append(Environ(), append(
		[]string{"TGTRACK_HTTP_ADDR=127.0.0.1:0", "TGTRACK_ADMIN_TOKEN=" + Token}, env...)...)
	s.cmd.Stderr = s.err
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(s.done)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				ready <- url
			}
		}
		_ = s.cmd.Wait()
	}()
	t.Cleanup(s.Kill)
	select {
	case s.URL = <-ready:
	case <-s.done:
		t.Fatalf("the service ended at start:\n%s", s.err)
	case <-time.After(30 * time.Second):
		t.Fatalf("the service was not ready within 30 s:\n%s", s.err)
	}
	return s
}

// Environ is the test's environment without settings of the service.
func Environ() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TGTRACK_") {
			env = append(env, v)
		}
	}
	return env
}

// Kill ends the process at once, as a crash would.
func (s *Service) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
}

// Ended is closed when the process is gone.
func (s *Service) Ended() <-chan struct{} { return s.done }

// Stop ends the process as an operator does, and waits for it.
func (s *Service) Stop() {
	s.t.Helper()
	if code, _ := s.Terminate(); code != 0 {
		s.t.Fatalf("exit code %d:\n%s", code, s.err)
	}
}

// Terminate is Stop for a process that may end with an error; it gives the
// status and how long it took.
func (s *Service) Terminate() (code int, took time.Duration) {
	s.t.Helper()
	began := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(15 * time.Second):
		s.t.Fatalf("the service did not stop within 15 s:\n%s", s.err)
	}
	return s.cmd.ProcessState.ExitCode(), time.Since(began)
}

// Log is what the process wrote to standard error.
func (s *Service) Log() string { return s.err.String() }

// Pid of the process.
func (s *Service) Pid() int { return s.cmd.Process.Pid }

// Answer of a call.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte
}

// JSON gives the body as an object; an error of it fails the test.
func (a Answer) JSON(t testing.TB) map[string]any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(a.Body))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		t.Fatalf("no JSON object: %v: %.300s", err, a.Body)
	}
	return m
}

var client = &http.Client{
	Timeout:       30 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 256},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Do makes a call; header lines are "Name: value".
func Do(ctx context.Context, method, url, body string, header ...string) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return Answer{Code: res.StatusCode, Header: res.Header, Body: b}, err
}

// Call makes a call that must be answered.
func (s *Service) Call(method, path, body string, header ...string) Answer {
	s.t.Helper()
	a, err := Do(context.Background(), method, s.URL+path, body, header...)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, s.err)
	}
	return a
}

// API calls the management API and fails the test on any code but the wanted.
func (s *Service) API(want int, method, path string, body any) map[string]any {
	s.t.Helper()
	text := ""
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		text = string(b)
	}
	a := s.Call(method, "/api/v1"+path, text, "Authorization: Bearer "+Token, "Content-Type: application/json")
	if a.Code != want {
		s.t.Fatalf("%s %s: %d, want %d: %s", method, path, a.Code, want, a.Body)
	}
	if len(a.Body) == 0 {
		return nil
	}
	return a.JSON(s.t)
}

// Counted adds up the days of a project by figure: a test may begin on one day
// and end on another.
func (s *Service) Counted(projectID string) map[string]int {
	s.t.Helper()
	sum := map[string]int{}
	for _, it := range s.API(200, "GET", "/projects/"+projectID+"/reports/daily", nil)["items"].([]any) {
		for name, v := range it.(map[string]any) {
			if n, err := strconv.Atoi(fmt.Sprint(v)); err == nil {
				sum[name] += n
			}
		}
	}
	return sum
}

// Event posts to a method of the event API, again where the answer asks for
// it: on a machine that is busy with other tests storage may be late.
func (s *Service) Event(key, method, body string, header ...string) Answer {
	s.t.Helper()
	for range 5 {
		a := s.Call("POST", "/v1/"+key+"/"+method, body,
			append([]string{"Content-Type: application/json"}, header...)...)
		if a.Code != http.StatusServiceUnavailable {
			return a
		}
		s.t.Logf("%s: come again: %s", method, a.Body)
	}
	s.t.Fatalf("%s was refused five times\n%s", method, s.err)
	return Answer{}
}

// Browser is the user agent of a person.
const Browser = "User-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 " +
	"Mobile Safari/537.36"

// Click visits a link with a query and answers the start value handed out. It
// comes again when it is told to, as a person reloads a page.
func (s *Service) Click(link, query string) string {
	s.t.Helper()
	var start string
	Eventually(s.t, 30*time.Second, func() error {
		a := s.Call("GET", "/c/"+link+"?"+query, "", Browser)
		if a.Code == http.StatusServiceUnavailable {
			return fmt.Errorf("click: %d", a.Code)
		}
		var ok bool
		if _, start, ok = strings.Cut(a.Header.Get("Location"), "?start="); a.Code != http.StatusFound || !ok {
			s.t.Fatalf("click: %d, Location %q", a.Code, a.Header.Get("Location"))
		}
		return nil
	})
	return start
}

// FreeAddr gives an address of loopback for a server that may be restarted.
func FreeAddr(t testing.TB) string {
	t.Helper()
	addr, err := freeport.Addr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// Eventually waits until a condition holds; it says what was last missing.
func Eventually(t testing.TB, within time.Duration, cond func() error) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := cond()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within %s: %v", within, err)
		}
	}
}

// tail keeps the end of what a process wrote.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (w *tail) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.buf.Len() > 1<<20 {
		w.buf.Next(w.buf.Len() / 2)
	}
	return w.buf.Write(b)
}

// String is what is kept.
func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// EventID gives the id of an event by what the database keeps of it: the bytes
// of the request's id, and the place in the request as two more.
func EventID(kept []byte) string {
	const request = 16
	if len(kept) != request+2 {
		return fmt.Sprintf("%x, which is no event's", kept)
	}
	return fmt.Sprintf("%x-%d", kept[:request], int(kept[request])<<8|int(kept[request+1]))
}
