package google

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// scope of the Data Manager; that of the Google Ads API does not include it.
const scope = "https://www.googleapis.com/auth/datamanager"

// credential names what a token was given for. The client is part of it: an
// account with a proxy asks through its own.
type credential struct {
	client *http.Client
	sum    [sha256.Size]byte
}

// token that opens the API for about an hour.
type token struct {
	value              string
	refreshAt, expires time.Time
}

func credentialOf(a adnet.Account) credential {
	var b strings.Builder
	for _, name := range []string{"client_id", "client_secret", "refresh_token", "service_account"} {
		v := a.Settings.Text(name)
		fmt.Fprintf(&b, "%d:%s;", len(v), v)
	}
	return credential{a.Client, sha256.Sum256([]byte(b.String()))}
}

// token gives an access token; kept tells that it was not just fetched. Many
// deliveries that need the same one wait for one call.
func (s *Sink) token(ctx context.Context, a adnet.Account) (value string, kept bool, failed *adnet.Verdict) {
	if err := ctx.Err(); err != nil {
		return "", false, &adnet.Verdict{Class: adnet.Retry, Reason: "not sent: " + err.Error()}
	}
	c := credentialOf(a)
	t, ok := s.kept(c)
	if ok && a.Now.Before(t.refreshAt) {
		return t.value, true, nil
	}
	flight := s.flight.DoChan(fmt.Sprintf("%p:%x", c.client, c.sum), func() (any, error) {
		// Another flight may have landed since.
		if t, ok := s.kept(c); ok && a.Now.Before(t.refreshAt) {
			return fetched{token: t}, nil
		}
		// The first to come must not take the others down by going away.
		return s.fetch(context.WithoutCancel(ctx), a, c), nil
	})
	select {
	case <-ctx.Done():
		return "", false, &adnet.Verdict{Class: adnet.Retry, Reason: "not sent: " + ctx.Err().Error()}
	case got := <-flight:
		f, _ := got.Val.(fetched)
		if f.failed == nil {
			return f.token.value, false, nil
		}
		// A token that is about to end still opens while the way to a new one
		// is down.
		if f.failed.Class == adnet.Retry && ok && a.Now.Before(t.expires) {
			return t.value, true, nil
		}
		return "", false, f.failed
	}
}

type fetched struct {
	token  token
	failed *adnet.Verdict
}

// fetch asks for a token and keeps it.
// https://developers.google.com/identity/protocols/oauth2/web-server#offline
func (s *Sink) fetch(ctx context.Context, a adnet.Account, c credential) fetched {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	form, err := tokenForm(a)
	if err != nil {
		return fetched{failed: &adnet.Verdict{
			Class: adnet.Misconfigured, Reason: "the credentials can not be used: " + err.Error(),
		}}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.oauth+"/token",
		strings.NewReader(form.Encode()))
	if err != nil {
		return fetched{failed: &adnet.Verdict{
			Class: adnet.Misconfigured, Reason: "the address of the token service can not be built",
		}}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	ans, err := adnet.Do(ctx, a.Client, req, 0)
	mask := s.mask(a).And(form.Get("assertion"))
	t, v := readToken(ans, err, a.Now, mask)
	if v.Class != "" {
		// The form is nothing but secrets, and no conversion is in it.
		v.Exchange = mask.Exchange(req, "", ans, err)
		v.Exchange.Response = mask.Keep(string(ans.Body))
		return fetched{failed: &v}
	}
	s.keep(c, t, a.Now)
	return fetched{token: t}
}

// tokenForm asks with a signed assertion of a service account, or with a
// user's refresh token.
func tokenForm(a adnet.Account) (url.Values, error) {
	if text := trimmed(a, "service_account"); text != "" {
		sa, err := parseServiceAccount(text)
		if err != nil {
			return nil, err
		}
		assertion, err := sa.assertion(a.Now)
		return url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion},
		}, err
	}
	return url.Values{
		"grant_type": {"refresh_token"}, "client_id": {trimmed(a, "client_id")},
		"client_secret": {trimmed(a, "client_secret")}, "refresh_token": {trimmed(a, "refresh_token")},
	}, nil
}

func trimmed(a adnet.Account, name string) string { return strings.TrimSpace(a.Settings.Text(name)) }

// readToken judges the token service's answer; the verdict's class is empty
// when there is a token. Asking again is always harmless.
func readToken(ans adnet.Answer, err error, now time.Time, mask adnet.Mask) (token, adnet.Verdict) {
	var b struct {
		AccessToken string          `json:"access_token"`
		ExpiresIn   int             `json:"expires_in"`
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
	}
	if ans.Status == 0 {
		return token{}, adnet.Failed(err, true)
	}
	unread := err != nil || json.Unmarshal(ans.Body, &b) != nil
	code := strings.Trim(string(b.Error), `"`)
	said := fmt.Sprintf("Google's token service answered %d %s", ans.Status,
		adnet.Clip(mask.Hide(code+" "+b.Description), 200))
	after := adnet.RetryAfter(ans.Header, now)
	switch {
	case ans.OK() && !unread && b.AccessToken != "":
		life := time.Duration(max(b.ExpiresIn, 60)) * time.Second
		return token{b.AccessToken, now.Add(life * 4 / 5), now.Add(life)}, adnet.Verdict{}
	case code == "invalid_grant":
		return token{}, adnet.Verdict{Class: adnet.AuthRevoked, Reason: said + "; connect the account again"}
	case ans.Status == http.StatusTooManyRequests:
		return token{}, adnet.Verdict{Class: adnet.Throttled, Reason: said, After: after}
	case ans.OK(), ans.Status == http.StatusRequestTimeout, ans.Status >= 500:
		return token{}, adnet.Verdict{Class: adnet.Retry, Reason: said, After: after}
	}
	return token{}, adnet.Verdict{
		Class: adnet.Misconfigured, Reason: said + "; check the OAuth client or the service account",
	}
}

func (s *Sink) kept(c credential) (token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tokens[c]
	return t, ok
}

func (s *Sink) keep(c credential, t token, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, old := range s.tokens {
		if !now.Before(old.expires) {
			delete(s.tokens, k)
		}
	}
	s.tokens[c] = t
}

// forget drops a token that was refused, unless a newer one came already.
func (s *Sink) forget(a adnet.Account, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := credentialOf(a); s.tokens[c].value == value {
		delete(s.tokens, c)
	}
}
