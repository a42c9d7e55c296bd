package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// leaf is one key: its path, its field and what the field's tags say.
type leaf struct {
	key    string
	value  reflect.Value
	min    string
	secret string // "", "all", or "url" where only the password is secret
}

// leaves lists the keys of a pointer to a struct in the order of the fields.
func leaves(config any) []leaf {
	return appendLeaves(nil, "", reflect.ValueOf(config).Elem())
}

func appendLeaves(to []leaf, prefix string, v reflect.Value) []leaf {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		key := prefix + field.Tag.Get("yaml")
		if networks, ok := v.Field(i).Interface().(Networks); ok {
			to = append(to, networks.leaves()...)
			continue
		}
		if field.Type.Kind() == reflect.Struct {
			to = appendLeaves(to, key+".", v.Field(i))
			continue
		}
		to = append(to, leaf{
			key: key, value: v.Field(i), min: field.Tag.Get("min"), secret: field.Tag.Get("secret"),
		})
	}
	return to
}

// variable is the environment variable of a key.
func variable(key string) string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// set reads a value as YAML or a variable gives it. The error says what is
// allowed; it never quotes the value, which may be a secret.
func (l leaf) set(raw any) error {
	switch field := l.value.Addr().Interface().(type) {
	case *string:
		return setString(field, raw)
	case *bool:
		return setBool(field, raw)
	case *int:
		return l.setInt(field, raw)
	case *time.Duration:
		return l.setDuration(field, raw)
	case *Size:
		return l.setSize(field, raw)
	case *Percent:
		return l.setPercent(field, raw)
	case *[]string:
		return setList(field, raw)
	case *[]netip.Prefix:
		return setPrefixes(field, raw)
	default:
		return fmt.Errorf("has a type that cannot be read: %T", field)
	}
}

// setString takes text only: YAML would turn 0123 into 83 without a word.
func setString(to *string, raw any) error {
	s, ok := raw.(string)
	if !ok {
		return fmt.Errorf("must be text; put it in quotes")
	}
	*to = strings.TrimSpace(s)
	return nil
}

func setBool(to *bool, raw any) error {
	switch strings.ToLower(fmt.Sprint(raw)) {
	case "true":
		*to = true
	case "false":
		*to = false
	default:
		return fmt.Errorf("must be true or false")
	}
	return nil
}

func (l leaf) setInt(to *int, raw any) error {
	n, err := strconv.Atoi(strings.TrimSpace(fmt.Sprint(raw)))
	least := 0
	if l.min != "" {
		// A malformed tag is found by the test that reads the defaults.
		least, _ = strconv.Atoi(l.min)
	}
	if err != nil || n < least {
		return fmt.Errorf("must be a whole number of at least %d", least)
	}
	*to = n
	return nil
}

func (l leaf) setDuration(to *time.Duration, raw any) error {
	d, err := time.ParseDuration(strings.TrimSpace(fmt.Sprint(raw)))
	least, _ := time.ParseDuration(l.min)
	if err != nil || d < least {
		return fmt.Errorf("must be a duration such as 500ms, 60s, 15m or 24h, at least %s",
			durationText(least))
	}
	*to = d
	return nil
}

func (l leaf) setSize(to *Size, raw any) error {
	n, err := ParseSize(fmt.Sprint(raw))
	least, _ := ParseSize(l.min)
	if err != nil || n < least {
		return fmt.Errorf("must be a size such as 512KiB, 100MiB or 1GiB, at least %s", least)
	}
	*to = n
	return nil
}

func (l leaf) setPercent(to *Percent, raw any) error {
	n, err := ParsePercent(fmt.Sprint(raw))
	least, _ := ParsePercent(l.min)
	if err != nil || n < least {
		return fmt.Errorf("must be a part such as 10%%, from %s to 100%%", least)
	}
	*to = n
	return nil
}

func setList(to *[]string, raw any) error {
	items, err := listOf(raw)
	if err != nil {
		return err
	}
	*to = items
	return nil
}

func setPrefixes(to *[]netip.Prefix, raw any) error {
	items, err := listOf(raw)
	if err != nil {
		return err
	}
	var prefixes []netip.Prefix
	for _, item := range items {
		p, err := parsePrefix(item)
		if err != nil {
			return fmt.Errorf("must list networks such as 10.0.0.0/8 or addresses; %q is neither", item)
		}
		prefixes = append(prefixes, p)
	}
	*to = prefixes
	return nil
}

// parsePrefix takes a single address as the network of that address alone.
func parsePrefix(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p.Masked(), err
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.Prefix(a.BitLen())
}

// listOf takes a YAML list or text with commas.
func listOf(raw any) ([]string, error) {
	var parts []string
	switch raw := raw.(type) {
	case string:
		parts = strings.Split(raw, ",")
	case []any:
		for _, item := range raw {
			s, ok := item.(string)
			if !ok {
				return nil, fmt.Errorf("must be a list of texts")
			}
			parts = append(parts, s)
		}
	default:
		return nil, fmt.Errorf("must be a list, or text with commas")
	}
	var items []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			items = append(items, part)
		}
	}
	return items, nil
}
