package usecase

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// VerdictClass is what a network's answer means for one conversion.
type VerdictClass string

// Classes of verdict. What each does stands in the table below.
const (
	VerdictDelivered     VerdictClass = "delivered"
	VerdictDuplicate     VerdictClass = "duplicate"
	VerdictAccepted      VerdictClass = "accepted" // the outcome is to be polled for
	VerdictRetry         VerdictClass = "retry"
	VerdictThrottled     VerdictClass = "throttled"
	VerdictAuthRevoked   VerdictClass = "auth_revoked"
	VerdictMisconfigured VerdictClass = "misconfigured"
	VerdictDisabled      VerdictClass = "disabled" // the other side asks never to be called again
	VerdictRejected      VerdictClass = "rejected"
	VerdictUnmatched     VerdictClass = "unmatched"
	VerdictUncertain     VerdictClass = "uncertain"
	// VerdictResend: the network did not count what it had accepted, and may
	// count it later; or it has nothing of an attempt whose answer was lost.
	VerdictResend VerdictClass = "resend"
	// VerdictReturned: the network did not count what it had accepted, for a
	// mistake in the account. It waits until a person mends that, and is sent
	// again then.
	VerdictReturned VerdictClass = "returned"

	// Hold and Bisect are for the stages between a sink and the use case, which
	// never sees them. Hold asks for another attempt although the network did
	// not fail. Bisect: the network refused the whole call for one row that it
	// did not name.
	VerdictHold   VerdictClass = "hold"
	VerdictBisect VerdictClass = "bisect"

	// Expired and BreakerOpen are given by the stages, never by a sink.
	VerdictExpired     VerdictClass = "expired"      // the network's window was over before the attempt
	VerdictBreakerOpen VerdictClass = "breaker_open" // not sent: the network failed too often
)

// verdictEffect is what verdicts of one class do.
type verdictEffect struct {
	status domain.Status // of a conversion that was sent, or should have been
	health domain.Health // what they show of the ad account; empty: nothing
	asked  bool          // the network was asked, even if no exchange was kept
	sign   networkSign
}

// networkSign is what verdicts tell the circuit breaker.
type networkSign int

const (
	networkWorks networkSign = iota // any judgement shows that it does, whatever it is
	networkFails
	networkUntold
)

// verdictEffects is the table of verdicts; it is never changed. A class that
// is not in it is one that a sink made up.
var verdictEffects = map[VerdictClass]verdictEffect{
	VerdictDelivered:     {domain.Delivered, domain.Healthy, true, networkWorks},
	VerdictDuplicate:     {domain.Delivered, domain.Healthy, true, networkWorks},
	VerdictAccepted:      {domain.Accepted, domain.Healthy, true, networkWorks},
	VerdictRetry:         {domain.Retrying, domain.Degraded, false, networkFails},
	VerdictThrottled:     {domain.Retrying, domain.Throttled, false, networkWorks},
	VerdictAuthRevoked:   {domain.Parked, domain.Reauth, false, networkWorks},
	VerdictMisconfigured: {domain.Parked, domain.Misconfigured, false, networkWorks},
	VerdictDisabled:      {domain.Parked, domain.Disabled, false, networkWorks},
	VerdictRejected:      {domain.Rejected, domain.Healthy, false, networkWorks},
	VerdictUnmatched:     {domain.Unmatched, domain.Healthy, false, networkWorks},
	VerdictUncertain:     {domain.Uncertain, domain.Degraded, true, networkFails},
	VerdictResend:        {domain.Retrying, domain.Healthy, true, networkWorks},
	VerdictReturned:      {domain.Parked, domain.Misconfigured, true, networkWorks},
	VerdictHold:          {domain.Retrying, "", false, networkUntold},
	VerdictBisect:        {domain.Rejected, "", false, networkWorks},
	VerdictExpired:       {domain.Expired, "", false, networkWorks},
	VerdictBreakerOpen:   {domain.Parked, "", false, networkUntold},
}

func (c VerdictClass) effect() verdictEffect {
	if e, ok := verdictEffects[c]; ok {
		return e
	}
	return verdictEffect{status: domain.Retrying}
}

// Status that a conversion gets by the verdict. One that the network accepted
// before is only asked about: unless its outcome was learned, or the network
// says that it did not count it, it stays accepted, since to send it again would
// count it twice.
func (c VerdictClass) Status(accepted bool) domain.Status {
	s := c.effect().status
	notCounted := c == VerdictResend || c == VerdictReturned
	if accepted && !notCounted && (s.Open() || s == domain.Uncertain) {
		return domain.Accepted
	}
	return s
}

// Open tells whether the conversion will be sent again.
func (c VerdictClass) Open() bool { return c.effect().status.Open() }

