// Command pgtmp runs another command with a throw-away PostgreSQL server,
// whose address stands in TGTEST_POSTGRES_URL:
//
//	go run ./cmd/pgtmp -- go test ./...
//
// The server and its files go when the command ends, however it ends. Where
// the variable is set already, that server is used and left alone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/mattn/go-isatty"

	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// variable tells the command where its server is.
const variable = "TGTEST_POSTGRES_URL"

func main() {
	// The command is to die with this process, and the system ties it to the
	// thread that started it.
	runtime.LockOSThread()
	durable := flag.Bool("durable", false, "keep fsync on, for benchmarks")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: pgtmp [-durable] [--] COMMAND [ARGUMENT…]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	code, err := run(flag.Args(), *durable)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtmp:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(command []string, durable bool) (code int, err error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	if os.Getenv(variable) != "" {
		return execute(command, os.Environ(), signals)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	server, err := pgtmp.Start(ctx, pgtmp.Options{Durable: durable, Log: os.Stderr})
	stop()
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	return execute(command, append(os.Environ(), variable+"="+server.URL), signals)
}

// execute runs the command, hands signals on to it and returns its exit code.
func execute(command, environ []string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("start %s: %w", strings.Join(command, " "), err)
	}
	ended := make(chan struct{})
	go forward(cmd.Process, signals, ended)
	err := cmd.Wait()
	close(ended)
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil // as a shell has it
	}
	return exit.ExitCode(), nil
}

func forward(to *os.Process, signals <-chan os.Signal, ended <-chan struct{}) {
	// A terminal sends Ctrl-C and Ctrl-\ to the command as well; twice would
	// make some programs stop at once.
	terminal := isatty.IsTerminal(os.Stdin.Fd())
	for {
		select {
		case <-ended:
			return
		case s := <-signals:
			if terminal && (s == os.Interrupt || s == syscall.SIGQUIT) {
				continue
			}
			// An error means that the command has ended, which Wait reports.
			_ = to.Signal(s)
		}
	}
}
