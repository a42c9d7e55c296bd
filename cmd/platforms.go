package cmd

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/platforms"
)

func (p *program) platforms() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "platforms", Short: "List the constructors whose webhooks can be read", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			registry, err := newDecoders(p.plugins)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(p.out).Encode(platformItems(registry.All()))
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tTITLE\tTIER\tEVIDENCE\tMETHODS")
			for _, d := range registry.All() {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.Name, d.Title, d.Tier, d.Evidence,
					strings.Join(append(d.Methods, d.Serves...), " "))
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

type platformItem struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Tier     string   `json:"tier"`
	Evidence string   `json:"evidence"`
	Methods  []string `json:"methods"`
	Serves   []string `json:"serves,omitempty"`
	Docs     string   `json:"docs,omitempty"`
}

func platformItems(ds []platforms.Descriptor) []platformItem {
	items := make([]platformItem, len(ds))
	for i, d := range ds {
		items[i] = platformItem{d.Name, d.Title, string(d.Tier), string(d.Evidence), d.Methods, d.Serves, d.Docs}
	}
	return items
}
