package tiktok

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// answer is the body of every answer, errors included, most of them under
// HTTP 200.
type answer struct {
	Code      *int   `json:"code"`
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
}

// Codes of answers that mean something to us:
// https://business-api.tiktok.com/portal/docs?id=1737172488964097
const (
	codeOK         = 0
	codePartial    = 20001
	codePermission = 40001
	codeParameter  = 40002
)

// classify reads an answer to a call with n events.
func classify(ans adnet.Answer, err error, now time.Time, n int, hide []string) []adnet.Verdict {
	var b answer
	switch {
	case ans.Status == 0:
		return adnet.All(n, adnet.Failed(err, true))
	case ans.Status >= 300 && ans.Status < 400:
		return adnet.All(n, adnet.Verdict{Class: adnet.Misconfigured, Reason: fmt.Sprintf("a redirect (%d) instead of TikTok's answer", ans.Status)})
	case err != nil || json.Unmarshal(ans.Body, &b) != nil || b.Code == nil:
		return adnet.All(n, byStatus(ans, now))
	}
	code, after := *b.Code, adnet.RetryAfter(ans.Header, now)
	said := fmt.Sprintf("TikTok answered %d: %s", code, adnet.Clip(adnet.Redact(b.Message, hide), 200))
	switch {
	case code == codeOK && ans.OK():
		return adnet.All(n, adnet.Verdict{Class: adnet.Delivered})
	case code == codePartial && ans.OK():
		return adnet.All(n, adnet.Verdict{Class: adnet.Delivered, Reason: said})
	case code == codePermission:
		return adnet.All(n, adnet.Verdict{Class: adnet.Misconfigured, Reason: said + "; the token has no access to the pixel"})
	case code == 40100, code == 51021:
		return adnet.All(n, adnet.Verdict{Class: adnet.Throttled, Reason: said, After: after})
	case code == 40102, code == 40104, code == 40105:
		return adnet.All(n, adnet.Verdict{Class: adnet.AuthRevoked, Reason: said})
	case code == codeParameter:
		return badParameter(n, b.Message, said)
	case code >= 50000 && code < 60000:
		return adnet.All(n, adnet.Verdict{Class: adnet.Retry, Reason: said, After: after})
	case ans.Status != http.StatusOK:
		return adnet.All(n, byStatus(ans, now))
	}
	// A code we do not know concerns the call, not an event: nothing is
	// thrown away, and somebody is told.
	return adnet.All(n, adnet.Verdict{Class: adnet.Misconfigured, Reason: said})
}

// byStatus judges what is not TikTok's usual answer. Asking again is safe.
func byStatus(ans adnet.Answer, now time.Time) adnet.Verdict {
	said, after := fmt.Sprintf("HTTP status %d without a code of TikTok's", ans.Status), adnet.RetryAfter(ans.Header, now)
	switch {
	case ans.Status == http.StatusUnauthorized:
		return adnet.Verdict{Class: adnet.AuthRevoked, Reason: said}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, Reason: said, After: after}
	case ans.OK(), ans.Status == http.StatusRequestTimeout, ans.Status >= 500:
		return adnet.Verdict{Class: adnet.Retry, Reason: said, After: after}
	}
	return adnet.Verdict{Class: adnet.Misconfigured, Reason: said}
}

// batchRow finds the event that a message blames: "Batch.3.user.ip: …".
var batchRow = regexp.MustCompile(`\bBatch\.(\d+)\b`)

// badParameter: the whole call was refused. When the message blames events,
// those are rejected and the rest goes again; when it blames the pixel, all
// wait for the settings; else the halves are tried.
func badParameter(n int, message, said string) []adnet.Verdict {
	bad := adnet.Verdict{Class: adnet.Rejected, Reason: said}
	if n == 1 && !strings.Contains(message, "event_source_id") {
		return adnet.All(1, bad)
	}
	vs := adnet.All(n, adnet.Verdict{Class: adnet.Bisect, Reason: said})
	blamed := false
	for _, m := range batchRow.FindAllStringSubmatch(message, -1) {
		if i, err := strconv.Atoi(m[1]); err == nil && i < n {
			vs[i], blamed = bad, true
		}
	}
	if !blamed && strings.Contains(message, "event_source_id") {
		return adnet.All(n, adnet.Verdict{Class: adnet.Misconfigured, Reason: said + "; check pixel_code"})
	}
	return vs
}
