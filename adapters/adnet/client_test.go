package adnet_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

func get(t *testing.T, c *http.Client, address string) (adnet.Answer, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return adnet.Do(context.Background(), c, req, 100)
}

func TestUsersAddressesAreChecked(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	c := adnet.NewClients(adnet.ClientOptions{ConnectTimeout: 2 * time.Second}).For("")
	for _, address := range []string{
		"http://example.com/", "https://example.com:22/", "https://example.com:6379/", srv.URL,
		"https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "https://172.16.0.1/",
		"https://192.168.1.1:8443/",
		"https://169.254.169.254/latest/meta-data", "https://100.64.0.1/", "https://100.100.100.200/",
		"https://192.0.0.192/", "https://0.0.0.0/", "https://224.0.0.1/",
		"https://255.255.255.255/", "https://[::1]/", "https://[::]/", "https://[fe80::1]/",
		"https://[fd00:ec2::254]/", "https://[ff02::1]/",
		"https://[::ffff:127.0.0.1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/",
		"https://[64:ff9b::a9fe:a9fe]/", "https://[2002:7f00:1::]/",
		"https://[2002:a00:1::1]/", "https://[64:ff9b:1::1]/", "https://[2001:db8::1]/", "https://[2001::1]/",
		"https://2130706433/", "https://127.1/",
	} {
		_, err := get(t, c, address)
		if err == nil {
			t.Errorf("%s was called", address)
			continue
		}
		if adnet.Sent(err) {
			t.Errorf("%s: %v counts as sent", address, err)
		}
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://1.1.1.1/", "https://[2606:4700::1111]:8443/",
		"https://[64:ff9b::101:101]/", "https://example.com:8080/x?y"} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if err := adnet.CheckAddress(u); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestResolvedAddressIsChecked(t *testing.T) {
	t.Parallel()
	// A public name with a private address passes the check of the text.
	_, err := get(t, adnet.NewClients(adnet.ClientOptions{ConnectTimeout: 2 * time.Second}).For(""),
		"https://localhost:8443/")
	var blocked *adnet.BlockedError
	if !errors.As(err, &blocked) {
		t.Fatalf("%v is not a BlockedError", err)
	}
	if v := adnet.Failed(err, true); v.Class != adnet.Misconfigured {
		t.Errorf("verdict %s", v.Class)
	}
}

// TestReasonsNameNoAddress: users read why a call failed, and nothing of what
// stands beside the service.
func TestReasonsNameNoAddress(t *testing.T) {
	t.Parallel()
	client := adnet.NewClients(adnet.ClientOptions{Timeout: 5 * time.Second}).For("")
	for _, address := range []string{"https://localhost/", "https://no-such-host.invalid/"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = adnet.Do(t.Context(), client, req, 0)
		reason := adnet.Failed(err, true).Reason
		for _, secret := range []string{"127.", "::1", "lookup", " on ", ":53"} {
			if err == nil || strings.Contains(reason, secret) {
				t.Errorf("%s: %q says %q", address, reason, secret)
			}
		}
	}
}

func TestUsersProxyIsChecked(t *testing.T) {
	t.Parallel()
	cs := adnet.NewClients(adnet.ClientOptions{ConnectTimeout: 2 * time.Second})
	for _, proxy := range []string{"http://user:passw0rd@127.0.0.1:3128", "http://user:passw0rd@[::1]:3128",
		"nonsense passw0rd", "http://user:passw0rd@proxy.example:25"} {
		for _, c := range []*http.Client{cs.For(proxy), cs.Vendor(proxy)} {
			_, err := get(t, c, "https://example.com/")
			if err == nil || adnet.Sent(err) || strings.Contains(err.Error(), "passw0rd") {
				t.Errorf("%s: %v", proxy, err)
			}
		}
	}
}

func TestVendorsAddressesAreNot(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 1000))
	}))
	defer srv.Close()
	for name, c := range map[string]*http.Client{
		"vendor":  adnet.NewClients(adnet.ClientOptions{}).Vendor(""),
		"allowed": adnet.NewClients(adnet.ClientOptions{AllowPrivate: true}).For(""),
	} {
		a, err := get(t, c, srv.URL+"/x")
		if err != nil || a.Status != 200 || len(a.Body) != 100 || !a.Cut {
			t.Errorf("%s: %+v %v", name, a, err)
		}
		if a, err = get(t, c, srv.URL+"/moved"); err != nil || a.Status != http.StatusFound {
			t.Errorf("%s: a redirect gave %+v %v", name, a, err)
		}
	}
}

// A GET whose connection breaks before the answer is one whose outcome nobody
// knows; net/http alone would send it again.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) == 1 {
			return // the first is answered, so that its connection is kept
		}
		c, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = c.Close()
		}
	}))
	defer srv.Close()
	c := adnet.NewClients(adnet.ClientOptions{}).Vendor("")
	if _, err := get(t, c, srv.URL); err != nil {
		t.Fatal(err)
	}
	_, err := get(t, c, srv.URL+"?key=s3cret")
	if err == nil || !adnet.Sent(err) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
	if n.Load() != 2 {
		t.Errorf("%d requests for two calls", n.Load())
	}
	if v := adnet.Failed(err, false); v.Class != adnet.Uncertain {
		t.Errorf("without deduplication it is %s", v.Class)
	}
	if v := adnet.Failed(err, true); v.Class != adnet.Retry {
		t.Errorf("with deduplication it is %s", v.Class)
	}
	srv.Close()
	c.CloseIdleConnections()
	if _, err = get(t, c, srv.URL); err == nil || adnet.Sent(err) {
		t.Errorf("refused connection: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-3": 0, "x": 0, "999999999": 24 * time.Hour,
		"Fri, 20 Nov 2026 10:01:00 GMT": time.Minute, "Fri, 20 Nov 2026 09:00:00 GMT": 0,
	} {
		if got := adnet.RetryAfter(http.Header{"Retry-After": {s}}, now); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}