// Pauses tells whether the verdict is on the account, which it stops until a
// person mends it.
func (c VerdictClass) Pauses() bool { return c.effect().health.Stopped() }

// NetworkFails tells whether the circuit breaker counts it as a failure.
func (c VerdictClass) NetworkFails() bool { return c.effect().sign == networkFails }

// NetworkUntold tells whether it says nothing of the network, good or bad.
func (c VerdictClass) NetworkUntold() bool { return c.effect().sign == networkUntold }

// Verdict on one conversion.
type Verdict struct {
	Class  VerdictClass
	Reason string // for people; it has no secrets and names nobody
	// Warning is what the account's owner is to know although the network took
	// what was sent. It names no secrets and nobody.
	Warning string
	// After is how long not to try again, or not to ask again for the outcome;
	// 0 for our choice.
	After time.Duration
	// Handle is the network's name for what it accepted. It is stored and given
	// back as Conversion.Handle.
	Handle string
	// Exchange is the call that led to the verdict, one for all verdicts of
	// the call; nil when none was made. Row is the conversion's own part of the
	// request and RowAnswer what the answer says of that row alone; both are
	// redacted.
	Exchange       *Exchange
	Row, RowAnswer string
}

// Asked tells whether the network was called.
func (v *Verdict) Asked() bool { return v.Exchange != nil || v.Class.effect().asked }

// healthOf is what a call's verdicts show of their account; the worst counts,
// since the better ones say nothing against it. Without a call only what stops
// the account is shown.
func healthOf(vs []Verdict) (domain.Health, string) {
	fromBest := []domain.Health{
		"", domain.Healthy, domain.Degraded, domain.Throttled, domain.Misconfigured, domain.Reauth,
		domain.Disabled,
	}
	worst, reason := 0, ""
	for i := range vs {
		rank := slices.Index(fromBest, vs[i].Class.effect().health)
		if rank > worst && (vs[i].Asked() || vs[i].Class.Pauses()) {
			worst, reason = rank, vs[i].Reason
		}
	}
	if fromBest[worst] == domain.Healthy {
		reason = ""
	}
	return fromBest[worst], reason
}

// Exchange is one call to a network, redacted, kept for support. All verdicts
// of the call point to the same Exchange, so that it is kept once, and anybody
// of them may be shown it: it names no conversion. What speaks of one alone is
// in its Verdict.
type Exchange struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"` // those that say how Request is to be read
	// Request is the body without its rows: what goes around them.
	Request    string `json:"request"`
	StatusCode int    `json:"status_code"` // 0 when there was no answer
	// Response is what of the answer is known to name no row.
	Response string `json:"response"`
	Error    string `json:"error,omitempty"`
	// Upload is the name under which the network can be asked for the call
	// again, such as that of a file; empty where it has none.
	Upload string `json:"upload,omitempty"`
}

// KeptCall is an Exchange as it is kept: two JSON objects and the name of the
// upload.
type KeptCall struct {
	Head   []byte // method, url, headers, and request
	Answer []byte // status_code, response, and error
	Upload string
}

// Kept gives the parts in which the exchange is kept.
func (x *Exchange) Kept() KeptCall {
	head, _ := json.Marshal(struct { // texts can always be written
		Method  string            `json:"method"`
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers,omitempty"`
		Request string            `json:"request"`
	}{x.Method, x.URL, x.Headers, x.Request})
	answer, _ := json.Marshal(struct {
		StatusCode int    `json:"status_code"`
		Response   string `json:"response"`
		Error      string `json:"error,omitempty"`
	}{x.StatusCode, x.Response, x.Error})
	return KeptCall{Head: head, Answer: answer, Upload: x.Upload}
}

// AttemptDocument is what is shown of an attempt: the call, the conversion's
// own row of it and the answer to that row, as one JSON object; nil when
// nobody was called.
func AttemptDocument(call *KeptCall, row, rowAnswer string) []byte {
	if call == nil {
		return nil
	}
	own, err := json.Marshal(struct {
		Upload    string `json:"upload,omitempty"`
		Row       string `json:"row,omitempty"`
		RowAnswer string `json:"row_answer,omitempty"`
	}{call.Upload, row, rowAnswer})
	if err != nil {
		return nil // texts can always be written
	}
	return merged(call.Head, call.Answer, own)
}

// merged is one JSON object with the fields of all the others, in their order.
func merged(objects ...[]byte) []byte {
	var fields [][]byte
	for _, o := range objects {
		o = bytes.TrimSpace(o)
		if len(o) < 2 || o[0] != '{' || !json.Valid(o) {
			continue
		}
		if inner := bytes.TrimSpace(o[1 : len(o)-1]); len(inner) > 0 {
			fields = append(fields, inner)
		}
	}
	return append(append([]byte{'{'}, bytes.Join(fields, []byte{','})...), '}')
}
