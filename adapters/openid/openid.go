// Package openid asks a provider of OpenID Connect who somebody is: it sends
// browsers there and redeems the code with which they come back. It decides
// nothing of who may come in.
package openid

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Options of a Provider.
type Options struct {
	Issuer, ClientID, ClientSecret string
	Title                          string
	Scopes                         []string
	// Callback is the address to which browsers come back.
	Callback string
	// Timeout bounds every conversation with the provider.
	Timeout time.Duration
	Now     func() time.Time
}

const (
	// retryAfter is how long a provider that did not say how it works is not
	// asked again.
	retryAfter = 2 * time.Second
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 1 << 20
)

// Provider implements usecase.IdentityProvider. How the provider works is asked
// when it is needed first, so that the service starts without it.
type Provider struct {
	Options
	client *http.Client
	// turn is held by whoever asks how the provider works, and guards what
	// follows.
	turn   chan struct{}
	found  *oidc.Provider
	failed error
	at     time.Time // when it failed
}

// New makes a Provider.
func New(o Options) *Provider {
	return &Provider{
		Options: o, turn: make(chan struct{}, 1),
		client: &http.Client{Timeout: o.Timeout, Transport: bounded{http.DefaultTransport}},
	}
}

// Title implements usecase.IdentityProvider.
func (p *Provider) Title() string { return p.Options.Title }

// Issuer implements usecase.IdentityProvider.
func (p *Provider) Issuer() string { return p.Options.Issuer }

// bounded reads no more of an answer than fits.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxAnswer), res.Body}
	}
	return res, err
}

// discovered asks how the provider works, once; of many who need it at the same
// time one asks.
func (p *Provider) discovered(ctx context.Context) (*oidc.Provider, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("ask %s how it works: %w: %w", p.Options.Issuer, domain.ErrUnavailable, ctx.Err())
	}
	if p.found != nil {
		return p.found, nil
	}
	if p.failed != nil && p.Now().Sub(p.at) < retryAfter {
		return nil, p.failed
	}
	var err error
	if p.found, err = oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.Options.Issuer); err != nil {
		p.found, p.at = nil, p.Now()
		p.failed = fmt.Errorf("ask %s how it works: %w: %w", p.Options.Issuer, domain.ErrUnavailable, err)
		return nil, p.failed
	}
	return p.found, nil
}

func (p *Provider) oauth(d *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: d.Endpoint(), RedirectURL: p.Callback,
		Scopes: p.Scopes,
	}
}

// Address implements usecase.IdentityProvider.
func (p *Provider) Address(ctx context.Context, proof usecase.Proof) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	d, err := p.discovered(ctx)
	if err != nil {
		return "", err
	}
	return p.oauth(d).AuthCodeURL(proof.State, oidc.Nonce(proof.Nonce),
		oauth2.S256ChallengeOption(proof.Verifier)), nil
}

// claims are what a token, or the provider's own page of somebody, says.
type claims struct {
	Email    string `json:"email"`
	Verified *yes   `json:"email_verified"`
	Name     string `json:"name"`
	Party    string `json:"azp"` // whom the token was made for
}

// yes is a bool that some providers write as a text.
type yes bool

// UnmarshalJSON implements json.Unmarshaler.
func (y *yes) UnmarshalJSON(b []byte) error {
	*y = string(b) == "true" || string(b) == `"true"`
	return nil
}

// Identify implements usecase.IdentityProvider.
func (p *Provider) Identify(ctx context.Context, code string, proof usecase.Proof) (usecase.Identity, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), p.Timeout)
	defer cancel()
	d, err := p.discovered(ctx)
	if err != nil {
		return usecase.Identity{}, err
	}
	token, err := p.oauth(d).Exchange(ctx, code, oauth2.VerifierOption(proof.Verifier))
	if err != nil {
		return usecase.Identity{}, exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	signed, err := d.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.Now}).Verify(ctx, raw)
	if err != nil {
		return usecase.Identity{}, verifyError(ctx, err)
	}
	var said claims
	if err := signed.Claims(&said); err != nil {
		return usecase.Identity{}, forbidden("the token can not be read", err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(signed.Nonce), []byte(proof.Nonce)) != 1:
		return usecase.Identity{}, forbidden("the token is of another sign-in", nil)
	case signed.Subject == "":
		return usecase.Identity{}, forbidden("the token names nobody", nil)
	case said.Party != p.ClientID && (said.Party != "" || len(signed.Audience) > 1):
		return usecase.Identity{}, forbidden("the token was made for another service", nil)
	}
	if (said.Email == "" || said.Verified == nil) && d.UserInfoEndpoint() != "" {
		if err := ask(ctx, d, token, signed.Subject, &said); err != nil {
			return usecase.Identity{}, err
		}
	}
	return usecase.Identity{
		Issuer: p.Options.Issuer, Subject: signed.Subject, Email: said.Email, Name: said.Name,
		Verified: said.Verified != nil && bool(*said.Verified),
	}, nil
}

// ask reads what the token does not say: some providers keep it short. An
// e-mail and whether it is verified are taken from the same place.
func ask(ctx context.Context, d *oidc.Provider, token *oauth2.Token, subject string, to *claims) error {
	info, err := d.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("ask the provider for the e-mail: %w: %w", domain.ErrUnavailable, err)
	}
	if info.Subject != subject {
		return forbidden("the provider's page is somebody else's", nil)
	}
	var said claims
	if err := info.Claims(&said); err != nil {
		return forbidden("the provider's page can not be read", err)
	}
	if said.Email != "" {
		to.Email, to.Verified = said.Email, said.Verified
	}
	to.Name = cmp.Or(to.Name, said.Name)
	return nil
}

// exchangeError tells a code that is not good from a provider that does not
// answer. Nothing of the answer is quoted but its code: it may have secrets.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		var answer *json.SyntaxError
		if errors.As(err, &answer) {
			return forbidden("the answer can not be read", nil)
		}
		return fmt.Errorf("redeem the code: %w: %w", domain.ErrUnavailable, err)
	}
	switch {
	case refused.ErrorCode != "":
		return forbidden(fmt.Sprintf("the code is refused: %.40q", refused.ErrorCode), nil)
	case refused.Response != nil && refused.Response.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("redeem the code: %w: %s", domain.ErrUnavailable, refused.Response.Status)
	}
	return forbidden("the code is refused", nil)
}

// verifyError tells a token that is not good from keys that can not be read in
// time.
func verifyError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("read the provider's keys: %w: %w", domain.ErrUnavailable, ctx.Err())
	}
	return forbidden("the token is not proved", err)
}

func forbidden(what string, err error) error {
	if err == nil {
		return fmt.Errorf("%w: %s", domain.ErrForbidden, what)
	}
	return fmt.Errorf("%w: %s: %w", domain.ErrForbidden, what, err)
}
