package adnet

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// Registry is the list of sinks by network. It does not change after it was
// made and is safe for concurrent use.
type Registry struct {
	sinks map[string]Sink
	all   []Descriptor // asked once, with defaults, in the order of registration
	known map[string]*Descriptor
	// absent are networks that this build lacks, as others described them.
	absent map[string]Descriptor
}

// NewRegistry makes the list. Malformed and clashing sinks are reported all
// together, since they are mistakes of the build and not of a user.
func NewRegistry(sinks ...Sink) (*Registry, error) {
	r := &Registry{sinks: make(map[string]Sink, len(sinks)), known: make(map[string]*Descriptor, len(sinks))}
	var errs []error
	// Sections of the configuration by the sinks that own them. One is the Bot API's.
	sections := map[string]string{"telegram": ""}
	for i, s := range sinks {
		if s == nil {
			errs = append(errs, fmt.Errorf("sink %d is nil", i))
			continue
		}
		d := s.Describe()
		errs = append(errs, checkDescriptor(i, d)...)
		if r.sinks[d.Name] != nil {
			errs = append(errs, fmt.Errorf("sink %q is registered twice", d.Name))
			continue
		}
		for _, o := range d.Options {
			section := o.Section(d.Name)
			if owner, taken := sections[section]; taken && owner != d.Name {
				errs = append(errs, fmt.Errorf("sink %d (%q): the section %q of its options is taken",
					i, d.Name, section))
			}
			sections[section] = d.Name
		}
		r.sinks[d.Name] = s
		d.Window, d.Evidence = cmp.Or(d.Window, defaultWindow), cmp.Or(d.Evidence, Documented)
		r.all = append(r.all, d)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("registry of ad networks: %w", err)
	}
	for i := range r.all {
		r.known[r.all[i].Name] = &r.all[i]
	}
	return r, nil
}

// WithAbsent gives a registry that also knows networks without a sink, as
// builds that had one described them. Nothing can be sent to them, but what
// they take is known: conversions are made for their accounts and wait for a
// build that has the sink. Of networks that have a sink here nothing is taken.
func (r *Registry) WithAbsent(ds ...Descriptor) *Registry {
	out := &Registry{sinks: r.sinks, all: r.all, known: r.known, absent: map[string]Descriptor{}}
	for _, d := range ds {
		if r.sinks[d.Name] == nil {
			out.absent[d.Name] = d
		}
	}
	return out
}

// Describe gives the descriptor of a network, also of one that this build
// lacks; an empty one of a network that nobody described.
func (r *Registry) Describe(network string) Descriptor {
	if d := r.known[network]; d != nil {
		return *d
	}
	return r.absent[network]
}

// Remembered is what builds without these sinks are to know of their networks.
// What a Receiver decides from an account's settings only its sink can say, so
// that nothing is made for such a network while it is absent. What it says is its
// own build's.
func (r *Registry) Remembered() []Descriptor {
	ds := r.All()
	for i := range ds {
		ds[i].Says = nil
		if _, ok := r.sinks[ds[i].Name].(Receiver); ok {
			ds[i].ClickIDs = nil
		}
	}
	return ds
}

// checkDescriptor: the name is a part of a stream's subject, a metric's label
// and a key of the configuration, so it is kept plain.
func checkDescriptor(i int, d Descriptor) []error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("sink %d (%q): %s", i, d.Name, fmt.Sprintf(format, args...)))
	}
	if !plainName.MatchString(d.Name) {
		bad("the name is not lower-case letters and digits")
	}
	if d.Title == "" {
		bad("there is no title")
	}
	if d.Batch < 1 {
		bad("batch is %d, which is less than 1", d.Batch)
	}
	if d.Window < 0 {
		bad("the window is %s, which is less than 0", d.Window)
	}
	seen := map[string]bool{}
	for _, o := range d.Options {
		if err := o.check(d.Name); err != nil {
			bad("%s", err)
		}
		if seen[o.Name] {
			bad("option %q is there twice", o.Name)
		}
		seen[o.Name] = true
	}
	for _, c := range d.Cookies {
		if c.Name == "" || strings.HasSuffix(c.Name, "*") && (c.Param != "" || c.Lifetime > 0) {
			bad("cookie %q has no name, or can not have one parameter or value", c.Name)
		}
	}
	clear(seen)
	for _, f := range d.Fields {
		if f.Name == "" || seen[f.Name] {
			bad("field %q has no name or is there twice", f.Name)
		}
		seen[f.Name] = true
		if !slices.Contains([]FieldKind{Text, Enum, URL, Mapping, Boolean}, f.Kind) {
			bad("field %q is of the unknown kind %q", f.Name, f.Kind)
		}
		if f.Kind == Enum && len(f.Values) == 0 {
			bad("field %q has no values to choose from", f.Name)
		}
	}
	return errs
}

// Get gives the sink of a network.
func (r *Registry) Get(network string) (Sink, error) {
	if s := r.sinks[network]; s != nil {
		return s, nil
	}
	names := make([]string, len(r.all))
	for i, d := range r.all {
		names[i] = d.Name
	}
	return nil, domain.Invalid("network", "%q is not known; choose one of %s", network, list(names))
}

// Has tells whether there is a sink of a network.
func (r *Registry) Has(network string) bool { return r.sinks[network] != nil }

// All gives the descriptors in the order of registration.
func (r *Registry) All() []Descriptor { return slices.Clone(r.all) }

// Receives tells whether a conversion of a person with this current click
// (nil for an organic one) goes to an account.
func (r *Registry) Receives(a domain.Account, click *domain.Click) bool {
	if rc, ok := r.sinks[a.Network].(Receiver); ok {
		return rc.Receives(a.Settings, click)
	}
	ids := r.Describe(a.Network).ClickIDs
	return slices.ContainsFunc(ids, func(id string) bool { return click.Param(id) != "" })
}

// Secrets names the secret settings of a network.
func (r *Registry) Secrets(network string) []string {
	var names []string
	for _, f := range r.Describe(network).Fields {
		if f.Secret {
			names = append(names, f.Name)
		}
	}
	return names
}

// Mask gives settings for showing: a secret is "***" whatever it was. Of an
// object of secrets the names stay.
func (r *Registry) Mask(network string, settings map[string]any) map[string]any {
	secret := r.Secrets(network)
	out := make(map[string]any, len(settings))
	for k, v := range settings {
		// A network that is not built in can not say what is secret.
		if r.sinks[network] != nil && !slices.Contains(secret, k) {
			out[k] = v
			continue
		}
		out[k] = masked(v)
	}
	return out
}

func masked(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return ""
		}
	case map[string]any:
		m := make(map[string]any, len(v))
		for k := range v {
			m[k] = mask
		}
		return m
	case map[string]string:
		m := make(map[string]any, len(v))
		for k := range v {
			m[k] = mask
		}
		return m
	}
	return mask
}
