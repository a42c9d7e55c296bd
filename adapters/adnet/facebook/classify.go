package facebook

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// answer of the Graph API.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
type answer struct {
	Received *int   `json:"events_received"`
	Error    *fault `json:"error"`
}

type fault struct {
	Message   string `json:"message"`
	Code      int    `json:"code"`
	Subcode   int    `json:"error_subcode"`
	Transient bool   `json:"is_transient"`
	Title     string `json:"error_user_title"`
	UserText  string `json:"error_user_msg"`
}

func (f fault) String() string {
	words := slices.DeleteFunc([]string{f.Title, f.UserText}, func(s string) bool { return s == "" })
	if len(words) == 0 {
		words = []string{f.Message}
	}
	code := fmt.Sprint(f.Code)
	if f.Subcode != 0 {
		code = fmt.Sprintf("%d/%d", f.Code, f.Subcode)
	}
	return adnet.Clip(fmt.Sprintf("Meta error %s: %s", code, strings.Join(words, ": ")), 300)
}

// classify goes by the code in the body: an expired token and a rate limit
// come with HTTP 500, too.
func classify(ans adnet.Answer, n int, now time.Time) adnet.Verdict {
	var body answer
	if err := json.Unmarshal(ans.Body, &body); err != nil || body.Error == nil || body.Error.Code == 0 && !body.Error.Transient {
		return withoutCode(ans, body, n, now)
	}
	f := *body.Error
	v := adnet.Verdict{Class: class(f, ans.Status), Reason: f.String()}
	switch {
	case v.Class == adnet.Throttled:
		v.After = max(regain(ans.Header), adnet.RetryAfter(ans.Header, now))
	case v.Class == adnet.Retry && f.Code == 368:
		v.After = time.Hour // blocked for a while
	case v.Class == adnet.Bisect && n == 1:
		v.Class = adnet.Rejected
	}
	return v
}

func class(f fault, status int) adnet.Class {
	c := f.Code
	switch {
	case slices.Contains([]int{4, 17, 32, 613}, c), c >= 80000 && c <= 80014:
		return adnet.Throttled
	case f.Transient, slices.Contains([]int{1, 2, 341, 368, 5000, 21009}, c):
		return adnet.Retry
	case c == 190, c == 102:
		return adnet.AuthRevoked
	case c == 3, c == 10, c >= 200 && c <= 299, c == 100 && f.Subcode == 33:
		return adnet.Misconfigured
	case c == 100, c == 105:
		return adnet.Bisect
	}
	// A code nobody described: what is lost by asking again is time, what is
	// lost by giving up is the conversion.
	return adnet.Retry
}

func withoutCode(ans adnet.Answer, body answer, n int, now time.Time) adnet.Verdict {
	switch {
	case ans.OK() && body.Error == nil && body.Received != nil && *body.Received == n:
		return adnet.Verdict{Class: adnet.Delivered}
	case ans.OK() && body.Received != nil:
		return adnet.Verdict{Class: adnet.Retry, Reason: fmt.Sprintf("Meta counted %d of %d events", *body.Received, n)}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, After: adnet.RetryAfter(ans.Header, now), Reason: "Meta answered 429"}
	}
	return adnet.Verdict{Class: adnet.Retry, Reason: fmt.Sprintf("Meta answered %d without a code", ans.Status)}
}

// regain reads how many minutes a business has to wait; the longest of all.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting
func regain(h http.Header) time.Duration {
	var usage map[string][]struct {
		Minutes int `json:"estimated_time_to_regain_access"`
	}
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &usage) != nil {
		return 0
	}
	m := 0
	for _, us := range usage {
		for _, u := range us {
			m = max(m, u.Minutes)
		}
	}
	return time.Duration(min(m, 24*60)) * time.Minute
}
