package pgtmp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// lookAgain is how often it is looked whether another installation is over.
const lookAgain = 200 * time.Millisecond

// errNotFound is returned where PostgreSQL is neither installed nor installable.
var errNotFound = errors.New("PostgreSQL is not installed: install its server (Debian: apt-get install postgresql) " +
	"or set TGTEST_POSTGRES_URL to a server that may be used for tests")

// findOrInstall returns the folder of the server's programs.
func findOrInstall(ctx context.Context, log io.Writer) (string, error) {
	if dir, ok := find(ctx); ok {
		return dir, nil
	}
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return "", errNotFound
	}
	release, err := alone(ctx, filepath.Join(os.TempDir(), "tgtrack-pgtmp-install.lock"))
	if err != nil {
		return "", err
	}
	defer release()
	if dir, ok := find(ctx); ok { // another process has installed it meanwhile
		return dir, nil
	}
	if err := install(ctx, apt, log); err != nil {
		return "", err
	}
	if dir, ok := find(ctx); ok {
		return dir, nil
	}
	return "", errNotFound
}

// alone waits until no other process has the lock: the tests of several
// packages run at once, and apt-get refuses whoever comes second.
func alone(ctx context.Context, path string) (release func(), err error) {
	l := flock.New(path)
	if _, err := l.TryLockContext(ctx, lookAgain); err != nil {
		return nil, fmt.Errorf("wait for another installation: %w", err)
	}
	return func() { _ = l.Unlock() }, nil // it goes with the process anyway
}

func install(ctx context.Context, apt string, log io.Writer) error {
	fmt.Fprintln(log, "pgtmp: PostgreSQL is not installed here: running apt-get install postgresql")
	for _, args := range [][]string{
		{"update", "-q"},
		{"install", "-q", "-y", "--no-install-recommends", "postgresql"},
	} {
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %s: %w", args[0], lastLines(string(out)), err)
		}
	}
	return nil
}

func find(ctx context.Context) (string, bool) {
	for _, dir := range candidates(ctx) {
		if complete(dir) {
			return dir, true
		}
	}
	return "", false
}

// candidates are the folders to look into, the best first. Debian keeps the
// server's programs off the PATH, and pg_config may be that of a client only.
func candidates(ctx context.Context) []string {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
	} {
		// The only error is that of a malformed pattern.
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, newestFirst(found)...)
	}
	return dirs
}

// newestFirst sorts folders by the version number in their paths.
func newestFirst(dirs []string) []string {
	slices.SortStableFunc(dirs, func(a, b string) int { return versionIn(b) - versionIn(a) })
	return dirs
}

func versionIn(path string) int {
	digits := strings.FieldsFunc(path, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, err := strconv.Atoi(digits[0])
	if err != nil {
		return 0
	}
	return n
}

func complete(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if !executable(filepath.Join(dir, name)) {
			return false
		}
	}
	return dir != ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}
