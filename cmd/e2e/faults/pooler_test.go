package faults_test

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// pooler is a pgbouncer that lends a connection for a transaction.
type pooler struct {
	t       *testing.T
	path    string
	args    []string
	address string
	cmd     *exec.Cmd
	log     bytes.Buffer
}

func newPooler(t *testing.T, server string) *pooler {
	t.Helper()
	path, err := e2e.Tool("pgbouncer", "pgbouncer", "/usr/sbin/pgbouncer")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	addr := e2e.FreeAddr(t)
	host, port, err := hostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
postgres = host=%s port=%s user=%s dbname=postgres
[pgbouncer]
listen_addr = %s
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 12
max_client_conn = 500
`, u.Hostname(), u.Port(), u.User.Username(), host, port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &pooler{t: t, path: path, args: []string{config}}
	if os.Geteuid() == 0 { // it refuses to work as root
		p.args = []string{"-u", "nobody", config}
	}
	u.Host = addr
	p.address = u.String()
	p.start()
	t.Cleanup(p.kill)
	e2e.Eventually(t, 10*time.Second, func() error {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		return c.Close()
	})
	return p
}

func (p *pooler) start() {
	p.t.Helper()
	p.log.Reset()
	p.cmd = exec.Command(p.path, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pooler) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// TestPoolerRestarted: all processes reach the database through a pooler that
// lends connections for a transaction, and that is killed and started again.
func TestPoolerRestarted(t *testing.T) {
	t.Parallel()
	pg := ownServer(t, pgtmp.Options{})
	p := newPooler(t, pg.URL)
	w := newWorld(t, options{database: pg.URL, seenAs: p.address, natsURL: newNATS(t, 0).url(), crew: sharedWork})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	for range 2 {
		l.goesOn(2 * time.Second)
		p.kill()
		l.refuses(answerWithin)
		p.start()
		w.heals(healsWithin, "the pooler came back")
	}
	stop()
	l.judge()
}
