package google

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// failure is the body of a refusal, as far as it is kept:
// https://developers.google.com/data-manager/api/devguides/concepts/understand-errors
type failure struct {
	Error struct {
		Status  string   `json:"status,omitempty"`
		Message string   `json:"message,omitempty"`
		Details []detail `json:"details,omitempty"`
	} `json:"error"`
}

// detail is any of ErrorInfo (Reason), BadRequest (Violations), RetryInfo and
// RequestInfo.
type detail struct {
	Reason     string      `json:"reason,omitempty"`
	Violations []violation `json:"fieldViolations,omitempty"`
	RetryDelay string      `json:"retryDelay,omitempty"`
	RequestID  string      `json:"requestId,omitempty"`
}

type violation struct {
	Field       string `json:"field"`
	Description string `json:"description,omitempty"`
	Reason      string `json:"reason,omitempty"`
}

// divided gives what of an answer names no event, and what it says of the one
// event of the call.
func (s *Sink) divided(ans adnet.Answer, mask adnet.Mask) (shared, own string) {
	if ans.OK() {
		var b struct {
			RequestID string          `json:"requestId,omitempty"`
			Warnings  json.RawMessage `json:"fieldWarnings,omitempty"`
		}
		if json.Unmarshal(ans.Body, &b) != nil || b.RequestID == "" {
			return adnet.Shared(ans, nil), string(ans.Body)
		}
		own, b.Warnings = string(b.Warnings), nil
		return adnet.Shared(ans, b), own
	}
	var f failure
	if json.Unmarshal(ans.Body, &f) != nil || f.Error.Status == "" {
		return adnet.Shared(ans, nil), string(ans.Body)
	}
	var of struct {
		Message    string      `json:"message,omitempty"`
		Violations []violation `json:"fieldViolations,omitempty"`
	}
	if s.ofEvent(f, ans.Status) || mask.Names(f.Error.Message) {
		of.Message, f.Error.Message = f.Error.Message, ""
	}
	var details []detail
	for _, d := range f.Error.Details {
		var rest []violation
		for _, v := range d.Violations {
			if strings.HasPrefix(strings.ToLower(v.Field), "destinations") && !mask.Names(v.Description) {
				rest = append(rest, v)
			} else {
				of.Violations = append(of.Violations, v)
			}
		}
		if d.Violations = rest; d.Reason+d.RetryDelay+d.RequestID != "" || len(rest) > 0 {
			details = append(details, d)
		}
	}
	f.Error.Details = details
	if b, err := json.Marshal(of); err == nil && string(b) != "{}" {
		own = string(b)
	}
	return adnet.Shared(ans, f), own
}

// refused judges an answer that is not 2xx.
func (s *Sink) refused(ans adnet.Answer, now time.Time, mask adnet.Mask) adnet.Verdict {
	var f failure
	if json.Unmarshal(ans.Body, &f) != nil {
		f = failure{}
	}
	meant := s.meaning(f, ans.Status)
	said := "Google answered " + f.text(ans.Status, mask)
	if meant.Do != "" {
		said += "; " + meant.Do
	}
	v := adnet.Verdict{Class: meant.Class, Reason: said}
	if v.Class == adnet.Throttled || v.Class == adnet.Retry {
		v.After = max(adnet.RetryAfter(ans.Header, now), f.delay())
	}
	return v
}

// meaning of a refusal: its status says most where it says what failed, else
// the worst of the reasons counts.
func (s *Sink) meaning(f failure, status int) adnet.Meaning {
	worst := adnet.Meaning{}
	for _, name := range f.reasons() {
		m, known := s.refusals.Means[name]
		if !known {
			m, known = s.access.Means[name]
		}
		if known && rank(m.Class) > rank(worst.Class) {
			worst = m
		}
	}
	const connect = "connect the account again with the scope datamanager"
	switch {
	case status == http.StatusUnauthorized:
		return adnet.Meaning{Class: adnet.AuthRevoked, Do: connect}
	case status == http.StatusTooManyRequests:
		return adnet.Meaning{Class: adnet.Throttled}
	case status == http.StatusRequestTimeout, status == http.StatusConflict, status >= 500:
		return adnet.Meaning{Class: adnet.Retry}
	case rank(worst.Class) > rank(adnet.Misconfigured):
		return worst
	case f.ofSettings():
		return adnet.Meaning{Class: adnet.Misconfigured, Do: worst.Do}
	case status == http.StatusBadRequest && f.Error.Status != "" && rank(worst.Class) <= rank(adnet.Rejected):
		return adnet.Meaning{Class: adnet.Rejected, Do: worst.Do}
	}
	return adnet.Meaning{Class: adnet.Misconfigured, Do: worst.Do}
}

// rank of what a reason means: one about the call outweighs one about the
// account, and that one about the event.
func rank(c adnet.Class) int {
	return slices.Index([]adnet.Class{
		"", adnet.Rejected, adnet.Misconfigured, adnet.Retry, adnet.Throttled, adnet.AuthRevoked,
	}, c)
}

// ofEvent tells a refusal of the event.
func (s *Sink) ofEvent(f failure, status int) bool {
	return s.meaning(f, status).Class == adnet.Rejected
}

// ofSettings tells by its fields a mistake in the account's settings, which
// every event would meet, from one in the event. There is but one event in a
// call, so it need not be known which.
func (f failure) ofSettings() bool {
	return slices.ContainsFunc(f.violations(), func(v violation) bool {
		field := strings.ToLower(v.Field)
		return strings.HasPrefix(field, "destinations") || strings.Contains(field, "event_source") ||
			strings.Contains(field, "eventsource")
	})
}

// reasons are all that are given.
func (f failure) reasons() []string {
	var names []string
	for _, d := range f.Error.Details {
		names = append(names, d.Reason)
	}
	for _, v := range f.violations() {
		names = append(names, v.Reason)
	}
	return names
}

func (f failure) violations() []violation {
	var vs []violation
	for _, d := range f.Error.Details {
		vs = append(vs, d.Violations...)
	}
	return vs
}

// delay that Google asks for, at most a day.
func (f failure) delay() time.Duration {
	for _, d := range f.Error.Details {
		if wait, err := time.ParseDuration(d.RetryDelay); err == nil {
			return min(max(wait, 0), 24*time.Hour)
		}
	}
	return 0
}

// text gathers what says most: the violations, else reason and message.
func (f failure) text(status int, mask adnet.Mask) string {
	words := []string{fmt.Sprint(status), f.Error.Status}
	for _, d := range f.Error.Details {
		words = append(words, d.Reason)
	}
	for _, v := range f.violations() {
		words = append(words, v.Field, v.Reason, v.Description)
	}
	if len(f.violations()) == 0 {
		words = append(words, f.Error.Message)
	}
	return adnet.Clip(mask.Hide(strings.Join(words, " ")), 300)
}
