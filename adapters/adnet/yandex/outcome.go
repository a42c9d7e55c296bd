package yandex

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// giveUp is when an upload without outcome is no longer asked for: far beyond
// the 21 days within which Metrica links anything.
const giveUp = 30 * 24 * time.Hour

// judge says what an upload's state means for a conversion in it. Metrica
// gives counts and no rows.
func (s *Sink) judge(u upload, c domain.Conversion, now time.Time) adnet.Verdict {
	switch {
	case u.Lines != nil && *u.Lines == 0 && u.Source > 0 && u.Status != "PREPARED" && u.Status != "":
		return adnet.Verdict{Class: adnet.Rejected,
			Reason: "Metrica refused every row of the upload as malformed"}
	case u.Status == "LINKAGE_FAILURE":
		return adnet.Verdict{
			Class: adnet.Unmatched, Reason: "Metrica found no visit or click for it:" +
				" unknown id, older than 21 days, or a page without the counter",
		}
	case u.Status == "PROCESSED":
		return processed(u)
	}
	at := c.CreatedAt
	if t, err := time.Parse(time.RFC3339, u.Created); err == nil && t.Before(now) {
		at = t
	} else if c.Handle == "" {
		at = now // just uploaded
	}
	why := ""
	if u.Lines != nil && *u.Lines < u.Source && u.Status != "PREPARED" {
		why = fmt.Sprintf("Metrica refused %d of %d rows of the upload and does not say which",
			u.Source-*u.Lines, u.Source)
	}
	v := s.open(c, at, now, why)
	if u.ID != "" {
		v.Handle = u.ID.String()
	}
	return v
}

func processed(u upload) adnet.Verdict {
	switch {
	case u.Linked == 0 && u.NoGoal > 0 && u.NoGoal >= u.Source:
		return adnet.Verdict{
			Class:  adnet.Rejected,
			Reason: "the counter has no goal of the type JavaScript event with this identifier",
		}
	case u.Linked == 0:
		return adnet.Verdict{
			Class: adnet.Unmatched,
			Reason: fmt.Sprintf("Metrica linked none of %d rows: %d without a visit, %d without a goal",
				u.Source, u.NoUser, u.NoGoal),
		}
	case u.Linked < u.Source:
		return adnet.Verdict{
			Class: adnet.Delivered,
			Reason: fmt.Sprintf("%d of %d rows of the upload were linked; Metrica does not say which",
				u.Linked, u.Source),
		}
	}
	return adnet.Verdict{Class: adnet.Delivered}
}

// open keeps asking, seldomer with time: after 1, 2, 4, 8, 12, 24 and 96
// times PollAfter, and then each further 96.
func (s *Sink) open(c domain.Conversion, since, now time.Time, why string) adnet.Verdict {
	age := max(now.Sub(since), 0)
	if age > giveUp {
		return adnet.Verdict{Class: adnet.Unmatched, Reason: "Metrica gave no outcome within 30 days"}
	}
	v := adnet.Verdict{Class: adnet.Accepted, Handle: c.Handle, Reason: why, After: 96 * s.pollAfter}
	for _, n := range []time.Duration{1, 2, 4, 8, 12, 24, 96} {
		if left := n*s.pollAfter - age; left > 0 {
			// Never at once: a look costs a request of the daily quota.
			v.After = max(left, min(s.pollAfter, time.Minute))
			return v
		}
	}
	return v
}

// fault of the management API, as far as it is kept.
// https://yandex.com/dev/metrika/en/intro/errors
type fault struct {
	Errors []struct {
		Type    string `json:"error_type"`
		Message string `json:"message,omitempty"`
	} `json:"errors,omitempty"`
	Message string `json:"message,omitempty"`
}

// classify reads a refusal of a call with n rows. shared is what of it names
// none of them; mask hides what is anybody's.
func (c *client) classify(ans adnet.Answer, rows []domain.Conversion) (v adnet.Verdict, shared string) {
	now, n, mask := c.a.Now, len(rows), c.mask.Of(rows)
	var f fault
	if json.Unmarshal(ans.Body, &f) != nil {
		f = fault{}
	}
	kind, text := "", f.Message
	if len(f.Errors) > 0 {
		kind = f.Errors[0].Type
		text = cmp.Or(f.Errors[0].Message, text)
	}
	means, known := c.meaning(ans.Status, kind)
	v.Class = means.Class
	ofRows := v.Class == adnet.Rejected || v.Class == adnet.Retry && ans.Status < 500 || v.Class == unheard
	if ofRows || mask.Names(string(ans.Body)) { // its words may quote any of the rows
		f.Message = ""
		for i := range f.Errors {
			f.Errors[i].Message = ""
		}
		if n == 1 {
			v.RowAnswer = string(ans.Body)
		} else if n > 1 {
			text = ""
		}
	}
	kind, text = mask.Hide(kind), mask.Hide(text)
	v.Reason = adnet.Clip(fmt.Sprintf("Metrica answered %d %s %s", ans.Status, kind, text), 300)
	if means.Do != "" {
		v.Reason += "; " + means.Do
	}
	switch v.Class {
	case unheard:
		u := adnet.Unheard(c.tried, v.Reason, adnet.Misconfigured)
		v.Class, v.Reason = u.Class, u.Reason
	case adnet.Rejected:
		if n > 1 && (!known || kind == "invalid_uploading") { // for one of them, which is not named
			v.Class = adnet.Bisect
		}
	case adnet.Throttled:
		v.After = adnet.RetryAfter(ans.Header, now)
		if kind == "quota_requests_by_uid" {
			v.After = max(v.After, now.UTC().Truncate(24*time.Hour).Add(24*time.Hour).Sub(now))
		}
	}
	return v, mask.Hide(adnet.Shared(ans, f))
}

// unheard is the class of an answer that Metrica does not describe.
const unheard adnet.Class = ""

// meaning of a refusal, by its status and its error_type; known tells that
// Yandex publishes it.
func (c *client) meaning(status int, kind string) (m adnet.Meaning, known bool) {
	if m, known = c.errors.Means[fmt.Sprintf("%d/%s", status, kind)]; known {
		return m, true
	}
	return byStatus(status, kind), false
}

// byStatus is what is made of an answer that is not published.
func byStatus(status int, kind string) adnet.Meaning {
	is := func(class adnet.Class) adnet.Meaning { return adnet.Meaning{Class: class} }
	switch {
	// 420 is what the page on quotas says, 429 what the page on errors says.
	case status == http.StatusTooManyRequests, status == 420:
		return is(adnet.Throttled)
	case status == http.StatusUnauthorized:
		return is(adnet.AuthRevoked)
	case status == http.StatusForbidden, status == http.StatusNotFound:
		return is(adnet.Misconfigured)
	case status == http.StatusBadRequest && kind != "", status == http.StatusRequestEntityTooLarge,
		status == http.StatusNotAcceptable, status == http.StatusConflict:
		return is(adnet.Rejected)
	case status >= 500, status < 300, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return is(adnet.Retry)
	case status < 400, status == http.StatusBadRequest: // a page of something that stands between
		return adnet.Meaning{Class: unheard, Do: "look at the proxy and at adnetworks.yandex.base_url"}
	}
	return is(adnet.Misconfigured)
}
