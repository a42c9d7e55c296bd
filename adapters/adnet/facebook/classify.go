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
// none of them; all makes the mask of what is anybody's. attempts is how many
// the events had before.
func (s *Sink) classify(
	ans adnet.Answer, n, attempts int, now time.Time, all func() adnet.Mask,
) (v adnet.Verdict, shared string) {
	var body answer
	if err := json.Unmarshal(ans.Body, &body); err != nil || body.Error == nil ||
		body.Error.Code == 0 && !body.Error.Transient {
		v = withoutCode(ans, body, n, attempts, now)
		if n == 1 && v.Class != adnet.Delivered {
			v.RowAnswer = string(ans.Body)
		}
		body.Error = nil
		return v, adnet.Shared(ans, body)
	}
	f := body.Error
	means, known := s.meaning(*f, ans.Status)
	ofCall := known && means.Class != adnet.Rejected // of the token, the dataset, a quota or the service
	mask := all()
	for _, words := range []*string{&f.Message, &f.Title, &f.UserText} {
		ofCall = ofCall && !mask.Names(*words)
		*words = mask.Hide(*words)
	}
	said := f.String()
	if !ofCall { // its words may quote any of the events
		body.Error = f.wordless()
		if n > 1 {
			said = body.Error.String()
		} else {
			v.RowAnswer = string(ans.Body)
		}
	}
	v.Class, v.Reason = means.Class, said
	switch {
	case n > 1 && (!known || v.Class == adnet.Rejected): // for one of them, which is not named
		v.Class = adnet.Bisect
	case !known:
		u := adnet.Unheard(attempts, said, adnet.Rejected)
		v.Class, v.Reason = u.Class, u.Reason
	case means.Do != "":
		v.Reason += "; " + means.Do
	case v.Class == adnet.Throttled:
		v.After = max(regain(ans.Header), adnet.RetryAfter(ans.Header, now))
	case v.Class == adnet.Retry && f.Code == 368:
		v.After = time.Hour // blocked for a while
	}
	return v, adnet.Shared(ans, body)
}

// meaning of a fault; false where nobody described it.
func (s *Sink) meaning(f fault, status int) (adnet.Meaning, bool) {
	m, known := s.codes.Meaning(f.Code, f.Subcode)
	switch {
	case known && m.Class == adnet.Throttled:
		return m, true
	case f.Transient, !known && status >= 500:
		return adnet.Meaning{Class: adnet.Retry}, true
	}
	return m, known
}

func withoutCode(ans adnet.Answer, body answer, n, attempts int, now time.Time) adnet.Verdict {
	said := fmt.Sprintf("Meta answered %d without a code", ans.Status)
	switch {
	case ans.OK() && body.Error == nil && body.Received != nil && *body.Received == n:
		return adnet.Verdict{Class: adnet.Delivered}
	case ans.OK() && body.Received != nil:
		return adnet.Verdict{Class: adnet.Retry,
			Reason: fmt.Sprintf("Meta counted %d of %d events", *body.Received, n)}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, After: adnet.RetryAfter(ans.Header, now),
			Reason: "Meta answered 429"}
	case ans.Status >= 300 && ans.Status < 500 && ans.Status != http.StatusRequestTimeout:
		// A page of something that stands between.
		return adnet.Unheard(attempts, said+"; look at the proxy and at adnetworks.facebook.base_url",
			adnet.Misconfigured)
	}
	return adnet.Verdict{Class: adnet.Retry, Reason: said}
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
