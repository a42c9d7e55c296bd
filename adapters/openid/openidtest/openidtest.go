// Package openidtest is a provider of OpenID Connect for tests: it signs real
// tokens, holds browsers to PKCE and clients to their secret, and takes a code
// once. It shows no pages: whoever comes is who the test says.
package openidtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// The client that the provider knows.
const (
	ClientID     = "tgtrack-test"
	ClientSecret = "a secret of the test"
)

// Claims are what tokens say.
type Claims = map[string]any

// Provider is a running provider.
type Provider struct {
	URL string
	t   testing.TB
	key *rsa.PrivateKey

	mu       sync.Mutex
	who      Claims
	page     Claims // what userinfo says
	spoil    func(Claims)
	forge    func(head, said Claims) string
	down     bool
	refuse   string
	codes    map[string]code
	Requests int // that came
}

// code is what somebody may redeem once.
type code struct{ redirect, challenge, nonce string }

// New starts a provider.
func New(t testing.TB) *Provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{t: t, key: key, codes: map[string]code{}}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	p.URL = s.URL
	return p
}

// Comes says who comes next.
func (p *Provider) Comes(who Claims) {
	p.set(func() { p.who, p.page, p.spoil, p.forge = who, nil, nil, nil })
}

// Page says what the provider's own page of whoever comes has.
func (p *Provider) Page(page Claims) { p.set(func() { p.page = page }) }

// Spoil changes tokens before they are signed.
func (p *Provider) Spoil(f func(Claims)) { p.set(func() { p.spoil = f }) }

// Down makes every answer an error, or no more.
func (p *Provider) Down(down bool) { p.set(func() { p.down = down }) }

// Refuse sends whoever comes back with an error.
func (p *Provider) Refuse(e string) { p.set(func() { p.refuse = e }) }

// NewKey signs with another key from now on, as providers do now and then.
func (p *Provider) NewKey() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		p.t.Fatal(err)
	}
	p.set(func() { p.key = key })
}

func (p *Provider) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// Visit is the browser at the provider: it opens an address there and gives the
// one to which it is sent back.
func (p *Provider) Visit(address string) *url.URL {
	p.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address)
	if err != nil {
		p.t.Fatal(err)
	}
	res.Body.Close()
	back, err := res.Location()
	if err != nil {
		p.t.Fatalf("%s: %d, %v", address, res.StatusCode, err)
	}
	return back
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Requests++
	if p.down {
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		answer(w, http.StatusOK, Claims{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "userinfo_endpoint": p.URL + "/userinfo",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	case "/authorize":
		p.authorize(w, r)
	case "/token":
		p.token(w, r)
	case "/keys":
		answer(w, http.StatusOK, Claims{"keys": []any{Claims{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": p.kid(), "n": encode(p.key.N.Bytes()),
			"e": encode(big.NewInt(int64(p.key.E)).Bytes()),
		}}})
	case "/userinfo":
		page := Claims{"sub": p.who["sub"]}
		maps.Copy(page, p.page)
		answer(w, http.StatusOK, page)
	default:
		http.NotFound(w, r)
	}
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" ||
		q.Get("code_challenge") == "" || q.Get("nonce") == "" || q.Get("state") == "" {
		http.Error(w, "not what was agreed: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	if p.refuse != "" {
		back.Set("error", p.refuse)
	} else {
		secret := rand.Text()
		p.codes[secret] = code{q.Get("redirect_uri"), q.Get("code_challenge"), q.Get("nonce")}
		back.Set("code", secret)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if id != ClientID || secret != url.QueryEscape(ClientSecret) {
		answer(w, http.StatusUnauthorized, Claims{"error": "invalid_client"})
		return
	}
	c, ok := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || c.redirect != r.PostFormValue("redirect_uri") || c.challenge != encode(sum[:]) {
		answer(w, http.StatusBadRequest, Claims{"error": "invalid_grant"})
		return
	}
	now := time.Now()
	said := Claims{
		"iss": p.URL, "aud": ClientID, "nonce": c.nonce, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(said, p.who)
	if p.spoil != nil {
		p.spoil(said)
	}
	answer(w, http.StatusOK, Claims{
		"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 3600, "id_token": p.sign(said),
	})
}

func (p *Provider) kid() string {
	sum := sha256.Sum256(p.key.N.Bytes())
	return encode(sum[:6])
}

// Forge has tokens signed by somebody else: f is given the header and the claims.
func (p *Provider) Forge(f func(head, said Claims) string) { p.set(func() { p.forge = f }) }

func (p *Provider) sign(said Claims) string {
	if p.forge != nil {
		return p.forge(Claims{"alg": "RS256", "typ": "JWT", "kid": p.kid()}, said)
	}
	head, err := json.Marshal(Claims{"alg": "RS256", "typ": "JWT", "kid": p.kid()})
	if err != nil {
		p.t.Error(err)
	}
	body, err := json.Marshal(said)
	if err != nil {
		p.t.Error(err)
	}
	text := encode(head) + "." + encode(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return text + "." + encode(signature)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the client is gone
}
