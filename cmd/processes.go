package cmd

import (
	"log/slog"
	"os"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// newProcesses makes this process known to the others.
func newProcesses(
	cfg config.Config, s *store.Store, box *secrets.Box, g *platforms.Guard, logger *slog.Logger,
) *usecase.Processes {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	self := usecase.Process{
		ID: s.NewID(), Host: host, Address: cfg.HTTP.Addr, Version: buildVersion(), Roles: rolesOf(cfg),
	}
	if !cfg.SQLite() {
		self.MaxConns = cfg.Database.MaxConns
	}
	return usecase.NewProcesses(s, self, g.Off, box.Bind, s.Now, logger)
}

// rolesOf names each role that this process has.
func rolesOf(cfg config.Config) (roles []string) {
	for _, role := range allRoles() {
		if cfg.Has(role) {
			roles = append(roles, role)
		}
	}
	return roles
}

// allRoles are what needs at least one process each.
func allRoles() []string {
	return []string{config.RoleAPI, config.RoleRelay, config.RoleDeliver, config.RoleReports}
}
