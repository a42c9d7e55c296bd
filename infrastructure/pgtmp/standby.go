package pgtmp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// Standby starts a server that follows this one. From then on each commit
// waits until the standby has it, as a synchronous standby is kept.
func (s *Server) Standby(ctx context.Context) (*Server, error) {
	next, err := s.follower(ctx)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{
		"ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()",
	} {
		if err := s.exec(ctx, statement); err != nil {
			return nil, errors.Join(err, next.Stop())
		}
	}
	return next, nil
}

// Promote makes a standby a server of its own, which takes writes when Promote
// returns. The server that it followed is not asked.
func (s *Server) Promote(ctx context.Context) error {
	return s.exec(ctx, "SELECT pg_promote()")
}

func (s *Server) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return fmt.Errorf("reach the server: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// follow starts a standby of the server at an address.
func follow(ctx context.Context, address, bin string, who account, o Options) (*Server, error) {
	for n := 1; ; n++ {
		s, err := followOnce(ctx, address, bin, who, o)
		if err == nil || n == attempts || !errors.Is(err, errPortTaken) {
			return s, err
		}
	}
}

func followOnce(ctx context.Context, address, bin string, who account, o Options) (*Server, error) {
	dir, err := os.MkdirTemp("", "tgtrack-pgtmp-")
	if err != nil {
		return nil, fmt.Errorf("make the folder of the standby: %w", err)
	}
	if err := copyFrom(ctx, address, dir, bin, who); err != nil {
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

func copyFrom(ctx context.Context, address, dir, bin string, who account) error {
	if err := who.own(dir); err != nil {
		return err
	}
	program, err := beside(bin, "pg_basebackup")
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, "--dbname", address,
		"--pgdata", filepath.Join(dir, "data"), "--write-recovery-conf", "--wal-method", "stream",
		"--checkpoint", "fast", "--no-sync")
	cmd.Dir = dir
	cmd.SysProcAttr = who.attributes()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_basebackup: %s: %w", lastLines(string(out)), err)
	}
	return nil
}

// Program is the path of a program of the server's version, such as pg_dump.
func (s *Server) Program(name string) (string, error) { return beside(s.bin, name) }

// beside finds another program of the server's version: in its folder, or in
// that to which a link there leads.
func beside(bin, name string) (string, error) {
	real, err := filepath.EvalSymlinks(filepath.Join(bin, "postgres"))
	if err != nil {
		return "", fmt.Errorf("follow the server's program: %w", err)
	}
	for _, dir := range []string{bin, filepath.Dir(real)} {
		if path := filepath.Join(dir, name); executable(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is neither in %s nor in %s: install the server's package as a whole", name, bin,
		filepath.Dir(real))
}
