package google

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/google/published"
	"github.com/tgtrack/tgtrack/domain"
)

// longestWait between two looks at a request.
const longestWait = 24 * time.Hour

// newHandle keeps when the request was taken before its id, so that the waits
// between looks can grow, and behind it what Google warned of then: it does not
// say it again with the outcome.
func newHandle(now time.Time, id, warning string) string {
	h := strconv.FormatInt(now.Unix(), 10) + ":" + id
	if warning != "" {
		h += " " + warning
	}
	return h
}

// readHandle gives id, age and warning of a request; one without a time is new.
func readHandle(handle string, now time.Time) (id, warning string, age time.Duration) {
	handle, warning, _ = strings.Cut(handle, " ")
	at, id, ok := strings.Cut(handle, ":")
	sec, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return handle, warning, 0
	}
	return id, warning, now.Sub(time.Unix(sec, 0))
}

// status is the body of an answer to requestStatus:retrieve:
// https://developers.google.com/data-manager/api/reference/rest/v1/requestStatus/retrieve
type status struct {
	PerDestination []struct {
		Status    string `json:"requestStatus"`
		ErrorInfo struct {
			Counts []struct {
				Reason string `json:"reason"`
			} `json:"errorCounts"`
		} `json:"errorInfo"`
		WarningInfo struct {
			Counts []struct {
				Reason string `json:"reason"`
			} `json:"warningCounts"`
		} `json:"warningInfo"`
	} `json:"requestStatusPerDestination"`
}

// Poll implements adnet.Poller. Google is not asked on when it has refused the
// account or asked to slow down.
func (s *Sink) Poll(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	vs := make([]adnet.Verdict, len(cs))
	for i := range cs {
		vs[i] = s.poll(ctx, a, cs[i].Handle)
		switch vs[i].Class {
		case adnet.AuthRevoked, adnet.Throttled, adnet.Retry:
			rest := vs[i]
			rest.Exchange, rest.Row, rest.RowAnswer = nil, "", "" // no call was made for them
			copy(vs[i+1:], adnet.All(len(cs)-i-1, rest))
			return vs
		}
	}
	return vs
}

func (s *Sink) poll(ctx context.Context, a adnet.Account, handle string) adnet.Verdict {
	id, warned, age := readHandle(handle, a.Now)
	const path = "/v1/requestStatus:retrieve"
	query := "requestId=" + url.QueryEscape(id)
	r := s.call(ctx, a, http.MethodGet, path+"?"+query, nil)
	v := s.polled(r, a, age)
	if v.Class == adnet.Accepted {
		v.Handle = handle
	}
	if v.Class == adnet.Delivered || v.Class == adnet.Accepted {
		v.Reason = strings.Join(slices.DeleteFunc([]string{v.Reason, warned},
			func(s string) bool { return s == "" }), ". ")
	}
	if r.made != nil {
		shared, own := "", string(r.ans.Body) // a request is one conversion's
		if !r.ans.OK() {
			shared, own = s.divided(r.ans, r.mask)
		}
		r.made.URL, r.made.Response, r.made.Upload = r.mask.Keep(s.base+path), r.mask.Keep(shared),
			r.mask.Keep(id)
		v.Exchange, v.Row, v.RowAnswer = r.made, r.mask.Keep(query), r.mask.Keep(own)
	}
	return v
}

func (s *Sink) polled(r result, a adnet.Account, age time.Duration) adnet.Verdict {
	var b status
	switch {
	case r.failed != nil:
		return *r.failed
	case r.ans.Status == http.StatusNotFound, r.ans.Status == http.StatusBadRequest:
		return s.again("Google no longer knows the request")
	case !r.ans.OK():
		return s.refused(r.ans, a.Now, r.mask)
	case r.err != nil || json.Unmarshal(r.ans.Body, &b) != nil:
		return adnet.Verdict{Class: adnet.Retry, Reason: "Google's answer can not be read"}
	case len(b.PerDestination) == 0:
		return s.open(age)
	}
	d := b.PerDestination[0] // a request of ours has one
	switch s.statuses.Means[d.Status].Class {
	case adnet.Delivered:
		var said []string
		for _, c := range d.WarningInfo.Counts {
			said = append(said, c.Reason)
		}
		warning := processingWarning(said, r.mask)
		return adnet.Verdict{Class: adnet.Delivered, Reason: warning, Warning: warning}
	case adnet.Rejected:
		for _, c := range d.ErrorInfo.Counts {
			return s.judge(adnet.Clip(r.mask.Hide(c.Reason), 100))
		}
		return adnet.Verdict{Class: adnet.Rejected, Reason: "Google failed the event without saying why"}
	}
	return s.open(age) // also where the status is one that Google has added
}

// giveUp is when a request without outcome is no longer asked for: Google has
// it within a day or two.
const giveUp = 30 * 24 * time.Hour

// open: the outcome is not there yet. The wait is as long as all waits before
// it together.
func (s *Sink) open(age time.Duration) adnet.Verdict {
	if age > giveUp {
		return adnet.Verdict{Class: adnet.Unmatched, Reason: "Google gave no outcome within 30 days"}
	}
	return adnet.Verdict{
		Class: adnet.Accepted, After: min(max(age, s.pollAfter), max(longestWait, s.pollAfter)),
		Reason: "Google is processing it",
	}
}

// again sends the conversion once more, later; transactionId makes it harmless.
func (s *Sink) again(reason string) adnet.Verdict {
	return adnet.Verdict{Class: adnet.Resend, After: s.minClickAge, Reason: reason + "; it is sent again"}
}

// judge reads the reason for which an event was not counted:
// https://developers.google.com/data-manager/api/reference/rest/v1/requestStatus/retrieve#ProcessingErrorReason
func (s *Sink) judge(reason string) adnet.Verdict {
	said := "Google: " + reason
	meant, known := s.processing.Means[reason]
	if !known { // Google's spelling of the beginning is not the same for all
		bare := strings.TrimPrefix(strings.TrimPrefix(reason, "PROCESSING_ERROR_"), "REASON_")
		if full, ok := published.Full(s.processing, bare); ok {
			meant, known = s.processing.Means[full], true
		}
	}
	switch {
	case !known:
		// Google adds reasons. No click is to blame, and nothing is sent again for
		// a reason that nobody has looked at.
		return adnet.Verdict{Class: adnet.Rejected, Reason: said + "; this version of tgtrack does not know what it means"}
	case meant.Class == adnet.Resend:
		return s.again(said)
	case meant.Do != "":
		said += "; " + meant.Do
	}
	return adnet.Verdict{Class: meant.Class, Reason: said}
}
