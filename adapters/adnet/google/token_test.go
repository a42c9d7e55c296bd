package google_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/google"
	"github.com/tgtrack/tgtrack/domain"
)

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func keyFile(t *testing.T, k *rsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "robot@project.example", "private_key_id": "k1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"token_uri":   "http://elsewhere.example/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// vendor is Google with a token service that gives "tok1", "tok2", ….
type vendor struct {
	*httptest.Server
	tokens, ingests atomic.Int64
	refuse          sync.Map // tokens that are refused
	form            atomic.Pointer[url.Values]
	slow            chan struct{} // when not nil the token service waits for it
}

func newVendor(t *testing.T) *vendor {
	t.Helper()
	v := &vendor{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			body, _ := io.ReadAll(r.Body)
			form, _ := url.ParseQuery(string(body))
			v.form.Store(&form)
			if v.slow != nil {
				<-v.slow
			}
			_, _ = fmt.Fprintf(w, `{"access_token":"tok%d","expires_in":3600,"token_type":"Bearer"}`,
				v.tokens.Add(1))
			return
		}
		v.ingests.Add(1)
		if _, bad := v.refuse.Load(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")); bad {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":{"status":"UNAUTHENTICATED"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"requestId":"r1"}`)
	}))
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) account(now time.Time, credentials adnet.Settings) adnet.Account {
	s := adnet.Settings{"customer_id": "123", "conversion_actions": map[string]any{"buy": "9"}}
	for k, val := range credentials {
		s[k] = val
	}
	return adnet.Account{ID: "a", Settings: s, Client: v.Client(), Now: now}
}

func oauth() adnet.Settings {
	return adnet.Settings{"client_id": "c1", "client_secret": "cs-12345", "refresh_token": "rt-12345"}
}

func conversion(now time.Time) []domain.Conversion {
	click := &domain.Click{At: now.Add(-48 * time.Hour), Params: map[string]string{"gclid": "G1"}}
	return []domain.Conversion{{ID: "c1", Target: "buy", Name: "buy", OccurredAt: now, Click: click}}
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestTokenIsFetchedOnceForMany(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	v.slow = make(chan struct{})
	s := google.New(adnet.Values{"base_url": v.URL, "google_oauth.base_url": v.URL})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := s.Deliver(t.Context(), v.account(noon, oauth()),
				conversion(noon)); got[0].Class != adnet.Accepted {
				t.Errorf("got %+v", got[0])
			}
		})
	}
	close(v.slow)
	wg.Wait()
	if n := v.ingests.Load(); n != 8 {
		t.Errorf("%d ingest calls, want 8", n)
	}
	if n := v.tokens.Load(); n != 1 {
		t.Errorf("%d tokens fetched, want 1", n)
	}
}

func TestTokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	s := google.New(adnet.Values{"base_url": v.URL, "google_oauth.base_url": v.URL})
	for _, c := range []struct {
		at   time.Duration
		want int64
	}{{0, 1}, {47 * time.Minute, 1}, {48 * time.Minute, 2}, {90 * time.Minute, 2}, {3 * time.Hour, 3}} {
		now := noon.Add(c.at)
		s.Deliver(t.Context(), v.account(now, oauth()), conversion(now))
		if got := v.tokens.Load(); got != c.want {
			t.Errorf("after %s: %d tokens, want %d", c.at, got, c.want)
		}
	}
}

func TestRefusedTokenIsFetchedAnewOnce(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	s := google.New(adnet.Values{"base_url": v.URL, "google_oauth.base_url": v.URL})
	deliver := func() adnet.Verdict {
		return s.Deliver(t.Context(), v.account(noon, oauth()), conversion(noon))[0]
	}
	deliver()
	v.refuse.Store("tok1", true)
	if got := deliver(); got.Class != adnet.Accepted || v.tokens.Load() != 2 {
		t.Errorf("%s after %d tokens, want accepted after 2", got.Class, v.tokens.Load())
	}
	v.refuse.Store("tok2", true)
	v.refuse.Store("tok3", true)
	if got := deliver(); got.Class != adnet.AuthRevoked || v.tokens.Load() != 3 {
		t.Errorf("%s after %d tokens, want auth_revoked after 3", got.Class, v.tokens.Load())
	}
}

func TestAccountsDoNotShareTokens(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	s := google.New(adnet.Values{"base_url": v.URL, "google_oauth.base_url": v.URL})
	other := oauth()
	other["refresh_token"] = "rt-67890"
	s.Deliver(t.Context(), v.account(noon, oauth()), conversion(noon))
	s.Deliver(t.Context(), v.account(noon, other), conversion(noon))
	if n := v.tokens.Load(); n != 2 {
		t.Errorf("%d tokens for two credentials, want 2", n)
	}
}

func TestServiceAccountSignsAnAssertion(t *testing.T) {
	t.Parallel()
	v, key := newVendor(t), newKey(t)
	s := google.New(adnet.Values{"base_url": v.URL, "google_oauth.base_url": v.URL})
	got := s.Deliver(t.Context(), v.account(noon, adnet.Settings{"service_account": keyFile(t, key)}),
		conversion(noon))
	if got[0].Class != adnet.Accepted {
		t.Fatalf("got %+v", got[0])
	}
	form := *v.form.Load()
	if g := form.Get("grant_type"); g != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		t.Errorf("grant_type %q", g)
	}
	parts := strings.Split(form.Get("assertion"), ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts of an assertion", len(parts))
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	sig, _ := base64.RawURLEncoding.DecodeString(parts[2])
	if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], sig); err != nil {
		t.Errorf("signature: %v", err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	want := fmt.Sprintf(`{"aud":"https://oauth2.googleapis.com/token","exp":%d,"iat":%d,`+
		`"iss":"robot@project.example","scope":"https://www.googleapis.com/auth/datamanager"}`,
		noon.Unix()+3600, noon.Unix())
	if string(raw) != want {
		t.Errorf("claims %s, want %s", raw, want)
	}
	if e := fmt.Sprintf("%+v", *got[0].Exchange); strings.Contains(e, "tok1") || strings.Contains(e, "PRIVATE") {
		t.Errorf("the exchange shows a secret: %s", e)
	}
}
