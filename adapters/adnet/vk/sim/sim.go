// Package sim simulates the pixel of VK Ads: it shows a picture whatever comes
// and counts what it can read as often as it comes.
package sim

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

// Network gives the simulation.
func Network() adsim.Network {
	return adsim.Network{
		Name: "vk",
		Serve: func(s *adsim.Sim) map[string]http.Handler {
			return map[string]http.Handler{"vk": handler(simulation{s})}
		},
		Scenario: adsim.Scenario{
			Settings: func(string) map[string]any { return map[string]any{"pixel_id": "77"} },
			Query:    "rb_clickid=Rb%d",
		},
		Demo: &adsim.Demo{
			ID: "demo-vk-ads", Name: "VK Ads", ActivationGoal: "start",
			Settings: func(string) map[string]any { return map[string]any{"pixel_id": "3456789"} },
		},
	}
}

// simulation is this network's part of the whole.
type simulation struct{ *adsim.Sim }

// goalForm is "RG:100/goal", the value may be missing.
var goalForm = regexp.MustCompile(`^RG:([0-9]*\.?[0-9]*)/([A-Za-z0-9_-]+)$`)

// handler is a pixel: it shows a picture whatever comes, counts what it can
// read as often as it comes, and knows nobody's token.
// https://ads.vk.com/help/general/sites/offline_events
func handler(s simulation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/tracker" {
			s.count(r.URL.RawQuery)
		}
		w.Header().Set("Content-Type", "image/gif")
		_, _ = w.Write([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" +
			"!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	})
}

func (s simulation) count(raw string) {
	p := params(raw)
	m := goalForm.FindStringSubmatch(p["e"])
	known := m != nil && (len(s.Goals()) == 0 || slices.Contains(s.Goals(), m[2]))
	if p["id"] == "" || !known || p["rb_clickid"] == "" && p["userid"] == "" {
		return
	}
	s.Record("vk", raw, adsim.Item{
		ID: p["id"] + "/" + m[2] + "/" + cmp.Or(p["rb_clickid"], p["userid"]), Account: p["id"], Target: m[2],
		Value: m[1],
		Extra: map[string]string{"rb_clickid": p["rb_clickid"], "userid": p["userid"], "e": p["e"]},
	})
}

// params splits at semicolons and at nothing else: an ampersand is a part
// of a value, which is how a client that escapes by the usual rules loses its
// conversions.
func params(raw string) map[string]string {
	p := map[string]string{}
	for part := range strings.SplitSeq(raw, ";") {
		k, v, _ := strings.Cut(part, "=")
		if text, err := url.PathUnescape(v); err == nil {
			p[k] = text
		}
	}
	return p
}
