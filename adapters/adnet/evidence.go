package adnet

import (
	"cmp"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/domain"
)

// mask stands where something secret was.
const mask = "***"

// maxEvidence is how much of a request and of an answer is kept.
const maxEvidence = 4 << 10

// Hide gives what must never be shown of an exchange: the values of secret
// settings and the addresses of the visitors.
func Hide(d Descriptor, s Settings, cs []domain.Conversion) []string {
	hide := secretValues(d, s)
	for i := range cs {
		if c := cs[i].Click; c != nil && c.IP != "" {
			hide = append(hide, c.IP)
		}
	}
	return hide
}

func secretValues(d Descriptor, s Settings) []string {
	var vs []string
	for _, f := range d.Fields {
		if !f.Secret {
			continue
		}
		vs = append(vs, s.Text(f.Name))
		for _, v := range s.Map(f.Name) {
			vs = append(vs, v)
		}
	}
	return vs
}

// Redact takes each of hide out of text, in the forms in which it may stand
// in an address, in JSON or in HTML. What is shorter than four characters is
// left: it is no secret and would be found in every word.
func Redact(text string, hide []string) string {
	return hider(hide).Replace(text)
}

// hider masks all of hide in one pass. Making it costs more than using it: a
// call of a thousand conversions has as many addresses to hide.
func hider(hide []string) *strings.Replacer {
	var pairs []string
	for _, f := range forms(hide) {
		pairs = append(pairs, f, mask)
	}
	return strings.NewReplacer(pairs...)
}

func forms(hide []string) []string {
	var fs []string
	for _, h := range hide {
		if len(h) < 4 {
			continue
		}
		quoted, _ := json.Marshal(h)
		fs = append(fs, h, url.QueryEscape(h), url.PathEscape(h), strings.Trim(string(quoted), `"`), html.EscapeString(h))
	}
	// The longest first: one secret may be a part of another.
	slices.SortFunc(fs, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(fs)
}

// NewEvidence keeps an exchange for support, without what hide names.
func NewEvidence(req *http.Request, body string, a Answer, err error, hide []string) *Evidence {
	by := hider(hide)
	e := &Evidence{
		Method: req.Method, URL: redactURL(req.URL, by), Request: kept(body, by),
		StatusCode: a.Status, Response: kept(string(a.Body), by),
	}
	if err != nil {
		e.Error = kept(err.Error(), by)
	}
	return e
}

// redactURL hides user info always; the rest by its values.
func redactURL(u *url.URL, by *strings.Replacer) string {
	v := *u
	v.User = nil
	return kept(v.String(), by)
}

// keep redacts first and cuts then, so that no half of a secret is left.
func keep(s string, hide []string) string { return kept(s, hider(hide)) }

func kept(s string, by *strings.Replacer) string {
	s = by.Replace(strings.ToValidUTF8(s, "?"))
	if len(s) <= maxEvidence {
		return s
	}
	s = s[:maxEvidence]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// Clip shortens a vendor's words for a reason.
func Clip(s string, n int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// redaction takes what must not be shown out of verdicts, whatever the sink
// put there. The verdicts of one call share their evidence: it is gone through
// once.
type redaction struct {
	by   *strings.Replacer
	done map[*Evidence]*Evidence
}

func (r redaction) verdict(v Verdict) Verdict {
	v.Reason = kept(v.Reason, r.by)
	if v.Evidence == nil {
		return v
	}
	if r.done[v.Evidence] == nil {
		e := *v.Evidence
		e.URL, e.Request = kept(e.URL, r.by), kept(e.Request, r.by)
		e.Response, e.Error = kept(e.Response, r.by), kept(e.Error, r.by)
		r.done[v.Evidence] = &e
	}
	v.Evidence = r.done[v.Evidence]
	return v
}
