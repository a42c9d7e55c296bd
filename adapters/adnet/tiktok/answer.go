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
	Message   string `json:"message,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// Codes of answers that are read in a way of their own. The others are in the
// published list.
const (
	codeOK        = 0
	codePartial   = 20001
	codeParameter = 40002
)

// classify reads an answer to a call with n events. shared is what of it names
// none of them; all makes the mask of what is anybody's.
func (s *Sink) classify(
	ans adnet.Answer, err error, now time.Time, n int, all func() adnet.Mask,
) (vs []adnet.Verdict, shared string) {
	var b answer
	if ans.Status == 0 {
		return adnet.All(n, adnet.Failed(err, true)), ""
	}
	redirect := ans.Status >= 300 && ans.Status < 400
	if redirect || err != nil || json.Unmarshal(ans.Body, &b) != nil || b.Code == nil {
		v := byStatus(ans, now)
		if n == 1 {
			v.RowAnswer = string(ans.Body)
		}
		return adnet.All(n, v), adnet.Shared(ans, nil)
	}
	if *b.Code == codeOK && ans.OK() {
		b.Message = "" // says no more than the code
		return adnet.All(n, adnet.Verdict{Class: adnet.Delivered}), adnet.Shared(ans, b)
	}
	mask := all()
	named := mask.Names(b.Message)
	blamed := map[int]string{}
	if *b.Code == codeParameter || *b.Code == codePartial {
		blamed = blames(b.Message, n)
	}
	for i, words := range blamed {
		if mask.Names(words) { // of whom is not known
			words, _, _ = strings.Cut(words, ":")
		}
		blamed[i] = mask.Hide(words)
	}
	b.Message = mask.Hide(b.Message)
	ofCall := len(blamed) == 0 && s.speaksOfCall(*b.Code, b.Message)
	said, whole := fmt.Sprintf("TikTok answered %d", *b.Code), ofCall && !named
	if whole || n == 1 {
		said = adnet.Clip(said+": "+b.Message, 220)
	}
	vs = adnet.All(n, s.judge(ans, *b.Code, n, ofCall, said, now))
	for i, words := range blamed {
		vs[i].Reason, vs[i].RowAnswer = adnet.Clip(fmt.Sprintf("TikTok answered %d: %s", *b.Code, words), 220), words
		if *b.Code == codeParameter {
			vs[i].Class = adnet.Rejected // the rest goes again
		}
	}
	if !whole {
		if n == 1 {
			vs[0].RowAnswer = string(ans.Body)
		}
		b.Message = "" // it may quote any of the events
	}
	return vs, adnet.Shared(ans, b)
}

// speaksOfCall tells answers whose words are about the token, the pixel, a
// quota or the service, and about no event.
func (s *Sink) speaksOfCall(code int, message string) bool {
	if code == codeParameter {
		return strings.Contains(message, "event_source_id")
	}
	m, known := s.codes.Means[strconv.Itoa(code)]
	return known && m.Class != adnet.Delivered || failed(code)
}

// failed tells the codes of TikTok's own failures, published or not.
func failed(code int) bool { return code >= 50000 && code < 60000 }

func (s *Sink) judge(ans adnet.Answer, code, n int, ofCall bool, said string, now time.Time) adnet.Verdict {
	means, known := s.codes.Means[strconv.Itoa(code)]
	if !known && failed(code) {
		means, known = adnet.Meaning{Class: adnet.Retry}, true
	}
	v := adnet.Verdict{Class: means.Class, Reason: said}
	switch {
	case known && v.Class == adnet.Delivered && !ans.OK(), !known && ans.Status != http.StatusOK:
		return byStatus(ans, now)
	case code == codePartial:
		v.Warning = "TikTok answered 20001: it was not content with all that it was sent; see the conversions"
	case code == codeParameter && ofCall: // all wait for the settings
		v.Class, v.Reason = adnet.Misconfigured, said+"; check pixel_code"
	case code == codeParameter && n > 1: // the whole call was refused
		v.Class = adnet.Bisect
	case !known:
		// A code we do not know concerns the call, not an event: nothing is
		// thrown away, and somebody is told.
		v.Class = adnet.Misconfigured
	case v.Class == adnet.Retry, v.Class == adnet.Throttled:
		v.After = adnet.RetryAfter(ans.Header, now)
	case means.Do != "":
		v.Reason += "; " + means.Do
	}
	return v
}

// byStatus judges what is not TikTok's usual answer. Asking again is safe.
func byStatus(ans adnet.Answer, now time.Time) adnet.Verdict {
	said, after := fmt.Sprintf("HTTP status %d without a code of TikTok's", ans.Status),
		adnet.RetryAfter(ans.Header, now)
	switch {
	case ans.Status >= 300 && ans.Status < 400:
		said = fmt.Sprintf("a redirect (%d) instead of TikTok's answer", ans.Status)
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

// blames gives what a message says of each event that it blames.
func blames(message string, n int) map[int]string {
	found := batchRow.FindAllStringSubmatchIndex(message, -1)
	words := map[int]string{}
	for k, at := range found {
		end := len(message)
		if k+1 < len(found) {
			end = found[k+1][0]
		}
		i, err := strconv.Atoi(message[at[2]:at[3]])
		if err != nil || i >= n {
			continue
		}
		if words[i] != "" {
			words[i] += "; "
		}
		words[i] += strings.TrimRight(message[at[0]:end], " ,;")
	}
	return words
}
