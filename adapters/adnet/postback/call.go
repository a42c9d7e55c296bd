package postback

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// plan is an account's settings, read.
type plan struct {
	method   string
	url      template
	headers  map[string]template // by canonical name
	body     template
	bodyText string
	expected []int // nil: any 2xx
	settings adnet.Settings
}

// read makes a plan of settings, or says which field is wrong.
func read(st adnet.Settings) (*plan, error) {
	p := &plan{method: st.Text("method"), bodyText: st.Text("body"), headers: map[string]template{}, settings: st}
	if p.method == "" {
		p.method = http.MethodGet
		if p.bodyText != "" {
			p.method = http.MethodPost
		}
	}
	if p.method == http.MethodGet && p.bodyText != "" {
		return nil, domain.Invalid("settings.body", "a GET has no body; choose POST or leave the body empty")
	}
	var err error
	if p.url, err = parseURL(st.Text("url")); err != nil {
		return nil, err
	}
	if u, err := url.Parse(p.url.fill(domain.Conversion{})); err != nil || u.Host == "" {
		return nil, domain.Invalid("settings.url", "is not an address")
	}
	if err := p.readHeaders(st.Map("headers")); err != nil {
		return nil, err
	}
	if p.body, err = p.readBody(); err != nil {
		return nil, err
	}
	p.expected, err = statuses(st.Text("expected_status"))
	return p, err
}

func (p *plan) readHeaders(hs map[string]string) error {
	keys := make([]string, 0, len(hs))
	for k := range hs {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		field := "settings.headers." + k
		if !token(k) || strings.EqualFold(k, "Host") || strings.EqualFold(k, "Content-Length") ||
			strings.EqualFold(k, "Transfer-Encoding") {
			return domain.Invalid(field, "is not a header that can be set")
		}
		t, err := parse(field, inHeader(hs[k]), inHeader)
		if err != nil {
			return err
		}
		p.headers[textproto.CanonicalMIMEHeaderKey(k)] = t
	}
	return nil
}

func (p *plan) readBody() (template, error) {
	const field = "settings.body"
	switch kind := p.contentType(); {
	case p.bodyText == "":
		return nil, nil
	case strings.Contains(kind, "json"):
		t, err := parseJSON(field, p.bodyText)
		if err == nil && !json.Valid([]byte(t.fill(domain.Conversion{}))) {
			err = domain.Invalid(field, "is not JSON")
		}
		return t, err
	case strings.Contains(kind, "xml"):
		return parse(field, p.bodyText, inXML)
	case strings.Contains(kind, "form-urlencoded"):
		return parse(field, p.bodyText, url.QueryEscape)
	}
	return parse(field, p.bodyText, func(s string) string { return s })
}

// contentType is what the headers say, else what the body looks like.
func (p *plan) contentType() string {
	if t, ok := p.headers["Content-Type"]; ok {
		return strings.ToLower(t.fill(domain.Conversion{}))
	}
	if s := strings.TrimSpace(p.bodyText); strings.HasPrefix(s, "{\"") || strings.HasPrefix(s, "[") ||
		strings.HasPrefix(s, "{\n") || strings.HasPrefix(s, "{ ") {
		return "application/json"
	}
	return "application/x-www-form-urlencoded"
}

// token tells a name that may stand before the colon of a header.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("()<>@,;:\\\"/[]?={}", r)
	})
}

func statuses(s string) ([]int, error) {
	var codes []int
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(w)
		if err != nil || n < 200 || n > 599 {
			return nil, domain.Invalid("settings.expected_status", "write codes such as 200, 201")
		}
		codes = append(codes, n)
	}
	return codes, nil
}

// params of the click that any part needs.
func (p *plan) params() []string {
	ps := append(p.url.params(), p.body.params()...)
	for _, t := range p.headers {
		ps = append(ps, t.params()...)
	}
	slices.Sort(ps)
	return slices.Compact(ps)
}

// request for a conversion.
func (p *plan) request(c domain.Conversion) (*http.Request, string, error) {
	body := p.body.fill(c)
	req, err := http.NewRequest(p.method, p.url.fill(c), bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, "", err
	}
	if body == "" {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	} else {
		req.Header.Set("Content-Type", p.contentType())
	}
	req.Header.Set("User-Agent", "tgtrack")
	for k, t := range p.headers {
		req.Header.Set(k, t.fill(c))
	}
	return req, body, nil
}
