package platforms

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Registry knows the decoders and which of them owns a method. It does not
// change after NewRegistry and is safe for concurrent use.
type Registry struct {
	list      []Descriptor
	byName    map[string]PlatformDecoder
	owner     map[string]PlatformDecoder // by method
	ownerName map[string]string          // by method
	overrides map[override]PlatformDecoder

	signatures map[override]*Signature // by method; by constructor, too, for one it serves
	secrets    map[string]string       // names of decoders by those of their secrets
}

// override names a method that a constructor's own decoder reads in place of
// the method's owner.
type override struct{ constructor, method string }

var goodName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// IsMethodName reports whether a text could be the name of a method.
func IsMethodName(s string) bool { return goodName.MatchString(s) }

// NewRegistry takes the decoders in the order in which pages list them. Its
// error reports every clash at once: malformed, missing and duplicate names,
// methods with two owners or reserved for the service, Serves of a method that
// nobody owns, guides that name an unknown method.
func NewRegistry(ds ...PlatformDecoder) (*Registry, error) {
	r := &Registry{
		byName: map[string]PlatformDecoder{}, owner: map[string]PlatformDecoder{}, ownerName: map[string]string{},
		overrides: map[override]PlatformDecoder{}, signatures: map[override]*Signature{}, secrets: map[string]string{},
	}
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
		errs = append(errs, r.override(desc)...)
		errs = append(errs, r.sign(desc)...)
		errs = append(errs, r.checkGuide(desc)...)
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
	bad := desc.complaint(&errs)
	for _, m := range desc.Methods {
		other, taken := r.owner[m]
		switch {
		case slices.Contains(domain.OwnMethods(), m) || m == domain.UnknownMethod:
			bad("method %s is reserved for the service itself", m)
		case taken:
			bad("method %s is owned by %s already", m, other.Describe().Name)
		default:
			r.owner[m], r.ownerName[m] = d, desc.Name
		}
	}
	return errs
}

// override notes the methods of others that a constructor's decoder reads in
// its own projects.
func (r *Registry) override(desc Descriptor) (errs []error) {
	bad := desc.complaint(&errs)
	for _, m := range desc.Serves {
		switch owner, known := r.owner[m]; {
		case !known:
			bad("serves method %s, which no decoder owns", m)
		case owner.Describe().Name == desc.Name:
			bad("serves method %s, which it owns itself", m)
		case r.overrides[override{desc.Name, m}] != nil:
			bad("serves method %s twice", m)
		default:
			r.overrides[override{desc.Name, m}] = r.byName[desc.Name]
		}
	}
	return errs
}

// checkGuide looks for addresses that the cabinet could not fill in.
func (r *Registry) checkGuide(desc Descriptor) (errs []error) {
	bad := desc.complaint(&errs)
	for _, step := range desc.Guide.texts() {
		for _, m := range guideMethods(step) {
			if r.owner[m] == nil && !slices.Contains(domain.OwnMethods(), m) {
				bad("the guide names {%s}, which is not a method", m)
			}
		}
	}
	return errs
}

// texts are all that a guide says.
func (g Guide) texts() []string {
	out := slices.Concat(g.EN, g.RU, []string{g.Body, g.GoalBody, g.StartValue.EN, g.StartValue.RU})
	for _, t := range g.Fixes {
		out = append(out, t.EN, t.RU)
	}
	return out
}

var bracedName = regexp.MustCompile(`[#$]?\{+[a-z0-9_]+\}+`)

// guideMethods lists the methods that a step of a guide names in braces. What
// looks like {{id}} or #{id} is a variable of the constructor.
func guideMethods(step string) []string {
	var ms []string
	for _, braced := range bracedName.FindAllString(step, -1) {
		if m := braced[1 : len(braced)-1]; IsMethodName(m) {
			ms = append(ms, m)
		}
	}
	return ms
}

// complaint adds what is wrong with a descriptor to a list.
func (d Descriptor) complaint(errs *[]error) func(format string, args ...any) {
	return func(format string, args ...any) {
		*errs = append(*errs, fmt.Errorf("%s: %s", d.Name, fmt.Sprintf(format, args...)))
	}
}

func (d Descriptor) check() (errs []error) {
	bad := d.complaint(&errs)
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
	d.Signature.check(bad)
	if d.Docs == "" && d.Evidence != Unverified {
		bad("the docs are empty; only an unverified format may have none")
	}
	return errs
}

// Resolve returns the decoder of a method in the projects of a constructor: the
// constructor's own if it serves the method, else the method's owner; false if
// the method is unknown.
func (r *Registry) Resolve(constructor, method string) (PlatformDecoder, bool) {
	if d, ok := r.overrides[override{constructor, method}]; ok {
		return d, true
	}
	d, ok := r.owner[method]
	return d, ok
}

// Decode reads a request with the decoder that Resolve returns, see the
// function Decode. An unknown method is domain.ErrNotFound.
func (r *Registry) Decode(constructor string, in Inbound) ([]domain.Signal, []domain.Warning, error) {
	d, ok := r.Resolve(constructor, in.Method)
	if !ok {
		return nil, nil, fmt.Errorf("method %q: %w", Clip(in.Method, 64), domain.ErrNotFound)
	}
	return Decode(d, in)
}

// DecoderOf names the decoder that Resolve returns, "" for none.
func (r *Registry) DecoderOf(constructor, method string) string {
	if _, ok := r.overrides[override{constructor, method}]; ok {
		return constructor
	}
	return r.ownerName[method]
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

// All lists the descriptors in the order in which the decoders were registered.
func (r *Registry) All() []Descriptor { return slices.Clone(r.list) }

// Messenger is the one in which all bots of a constructor live, "" if there is
// none such.
func (r *Registry) Messenger(constructor string) string {
	if d := r.byName[constructor]; d != nil {
		return d.Describe().Messenger
	}
	return ""
}

// OfMessenger is the first constructor all of whose bots live in a messenger, ""
// if there is none such.
func (r *Registry) OfMessenger(messenger string) string {
	for _, d := range r.list {
		if d.Messenger != "" && d.Messenger == messenger {
			return d.Name
		}
	}
	return ""
}

// Has reports whether a constructor is registered.
func (r *Registry) Has(constructor string) bool {
	_, ok := r.byName[constructor]
	return ok
}

// Texts are what decoders say of requests that they refuse, by the English
// format: their own sentences, and those of the readers that they share.
func (r *Registry) Texts() i18n.Catalogue {
	all := texts()
	for _, d := range r.list {
		all = append(all, d.Texts...)
	}
	return i18n.ByEnglish(all...)
}
