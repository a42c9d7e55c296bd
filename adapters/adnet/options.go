package adnet

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Option is a setting of the service for a network: what its operator sets for
// all accounts, in the network's section of adnetworks in the configuration.
type Option struct {
	// Name of the key. One with a dot lies in a section beside the network's
	// own, which begins with the network's name: "google_oauth.base_url".
	Name    string
	Kind    OptionKind
	Default string        // as it is written there: "15m", "v26.0"
	Least   time.Duration // of a duration
	// Form is the pattern of a word, and Example what is said when it does not
	// match: "a version such as v26.0". Empty: any word.
	Form, Example string
	Help          string // one sentence for the documented configuration
	// Ends says of versions of the vendor's interface on which day they end, a
	// zero time where that is not told yet. Nil: the option is no version.
	Ends map[string]time.Time
}

// OptionKind says what values an option takes.
type OptionKind string

// Kinds of option.
const (
	// Address is scheme, host and the optional prefix of a proxy or a
	// simulator. Its key is base_url.
	Address  OptionKind = "address"
	Duration OptionKind = "duration"
	Word     OptionKind = "word"
)

// BaseURL is the option of the address that a network is called at.
func BaseURL(vendor string) Option {
	return Option{Name: "base_url", Kind: Address, Default: vendor}
}

// Section is the part of adnetworks in which an option of a network lies.
func (o Option) Section(network string) string {
	if section, _, beside := strings.Cut(o.Name, "."); beside {
		return section
	}
	return network
}

// Key is the name of the option in its section.
func (o Option) Key() string { return o.Name[strings.LastIndex(o.Name, ".")+1:] }

// Values are what the operator set for a network, by the names of its options.
// What is missing has its default.
type Values map[string]string

// Or fills in the defaults of options.
func (v Values) Or(options []Option) Values {
	out := make(Values, len(options))
	for _, o := range options {
		out[o.Name] = o.Default
		if set, ok := v[o.Name]; ok {
			out[o.Name] = set
		}
	}
	return out
}

// Address is an option that is an address, without a slash at its end.
func (v Values) Address(name string) string { return strings.TrimRight(v[name], "/") }

// Duration is an option that is a duration. What is none is 0; options are
// checked before they come here.
func (v Values) Duration(name string) time.Duration {
	d, _ := time.ParseDuration(v[name])
	return d
}

// Configurable is a Sink with Options. Configured gives it as the operator
// wants it.
type Configurable interface {
	Configured(v Values) Sink
}

// Configure gives sinks as the operator wants them.
func Configure(sinks []Sink, values func(network string) Values) []Sink {
	out := make([]Sink, len(sinks))
	for i, s := range sinks {
		out[i] = s
		if c, ok := s.(Configurable); ok {
			out[i] = c.Configured(values(s.Describe().Name))
		}
	}
	return out
}

// Simulated are the values of the configuration, by key, with which networks
// are called at a simulation at base and nothing waits longer than wait.
func Simulated(ds []Descriptor, base string, wait time.Duration) map[string]string {
	out := map[string]string{}
	for _, d := range ds {
		for _, o := range d.Options {
			section := o.Section(d.Name)
			switch o.Kind {
			case Address:
				out["adnetworks."+section+"."+o.Key()] = base + "/" + section
			case Duration:
				out["adnetworks."+section+"."+o.Key()] = wait.String()
			}
		}
	}
	return out
}

// check says what is wrong with an option of a network.
func (o Option) check(network string) error {
	section := o.Section(network)
	_, err := time.ParseDuration(o.Default)
	form, badForm := regexp.Compile(o.Form)
	switch {
	case !plainName.MatchString(o.Key()), !plainName.MatchString(section):
		return fmt.Errorf("option %q is not named in lower-case letters and digits", o.Name)
	case section != network && !strings.HasPrefix(section, network+"_"):
		return fmt.Errorf("option %q lies in a section that does not begin with the network's name", o.Name)
	case o.Kind == Address && (o.Key() != "base_url" || !strings.HasPrefix(o.Default, "http")):
		return fmt.Errorf("option %q is an address: its key is base_url and its default the vendor's", o.Name)
	case o.Kind == Duration && err != nil:
		return fmt.Errorf("option %q has the default %q, which is no duration", o.Name, o.Default)
	case o.Kind == Word && (badForm != nil || !form.MatchString(o.Default) || o.Form != "" && o.Example == ""):
		return fmt.Errorf("option %q: form, example and default do not go together", o.Name)
	case o.Kind != Address && o.Kind != Duration && o.Kind != Word:
		return fmt.Errorf("option %q is of the unknown kind %q", o.Name, o.Kind)
	}
	return nil
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
