package platforms

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// Registry knows the decoders and which method is whose. It does not change
// after NewRegistry and may be used from many goroutines.
type Registry struct {
	list    []Descriptor
	byName  map[string]PlatformDecoder
	owner   map[string]PlatformDecoder
	servant map[servant]PlatformDecoder
}

type servant struct{ constructor, method string }

var goodName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// NewRegistry takes the decoders in the order in which pages list them. Its
// error names all clashes at once: bad, missing and double names, methods with
// two owners, Serves of a method that nobody owns.
func NewRegistry(ds ...PlatformDecoder) (*Registry, error) {
	r := &Registry{byName: map[string]PlatformDecoder{}, owner: map[string]PlatformDecoder{}, servant: map[servant]PlatformDecoder{}}
	var errs []error
	for i, d := range ds {
		if d == nil {
			errs = append(errs, fmt.Errorf("decoder %d is nil", i))
			continue
		}
		desc := d.Describe()
		errs = append(errs, desc.check()...)
		errs = append(errs, r.add(d, desc)...)
	}
	for _, desc := range r.list {
		errs = append(errs, r.serve(desc)...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("register decoders:\n%w", err)
	}
	return r, nil
}

func (r *Registry) add(d PlatformDecoder, desc Descriptor) (errs []error) {
	if _, taken := r.byName[desc.Name]; taken {
		return []error{fmt.Errorf("%s: the name is taken by another decoder", desc.Name)}
	}
	r.byName[desc.Name] = d
	r.list = append(r.list, desc)
	for _, m := range desc.Methods {
		if other, taken := r.owner[m]; taken {
			errs = append(errs, fmt.Errorf("%s: method %s is owned by %s already", desc.Name, m, other.Describe().Name))
			continue
		}
		r.owner[m] = d
	}
	return errs
}

func (r *Registry) serve(desc Descriptor) (errs []error) {
	for _, m := range desc.Serves {
		switch owner, known := r.owner[m]; {
		case !known:
			errs = append(errs, fmt.Errorf("%s: serves method %s, which no decoder owns", desc.Name, m))
		case owner.Describe().Name == desc.Name:
			errs = append(errs, fmt.Errorf("%s: serves method %s, which it owns itself", desc.Name, m))
		case r.servant[servant{desc.Name, m}] != nil:
			errs = append(errs, fmt.Errorf("%s: serves method %s twice", desc.Name, m))
		default:
			r.servant[servant{desc.Name, m}] = r.byName[desc.Name]
		}
	}
	return errs
}

func (d Descriptor) check() (errs []error) {
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format, append([]any{d.Name}, args...)...))
	}
	if !goodName.MatchString(d.Name) {
		bad("the name %q is not lower-case letters, digits and _", d.Name)
	}
	if d.Title == "" {
		bad("the title is empty")
	}
	if len(d.Methods)+len(d.Serves) == 0 {
		bad("it neither owns nor serves a method")
	}
	for _, m := range slices.Concat(d.Methods, d.Serves) {
		if !goodName.MatchString(m) {
			bad("the method %q is not lower-case letters, digits and _", m)
		}
	}
	if d.Tier != Minimal && d.Tier != Medium && d.Tier != Full {
		bad("the tier %q is unknown", d.Tier)
	}
	if d.Evidence != Captured && d.Evidence != Documented && d.Evidence != Unverified {
		bad("the evidence %q is unknown", d.Evidence)
	}
	if d.Docs == "" && d.Evidence != Unverified {
		bad("the docs are empty; only an unverified format may have none")
	}
	return errs
}

// Resolve gives the decoder of a method: the constructor's own when it serves
// the method, else the method's owner. False for an unknown method.
func (r *Registry) Resolve(constructor, method string) (PlatformDecoder, bool) {
	if d, ok := r.servant[servant{constructor, method}]; ok {
		return d, true
	}
	d, ok := r.owner[method]
	return d, ok
}

// Decode reads a request with the decoder that Resolve gives; an unknown
// method is domain.ErrNotFound.
func (r *Registry) Decode(constructor string, in Inbound) ([]domain.Signal, error) {
	d, ok := r.Resolve(constructor, in.Method)
	if !ok {
		return nil, fmt.Errorf("method %q: %w", Clip(in.Method, 64), domain.ErrNotFound)
	}
	return d.Decode(in)
}

// Methods lists the methods that have an owner, sorted.
func (r *Registry) Methods() []string {
	ms := make([]string, 0, len(r.owner))
	for m := range r.owner {
		ms = append(ms, m)
	}
	slices.Sort(ms)
	return ms
}

// All lists the decoders in the order in which they were registered.
func (r *Registry) All() []Descriptor { return slices.Clone(r.list) }

// Has tells whether a constructor is registered.
func (r *Registry) Has(constructor string) bool {
	_, ok := r.byName[constructor]
	return ok
}
