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
	failed   *adnet.Verdict
	ans      adnet.Answer
	err      error // the answer's body was lost
	hide     []string
	evidence *adnet.Evidence
}

// exchange makes one authorised call; body is nil for none. A token that was
// kept and is refused is fetched anew once: it may have been withdrawn
// together with others that are good again.
func (s *Sink) exchange(ctx context.Context, a adnet.Account, method, path string, body any) result {
	var sent []byte
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return result{failed: &adnet.Verdict{Class: adnet.Rejected, Reason: "the event can not be written as JSON"}}
		}
		sent = b
	}
	for {
		tok, kept, failed := s.token(ctx, a)
		if failed != nil {
			return result{failed: failed, evidence: failed.Evidence}
		}
		r := s.call(ctx, a, method, path, sent, tok)
		if r.failed == nil && r.ans.Status == http.StatusUnauthorized {
			s.forget(a, tok)
			if kept {
				continue
			}
		}
		return r
	}
}

func (s *Sink) call(ctx context.Context, a adnet.Account, method, path string, body []byte, tok string) result {
	req, err := http.NewRequestWithContext(ctx, method, s.o.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return result{failed: &adnet.Verdict{Class: adnet.Misconfigured, Reason: "the address of the Data Manager can not be built"}}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+tok)
	hide := append(s.secrets(a), tok)
	ans, err := adnet.Do(ctx, a.Client, req, 0)
	r := result{ans: ans, err: err, hide: hide, evidence: adnet.NewEvidence(req, string(body), ans, err, hide)}
	if ans.Status == 0 {
		v := adnet.Failed(err, true) // transactionId makes a repeat harmless
		r.failed = &v
	}
	return r
}

// secrets are what must not be shown, in the form in which it is sent.
func (s *Sink) secrets(a adnet.Account) []string {
	hide := adnet.Hide(s.Describe(), a.Settings, nil)
	if sa, err := parseServiceAccount(a.Settings.Text("service_account")); err == nil {
		return append(hide, sa.PEM)
	}
	return append(hide, trimmed(a, "client_secret"), trimmed(a, "refresh_token"))
}
