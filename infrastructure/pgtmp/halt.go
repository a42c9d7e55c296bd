package pgtmp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Halt ends the server at once, as PostgreSQL's immediate shutdown does: what
// is connected is cut off and the files are left as after a crash. They stay,
// for Resume.
func (s *Server) Halt(ctx context.Context) error {
	pid, err := s.pid()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		// The supervisor writes it when the server is gone.
		if _, err := os.Stat(filepath.Join(s.dir, "ended")); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not stop: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// pid is that of the server's first process.
func (s *Server) pid() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("find the server's process: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return 0, fmt.Errorf("read the server's process id: %w", err)
	}
	return pid, nil
}

// Resume starts a halted server again, on its port and with its files; it
// answers queries when Resume returns.
func (s *Server) Resume(ctx context.Context) error {
	if err := os.Remove(filepath.Join(s.dir, "ended")); err != nil {
		return fmt.Errorf("the server was not halted: %w", err)
	}
	next, err := s.again()
	if err != nil {
		return err
	}
	older := *s
	*s = *next
	s.older = &older
	if err := s.ready(ctx); err != nil {
		return errors.Join(err, s.Stop())
	}
	return nil
}
