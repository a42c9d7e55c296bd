package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/platforms"
)

// metaNetwork is the prefix in the table of facts under which every build
// describes its ad networks for builds that lack them.
const metaNetwork = "network:"

// newKnownSinks returns this build's sinks. The registry also knows the
// networks of other builds that used the database, so that conversions for
// them are kept.
func newKnownSinks(
	ctx context.Context, cfg config.Config, p Plugins, s *store.Store, logger *slog.Logger,
) (*adnet.Registry, error) {
	built, err := newSinks(cfg, p)
	if err != nil {
		return nil, err
	}
	facts := map[string]string{}
	for _, d := range built.Remembered() {
		text, err := json.Marshal(d)
		if err != nil {
			return nil, fmt.Errorf("describe %s for other builds: %w", d.Name, err)
		}
		facts[d.Name] = string(text)
	}
	all, err := s.Remember(ctx, metaNetwork, facts)
	if err != nil {
		return nil, err
	}
	return built.WithAbsent(described(all, logger)...), nil
}

// described reads what builds say of their networks.
func described(facts map[string]string, logger *slog.Logger) []adnet.Descriptor {
	var ds []adnet.Descriptor
	for name, text := range facts {
		var d adnet.Descriptor
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			logger.Warn("another build's description of an ad network can not be read",
				"network", name, "error", err)
			continue
		}
		ds = append(ds, d)
	}
	return ds
}

// lacking is what projects use although this build does not have it.
type lacking struct{ Constructors, Networks []store.Use }

func findLacking(
	ctx context.Context, s *store.Store, decoders *platforms.Registry, sinks *adnet.Registry,
) (l lacking, err error) {
	if l.Constructors, err = s.ConstructorsInUse(ctx); err != nil {
		return l, err
	}
	if l.Networks, err = s.NetworksInUse(ctx); err != nil {
		return l, err
	}
	l.Constructors = slices.DeleteFunc(l.Constructors, func(u store.Use) bool { return decoders.Has(u.Name) })
	l.Networks = slices.DeleteFunc(l.Networks, func(u store.Use) bool { return sinks.Has(u.Name) })
	return l, nil
}

// sayLacking warns at start-up of what this build lacks.
func (a *App) sayLacking(ctx context.Context) {
	l, err := findLacking(ctx, a.Store, a.Decoders, a.Sinks)
	if err != nil {
		a.Logger.Warn("look for what this build lacks", "error", err)
		return
	}
	for _, u := range l.Constructors {
		a.Logger.Warn("this build lacks a constructor in use; its requests are kept, see tgtrack doctor",
			"constructor", u.Name, "projects", u.Count)
	}
	for _, u := range l.Networks {
		a.Logger.Warn("this build lacks an ad network in use; its conversions are kept, see tgtrack doctor",
			"network", u.Name, "accounts", u.Count)
	}
}

// build looks for constructors and networks that projects use and this build
// lacks.
func (d *doctor) build(ctx context.Context) []finding {
	l, err := findLacking(ctx, d.store, d.decoders, d.sinks)
	if err != nil {
		return []finding{notAsked("build", err)}
	}
	var fs []finding
	for _, u := range l.Constructors {
		is := say("this build lacks the constructor %s, which %s",
			u.Name, counted(u.Count, "project has", "projects have"))
		fs = append(fs, finding{
			"build.constructors", isProblem, is,
			say("start the build that has it and run tgtrack replay requests; until then requests are " +
				"answered 404 and kept within requests.max_age and requests.max_bytes"),
		})
	}
	for _, u := range l.Networks {
		is := say("this build lacks the ad network %s, which %s",
			u.Name, counted(u.Count, "ad account has", "ad accounts have"))
		if len(d.sinks.Describe(u.Name).ClickIDs) == 0 {
			is += "; " + say("what it takes is not known here, so new starts and goals make no conversions for it")
		}
		fs = append(fs, finding{
			"build.networks", isProblem, is,
			say("start the build that has it: conversions wait for it until the network's window is over"),
		})
	}
	if len(fs) == 0 {
		fs = append(fs, fine("build", "it has every constructor and ad network that projects use"))
	}
	return fs
}

func counted(n int, one, other string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, other)
}
