package postback

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// plainWords of trackers' addresses that are no keys.
func plainWords() []string {
	return []string{"", "postback", "click.php", "conversion", "conversions", "confirm_conversion", "log", "api", "v1", "v2", "v3", "s2s", "track", "event", "events", "pb"}
}

// evidence keeps an exchange. What the customer wrote by hand into the
// address, the headers or the body may be a key, and nobody can tell it from
// a word: only values of macros and the words above are shown.
func (p *plan) evidence(req *http.Request, body string, ans adnet.Answer, err error, hide []string) *adnet.Evidence {
	hide = append(hide, p.literals(body)...)
	e := adnet.NewEvidence(req, body, ans, err, hide)
	e.URL = adnet.Redact(p.shownURL(req.URL), hide)
	return e
}

// shownURL masks segments and values that stand in the template as they are.
func (p *plan) shownURL(u *url.URL) string {
	raw := p.settings.Text("url")
	segs := strings.Split(u.EscapedPath(), "/")
	for i, s := range segs {
		if p.written(raw, s) {
			segs[i] = "***"
		}
	}
	var pairs []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		k, v, ok := strings.Cut(pair, "=")
		switch {
		case ok && p.written(raw, v):
			pair = k + "=***"
		case !ok && p.written(raw, k):
			pair = "***"
		}
		pairs = append(pairs, pair)
	}
	out := u.Scheme + "://" + u.Host + strings.Join(segs, "/")
	if u.RawQuery != "" {
		out += "?" + strings.Join(pairs, "&")
	}
	return out
}

func (p *plan) written(template, s string) bool {
	return !slices.Contains(plainWords(), s) && strings.Contains(template, s)
}

// literals are the texts of the template that could be keys, wherever the
// other side repeats them.
func (p *plan) literals(body string) []string {
	var out []string
	raw := p.settings.Text("url")
	if u, err := url.Parse(p.url.fill(domain.Conversion{})); err == nil {
		if pw, ok := u.User.Password(); ok {
			out = append(out, pw)
		}
		out = append(out, p.writtenOf(raw, strings.Split(u.EscapedPath(), "/"))...)
		for _, vs := range u.Query() {
			out = append(out, p.writtenOf(raw, vs)...)
		}
	}
	for _, v := range p.settings.Map("headers") {
		out = append(out, strings.Fields(v)...)
	}
	return append(out, p.writtenOf(p.bodyText, values(body))...)
}

func (p *plan) writtenOf(template string, ss []string) []string {
	return slices.DeleteFunc(slices.Clone(ss), func(s string) bool { return !p.written(template, s) })
}

// values of a body: the texts of a JSON document or the values of a form.
func values(body string) []string {
	var doc any
	if json.Unmarshal([]byte(body), &doc) == nil {
		return texts(doc)
	}
	var out []string
	if q, err := url.ParseQuery(body); err == nil {
		for _, vs := range q {
			out = append(out, vs...)
		}
	}
	return append(out, strings.Fields(body)...)
}

func texts(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		out = append(out, v)
	case []any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	case map[string]any:
		for _, e := range v {
			out = append(out, texts(e)...)
		}
	}
	return out
}
