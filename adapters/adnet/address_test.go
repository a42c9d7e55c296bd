package adnet_test

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

func TestSendable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://t.example":                    "https://t.example",
		"https://t.example/?name=a b&x=1":      "https://t.example/?name=a%20b&x=1",
		"https://t.example/a b/c?d=e":          "https://t.example/a%20b/c?d=e",
		"https://t.example/?n=Вера":            "https://t.example/?n=%D0%92%D0%B5%D1%80%D0%B0",
		"https://t.example?q=100%&r=%41%zz":    "https://t.example?q=100%25&r=%41%25zz",
		"https://t.example/?q=a+b&r=\"<>\\^`|": "https://t.example/?q=a+b&r=%22%3C%3E%5C%5E%60%7C",
		"https://t.example/?a[]=1&b=(x),y;z":   "https://t.example/?a[]=1&b=(x),y;z",
		"https://пример.рф/?q=%":               "https://пример.рф/?q=%25",
		"no address":                           "no address",
	} {
		got := adnet.Sendable(address)
		if got != want || adnet.Sendable(got) != got {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
		if !strings.Contains(address, "://") {
			continue
		}
		req, err := http.NewRequest("GET", got, nil)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		line := "GET " + req.URL.RequestURI() + " HTTP/1.1\r\nHost: t.example\r\n\r\n"
		if _, err := http.ReadRequest(bufio.NewReader(strings.NewReader(line))); err != nil {
			t.Errorf("%s: a server does not read %q: %v", address, line, err)
		}
	}
}

func TestCheckAddressText(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://t.example/?name=a b": "", "HTTPS://t.example": "", "http://10.0.0.1:8080/x": "",
		"https://пример.рф/путь?x=%": "", "https://user:key@t.example/": "", "https://[2001:db8::1]:8443/": "",
		"": "begins with https://", "t.example/x": "begins with", "ftp://t.example": "begins with",
		"javascript:alert(1)":        "begins with",
		"https://t.example/?a=\n&b=": "control character",
		"https://t.example/\t":       "ends with a blank",
		" https://t.example/":        "ends with a blank",
		"https://t.example/\x00":     "control character", "https://t.example/\u0085x": "control character",
		"https://t.example/#x={v}": "%23",
		"https:///path":            "no host", "https://:443/": "no host", "https://?x=1": "no host",
		"https://t.example:99999/": "port", "https://t.example:0/": "port", "https://t.example:x/": "port",
		"https://t .example/": "host has no blank",
	} {
		err := adnet.CheckAddressText("settings.url", address)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", address, err, want)
		case err != nil && (!strings.HasPrefix(err.Error(), "settings.url: ") || len(err.Error()) > 199):
			t.Errorf("%q: %v", address, err)
		}
		if u, parsed := url.Parse(address); err == nil && parsed == nil && u.Host == "" {
			t.Errorf("%q has no host", address)
		}
	}
}
