package google

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// result of a call: either it failed before there was an answer to judge, or
// there is one.
type result struct {
	failed *adnet.Verdict
	ans    adnet.Answer
	err    error // the answer's body was lost
	mask   adnet.Mask
	made   *adnet.Exchange // nil when it was not made for want of a token
}

// call makes one authorised call; body is nil for none. A token that was kept
// and is refused is fetched anew once: it may have been withdrawn together
// with others that are good again.
func (s *Sink) call(ctx context.Context, a adnet.Account, method, path string, body *ingest) result {
	var sent, envelope []byte
	if body != nil {
		shown := *body
		shown.Events = adnet.Rows(1)
		var err, err2 error
		sent, err = json.Marshal(body)
		envelope, err2 = json.Marshal(shown)
		if err != nil || err2 != nil {
			return result{failed: &adnet.Verdict{Class: adnet.Rejected,
				Reason: "the event can not be written as JSON"}}
		}
	}
	for {
		tok, kept, failed := s.token(ctx, a)
		if failed != nil {
			return result{failed: failed}
		}
		r := s.callWith(ctx, a, tok, method, path, sent, envelope)
		if r.failed == nil && r.ans.Status == http.StatusUnauthorized {
			s.forget(a, tok)
			if kept {
				continue
			}
		}
		return r
	}
}

func (s *Sink) callWith(ctx context.Context, a adnet.Account, tok, method, path string, body, envelope []byte) result {
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return result{failed: &adnet.Verdict{
			Class: adnet.Misconfigured, Reason: "the address of the Data Manager can not be built",
		}}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+tok)
	ans, err := adnet.Do(ctx, a.Client, req, 0)
	r := result{ans: ans, err: err, mask: s.mask(a).And(tok)}
	r.made = r.mask.Exchange(req, string(envelope), ans, err)
	if ans.Status == 0 {
		v := adnet.Failed(err, true) // transactionId makes a repeat harmless
		r.failed = &v
	}
	return r
}

// mask hides the secrets also in the form in which they are sent.
func (s *Sink) mask(a adnet.Account) adnet.Mask {
	m := adnet.NewMask(s.Describe(), a.Settings)
	if sa, err := parseServiceAccount(a.Settings.Text("service_account")); err == nil {
		return m.And(sa.PEM)
	}
	return m.And(trimmed(a, "client_secret"), trimmed(a, "refresh_token"))
}
