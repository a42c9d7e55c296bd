package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// leastSecrets is how many characters a secret must have that an operator set:
// shorter ones are guessed.
func (c *Config) leastSecrets() []struct {
	key, value, hint string
	least            int
} {
	return []struct {
		key, value, hint string
		least            int
	}{
		{"admin_token", c.AdminToken, "make another with: openssl rand -hex 32", 16},
		{"secret_key", c.SecretKey, "make another with: openssl rand -hex 32; where data is encrypted with this one, " +
			"stop every tgtrack and run `tgtrack secrets rotate --new-key-file FILE`", 32},
		{"nats.token", c.NATS.Token, "make another with: openssl rand -hex 32", 16},
	}
}

// CheckSecrets refuses secrets that are short enough to be guessed. It is asked
// before the service starts and not when the configuration is read: the key that
// is too short must still open what it is exchanged for.
func (c *Config) CheckSecrets() error {
	var lines []string
	for _, s := range c.leastSecrets() {
		if n := utf8.RuneCountInString(s.value); n > 0 && n < s.least {
			lines = append(lines, fmt.Sprintf("%s (%s) has %d characters; at least %d are needed to be hard to guess: %s",
				s.key, variable(s.key), n, s.least, s.hint))
		}
	}
	if lines == nil {
		return nil
	}
	return fmt.Errorf("%w:\n  %s", ErrInvalid, strings.Join(lines, "\n  "))
}
