package config

import "slices"

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
