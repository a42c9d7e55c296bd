package adnet

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// maxKept is how much of each text is kept.
const maxKept = 4 << 10

// Exchange keeps a call. What of the answer names no row is for the sink to
// say, as Response.
func (m Mask) Exchange(req *http.Request, envelope string, a Answer, err error) *Exchange {
	u := *req.URL
	u.User = nil
	x := &Exchange{Method: req.Method, URL: m.Keep(u.String()), Request: m.Keep(envelope), StatusCode: a.Status}
	if t := req.Header.Get("Content-Type"); t != "" {
		x.Headers = map[string]string{"Content-Type": m.Keep(t)}
	}
	if err != nil {
		x.Error = m.Keep(err.Error())
	}
	return x
}

// Alone gives a verdict the exchange of a call that was about its conversion
// and no other: the body is the row, or the query of a call without a body,
// and the whole answer is the row's.
func (m Mask) Alone(v Verdict, c *domain.Conversion, req *http.Request, body string, a Answer, err error) Verdict {
	v.Exchange, v.Row, v.RowAnswer = m.Exchange(req, "", a, err), m.Row(body, c), m.Row(string(a.Body), c)
	if body == "" {
		u := *req.URL
		u.User, u.RawQuery, u.ForceQuery = nil, "", false
		v.Exchange.URL, v.Row = m.Keep(u.String()), m.Row(req.URL.RawQuery, c)
	}
	return v
}

// Rows says how many rows an envelope went around.
func Rows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// Shared writes the fields of an answer to several rows that name none of
// them. An answer without any may say anything of anybody: only its size is
// kept.
func Shared(a Answer, known any) string {
	if b, err := json.Marshal(known); err == nil && string(b) != "{}" && string(b) != "null" {
		return string(b)
	}
	if len(a.Body) == 0 {
		return ""
	}
	return fmt.Sprintf("%d bytes that may repeat rows, not kept", len(a.Body))
}

// clean is text that every database and every page takes.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
}

// Clip shortens a vendor's words for a reason.
func Clip(s string, n int) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

func cut(s string) string {
	if len(s) <= maxKept {
		return s
	}
	s = s[:maxKept]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// redact takes what must not be shown out of verdicts, whatever the sink put
// there.
type redact struct {
	desc     Descriptor
	settings Settings
}

func (r redact) exec(ctx context.Context, cs []domain.Conversion, next onward) []Verdict {
	vs := next(ctx, cs)
	out := newRedaction(r.desc, r.settings, cs)
	for i := range vs {
		vs[i] = out.verdict(vs[i], &cs[i])
	}
	return vs
}

// redaction is of verdicts that were given together. Those of one call share
// their exchange: it is gone through once, and so is a reason that many have.
type redaction struct {
	one, all Mask // of the account; and of all conversions, too
	calls    map[*Exchange]*Exchange
	reasons  map[string]string
}

func newRedaction(d Descriptor, s Settings, cs []domain.Conversion) redaction {
	m := NewMask(d, s)
	return redaction{one: m, all: m.Of(cs), calls: map[*Exchange]*Exchange{}, reasons: map[string]string{}}
}

func (r redaction) verdict(v Verdict, c *domain.Conversion) Verdict {
	said, ok := r.reasons[v.Reason]
	if !ok {
		said = r.all.Keep(v.Reason)
		r.reasons[v.Reason] = said
	}
	v.Reason, v.Handle = said, clean(v.Handle)
	v.Row, v.RowAnswer = r.one.Row(v.Row, c), r.one.Row(v.RowAnswer, c)
	if v.Exchange != nil && r.calls[v.Exchange] == nil {
		r.calls[v.Exchange] = r.exchange(*v.Exchange)
	}
	v.Exchange = r.calls[v.Exchange]
	return v
}

func (r redaction) exchange(x Exchange) *Exchange {
	var headers map[string]string
	for k, v := range x.Headers {
		if headers == nil {
			headers = map[string]string{}
		}
		headers[r.all.Keep(k)] = r.all.Keep(v)
	}
	x.Headers = headers
	for _, text := range []*string{&x.Method, &x.URL, &x.Request, &x.Response, &x.Error, &x.Upload} {
		*text = r.all.Keep(*text)
	}
	return &x
}
