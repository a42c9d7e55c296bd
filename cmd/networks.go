package cmd

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	networks "github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/infrastructure/config"
)

// sinks are those of the build, with the defaults of their options.
func (p Plugins) sinks() []adnet.Sink { return append(networks.Sinks(), p.Sinks...) }

// networks describes the ad networks of the build.
func (p Plugins) networks() ([]adnet.Descriptor, error) {
	r, err := adnet.NewRegistry(p.sinks()...)
	if err != nil {
		return nil, err
	}
	return r.All(), nil
}

// simulation is that of the networks of the build.
func (p Plugins) simulation(o adsim.Options) *adsim.Sim {
	o.Networks = adsim.Of(p.sinks())
	return adsim.New(o)
}

// newSinks makes the sinks as the operator wants them.
func newSinks(cfg config.Config, p Plugins) (*adnet.Registry, error) {
	values := func(network string) adnet.Values { return cfg.AdNetworks.Values(network) }
	return adnet.NewRegistry(adnet.Configure(p.sinks(), values)...)
}

// configurable is what of the networks can be set.
func configurable(ds []adnet.Descriptor) []config.Network {
	ns := make([]config.Network, len(ds))
	for i, d := range ds {
		ns[i] = config.Network{Name: d.Name, Window: d.Window}
		for _, o := range d.Options {
			ns[i].Settings = append(ns[i].Settings, config.Setting{
				Name: o.Name, Default: o.Default, IsDuration: o.Kind == adnet.Duration,
				Min:  o.Least.String(),
				Form: o.Form, Example: o.Example,
			})
		}
	}
	return ns
}

// loadConfig reads the configuration of a build.
func loadConfig(path string, environ []string, p Plugins) (config.Config, error) {
	ds, err := p.networks()
	if err != nil {
		return config.Config{}, err
	}
	return config.Load(path, environ, configurable(ds)...)
}

// networks lists what the build can send to.
func (p *program) networks() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "networks", Short: "List the ad networks that conversions can be sent to", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			ds, err := p.plugins.networks()
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(p.out).Encode(networkItems(ds))
			}
			w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tTITLE\tEVIDENCE\tWINDOW\tCLICK IDS")
			for _, it := range networkItems(ds) {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", it.Name, it.Title, it.Evidence, it.Window,
					strings.Join(it.ClickIDs, " "))
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

type networkItem struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Evidence string   `json:"evidence"`
	Window   string   `json:"window"` // its default
	ClickIDs []string `json:"click_ids"`
	Options  []string `json:"options"` // keys below adnetworks
	Docs     string   `json:"docs"`
}

func networkItems(ds []adnet.Descriptor) []networkItem {
	items := make([]networkItem, len(ds))
	for i, d := range ds {
		items[i] = networkItem{
			Name: d.Name, Title: d.Title, Evidence: string(d.Evidence),
			Window:   fmt.Sprintf("%gh", d.Window.Hours()),
			ClickIDs: append([]string{}, d.ClickIDs...), Options: []string{}, Docs: d.Docs,
		}
		for _, o := range d.Options {
			items[i].Options = append(items[i].Options, o.Section(d.Name)+"."+o.Key())
		}
		slices.Sort(items[i].Options)
	}
	return items
}
