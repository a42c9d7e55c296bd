package google

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// audience is the token service's name in an assertion, whatever address it
// is reached at.
const audience = "https://oauth2.googleapis.com/token"

// What signs here is not golang.org/x/oauth2/jwt, which asks for the token
// itself: by its own clock, without telling whether the request was sent, and
// keeping the assertion, which is to be masked, to itself.

// serviceAccount is a key file as Google Cloud hands it out. The address of a
// token service that stands in it is not used: it would let a user choose
// where we call.
type serviceAccount struct {
	Type  string `json:"type"`
	Email string `json:"client_email"`
	KeyID string `json:"private_key_id"`
	PEM   string `json:"private_key"`
}

// parseServiceAccount reads a key file. Its errors repeat nothing of it.
func parseServiceAccount(text string) (serviceAccount, error) {
	var sa serviceAccount
	if json.Unmarshal([]byte(text), &sa) != nil || sa.Type != "service_account" || sa.Email == "" {
		return serviceAccount{}, errors.New("must be the JSON text of a service account's key file")
	}
	if _, err := sa.key(); err != nil {
		return serviceAccount{}, err
	}
	return sa, nil
}

func (sa serviceAccount) key() (*rsa.PrivateKey, error) {
	broken := errors.New("has no RSA private_key")
	block, _ := pem.Decode([]byte(sa.PEM))
	if block == nil {
		return nil, broken
	}
	if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return k, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, broken
	}
	if k, ok := k.(*rsa.PrivateKey); ok {
		return k, nil
	}
	return nil, broken
}

// assertion is a signed token by which a service account asks for an access
// token: https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
func (sa serviceAccount) assertion(now time.Time) (string, error) {
	key, err := sa.key()
	if err != nil {
		return "", err
	}
	head, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": sa.KeyID})
	if err != nil {
		return "", fmt.Errorf("write the assertion: %w", err)
	}
	claims, err := json.Marshal(map[string]any{
		"iss": sa.Email, "scope": scope, "aud": audience, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	})
	if err != nil {
		return "", fmt.Errorf("write the assertion: %w", err)
	}
	b64 := base64.RawURLEncoding
	signed := b64.EncodeToString(head) + "." + b64.EncodeToString(claims)
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign the assertion: %w", err)
	}
	return signed + "." + b64.EncodeToString(sig), nil
}
