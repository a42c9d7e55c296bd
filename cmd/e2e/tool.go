package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// installTime bounds the installation of a package.
const installTime = 5 * time.Minute

// installing lets one test at a time install: apt-get refuses a second one.
var installing sync.Mutex

// Tool finds a program by one of its names. Where there is none it installs
// the Debian package that has it, if that is allowed; else the error says in
// one line what is missing.
func Tool(pkg string, names ...string) (string, error) {
	installing.Lock()
	defer installing.Unlock()
	if path, found := lookUp(names); found {
		return path, nil
	}
	missing := fmt.Errorf("%s is missing (Debian: apt-get install %s)", names[0], pkg)
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return "", missing
	}
	fmt.Fprintf(os.Stderr, "e2e: %s is not installed here: running apt-get install %s\n", names[0], pkg)
	ctx, cancel := context.WithTimeout(context.Background(), installTime)
	defer cancel()
	for _, args := range [][]string{{"update", "-q"}, {"install", "-q", "-y", "--no-install-recommends", pkg}} {
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			return "", fmt.Errorf("%w: apt-get %s: %s: %w", missing, args[0], lines[len(lines)-1], err)
		}
	}
	if path, found := lookUp(names); found {
		return path, nil
	}
	return "", missing
}

func lookUp(names []string) (string, bool) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}
