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
	return []string{
		"", "postback", "click.php", "conversion", "conversions", "confirm_conversion", "log", "api", "v1",
		"v2", "v3", "s2s",
		"track", "event", "events", "pb",
	}
}

// keep gives a verdict its exchange. What the customer wrote by hand into the
// address, the headers or the body may be a key, and nobody can tell it from a
// word: only values of macros and the words above are shown. The exchange has
// the address with the names of its macros, the row has their values.
func (p *plan) keep(
	v adnet.Verdict, c *domain.Conversion, req *http.Request, body string, a adnet.Answer, err error, mask adnet.Mask,
) adnet.Verdict {
	v.Reason = mask.Hide(v.Reason)
	v.Exchange = mask.Exchange(req, "", a, err)
	v.Exchange.URL = mask.Keep(p.shownTemplate(req.URL))
	if v.Exchange.Headers != nil {
		v.Exchange.Headers = map[string]string{"Content-Type": mask.Keep(p.contentType())}
	}
	row := p.shownURL(req.URL)
	switch {
	case body != "" && !p.url.varies():
		row = body
	case body != "":
		row += "\n" + body
	}
	v.Row, v.RowAnswer = mask.Row(row, c), mask.Row(string(a.Body), c)
	return v
}

// shownURL masks segments and values that stand in the template as they are.
func (p *plan) shownURL(u *url.URL) string {
	raw := p.settings.Text("url")
	return shown(u, u.EscapedPath(), u.RawQuery, func(s string) string {
		if p.written(raw, s) {
			return hidden
		}
		return s
	})
}

// shownTemplate masks all but the macros.
func (p *plan) shownTemplate(u *url.URL) string {
	_, rest, _ := strings.Cut(p.url.named(), "://")
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		rest = rest[i:]
	} else {
		rest = ""
	}
	path, query, _ := strings.Cut(rest, "?")
	return shown(u, path, query, func(s string) string {
		if slices.Contains(plainWords(), s) {
			return s
		}
		var b strings.Builder
		for s != "" {
			text, macro, found := strings.Cut(s, "{")
			if text != "" {
				b.WriteString(hidden)
			}
			if s = ""; found {
				macro, s, _ = strings.Cut(macro, "}")
				b.WriteString("{" + macro + "}")
			}
		}
		return b.String()
	})
}

// hidden stands for a text that may be a key.
const hidden = "***"

// shown is an address in which each segment of the path and each value of the
// query went through show.
func shown(u *url.URL, path, query string, show func(string) string) string {
	segs := strings.Split(path, "/")
	for i, s := range segs {
		segs[i] = show(s)
	}
	out := u.Scheme + "://" + u.Host + strings.Join(segs, "/")
	if query == "" {
		return out
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if k, v, ok := strings.Cut(pair, "="); ok {
			pairs[i] = k + "=" + show(v)
		} else {
			pairs[i] = show(k)
		}
	}
	return out + "?" + strings.Join(pairs, "&")
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
