package cmd

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/logging"
)

func (p *program) serve() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Run the service until it is interrupted", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, logger, err := p.load()
			if err != nil {
				return err
			}
			if err := cfg.CheckSecrets(); err != nil {
				return &usageError{err}
			}
			go newMemory(cfg).run(c.Context())
			ready, release, err := holdFolder(cfg)
			if err != nil {
				return err
			}
			defer release()
			ln, err := freePort(&cfg)
			if err != nil {
				return err
			}
			app, cleanup, err := newApp(c.Context(), cfg, p.plugins, logger, Streams{Out: p.out, Err: p.err})
			if err != nil {
				return err
			}
			defer cleanup()
			app.Listener, app.Ready = ln, ready
			return app.Run(c.Context())
		},
	}
}

// load reads the configuration; what is wrong with it is an error of usage.
func (p *program) load() (config.Config, *slog.Logger, error) {
	cfg, err := loadConfig(p.configFile, p.environ, p.plugins)
	if err != nil {
		if errors.Is(err, config.ErrInvalid) {
			return cfg, nil, &usageError{err}
		}
		return cfg, nil, err
	}
	logger, err := logging.New(p.err, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return cfg, nil, &usageError{err}
	}
	return cfg, logger, nil
}

// freePort listens at once where http.addr asks for any free port, since the
// addresses handed out must name it. nil for a port that is known.
func freePort(cfg *config.Config) (net.Listener, error) {
	if _, port, err := net.SplitHostPort(cfg.HTTP.Addr); err != nil || port != "0" {
		return nil, nil
	}
	ln, err := net.Listen("tcp", cfg.HTTP.Addr)
	if err != nil {
		return nil, notListening("http.addr", anotherAddr, err)
	}
	if cfg.PublicURL == "http://"+cfg.HTTP.Addr {
		cfg.PublicURL = "http://" + ln.Addr().String()
	}
	return ln, nil
}

// anotherAddr sets another http.addr.
const anotherAddr = "TGTRACK_HTTP_ADDR=127.0.0.1:8081"

// notListening says why a setting's address can not be listened on, and how
// another is set.
func notListening(setting, another string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s: %w: another program listens there; end it, or choose another address: %s", setting, err,
			another)
	}
	return fmt.Errorf("%s: %w", setting, err)
}
