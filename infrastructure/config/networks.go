package config

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// AdNetworks are the settings of the ad networks, and the address of the Bot
// API. A base_url is scheme, host and an optional prefix of a proxy or
// simulator; the path of the vendor's document is appended.
type AdNetworks struct {
	Networks Networks
	Telegram Endpoint `yaml:"telegram"`
}

// Endpoint is a vendor's address.
type Endpoint struct {
	// BaseURL defaults to the vendor's.
	BaseURL string `yaml:"base_url"`
}

// Networks are the ad networks of this build. Whoever calls Load says which
// there are; Load fills in what is in force.
type Networks []Network

// Network has its settings in the section adnetworks.<name>, and its window in
// delivery.windows.<name>.
type Network struct {
	Name string
	// Window is how old a conversion may be when it is sent; what is older
	// expires. Defaults to what the caller of Load gave.
	Window   time.Duration
	Settings []Setting
}

// Setting of a network.
type Setting struct {
	// Name of the key. One with a dot names a section beside the network's own.
	Name       string
	Default    string
	IsDuration bool
	Min        string // of a duration
	// Form is the pattern of a text, and Example what is said when it does not
	// match. Empty: any text.
	Form, Example string

	// What is in force: one of both, by IsDuration.
	Text     string
	Duration time.Duration
}

func (s Setting) key(network string) string {
	if strings.Contains(s.Name, ".") {
		return "adnetworks." + s.Name
	}
	return "adnetworks." + network + "." + s.Name
}

// defaults are networks with nothing set.
func (ns Networks) defaults() Networks {
	out := slices.Clone(ns)
	for i := range out {
		out[i].Settings = slices.Clone(out[i].Settings)
		for j := range out[i].Settings {
			s := &out[i].Settings[j]
			s.Text, s.Duration = s.Default, 0
			if s.IsDuration {
				s.Text = ""
				// Whoever made the network has checked it.
				s.Duration, _ = time.ParseDuration(s.Default)
			}
		}
	}
	return out
}

// leaves are the keys of the networks, windows first.
func (ns Networks) leaves() []leaf {
	var ls []leaf
	for i := range ns {
		window := reflect.ValueOf(&ns[i].Window).Elem()
		ls = append(ls, leaf{key: "delivery.windows." + ns[i].Name, value: window, min: "1s"})
	}
	for i := range ns {
		for j := range ns[i].Settings {
			s := &ns[i].Settings[j]
			l := leaf{key: s.key(ns[i].Name), value: reflect.ValueOf(&s.Text).Elem()}
			if s.IsDuration {
				l.value, l.min = reflect.ValueOf(&s.Duration).Elem(), s.Min
			}
			ls = append(ls, l)
		}
	}
	return ls
}

// check finds texts that are not of their form.
func (ns Networks) check() []problem {
	var ps []problem
	for _, n := range ns {
		for _, s := range n.Settings {
			if s.Form != "" && !regexp.MustCompile(s.Form).MatchString(s.Text) {
				ps = append(ps, problem{s.key(n.Name), errors.New("must be " + s.Example)})
			}
		}
	}
	return ps
}

// Values are the settings of a network in force, by name, as text.
func (a AdNetworks) Values(network string) map[string]string {
	values := map[string]string{}
	for _, n := range a.Networks {
		if n.Name != network {
			continue
		}
		for _, s := range n.Settings {
			values[s.Name] = s.Text
			if s.IsDuration {
				values[s.Name] = s.Duration.String()
			}
		}
	}
	return values
}

// Windows lists the windows by network.
func (a AdNetworks) Windows() map[string]time.Duration {
	windows := map[string]time.Duration{}
	for _, n := range a.Networks {
		windows[n.Name] = n.Window
	}
	return windows
}

// BaseURLs are the addresses of the vendors by the names in the keys
// adnetworks.<name>.base_url, so that nobody needs to spell a network's field.
func (a AdNetworks) BaseURLs() map[string]string {
	urls := map[string]string{}
	for _, l := range leaves(&a) {
		if name, ok := strings.CutSuffix(l.key, ".base_url"); ok {
			urls[strings.TrimPrefix(name, "adnetworks.")] = l.value.String()
		}
	}
	return urls
}

// Variable is the environment variable of a key.
func Variable(key string) string { return variable(key) }
