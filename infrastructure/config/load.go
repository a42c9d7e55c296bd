package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// Prefix begins the names of all our environment variables.
const Prefix = "TGTRACK_"

// ErrInvalid is wrapped by every error of Load that an operator can mend by
// changing a setting.
var ErrInvalid = errors.New("the configuration is not valid")

// Load reads the settings: defaults, then the YAML file at path (none when
// empty), then the variables of environ, which has the form of os.Environ.
// The ad networks are those of the build. All problems are reported at once.
func Load(path string, environ []string, networks ...Network) (Config, error) {
	c := Defaults(networks...)
	r := &reading{known: map[string]leaf{}, names: map[string]string{}}
	for _, l := range leaves(&c) {
		r.known[l.key] = l
	}
	layers := koanf.New(".")
	if path != "" {
		if err := r.file(layers, path); err != nil {
			return Config{}, err
		}
	}
	if err := r.environment(layers, environ); err != nil {
		return Config{}, err
	}
	for _, l := range leaves(&c) {
		if raw := layers.Get(l.key); raw != nil {
			if err := l.set(raw); err != nil {
				r.problem(r.nameOf(l.key), err)
			}
		}
	}
	c.complete()
	for _, p := range c.check() {
		r.problem(r.nameOf(p.key), p.err)
	}
	return c, r.err()
}

// reading collects what is found while the layers are read.
type reading struct {
	known    map[string]leaf
	names    map[string]string // key → how the operator wrote it
	problems []string
}

func (r *reading) problem(name string, err error) {
	line := name + ": " + err.Error()
	// A value of the wrong kind can fail a later check as well.
	if !slices.ContainsFunc(r.problems, func(p string) bool { return strings.HasPrefix(p, name+": ") }) {
		r.problems = append(r.problems, line)
	}
}

func (r *reading) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w:\n  %s", ErrInvalid, strings.Join(r.problems, "\n  "))
}

func (r *reading) nameOf(key string) string {
	if name, ok := r.names[key]; ok {
		return name
	}
	return key
}

func (r *reading) file(layers *koanf.Koanf, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("configuration file %s does not exist: %w", path, ErrInvalid)
		}
		return fmt.Errorf("read the configuration file: %w", err)
	}
	if err := layers.Load(rawbytes.Provider(text), yaml.Parser()); err != nil {
		return fmt.Errorf("%s is not a YAML mapping: %v: %w", path, err, ErrInvalid)
	}
	r.section(path, "", layers.Raw())
	return nil
}

// section looks for keys that nobody knows. It walks the mapping itself, since
// the flat keys of koanf do not tell "a.b" from b in a.
func (r *reading) section(path, prefix string, section map[string]any) {
	names := make([]string, 0, len(section))
	for name := range section {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		key, value := prefix+name, section[name]
		_, known := r.known[key]
		inner, isSection := value.(map[string]any)
		switch {
		case strings.Contains(name, "."):
			r.problem(key+" in "+path, errors.New("a name with dots must be written as nested sections"))
		case known:
			r.names[key] = key + " in " + path
		case !r.hasSection(key):
			r.problem(key+" in "+path, errors.New("unknown key; `tgtrack config print` lists all"))
		case isSection:
			r.section(path, key+".", inner)
		case value != nil:
			r.problem(key+" in "+path, errors.New("is a section with keys of its own, not a value"))
		}
	}
}

func (r *reading) hasSection(key string) bool {
	for known := range r.known {
		if strings.HasPrefix(known, key+".") {
			return true
		}
	}
	return false
}

func (r *reading) environment(layers *koanf.Koanf, environ []string) error {
	byVariable := map[string]string{}
	for key := range r.known {
		byVariable[variable(key)] = key
	}
	values := map[string]any{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, Prefix) {
			continue
		}
		key, ok := byVariable[name]
		if !ok {
			r.problem(name, errors.New("unknown variable; `tgtrack config print` lists all keys, "+
				"and a variable is "+Prefix+" and the key in capitals with _ for the dots"))
			continue
		}
		values[key], r.names[key] = value, name
	}
	if err := layers.Load(confmap.Provider(values, "."), nil); err != nil {
		return fmt.Errorf("read the environment: %w", err)
	}
	return nil
}
