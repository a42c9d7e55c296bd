package adnet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tgtrack/tgtrack/usecase"
)

// DefaultMaxAnswer is how much of an answer is read where nothing else is said.
const DefaultMaxAnswer = 1 << 20

// Answer of a network, read to its end or to the limit.
type Answer struct {
	Status int // 0: there was none
	Header http.Header
	Body   []byte
	Cut    bool // the answer was longer than the limit
}

// OK tells a 2xx.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// CallError is a call that got no full answer. It says nothing of the
// address, where secrets may be, nor of what the host's name leads to.
type CallError struct {
	sent bool
	err  error
}

// Error says what happened.
func (e *CallError) Error() string {
	if e.sent {
		return "no answer: " + usecase.CallErrorText(e.err)
	}
	return "not sent: " + usecase.CallErrorText(e.err)
}

// Unwrap gives the cause.
func (e *CallError) Unwrap() error { return e.err }

// Sent tells whether the request of a failed call may have reached the other
// side. An error that is not of Do counts as sent, to be safe.
func Sent(err error) bool {
	var c *CallError
	return err != nil && (!errors.As(err, &c) || c.sent)
}

// Do makes one call and reads at most maxAnswer bytes of the answer (0: the
// default). It never sends a request twice: net/http would repeat a GET whose
// connection broke, and a network without deduplication would count it twice.
// When only the body was lost the Answer has the status beside the error.
func Do(ctx context.Context, client *http.Client, req *http.Request, maxAnswer int64) (Answer, error) {
	if maxAnswer <= 0 {
		maxAnswer = DefaultMaxAnswer
	}
	// A process that was frozen for so long that its time is over wakes up right
	// here: by now another one may have taken over what it was about to send.
	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
		return Answer{}, &CallError{false, context.DeadlineExceeded}
	}
	var sent atomic.Bool
	trace := &httptrace.ClientTrace{
		WroteHeaders: func() { sent.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { sent.Store(true) },
	}
	req = req.WithContext(httptrace.WithClientTrace(ctx, trace))
	if req.Body == nil || req.Body == http.NoBody {
		req.Body, req.GetBody = io.NopCloser(bytes.NewReader(nil)), nil
	}
	resp, err := client.Do(req)
	if err != nil {
		return Answer{}, &CallError{sent.Load(), bare(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	a := Answer{Status: resp.StatusCode, Header: resp.Header}
	a.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if int64(len(a.Body)) > maxAnswer {
		a.Body, a.Cut = a.Body[:maxAnswer], true
	}
	if err != nil {
		return a, &CallError{true, bare(err)}
	}
	return a, nil
}

// bare takes the address off an error of net/http.
func bare(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	return err
}

// Failed is the verdict on a call that got no answer. dedup tells that the
// network drops what it was given before, so that asking again is harmless.
func Failed(err error, dedup bool) Verdict {
	var blocked *BlockedError
	switch {
	case errors.As(err, &blocked):
		return Verdict{Class: Misconfigured, Reason: blocked.Error()}
	case !Sent(err), dedup:
		return Verdict{Class: Retry, Reason: err.Error()}
	}
	return Verdict{Class: Uncertain, Reason: fmt.Sprintf("%s; the network may have counted it", err)}
}

// patience is how often a refusal that nobody described is met with another
// attempt.
const patience = 10

// Unheard is the verdict on a conversion that was refused alone in a way that
// nobody described: it is tried again, for what is lost by that is time, and
// not until its window ends, for then nobody would learn of it in time. last is
// what it becomes: Rejected where the conversion may be to blame, Misconfigured
// where no network spoke at all.
func Unheard(attempts int, reason string, last Class) Verdict {
	if attempts < patience {
		return Verdict{Class: Retry, Reason: reason}
	}
	return Verdict{Class: last, Reason: fmt.Sprintf(
		"%s; it was answered so %d times, and this version of tgtrack does not know what it means", reason, attempts)}
}

// RetryAfter reads the header in both its forms; 0 when there is none, and
// never more than a day.
// https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
func RetryAfter(h http.Header, now time.Time) time.Duration {
	s := h.Get("Retry-After")
	d := time.Duration(0)
	if n, err := strconv.Atoi(s); err == nil {
		d = time.Duration(min(max(n, 0), 86400)) * time.Second
	} else if t, err := http.ParseTime(s); err == nil {
		d = t.Sub(now)
	}
	return min(max(d, 0), 24*time.Hour)
}
