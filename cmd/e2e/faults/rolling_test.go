package faults_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// rollingFrom names the commit that is upgraded from. Before the first release
// the one schema may still change in place; then this file is moved to a
// commit that has it: `make rolling-from`. After a release it names that of
// the latest release.
const rollingFrom = "testdata/rolling-from"

// TestRollingUpgrade: processes of an earlier commit work over PostgreSQL
// under load; those of this one are started beside them, and the old ones are
// stopped. No request is answered 500 or lost, and nothing is unsure.
func TestRollingUpgrade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{database: ownDatabase(t), natsURL: newNATS(t, 0).url(), crew: sharedWork,
		binary: buildEarlier(t)})
	l := newLoad(w)
	old := w.crw.all
	l.sendsTo(w.withRole("api")...)
	stop := l.run(false)
	defer stop()
	l.goesOn(2 * time.Second)
	next := w.hire(e2e.Binary(t))
	l.goesOn(2 * time.Second) // the old ones alone, on the schema of the new
	l.sendsTo(old[0], next[0])
	l.goesOn(3 * time.Second)
	l.sendsTo(next[0])
	l.goesOn(time.Second)
	for _, s := range old {
		s.Stop()
	}
	l.goesOn(2 * time.Second)
	stop()
	w.work(next)
	w.heals(healsWithin, "the old ones were stopped")
	l.judge()
	if unsure := w.conversions("uncertain"); len(unsure) > 0 {
		t.Errorf("%d are uncertain after processes that were stopped as they should be", len(unsure))
	}
}

// buildEarlier builds the commit that the file names.
func buildEarlier(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(rollingFrom)
	if err != nil {
		t.Fatal(err)
	}
	commit := strings.TrimSpace(string(text))
	if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(commit) {
		t.Fatalf("%s is %q, want a whole commit id", rollingFrom, commit)
	}
	root := strings.TrimSpace(git(t, ".", "rev-parse", "--show-toplevel"))
	if exec.Command("git", "-C", root, "cat-file", "-e", commit+"^{commit}").Run() != nil {
		if out, err := exec.Command("git", "-C", root, "fetch", "--depth=1", "origin", commit).CombinedOutput(); err != nil {
			t.Fatalf("this clone has no commit %s, which %s names, and can not fetch it (git fetch --unshallow, or "+
				"make rolling-from): %v: %s", commit, rollingFrom, err, out)
		}
	}
	sameFirst(t, root, commit)
	kept := keptBuild(t, commit)
	if _, err := os.Stat(kept); err == nil {
		return kept
	}
	dir, err := os.MkdirTemp(filepath.Dir(kept), "making-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	archive := filepath.Join(dir, "source.tar")
	git(t, root, "archive", "--format=tar", "--output="+archive, commit)
	run(t, dir, "tar", "-xf", archive)
	made := filepath.Join(dir, "made")
	run(t, dir, "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", made, "./cmd/tgtrack")
	if err := os.Rename(made, kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

// keptBuild is where the binary of a commit stays for the next run: all of it
// is compiled anew elsewhere, which takes a minute. Those of other commits go.
func keptBuild(t *testing.T, commit string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		return filepath.Join(t.TempDir(), "tgtrack")
	}
	dir := filepath.Join(cache, "tgtrack-rolling")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(dir, commit+"-"+runtime.Version())
	others, err := filepath.Glob(filepath.Join(dir, "[0-9a-f]*-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range others {
		if path != kept {
			_ = os.Remove(path)
		}
	}
	return kept
}

// sameFirst: a schema that was changed in place is no upgrade.
func sameFirst(t *testing.T, root, commit string) {
	t.Helper()
	const migrations = "adapters/store/migrations"
	for file := range strings.FieldsSeq(git(t, root, "ls-tree", "-r", "--name-only", commit, migrations)) {
		now, err := os.ReadFile(filepath.Join(root, file))
		if err != nil || string(now) != git(t, root, "show", commit+":"+file) {
			t.Fatalf("%s is not what it was at commit %.12s, which %s names: a migration that somebody has can not "+
				"change. Before the first release: commit, `make rolling-from`, commit again (%v)",
				file, commit, rollingFrom, err)
		}
	}
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	return run(t, dir, "git", args...)
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", fmt.Sprint(name, " ", args), err, said.String())
	}
	return string(out)
}
