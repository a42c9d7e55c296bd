package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/adapters/store"
)

func (p *program) migrate() *cobra.Command {
	parent := &cobra.Command{
		Use: "migrate", Short: "Bring the database to this version by hand (the server does so at start)",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return wrong("say what to do: tgtrack migrate up, or tgtrack migrate status")
		},
	}
	var fresh, asJSON bool
	up := &cobra.Command{
		Use: "up", Short: "Apply what is missing", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.withStore(c.Context(), func(ctx context.Context, o *openStore) error {
				if err := boot(ctx, o.cfg, o.store, o.box, fresh); err != nil {
					return err
				}
				return p.printMigrations(ctx, o.store, asJSON)
			})
		},
	}
	up.Flags().BoolVar(&fresh, "fresh", false, "accept a database that is empty although it was filled before")
	status := &cobra.Command{
		Use: "status", Short: "Show what is applied", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.withStore(c.Context(), func(ctx context.Context,
				o *openStore) error {
				return p.printMigrations(ctx, o.store, asJSON)
			})
		},
	}
	for _, c := range []*cobra.Command{up, status} {
		c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
		parent.AddCommand(c)
	}
	return parent
}

func (p *program) printMigrations(ctx context.Context, s *store.Store, asJSON bool) error {
	ms, err := s.Status(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(p.out).Encode(migrationItems(ms))
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, m := range ms {
		applied := "missing"
		if !m.AppliedAt.IsZero() {
			applied = m.AppliedAt.UTC().Format("2006-01-02 15:04:05Z")
		}
		fmt.Fprintf(w, "%04d\t%s\t%s\n", m.Version, m.Name, applied)
	}
	return w.Flush()
}

type migrationItem struct {
	Version   int       `json:"version"`
	Name      string    `json:"name"`
	AppliedAt time.Time `json:"applied_at,omitzero"`
}

func migrationItems(ms []store.Migration) []migrationItem {
	items := make([]migrationItem, len(ms))
	for i, m := range ms {
		items[i] = migrationItem{m.Version, m.Name, m.AppliedAt}
	}
	return items
}
