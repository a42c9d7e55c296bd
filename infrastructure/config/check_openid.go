package config

import (
	"errors"
	"net/url"
	"slices"
)

// checkOpenID finds what would keep everybody from coming in by the provider.
func (c *Config) checkOpenID() map[string]error {
	o, found := &c.OpenID, map[string]error{}
	if o.Issuer == "" {
		if o.ClientID != "" || o.ClientSecret != "" {
			found["openid.issuer"] = errors.New("must be set where openid.client_id is: the provider's address")
		}
		if !o.Passwords {
			found["openid.passwords"] = errors.New("must be true where openid.issuer is empty: nobody could log in")
		}
		return found
	}
	if err := checkURL(o.Issuer, "https", "http"); err != nil {
		found["openid.issuer"] = err
	}
	if o.ClientID == "" {
		found["openid.client_id"] = errors.New("must be set where openid.issuer is: the provider gives it")
	}
	if !slices.Contains(o.Scopes, "openid") || !slices.Contains(o.Scopes, "email") {
		found["openid.scopes"] = errors.New("must have openid and email, by which the provider says who comes")
	}
	return found
}

// Name is how pages call the provider.
func (o *OpenID) Name() string {
	if u, err := url.Parse(o.Issuer); o.Title == "" && err == nil {
		return u.Host
	}
	return o.Title
}
