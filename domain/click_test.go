package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

func TestIsRobot(t *testing.T) {
	t.Parallel()
	for ua, want := range map[string]bool{
		"": true,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/131.0.0.0 Safari/537.36": false,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"Version/18.1 Mobile/15E148": false,
		"Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 " +
			"YaApp_Android/24.1": false,
		"Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36 Chrome/129 Mobile Safari/537.36 " +
			"[FB_IAB/FB4A;FBAV/490.0]": false,
		"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": false,
		"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)":               true,
		"Mozilla/5.0 (compatible; Googlebot/2.1)":                                        true,
		"TelegramBot (like TwitterBot)":                                                  true,
		"facebookexternalhit/1.1":                                                        true,
		"WhatsApp/2.23.20.0":                                                             true,
		"Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)":                    true,
		"curl/8.5.0":                        true,
		"Wget/1.21":                         true,
		"python-requests/2.31":              true,
		"Go-http-client/2.0":                true,
		"Mozilla/5.0 HeadlessChrome/120.0":  true,
		"Mozilla/5.0 Chrome-Lighthouse":     true,
		"SkypeUriPreview Preview/0.5":       true,
		"AdsBot-Google (+http://x.example)": true,
		"Screaming Frog SEO SPIDER/19":      true,
	} {
		if got := domain.IsRobot(ua); got != want {
			t.Errorf("IsRobot(%q) = %v", ua, got)
		}
	}
}

func TestPublicIP(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"203.0.113.9":           "203.0.113.9",
		"::ffff:203.0.113.9":    "203.0.113.9",
		"::ffff:10.1.2.3":       "",
		"2a02:6b8::1":           "2a02:6b8::1",
		"2A02:06B8:0:0:0:0:0:1": "2a02:6b8::1",
		"10.0.0.1":              "",
		"172.16.0.1":            "",
		"172.31.255.255":        "",
		"172.32.0.1":            "172.32.0.1",
		"192.168.1.1":           "",
		"100.63.255.255":        "100.63.255.255",
		"100.64.0.1":            "",
		"100.127.255.255":       "",
		"100.128.0.1":           "100.128.0.1",
		"127.0.0.1":             "",
		"::1":                   "",
		"0.0.0.0":               "",
		"::":                    "",
		"169.254.1.1":           "",
		"fe80::1":               "",
		"fe80::1%eth0":          "",
		"fd00::1":               "",
		"224.0.0.1":             "",
		"ff02::1":               "",
		"255.255.255.255":       "",
		"unknown":               "",
		"":                      "",
		"203.0.113.9:443":       "",
	} {
		c := &domain.Click{IP: ip}
		if got := c.PublicIP(); got != want {
			t.Errorf("PublicIP of %q = %q, want %q", ip, got, want)
		}
	}
	var none *domain.Click
	if none.PublicIP() != "" || none.Param("gclid") != "" || none.Cookie("_x") != "" {
		t.Error("no click has neither address nor parameters nor cookies")
	}
}

func TestClickUTM(t *testing.T) {
	t.Parallel()
	c := &domain.Click{Params: map[string]string{
		"utm_source": "Direct", "utm_term": "ключ", "UTM_MEDIUM": "no", "utm_content": "",
	}}
	link := domain.UTM{Source: "link", Medium: "cpc", Content: "banner"}
	want := domain.UTM{Source: "Direct", Medium: "cpc", Content: "banner", Term: "ключ"}
	if d := cmp.Diff(want, c.UTM().Or(link)); d != "" {
		t.Error(d)
	}
}
