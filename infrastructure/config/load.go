package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
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
	r := newReading(&c)
	if path != "" {
		if err := r.file(path); err != nil {
			return Config{}, err
		}
	}
	r.environment(environ)
	for _, l := range leaves(&c) {
		if g, ok := r.given[l.key]; ok && g.value != nil {
			if err := l.set(g.value); err != nil {
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
	sections map[string]bool // known keys, and whether each is a section
	given    map[string]given
	problems []string
}

// given is what an operator wrote for a key: the last layer that has it. A nil
// value, YAML's null, leaves the default.
type given struct {
	name  string // how and where it was written, for errors
	value any
}

func newReading(c *Config) *reading {
	r := &reading{sections: map[string]bool{}, given: map[string]given{}}
	for _, l := range leaves(c) {
		r.sections[l.key] = false
		for section := l.key; strings.Contains(section, "."); {
			section = section[:strings.LastIndex(section, ".")]
			r.sections[section] = true
		}
	}
	return r
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
	if g, ok := r.given[key]; ok {
		return g.name
	}
	return key
}

func (r *reading) file(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("configuration file %s does not exist: %w", path, ErrInvalid)
		}
		return fmt.Errorf("read the configuration file: %w", err)
	}
	// The values are decoded whole, with anchors and merges resolved and
	// repeated keys refused; the nodes only tell the lines.
	var values map[string]any
	var nodes yaml.Node
	if err = yaml.Unmarshal(text, &values); err == nil {
		err = yaml.Unmarshal(text, &nodes)
	}
	if err != nil {
		return fmt.Errorf("%s is not a YAML mapping: %v: %w", path, err, ErrInvalid)
	}
	where := lines{path: path, at: map[string]int{}}
	for _, root := range nodes.Content {
		where.add("", root)
	}
	r.section(where, "", values)
	return nil
}

// section takes the values of known keys and reports the others.
func (r *reading) section(where lines, prefix string, values map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		key, value := prefix+name, values[name]
		isSection, known := r.sections[key]
		inner, isMapping := value.(map[string]any)
		switch {
		case strings.Contains(name, "."):
			r.problem(where.name(key), errors.New("a name with dots must be written as nested sections"))
		case !known:
			r.problem(where.name(key), errors.New("unknown key; `tgtrack config print` lists all"))
		case !isSection:
			r.given[key] = given{where.name(key), value}
		case isMapping:
			r.section(where, key+".", inner)
		case value != nil:
			r.problem(where.name(key), errors.New("is a section with keys of its own, not a value"))
		}
	}
}

// lines knows where the keys of a file stand.
type lines struct {
	path string
	at   map[string]int
}

func (l lines) add(prefix string, mapping *yaml.Node) {
	if mapping.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key := prefix + mapping.Content[i].Value
		l.at[key] = mapping.Content[i].Line
		l.add(key+".", mapping.Content[i+1])
	}
}

// name is a key with its place. Keys that a merge brought have no line.
func (l lines) name(key string) string {
	if line, ok := l.at[key]; ok {
		return fmt.Sprintf("%s in %s, line %d", key, l.path, line)
	}
	return key + " in " + l.path
}

func (r *reading) environment(environ []string) {
	byVariable := map[string]string{}
	for key, isSection := range r.sections {
		if !isSection {
			byVariable[variable(key)] = key
		}
	}
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
		r.given[key] = given{name, value}
	}
}
