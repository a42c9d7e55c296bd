package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// problem is a value that cannot stay, with the key it belongs to.
type problem struct {
	key string
	err error
}

// complete fills in what follows from other settings.
func (c *Config) complete() {
	if c.PublicURL == "" {
		c.PublicURL = "http://" + c.HTTP.Addr
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	for _, l := range leaves(c) {
		if strings.HasSuffix(l.key, ".base_url") {
			l.value.SetString(strings.TrimRight(l.value.String(), "/"))
		}
	}
	if c.SQLite() {
		c.Ingest.Writers = 1
	}
}

// check finds what the kinds of the values cannot tell. Values that may hold a
// password are not quoted.
func (c *Config) check() []problem {
	var ps []problem
	add := func(key string, err error) {
		if err != nil {
			ps = append(ps, problem{key, err})
		}
	}
	add("http.addr", checkAddress(c.HTTP.Addr))
	add("public_url", checkURL(c.PublicURL, "http", "https"))
	if c.DataDir == "" {
		add("data_dir", errors.New("must name a folder"))
	}
	if c.Database.URL != "" {
		add("database.url", checkURL(c.Database.URL, "postgres", "postgresql"))
	}
	add("secret_key", c.checkSecretKey())
	add("roles", c.checkRoles())
	for key, err := range c.checkNATS() {
		add(key, err)
	}
	for key, err := range c.checkOpenID() {
		add(key, err)
	}
	if c.Tracing.Endpoint != "" {
		add("tracing.endpoint", checkURL(c.Tracing.Endpoint, "http", "https"))
	}
	add("log.level", oneOf(c.Log.Level, "debug", "info", "warn", "error"))
	add("log.format", oneOf(c.Log.Format, "text", "json"))
	add("cabinet.require_totp", oneOf(c.Cabinet.RequireTOTP, "none", "admins", "all"))
	if c.Goals.AmountUnit != "" {
		add("goals.amount_unit", oneOf(c.Goals.AmountUnit, "major", "minor"))
	}
	if d := c.Retention.ClickDetails; d > 0 && d < c.Attribution.Window {
		add("retention.click_details", errors.New("must not be shorter than attribution.window: networks know "+
			"visitors by what it keeps; 0 keeps it for ever"))
	}
	if c.Delivery.RetryMax < c.Delivery.RetryMin {
		add("delivery.retry_max", errors.New("must not be shorter than delivery.retry_min"))
	}
	ps = append(ps, c.AdNetworks.Networks.check()...)
	for _, l := range leaves(c) {
		if strings.HasSuffix(l.key, ".base_url") {
			add(l.key, checkURL(l.value.String(), "http", "https"))
		}
	}
	return ps
}

func (c *Config) checkSecretKey() error {
	if c.SecretKey == "" && !c.SQLite() {
		// Several processes share the database, so a key made by one of them
		// would lock the others out.
		return errors.New("must be set where database.url is; make one with: openssl rand -hex 32")
	}
	return nil
}

func (c *Config) checkRoles() error {
	roles := []string{RoleAll, RoleAPI, RoleRelay, RoleDeliver, RoleReports}
	if len(c.Roles) == 0 {
		return errors.New("must name at least one of " + strings.Join(roles, ", "))
	}
	for _, role := range c.Roles {
		if err := oneOf(role, roles...); err != nil {
			return fmt.Errorf("%q is no role; each %w", role, err)
		}
	}
	if c.SQLite() && !slices.Equal(c.Roles, []string{RoleAll}) {
		return errors.New("must be all while the database is SQLite; " +
			"several processes need database.url and nats.url")
	}
	return nil
}

func oneOf(value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return errors.New("must be one of " + strings.Join(allowed, ", "))
}

func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return errors.New("must be an address with a port, such as 127.0.0.1:8080 or :8080")
	}
	return nil
}

func checkURL(address string, schemes ...string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
		return errors.New("must be an address that begins with " + strings.Join(schemes, ":// or ") + "://")
	}
	if u.Scheme[0] == 'h' && (u.RawQuery != "" || u.Fragment != "") {
		return errors.New("must be scheme, host and an optional path, without ? and #")
	}
	return nil
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
