package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// child is a server that was started to be measured.
type child struct {
	addr string
	cmd  *exec.Cmd
	log  *os.File
	done chan error
}

const (
	startTimeout = time.Minute
	stopTimeout  = time.Minute
)

// announced opens the line by which a server says where it listens.
const announced = "listening on http://"

// startChild runs a program until it says where it listens. What it writes
// goes to a file in dir.
func startChild(dir, program string, args, environ []string) (*child, error) {
	log, err := os.Create(filepath.Join(dir, "server.log"))
	if err != nil {
		return nil, fmt.Errorf("make the server's log: %w", err)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), environ...)
	cmd.Stderr = log
	cmd.SysProcAttr = dieWithParent()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", program, err), log.Close())
	}
	c := &child{cmd: cmd, log: log, done: make(chan error, 1)}
	said := make(chan string, 1)
	go c.follow(out, said)
	select {
	case c.addr = <-said:
		return c, nil
	case err := <-c.done:
		c.done <- err
		return nil, fmt.Errorf("the server ended at once: %w", c.stop())
	case <-time.After(startTimeout):
		return nil, errors.Join(fmt.Errorf("the server did not listen within %s", startTimeout), c.stop())
	}
}

// follow reads what the server says until it ends.
func (c *child) follow(out io.Reader, said chan<- string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if addr, ok := strings.CutPrefix(lines.Text(), announced); ok {
			said <- addr
			break
		}
	}
	// The rest is read too: a full pipe would stop the server. An error means
	// that it has ended, and Wait tells how.
	_, _ = io.Copy(io.Discard, out)
	c.done <- c.cmd.Wait()
}

// stop ends the server as an operator would. An error has the end of its log.
func (c *child) stop() error {
	defer c.log.Close()
	// An error means that it has ended already.
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	var err error
	select {
	case err = <-c.done:
	case <-time.After(stopTimeout):
		err = errors.Join(fmt.Errorf("the server did not stop within %s", stopTimeout), c.cmd.Process.Kill(), <-c.done)
	}
	if err != nil {
		return fmt.Errorf("%w; its log ends: %s", err, c.logged())
	}
	return nil
}

// crashed is how a crash begins.
var crashed = regexp.MustCompile(`^(panic: |fatal error: |SIG[A-Z]+: )`)

func (c *child) logged() string {
	text, err := os.ReadFile(c.log.Name())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, line := range lines { // of a crash the beginning says more
		if crashed.MatchString(line) {
			return strings.Join(lines[i:min(len(lines), i+20)], "\n")
		}
	}
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
