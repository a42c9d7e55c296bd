package eventapi

import (
	"net/http"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// signature is how a request should be signed, and what it came with.
type signature struct {
	platforms.Signature
	secret, given string
	checked, good bool
}

// signatureOf finds how a request with such headers should be signed, nil where
// its project keeps no secret for that: then it is taken as it is.
func (cl *call) signatureOf(header func(name string, missing ...string) string) *signature {
	if cl.view == nil || cl.view.WebhookSecrets.IsZero() {
		return nil
	}
	how := cl.decoder.Signature(cl.view.Constructor, cl.method)
	if how == nil {
		return nil
	}
	secret := cl.view.WebhookSecrets.Get(how.Secret)
	if secret == "" {
		return nil
	}
	return &signature{Signature: *how, secret: secret, given: strings.Clone(header(how.Header))}
}

// signed tells whether the signature is right, nil where none is asked for.
func (cl *call) signed() *bool {
	s := cl.signature
	if s == nil {
		return nil
	}
	if !s.checked {
		s.checked, s.good = true, s.Valid(s.secret, s.given, cl.in.Body)
	}
	return &s.good
}

// checkSignature refuses what is not signed as the project asks for.
func (cl *call) checkSignature() error {
	if signed := cl.signed(); signed == nil || *signed {
		return nil
	}
	header := cl.signature.Header
	if cl.signature.given == "" {
		return httpapi.RefusedAs(http.StatusUnauthorized, usecase.RefuseUnsigned(header, cl.method))
	}
	return httpapi.RefusedAs(http.StatusUnauthorized, usecase.RefuseSignature(header))
}
