package cmd

import "github.com/spf13/cobra"

func (p *program) config() *cobra.Command {
	parent := &cobra.Command{
		Use: "config", Short: "Look at the configuration", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return wrong("say what to do with the configuration: tgtrack config print")
		},
	}
	var asJSON bool
	print := &cobra.Command{
		Use: "print", Short: "Show the values in force, secrets masked", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, _, err := p.load()
			if err != nil {
				return err
			}
			return cfg.Print(p.out, asJSON)
		},
	}
	print.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	parent.AddCommand(print)
	return parent
}
