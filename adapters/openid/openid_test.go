package openid_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/openid"
	"github.com/tgtrack/tgtrack/adapters/openid/openidtest"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

const callback = "https://t.example/login/openid/callback"

func provider(p *openidtest.Provider) *openid.Provider {
	return openid.New(openid.Options{
		Issuer: p.URL, ClientID: openidtest.ClientID, ClientSecret: openidtest.ClientSecret, Title: "Test",
		Scopes: []string{"openid", "email"}, Callback: callback, Timeout: 5 * time.Second, Now: time.Now,
	})
}

var proof = usecase.Proof{State: "st", Nonce: "no", Verifier: strings.Repeat("v", 43)}

// code goes to the provider and comes back.
func code(t *testing.T, op *openid.Provider, p *openidtest.Provider) string {
	t.Helper()
	address, err := op.Address(t.Context(), proof)
	if err != nil {
		t.Fatal(err)
	}
	back := p.Visit(address)
	if got := back.Scheme + "://" + back.Host + back.Path; got != callback || back.Query().Get("state") != "st" {
		t.Errorf("back to %s", back)
	}
	return back.Query().Get("code")
}

// TestIdentify: what a provider proves is taken, and nothing else.
func TestIdentify(t *testing.T) {
	t.Parallel()
	p := openidtest.New(t)
	op := provider(p)
	anna := openidtest.Claims{"sub": "17", "email": "Anna@Example.org", "email_verified": true, "name": "Anna"}
	want := usecase.Identity{Issuer: p.URL, Subject: "17", Email: "Anna@Example.org", Verified: true, Name: "Anna"}
	for name, c := range map[string]struct {
		who, page openidtest.Claims
		want      func(*usecase.Identity)
	}{
		"as it should be": {who: anna},
		"verified as a text": {
			who: openidtest.Claims{"sub": "17", "email": "Anna@Example.org", "email_verified": "true", "name": "Anna"},
		},
		"not verified": {
			who:  openidtest.Claims{"sub": "17", "email": "Anna@Example.org", "email_verified": false, "name": "Anna"},
			want: func(i *usecase.Identity) { i.Verified = false },
		},
		"nothing said of it": {
			who:  openidtest.Claims{"sub": "17", "email": "Anna@Example.org", "name": "Anna"},
			want: func(i *usecase.Identity) { i.Verified = false },
		},
		"on the page": {
			who:  openidtest.Claims{"sub": "17"},
			page: openidtest.Claims{"email": "Anna@Example.org", "email_verified": true, "name": "Anna"},
		},
		"of another e-mail on the page": {
			who:  openidtest.Claims{"sub": "17", "email": "Anna@Example.org", "name": "Anna"},
			page: openidtest.Claims{"email_verified": true},
			want: func(i *usecase.Identity) { i.Verified = false },
		},
	} {
		p.Comes(c.who)
		p.Page(c.page)
		got, err := op.Identify(t.Context(), code(t, op, p), proof)
		w := want
		if c.want != nil {
			c.want(&w)
		}
		if d := cmp.Diff(w, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
	for name, spoil := range map[string]func(openidtest.Claims){
		"another nonce":        func(c openidtest.Claims) { c["nonce"] = "other" },
		"no nonce":             func(c openidtest.Claims) { delete(c, "nonce") },
		"another audience":     func(c openidtest.Claims) { c["aud"] = "somebody-else" },
		"two, for the other":   func(c openidtest.Claims) { c["aud"], c["azp"] = []string{openidtest.ClientID, "x"}, "x" },
		"two, for nobody":      func(c openidtest.Claims) { c["aud"] = []string{openidtest.ClientID, "x"} },
		"made for another":     func(c openidtest.Claims) { c["azp"] = "x" },
		"another issuer":       func(c openidtest.Claims) { c["iss"] = "https://evil.example" },
		"too old":              func(c openidtest.Claims) { c["exp"] = time.Now().Add(-time.Minute).Unix() },
		"nobody":               func(c openidtest.Claims) { c["sub"] = "" },
		"a subject of no kind": func(c openidtest.Claims) { c["sub"] = []string{"17"} },
	} {
		p.Comes(anna)
		p.Spoil(spoil)
		if got, err := op.Identify(t.Context(), code(t, op, p), proof); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	p.Comes(openidtest.Claims{"sub": "17"})
	p.Page(openidtest.Claims{"sub": "18", "email": "eve@example.org", "email_verified": true})
	if got, err := op.Identify(t.Context(), code(t, op, p), proof); !errors.Is(err, domain.ErrForbidden) {
		t.Errorf("the page of another: %+v, %v", got, err)
	}
}

// TestCode: a code works once, with what the browser was sent with, and its
// refusal quotes nothing secret.
func TestCode(t *testing.T) {
	t.Parallel()
	p := openidtest.New(t)
	op := provider(p)
	p.Comes(openidtest.Claims{"sub": "17", "email": "a@b.c", "email_verified": true})
	used := code(t, op, p)
	if _, err := op.Identify(t.Context(), used, proof); err != nil {
		t.Fatal(err)
	}
	other := proof
	other.Verifier = strings.Repeat("w", 43)
	for name, try := range map[string]func() error{
		"used":             func() error { _, err := op.Identify(t.Context(), used, proof); return err },
		"made up":          func() error { _, err := op.Identify(t.Context(), "x", proof); return err },
		"another verifier": func() error { _, err := op.Identify(t.Context(), code(t, op, p), other); return err },
	} {
		err := try()
		if !errors.Is(err, domain.ErrForbidden) || strings.Contains(err.Error(), openidtest.ClientSecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.NewKey()
	if _, err := op.Identify(t.Context(), code(t, op, p), proof); err != nil {
		t.Errorf("after the provider changed its key: %v", err)
	}
}

// TestProviderAway: a provider that is away is asked again, not by everybody,
// and holds nobody for longer than agreed.
func TestProviderAway(t *testing.T) {
	t.Parallel()
	p := openidtest.New(t)
	now, mu := time.Now(), sync.Mutex{}
	op := provider(p)
	op.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	p.Down(true)
	for range 10 {
		if _, err := op.Address(t.Context(), proof); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("while it is away: %v", err)
		}
	}
	if p.Requests != 1 {
		t.Errorf("%d requests", p.Requests)
	}
	p.Down(false)
	mu.Lock()
	now = now.Add(3 * time.Second)
	mu.Unlock()
	p.Comes(openidtest.Claims{"sub": "17", "email": "a@b.c", "email_verified": true})
	c := code(t, op, p)
	p.Down(true)
	if _, err := op.Identify(t.Context(), c, proof); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("away when the code is redeemed: %v", err)
	}
}

// TestProviderHangs: many who wait for a provider that does not answer are told
// so in time.
func TestProviderHangs(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(release)
	op := openid.New(openid.Options{Issuer: s.URL, ClientID: "x", Timeout: 100 * time.Millisecond, Now: time.Now})
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := op.Address(t.Context(), proof); !errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("%v", err)
			}
		})
	}
	wait.Wait()
}
