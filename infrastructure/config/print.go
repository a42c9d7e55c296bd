package config

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

const mask = "***"

// Print writes the effective values with secrets masked, as YAML that can
// serve as a configuration file, or as JSON.
func (c Config) Print(w io.Writer, asJSON bool) error {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for _, l := range leaves(&c) {
		value := &yaml.Node{}
		if err := value.Encode(l.shown()); err != nil {
			return fmt.Errorf("print %s: %w", l.key, err)
		}
		put(root, strings.Split(l.key, "."), value)
	}
	if asJSON {
		return printJSON(w, root)
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return fmt.Errorf("print the configuration: %w", err)
	}
	return enc.Close()
}

func printJSON(w io.Writer, root *yaml.Node) error {
	var tree map[string]any
	if err := root.Decode(&tree); err != nil {
		return fmt.Errorf("print the configuration: %w", err)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(tree)
}

// put sets a value in a tree of mappings and keeps the order of the keys.
func put(at *yaml.Node, path []string, value *yaml.Node) {
	for len(path) > 1 {
		at, path = child(at, path[0]), path[1:]
	}
	at.Content = append(at.Content, name(path[0]), value)
}

func child(of *yaml.Node, key string) *yaml.Node {
	for i := 0; i < len(of.Content); i += 2 {
		if of.Content[i].Value == key {
			return of.Content[i+1]
		}
	}
	node := &yaml.Node{Kind: yaml.MappingNode}
	of.Content = append(of.Content, name(key), node)
	return node
}

func name(key string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: key}
}

// shown is the value as it is printed.
func (l leaf) shown() any {
	switch value := l.value.Interface().(type) {
	case string:
		return l.masked(value)
	case time.Duration:
		return durationText(value)
	case Percent:
		return value.String()
	case Size:
		return value.String()
	case []string:
		return strings.Join(value, ",")
	case []netip.Prefix:
		texts := make([]string, 0, len(value))
		for _, p := range value {
			texts = append(texts, p.String())
		}
		return texts
	default:
		return value
	}
}

func (l leaf) masked(value string) string {
	switch {
	case value == "" || l.secret == "":
		return value
	case l.secret == "url":
		var shown []string
		for _, address := range strings.Split(value, ",") {
			shown = append(shown, maskURL(strings.TrimSpace(address)))
		}
		return strings.Join(shown, ",")
	default:
		return mask
	}
}

// maskURL hides the password of an address. A NATS address may carry a token
// where others have the user's name, and PostgreSQL takes passwords as
// parameters too.
func maskURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return mask
	}
	q := u.Query()
	for name := range q {
		if strings.Contains(strings.ToLower(name), "password") {
			q.Set(name, mask)
		}
	}
	// Asterisks are put in as they are, for String would escape them.
	credentials := ""
	if u.User != nil {
		name, hidden := u.User.Username(), ""
		if _, ok := u.User.Password(); ok {
			hidden = ":" + mask
		} else if u.Scheme == "nats" || u.Scheme == "tls" {
			name = mask
		}
		credentials = name + hidden + "@"
	}
	u.User, u.RawQuery = nil, strings.ReplaceAll(q.Encode(), "%2A", "*")
	return strings.Replace(u.String(), "://", "://"+credentials, 1)
}
