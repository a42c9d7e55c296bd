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

// failure is the body of a refusal:
// https://developers.google.com/data-manager/api/devguides/concepts/understand-errors
type failure struct {
	Error struct {
		Status  string   `json:"status"`
		Message string   `json:"message"`
		Details []detail `json:"details"`
	} `json:"error"`
}

// detail is any of ErrorInfo (Reason), BadRequest (Violations) and RetryInfo.
type detail struct {
	Reason     string      `json:"reason"`
	Violations []violation `json:"fieldViolations"`
	RetryDelay string      `json:"retryDelay"`
}

type violation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
	Reason      string `json:"reason"`
}

// refused judges an answer that is not 2xx.
func refused(ans adnet.Answer, now time.Time, hide []string) adnet.Verdict {
	var f failure
	if json.Unmarshal(ans.Body, &f) != nil {
		f = failure{}
	}
	said := "Google answered " + f.text(ans.Status, hide)
	after := max(adnet.RetryAfter(ans.Header, now), f.delay())
	switch {
	case ans.Status == http.StatusUnauthorized, f.has("ACCESS_TOKEN_SCOPE_INSUFFICIENT"):
		return adnet.Verdict{Class: adnet.AuthRevoked, Reason: said + "; connect the account again with the scope datamanager"}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, Reason: said, After: after}
	case ans.Status == http.StatusRequestTimeout, ans.Status == http.StatusConflict, ans.Status >= 500:
		return adnet.Verdict{Class: adnet.Retry, Reason: said, After: after}
	case ans.Status == http.StatusBadRequest && f.Error.Status != "" && !f.ofSettings():
		return adnet.Verdict{Class: adnet.Rejected, Reason: said}
	}
	return adnet.Verdict{Class: adnet.Misconfigured, Reason: said}
}

// ofSettings tells a mistake in the account's settings, which every event
// would meet, from one in the event. There is but one event in a call, so it
// need not be known which.
func (f failure) ofSettings() bool {
	for _, reason := range []string{
		"INVALID_CONVERSION_ACTION_ID", "INVALID_CONVERSION_ACTION_TYPE", "OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH",
		"EVENT_SOURCE_AND_DESTINATION_MISMATCH", "TERMS_AND_CONDITIONS_NOT_SIGNED", "NOT_ALLOWLISTED",
	} {
		if f.has(reason) {
			return true
		}
	}
	return slices.ContainsFunc(f.violations(), func(v violation) bool {
		field := strings.ToLower(v.Field)
		return strings.HasPrefix(field, "destinations") || strings.Contains(field, "event_source") || strings.Contains(field, "eventsource")
	})
}

func (f failure) has(reason string) bool {
	if slices.ContainsFunc(f.Error.Details, func(d detail) bool { return d.Reason == reason }) {
		return true
	}
	return slices.ContainsFunc(f.violations(), func(v violation) bool { return v.Reason == reason })
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
func (f failure) text(status int, hide []string) string {
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
	return adnet.Clip(adnet.Redact(strings.Join(words, " "), hide), 300)
}
