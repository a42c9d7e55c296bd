package config

import (
	"slices"
	"strings"
	"time"
)

// The roles a process can have.
const (
	RoleAll     = "all"
	RoleAPI     = "api"
	RoleRelay   = "relay"
	RoleDeliver = "deliver"
	RoleReports = "reports"
)

// Has tells whether this process does the work of a role.
func (c Config) Has(role string) bool {
	return slices.Contains(c.Roles, RoleAll) || slices.Contains(c.Roles, role)
}

// SQLite tells whether the database is a SQLite file in DataDir.
func (c Config) SQLite() bool {
	return c.Database.URL == ""
}

// BaseURLs are the addresses of the vendors by the names in the keys
// adnetworks.<name>.base_url, so that nobody needs to spell a network's field.
func (a AdNetworks) BaseURLs() map[string]string {
	urls := map[string]string{}
	for _, l := range leaves(&a) {
		if name, ok := strings.CutSuffix(l.key, ".base_url"); ok {
			urls[name] = l.value.String()
		}
	}
	return urls
}

// ByNetwork lists the windows under the names of the networks.
func (w Windows) ByNetwork() map[string]time.Duration {
	windows := map[string]time.Duration{}
	for _, l := range leaves(&w) {
		windows[l.key] = time.Duration(l.value.Int())
	}
	return windows
}
