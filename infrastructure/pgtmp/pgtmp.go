// Package pgtmp runs a throw-away PostgreSQL server for tests and benchmarks:
// in a temporary folder, on a free loopback port, without a password. It is
// not a way to run PostgreSQL for anything that should be kept.
//
// The server is watched over by a small shell that reads from a pipe. When the
// pipe closes, by Stop or because this process died in whatever way, the shell
// ends the server and removes the folder.
package pgtmp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tgtrack/tgtrack/infrastructure/freeport"
)

// Options of a server.
type Options struct {
	// Durable keeps fsync on, for benchmarks whose numbers should hold.
	// Defaults to false, which is faster and enough for tests.
	Durable bool
	// MaxConnections the server takes. Defaults to 200.
	MaxConnections int
	// Log receives a line before PostgreSQL is installed. Defaults to os.Stderr:
	// nobody's system is changed without a word.
	Log io.Writer
}

func (o Options) log() io.Writer {
	if o.Log == nil {
		return os.Stderr
	}
	return o.Log
}

// Server is a running PostgreSQL.
type Server struct {
	// URL is its address: a superuser without a password.
	URL string

	bin   string // folder of the server's programs
	dir   string
	watch *exec.Cmd
	pipe  io.Closer
	again func() (*Server, error) // starts it once more, see Resume
	// follower starts a server that follows this one, see Standby.
	follower func(ctx context.Context) (*Server, error)
	older    *Server // who watched over it before
}

const (
	superuser    = "tgtrack"
	startTimeout = time.Minute
	attempts     = 4
)

// errPortTaken is returned when another program took the port first.
var errPortTaken = errors.New("the port is taken")

// Start makes and starts a server; it answers queries when Start returns.
func Start(ctx context.Context, o Options) (*Server, error) {
	bin, err := findOrInstall(ctx, o.log())
	if err != nil {
		return nil, err
	}
	who, err := serverAccount()
	if err != nil {
		return nil, err
	}
	// A free port can be taken before our server has it.
	for n := 1; ; n++ {
		s, err := start(ctx, bin, who, o)
		if err == nil || n == attempts || !errors.Is(err, errPortTaken) {
			return s, err
		}
	}
}

// Stop ends the server and removes its files.
func (s *Server) Stop() error {
	if err := s.end(); err != nil || s.older == nil {
		return err
	}
	return s.older.Stop()
}

func (s *Server) end() error {
	if err := s.pipe.Close(); err != nil {
		return fmt.Errorf("tell the server to stop: %w", err)
	}
	if err := s.watch.Wait(); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	return nil
}

func start(ctx context.Context, bin string, who account, o Options) (*Server, error) {
	dir, err := os.MkdirTemp("", "tgtrack-pgtmp-")
	if err != nil {
		return nil, fmt.Errorf("make the folder of the server: %w", err)
	}
	if err := initialise(ctx, dir, bin, who); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s, err := launch(dir, bin, who, o)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func initialise(ctx context.Context, dir, bin string, who account) error {
	if err := who.own(dir); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"),
		"-D", filepath.Join(dir, "data"), "-U", superuser, "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync")
	cmd.Dir = dir
	cmd.SysProcAttr = who.attributes()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %s: %w", lastLines(string(out)), err)
	}
	return nil
}

// supervisor is the shell that watches over the server; its first argument is
// the folder, the others are the server's command. SIGQUIT, PostgreSQL's
// immediate shutdown, is repeated because the server ignores it until it has
// set up its handlers; a frozen server has to wake up to hear it.
const supervisor = `dir=$1; shift
exec 3<&0
"$@" </dev/null >"$dir/log" 2>&1 3<&- &
server=$!
{ while read -r _ <&3; do :; done
  while kill -QUIT $server 2>/dev/null; do kill -CONT $server 2>/dev/null; sleep 0.1; done; } &
wait $server
: >"$dir/ended"
wait
cd / && rm -rf "$dir"`

func launch(dir, bin string, who account, o Options) (*Server, error) {
	port, err := freeport.Port()
	if err != nil {
		return nil, err
	}
	return launchOn(port, dir, bin, who, o)
}

func launchOn(port int, dir, bin string, who account, o Options) (*Server, error) {
	args := append([]string{"-c", supervisor, "pgtmp", dir}, serverCommand(dir, bin, port, o)...)
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir = dir
	cmd.SysProcAttr = who.attributes()
	// A session of its own: Ctrl-C in a terminal ends the tests, and the
	// database only after them.
	cmd.SysProcAttr.Setsid = true
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe to the server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	address := fmt.Sprintf("postgres://%s@127.0.0.1:%d/postgres?sslmode=disable", superuser, port)
	s := &Server{URL: address, bin: bin, dir: dir, watch: cmd, pipe: pipe}
	s.again = func() (*Server, error) { return launchOn(port, dir, bin, who, o) }
	s.follower = func(ctx context.Context) (*Server, error) { return follow(ctx, s.URL, bin, who, o) }
	return s, nil
}

func serverCommand(dir, bin string, port int, o Options) []string {
	if o.MaxConnections <= 0 {
		o.MaxConnections = 200
	}
	args := []string{
		filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"),
		"-c", "listen_addresses=127.0.0.1",
		"-c", "port=" + strconv.Itoa(port),
		"-c", "unix_socket_directories=",
		"-c", "max_connections=" + strconv.Itoa(o.MaxConnections),
		"-c", "lc_messages=C",
	}
	if !o.Durable {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	return args
}

// ready waits until the server answers a query.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.ask(ctx)
		if err == nil {
			return nil
		}
		if _, statErr := os.Stat(filepath.Join(s.dir, "ended")); statErr == nil {
			return s.whyEnded()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %s: %w", s.log(), err)
		case <-tick.C:
		}
	}
}

// ask makes sure that the server answers and is ours: another one may have
// taken the port.
func (s *Server) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var folder string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&folder); err != nil {
		return err
	}
	if folder != filepath.Join(s.dir, "data") {
		return errPortTaken
	}
	return nil
}

func (s *Server) whyEnded() error {
	log := s.log()
	if strings.Contains(log, "could not bind") {
		return errPortTaken
	}
	return fmt.Errorf("the server ended: %s", log)
}

func (s *Server) log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return "its log cannot be read"
	}
	return lastLines(string(text))
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "; ")
}
