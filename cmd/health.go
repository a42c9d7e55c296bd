package cmd

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthPatience is how long a service may take to say that it lives.
const healthPatience = 4 * time.Second

// health is for supervisors of images without a shell and curl. It says
// nothing of ad accounts or backlogs, for which nobody should be restarted.
func (p *program) health() *cobra.Command {
	var ready bool
	c := &cobra.Command{
		Use: "health", Short: "Exit with 0 if the service at http.addr lives", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, _, err := p.load()
			if err != nil {
				return err
			}
			base := localBase(cfg.HTTP.Addr)
			if base == "" {
				base = serviceAddress(cfg.DataDir)
			}
			path := "/healthz"
			if ready {
				path = "/readyz"
			}
			req, err := http.NewRequestWithContext(c.Context(), http.MethodGet, base+path, nil)
			if err != nil {
				return fmt.Errorf("ask the service: %w", err)
			}
			res, err := (&http.Client{Timeout: healthPatience}).Do(req)
			if err != nil {
				return fmt.Errorf("ask the service: %w", err)
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusOK {
				return fmt.Errorf("%s answers %s", path, res.Status)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&ready, "ready", false, "ask whether it can take requests, too")
	return c
}
