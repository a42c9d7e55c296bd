package postback

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// FuzzTemplate: a template that is accepted calls the host it names, whatever
// the values are, and a value never leaves its place.
func FuzzTemplate(f *testing.F) {
	const u = "https://tracker.example/pb"
	for _, c := range []struct{ url, body, kind, header string }{
		{u + "?s={click.subid}&p={value}", "", "", ""},
		{u + "/{target}/{event_id}?t={target:lead=1 sale=2}#x", "", "", "Bearer {click.key}"},
		{u, `{"a":{value},"b":{"c":"{name}"},"d":{},"e":"\"{source}"}`, "", "k{user_id}"},
		{u, "a={value}&b={currency}", "", ""},
		{u, "<a>{name}</a>", "text/xml", ""},
		{u, "{occurred_at} {occurred_at_unix}", "text/plain", "{click.x}\r\nHost: other"},
		{"https://u:p@t.example:8443{value}", "[{value}]", "application/json", ""},
	} {
		f.Add(c.url, c.body, c.kind, c.header, "lead", "My \"goal\"\r\n/../", "sub?&#%2e<>{}")
	}
	r, err := adnet.NewRegistry(New())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, address, body, kind, header, target, name, param string) {
		headers := map[string]any{}
		if kind != "" {
			headers["Content-Type"] = kind
		}
		if header != "" {
			headers["X-Key"] = header
		}
		st := adnet.Settings{"url": address, "body": body, "headers": headers}
		if _, err := r.CheckSettings("postback", st); err != nil {
			return
		}
		p, err := read(st)
		if err != nil {
			t.Fatalf("accepted, and can not be read: %v", err)
		}
		empty, err := url.Parse(p.url.fill(domain.Conversion{}))
		if err != nil {
			t.Fatalf("an address was accepted that is none: %v", err)
		}
		value := domain.Amount(12_500_000)
		click := &domain.Click{At: time.Unix(1_800_000_000, 0), Params: map[string]string{}}
		for _, n := range p.params() {
			click.Params[n] = param
		}
		c := domain.Conversion{
			ID: "c1", Target: target, Name: name, Source: param, Currency: "RUB", Value: &value, UserID: 7,
			OccurredAt: time.Unix(1_800_000_000, 0), Click: click,
		}
		New().Receives(st, click)
		req, text, err := p.request(c)
		if err != nil {
			t.Fatalf("accepted, and no request can be made of it: %v", err)
		}
		if req.URL.Hostname() != empty.Hostname() || req.URL.Port() != empty.Port() ||
			req.URL.Scheme != empty.Scheme || req.URL.User.String() != empty.User.String() {
			t.Fatalf("%q calls %s", address, req.URL)
		}
		for k, vs := range req.Header {
			if strings.ContainsAny(strings.Join(vs, ""), "\r\n\x00") {
				t.Fatalf("header %s: %q", k, vs)
			}
		}
		if strings.Contains(p.contentType(), "json") && p.body != nil && !json.Valid([]byte(text)) {
			t.Fatalf("the body is not JSON any more: %q", text)
		}
	})
}
