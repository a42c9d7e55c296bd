package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// compare measures two builds in turn and prints how one does beside the
// other.
func compare(ctx context.Context, o options, out, progress io.Writer) (err error) {
	b, err := openBenchmark(ctx, o, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	base, err := b.buildBase(ctx)
	if err != nil {
		return err
	}
	var both []contender
	for _, c := range b.contenders {
		both = append(both, contender{build: base.build, binary: base.binary, database: c.database}, c)
	}
	b.contenders, b.report.Base = both, base.build
	if err := b.measureAll(ctx); err != nil {
		return err
	}
	return b.report.write(out, o.json)
}

// buildBase builds the commit that is compared with, from a work tree that is
// there meanwhile.
func (b *benchmark) buildBase(ctx context.Context) (c contender, err error) {
	commit, err := git(ctx, "rev-parse", "--short", b.base+"^{commit}")
	if err != nil {
		return c, fmt.Errorf("--base: %w", err)
	}
	tree := filepath.Join(b.dir, "base")
	if _, err := git(ctx, "worktree", "add", "--detach", tree, commit); err != nil {
		return c, err
	}
	defer func() {
		_, removed := git(context.WithoutCancel(ctx), "worktree", "remove", "--force", tree)
		err = errors.Join(err, removed)
	}()
	fmt.Fprintf(b.progress, "building %s\n", commit)
	c = contender{build: commit, binary: filepath.Join(b.dir, "tgtrack-"+commit)}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-o", c.binary, "./cmd/tgtrack")
	cmd.Dir, cmd.Env = tree, append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return c, fmt.Errorf("build %s: %s: %w", commit, strings.TrimSpace(string(text)), err)
	}
	return c, nil
}

func git(ctx context.Context, args ...string) (string, error) {
	text, err := exec.CommandContext(ctx, "git", args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %s: %w", args[0], strings.TrimSpace(string(text)), err)
	}
	return strings.TrimSpace(string(text)), nil
}

// compareTable has a row for each load, with what the base gave, what ours
// did, and how often the one is in the other: above 1 ours is better.
func (r *report) compareTable() string {
	var t table
	t.head("load", "database", "connections", "projects", "a second: base", "ours", "ratio", "CPU, µs: base",
		"ours", "ratio")
	add := func(name, db, connections, projects string, base, ours, baseCPU, oursCPU float64) {
		t.row(name, databaseTitle(db), connections, projects, whole(base), whole(ours), times(ours, base),
			whole(baseCPU), whole(oursCPU), times(baseCPU, oursCPU))
	}
	for _, l := range r.Lines {
		for _, o := range r.Lines {
			if l.Build == ours && o.Build == r.Base && o.row == l.row && o.Database == l.Database {
				connections, projects := fmt.Sprint(l.Connections), fmt.Sprint(l.Projects)
				add(l.title(), l.Database, connections, projects, o.PerSecond, l.PerSecond, o.cpu(), l.cpu())
			}
		}
	}
	for _, d := range r.Deliveries {
		for _, o := range r.Deliveries {
			if d.Build == ours && o.Build == r.Base && o.beside(&d) && o.Accounts == d.Accounts {
				name := fmt.Sprintf("%s, %d accounts", networkTitle(d.Network), d.Accounts)
				add(name, d.Database, "–", "–", o.PerSecond, d.PerSecond, o.cpu(), d.cpu())
			}
		}
	}
	return t.String()
}
