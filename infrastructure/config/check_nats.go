package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// maxReplicas is the most that a NATS server takes.
const maxReplicas = 5

func (c *Config) checkNATS() map[string]error {
	found := map[string]error{}
	outside := c.NATS.URL != ""
	if outside {
		for _, address := range strings.Split(c.NATS.URL, ",") {
			if err := checkURL(strings.TrimSpace(address), "nats", "tls", "ws", "wss"); err != nil {
				found["nats.url"] = fmt.Errorf("each address %w", err)
			}
		}
	}
	if err := checkReplicas(c.NATS.Replicas, outside); err != nil {
		found["nats.replicas"] = err
	}
	c.NATS.checkAccess(found)
	if c.NATS.Listen == "" {
		return found
	}
	switch err := checkAddress(c.NATS.Listen); {
	case err != nil:
		found["nats.listen"] = err
	case outside:
		found["nats.listen"] = errors.New("is for the embedded server and must be empty where nats.url is set")
	case c.NATS.Token == "" && !loopback(c.NATS.Listen):
		// The streams hold personal data.
		found["nats.token"] = errors.New("must be set where nats.listen is not a loopback address")
	}
	return found
}

func checkReplicas(n int, outside bool) error {
	switch {
	case n == 2:
		// Two nodes must agree, so that the loss of either stops both.
		return errors.New("must not be 2: without either of two nodes nothing goes on; use 3, or 1")
	case n > maxReplicas:
		return fmt.Errorf("must be at most %d", maxReplicas)
	case n > 1 && !outside:
		return errors.New("must be 0 or 1 where nats.url is empty: the embedded server is one node")
	}
	return nil
}

// checkAccess looks at what is shown to a server outside. Whether the files can
// be read is found by whoever opens the connection.
func (n *NATS) checkAccess(found map[string]error) {
	for key, value := range map[string]string{
		"nats.user": n.User, "nats.password": n.Password, "nats.credentials": n.Credentials,
		"nats.tls.ca": n.TLS.CA, "nats.tls.cert": n.TLS.Cert, "nats.tls.key": n.TLS.Key,
	} {
		if value != "" && n.URL == "" {
			found[key] = errors.New("is for a server outside and must be empty where nats.url is")
		}
	}
	switch {
	case n.User == "" && n.Password != "":
		found["nats.user"] = errors.New("must be set where nats.password is")
	case n.TLS.Cert == "" && n.TLS.Key != "":
		found["nats.tls.cert"] = errors.New("must be set where nats.tls.key is")
	case n.TLS.Cert != "" && n.TLS.Key == "":
		found["nats.tls.key"] = errors.New("must be set where nats.tls.cert is")
	}
	n.checkOneIdentity(found)
}

// checkOneIdentity refuses two answers to the question who we are: which of
// them the server believed nobody could tell.
func (n *NATS) checkOneIdentity(found map[string]error) {
	if n.URL == "" {
		return
	}
	named := map[string]bool{"nats.token": n.Token != "", "nats.user": n.User != "",
		"nats.credentials": n.Credentials != ""}
	first := ""
	for _, key := range []string{"nats.token", "nats.user", "nats.credentials"} {
		if !named[key] {
			continue
		}
		if first != "" {
			found[key] = fmt.Errorf("must be empty where %s is set", first)
			return
		}
		first = key
	}
	if first == "" {
		return
	}
	for _, address := range strings.Split(n.URL, ",") {
		if u, err := url.Parse(strings.TrimSpace(address)); err == nil && u.User != nil {
			found[first] = errors.New("must be empty where nats.url names a user or token")
		}
	}
}
