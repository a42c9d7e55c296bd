package openid_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/openid"
	"github.com/tgtrack/tgtrack/adapters/openid/openidtest"
	"github.com/tgtrack/tgtrack/domain"
)

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// unsigned is a token up to its signature.
func unsigned(t *testing.T, head, said openidtest.Claims) string {
	t.Helper()
	h, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	return encode(h) + "." + encode(b)
}

// TestForgedTokens: all is as it should be, but for the signature.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	p := openidtest.New(t)
	op := provider(p)
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	byOwn := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		signature, err := rsa.SignPKCS1v15(rand.Reader, own, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + encode(signature)
	}
	byText := func(text, key string) string {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(text))
		return text + "." + encode(mac.Sum(nil))
	}
	for name, forge := range map[string]func(head, said openidtest.Claims) string{
		"no signature":  func(h, s openidtest.Claims) string { return unsigned(t, h, s) + "." },
		"no third part": unsignedOnly(t),
		"an algorithm of none": func(h, s openidtest.Claims) string {
			h["alg"] = "none"
			return unsigned(t, h, s) + "."
		},
		"none, written so": func(h, s openidtest.Claims) string {
			h["alg"] = "nOnE"
			return unsigned(t, h, s) + "."
		},
		"another key, the same name": func(h, s openidtest.Claims) string { return byOwn(unsigned(t, h, s)) },
		"a key that it brings": func(h, s openidtest.Claims) string {
			h["jwk"] = openidtest.Claims{"kty": "RSA", "n": encode(own.N.Bytes()),
				"e": encode(big.NewInt(int64(own.E)).Bytes())}
			delete(h, "kid")
			return byOwn(unsigned(t, h, s))
		},
		"a key that it names": func(h, s openidtest.Claims) string {
			h["jku"], h["kid"] = "https://evil.example/keys", "evil"
			return byOwn(unsigned(t, h, s))
		},
		"the client's secret as a key": func(h, s openidtest.Claims) string {
			h["alg"] = "HS256"
			return byText(unsigned(t, h, s), openidtest.ClientSecret)
		},
	} {
		p.Comes(openidtest.Claims{"sub": "17", "email": "anna@example.org", "email_verified": true})
		p.Forge(forge)
		if got, err := op.Identify(t.Context(), code(t, op, p), proof); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	p.Comes(openidtest.Claims{"sub": "17", "email": "anna@example.org", "email_verified": true})
	if _, err := op.Identify(t.Context(), code(t, op, p), proof); err != nil {
		t.Errorf("afterwards, the true one: %v", err)
	}
}

func unsignedOnly(t *testing.T) func(head, said openidtest.Claims) string {
	return func(h, s openidtest.Claims) string { return unsigned(t, h, s) }
}

// TestAnotherIssuer: a description that says it is another provider's is not
// believed.
func TestAnotherIssuer(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"issuer":"https://id.example.org","authorization_endpoint":"http://%s/authorize",
			"token_endpoint":"http://%[1]s/token","jwks_uri":"http://%[1]s/keys"}`, r.Host)
	}))
	defer s.Close()
	op := openid.New(openid.Options{Issuer: s.URL, ClientID: "x", Timeout: 5 * time.Second, Now: time.Now})
	if address, err := op.Address(t.Context(), proof); err == nil {
		t.Errorf("browsers would be sent to %s", address)
	}
}
