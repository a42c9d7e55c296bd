package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

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

func TestOpenPageShows(t *testing.T) {
	t.Parallel()
	const phone = "Mozilla/5.0 (Linux; Android 14; SM-A155F; wv) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
	for ua, auto := range map[string]bool{
		phone + " [FB_IAB/FB4A;FBAV/490.0;]": true, phone + " Instagram 355.0.0.31 Android": true,
		phone + " [FBAN/FBIOS;FBAV/489.0]": true, phone + " [FB_IAB/Orca-Android;FBAV/1]": true,
		phone + " musical_ly_2022803040 JsSdk/1.0": true, phone + " trill_360802 BytedanceWebview/d8a21c6": true,
		phone + " Barcelona 300.0": true,
		phone:                      false, phone + " Telegram-Android/11.4.2": false, phone + " VKAndroidApp/8": false, "": false,
	} {
		for mode, want := range map[domain.OpenPage]bool{
			domain.OpenPageAuto: auto, domain.OpenPageAlways: true, domain.OpenPageOff: false, "": false,
		} {
			if got := mode.Shows(ua); got != want {
				t.Errorf("%q, %q: %v", mode, ua, got)
			}
		}
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
