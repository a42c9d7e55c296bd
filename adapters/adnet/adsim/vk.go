package adsim

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// vkEvent is "RG:100/goal", the value may be missing.
var vkEvent = regexp.MustCompile(`^RG:([0-9]*\.?[0-9]*)/([A-Za-z0-9_-]+)$`)

// newVK is a pixel: it shows a picture whatever comes, counts what it can
// read as often as it comes, and knows nobody's token.
// https://ads.vk.com/help/general/sites/offline_events
func newVK(s *Sim) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/tracker" {
			s.vkCount(r.URL.RawQuery)
		}
		w.Header().Set("Content-Type", "image/gif")
		_, _ = w.Write([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" +
			"!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	})
}

func (s *Sim) vkCount(raw string) {
	p := vkParams(raw)
	m := vkEvent.FindStringSubmatch(p["e"])
	known := m != nil && (len(s.o.Goals) == 0 || slices.Contains(s.o.Goals, m[2]))
	if p["id"] == "" || !known || p["rb_clickid"] == "" && p["userid"] == "" {
		return
	}
	s.Record("vk", raw, Item{
		ID: p["id"] + "/" + m[2] + "/" + first(p["rb_clickid"], p["userid"]), Account: p["id"], Target: m[2], Value: m[1],
		Extra: map[string]string{"rb_clickid": p["rb_clickid"], "userid": p["userid"], "e": p["e"]},
	})
}

// vkParams splits at semicolons and at nothing else: an ampersand is a part
// of a value, which is how a client that escapes by the usual rules loses its
// conversions.
func vkParams(raw string) map[string]string {
	p := map[string]string{}
	for part := range strings.SplitSeq(raw, ";") {
		k, v, _ := strings.Cut(part, "=")
		if text, err := url.PathUnescape(v); err == nil {
			p[k] = text
		}
	}
	return p
}
