package domain

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// SecretMask stands for a secret wherever settings are shown; sent back, it
// leaves the secret as it is.
const SecretMask = "***"

// Secrets of a project, by name: those with which constructors sign their
// requests. They do not change, and two with the same secrets are equal. However
// they are written out, the secrets themselves are masked.
type Secrets struct {
	lines string // name=secret, a line for each, sorted
}

// SecretsOf makes Secrets. Neither names nor secrets have line ends, and names
// no equals sign.
func SecretsOf(byName map[string]string) Secrets {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		b.WriteString(name + "=" + byName[name] + "\n")
	}
	return Secrets{b.String()}
}

// ByName gives the secrets.
func (s Secrets) ByName() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(s.lines) {
		name, secret, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		out[name] = secret
	}
	return out
}

// Get gives one, "" where there is none.
func (s Secrets) Get(name string) string {
	for line := range strings.Lines(s.lines) {
		if n, secret, _ := strings.Cut(line, "="); n == name {
			return strings.TrimSuffix(secret, "\n")
		}
	}
	return ""
}

// IsZero tells whether there are none.
func (s Secrets) IsZero() bool { return s.lines == "" }

// Equal compares.
func (s Secrets) Equal(other Secrets) bool { return s == other }

// Names lists them, sorted.
func (s Secrets) Names() []string { return slices.Sorted(maps.Keys(s.ByName())) }

// MarshalJSON names them.
func (s Secrets) MarshalJSON() ([]byte, error) {
	masked := map[string]string{}
	for _, name := range s.Names() {
		masked[name] = SecretMask
	}
	return json.Marshal(masked)
}

// String names them.
func (s Secrets) String() string { return strings.Join(s.Names(), ", ") }

// GoString names them.
func (s Secrets) GoString() string { return "domain.Secrets{" + s.String() + "}" }
