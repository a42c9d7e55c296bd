// Package cmd is the program: its commands, and the wiring of everything else.
// A build of its own with further decoders or sinks is a main that calls Main
// with them.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/infrastructure/lifecycle"
	"github.com/tgtrack/tgtrack/platforms"
)

// Exit codes: what was asked for was done; it was not; the command line or the
// configuration is wrong.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Option of Main.
type Option func(*program)

// WithDecoders adds decoders of bot constructors to those built in.
func WithDecoders(ds ...platforms.PlatformDecoder) Option {
	return func(p *program) { p.plugins.Decoders = append(p.plugins.Decoders, ds...) }
}

// WithSinks adds sinks of ad networks to those built in.
func WithSinks(ss ...adnet.Sink) Option {
	return func(p *program) { p.plugins.Sinks = append(p.plugins.Sinks, ss...) }
}

// Plugins are what a build adds.
type Plugins struct {
	Decoders []platforms.PlatformDecoder
	Sinks    []adnet.Sink
}

// program is one run of the binary.
type program struct {
	plugins    Plugins
	configFile string
	environ    []string
	in         io.Reader
	out, err   io.Writer
}

// Main runs the command line and answers the exit code.
func Main(args []string, options ...Option) int {
	p := &program{environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr}
	for _, o := range options {
		o(p)
	}
	ctx, stop := lifecycle.UntilSignal(context.Background())
	defer stop()
	return p.run(ctx, args)
}

func (p *program) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(p.err, "tgtrack: "+err.Error())
	var usage *usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// usageError is a command line or a configuration that can not be followed.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func wrong(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use: "tgtrack", Short: "Tells where the subscribers of Telegram bots and channels come from",
		SilenceErrors: true, SilenceUsage: true,
		Long: "tgtrack tells where the subscribers of Telegram bots and channels come from,\nand gives their " +
			"starts and goals back to the ad networks that brought them.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().StringVar(&p.configFile, "config", "", "YAML file with settings; see configs/tgtrack.yaml")
	root.AddCommand(p.serve(), p.migrate(), p.config(), p.platforms(), p.networks(), p.decode(), p.replay(), p.streams(),
		p.demo(),
		p.backup(), p.restore(), p.health(), p.doctor(), p.users(), p.version())
	root.AddCommand(p.secrets())
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	wrapArgs(root)
	return root
}

// wrapArgs makes wrong arguments of every command an error of usage.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return &usageError{err}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}
