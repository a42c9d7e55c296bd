package adnet

import "github.com/tgtrack/tgtrack/usecase"

// A sink speaks of verdicts in the words of the use case that acts on them:
// what each class does to a conversion, to its account and to the breaker is
// one table, in usecase/deliver_verdict.go.
type (
	// Verdict on one conversion.
	Verdict = usecase.Verdict
	// Class of a verdict.
	Class = usecase.VerdictClass
	// Exchange is one call to a network, redacted, kept for support.
	Exchange = usecase.Exchange
)

// Classes that a sink gives.
const (
	Delivered     = usecase.VerdictDelivered
	Accepted      = usecase.VerdictAccepted // poll later
	Duplicate     = usecase.VerdictDuplicate
	Retry         = usecase.VerdictRetry
	Throttled     = usecase.VerdictThrottled
	AuthRevoked   = usecase.VerdictAuthRevoked
	Misconfigured = usecase.VerdictMisconfigured
	Rejected      = usecase.VerdictRejected
	Unmatched     = usecase.VerdictUnmatched
	Uncertain     = usecase.VerdictUncertain
	Disabled      = usecase.VerdictDisabled // the other side asks never to be called again
	// Bisect: the network refused the whole call for one row that it did not
	// name. The call is made again in halves.
	Bisect = usecase.VerdictBisect
	// Resend: what was accepted was not counted, or what was lost never came,
	// and is to be sent again, as if it never had been.
	Resend = usecase.VerdictResend
	// Returned: what was accepted was not counted for a mistake in the account.
	// It is sent again when somebody mended that.
	Returned = usecase.VerdictReturned
	// Hold asks for another call after After, although nothing failed. The
	// stages give it on as Retry, and it counts for no breaker.
	Hold = usecase.VerdictHold
)

// Classes that the stages give, and never a sink.
const (
	Expired     = usecase.VerdictExpired     // the network's window was over before the attempt
	BreakerOpen = usecase.VerdictBreakerOpen // not sent: the network failed too often; After says when to try
)

// All repeats one verdict for n conversions.
func All(n int, v Verdict) []Verdict {
	vs := make([]Verdict, n)
	for i := range vs {
		vs[i] = v
	}
	return vs
}
