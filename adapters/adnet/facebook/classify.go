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

// answer of the Graph API, as far as it is kept.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
type answer struct {
	Received *int   `json:"events_received,omitempty"`
	Trace    string `json:"fbtrace_id,omitempty"`
	Error    *fault `json:"error,omitempty"`
}

type fault struct {
	Message   string `json:"message,omitempty"`
	Type      string `json:"type,omitempty"`
	Code      int    `json:"code"`
	Subcode   int    `json:"error_subcode,omitempty"`
	Transient bool   `json:"is_transient,omitempty"`
	Title     string `json:"error_user_title,omitempty"`
	UserText  string `json:"error_user_msg,omitempty"`
	Trace     string `json:"fbtrace_id,omitempty"`
}

func (f fault) String() string {
	words := slices.DeleteFunc([]string{f.Title, f.UserText}, func(s string) bool { return s == "" })
	if len(words) == 0 && f.Message != "" {
		words = []string{f.Message}
	}
	code := fmt.Sprint(f.Code)
	if f.Subcode != 0 {
		code = fmt.Sprintf("%d/%d", f.Code, f.Subcode)
	}
	return adnet.Clip(strings.Join(append([]string{"Meta error " + code}, words...), ": "), 300)
}

func (f fault) wordless() *fault {
	f.Message, f.Title, f.UserText = "", "", ""
	return &f
}

// classify goes by the code in the body: an expired token and a rate limit
// come with HTTP 500, too. shared is what of the answer to n events names
// none of them; all makes the mask of what is anybody's.
func classify(ans adnet.Answer, n int, now time.Time, all func() adnet.Mask) (v adnet.Verdict, shared string) {
	var body answer
	if err := json.Unmarshal(ans.Body, &body); err != nil || body.Error == nil ||
		body.Error.Code == 0 && !body.Error.Transient {
		v = withoutCode(ans, body, n, now)
		if n == 1 && v.Class != adnet.Delivered {
			v.RowAnswer = string(ans.Body)
		}
		body.Error = nil
		return v, adnet.Shared(ans, body)
	}
	f := body.Error
	c, ofCall := class(*f)
	mask := all()
	for _, words := range []*string{&f.Message, &f.Title, &f.UserText} {
		ofCall = ofCall && !mask.Names(*words)
		*words = mask.Hide(*words)
	}
	v.Class, v.Reason = c, f.String()
	if !ofCall { // its words may quote any of the events
		body.Error = f.wordless()
		if n > 1 {
			v.Reason = body.Error.String()
		} else {
			v.RowAnswer = string(ans.Body)
		}
	}
	switch {
	case v.Class == adnet.Throttled:
		v.After = max(regain(ans.Header), adnet.RetryAfter(ans.Header, now))
	case v.Class == adnet.Retry && f.Code == 368:
		v.After = time.Hour // blocked for a while
	case v.Class == adnet.Bisect && n == 1:
		v.Class = adnet.Rejected
	}
	return v, adnet.Shared(ans, body)
}

// class of a fault. ofCall tells that it is one of the token, the dataset, a
// quota or the service, and none of an event.
func class(f fault) (class adnet.Class, ofCall bool) {
	c := f.Code
	switch {
	case slices.Contains([]int{4, 17, 32, 613}, c), c >= 80000 && c <= 80014:
		return adnet.Throttled, true
	case f.Transient, slices.Contains([]int{1, 2, 341, 368, 5000, 21009}, c):
		return adnet.Retry, true
	case c == 190, c == 102:
		return adnet.AuthRevoked, true
	case c == 3, c == 10, c >= 200 && c <= 299, c == 100 && f.Subcode == 33:
		return adnet.Misconfigured, true
	case c == 100, c == 105:
		return adnet.Bisect, false
	}
	// A code nobody described: what is lost by asking again is time, what is
	// lost by giving up is the conversion.
	return adnet.Retry, false
}

func withoutCode(ans adnet.Answer, body answer, n int, now time.Time) adnet.Verdict {
	switch {
	case ans.OK() && body.Error == nil && body.Received != nil && *body.Received == n:
		return adnet.Verdict{Class: adnet.Delivered}
	case ans.OK() && body.Received != nil:
		return adnet.Verdict{Class: adnet.Retry,
			Reason: fmt.Sprintf("Meta counted %d of %d events", *body.Received, n)}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, After: adnet.RetryAfter(ans.Header, now),
			Reason: "Meta answered 429"}
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
