package facebook

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestFormatsOfCookies(t *testing.T) {
	t.Parallel()
	// A nanosecond more does not make a millisecond, a click id keeps its case.
	at := time.Date(2031, 2, 3, 4, 5, 6, 789_999_999, time.FixedZone("", 3*3600))
	if got := formatFBC("IwZX_-aBc", at); got != "fb.1.1927847106789.IwZX_-aBc" {
		t.Errorf("fbc is %s", got)
	}
	if got := formatFBP(at, 1<<63|5); got != "fb.1.1927847106789.5" {
		t.Errorf("fbp is %s", got)
	}
}

// TestExternalID: one id in two messengers is two people.
func TestExternalID(t *testing.T) {
	t.Parallel()
	id := func(messenger string) string {
		return externalID(&domain.Conversion{ProjectID: "p", Messenger: messenger, UserID: 42})
	}
	if id("telegram") != id("") || id("max") == id("telegram") || id("max") == id("vk") {
		t.Errorf("ids %s, %s, %s, %s", id(""), id("telegram"), id("max"), id("vk"))
	}
}

func TestMakeCookies(t *testing.T) {
	t.Parallel()
	morning := time.Date(2027, 5, 6, 7, 8, 9, 0, time.UTC)
	made, minted := formatFBC("AbC", morning), formatFBP(morning, 42)
	type texts = map[string]string
	cases := map[string]struct {
		params           texts
		fbp, fbc         string
		wantFBP, wantFBC string
	}{
		"fresh":   {params: texts{"fbclid": "AbC"}, wantFBP: minted, wantFBC: made},
		"nothing": {wantFBP: minted},
		"cookies": {fbp: "fb.1.1.2", fbc: "fb.1.1.AbC", wantFBP: "fb.1.1.2", wantFBC: "fb.1.1.AbC"},
		"same click again": {
			params: texts{"fbclid": "AbC"}, fbp: "fb.1.1.2", fbc: "fb.1.1.AbC", wantFBP: "fb.1.1.2",
			wantFBC: "fb.1.1.AbC",
		},
		"with a segment": {
			params: texts{"fbclid": "AbC"}, fbp: "fb.1.1.2", fbc: "fb.1.1.AbC.AQYBAQIA",
			wantFBP: "fb.1.1.2", wantFBC: "fb.1.1.AbC.AQYBAQIA",
		},
		"a new click": {
			params: texts{"fbclid": "AbC"}, fbp: "fb.1.1.2", fbc: "fb.1.1.Old", wantFBP: "fb.1.1.2",
			wantFBC: made,
		},
		"parameters": {
			params: texts{"_fbp": "fb.2.3.4", "_fbc": "fb.2.3.Xy", "fbclid": "AbC"}, fbp: "fb.1.1.2",
			fbc:     "fb.1.1.AbC",
			wantFBP: "fb.2.3.4", wantFBC: "fb.2.3.Xy",
		},
		"an fbc for a fbclid": {
			params: texts{"fbclid": "fb.1.1700000000000.IwAR0abc"}, fbp: "fb.1.1.2", fbc: "fb.1.1.Old",
			wantFBP: "fb.1.1.2", wantFBC: "fb.1.1700000000000.IwAR0abc",
		},
		"an fbc made of an fbc": {
			params: texts{"fbclid": "fb.1.17.fb.1.1700000000000.IwAR0abc.AQYBAQIA"}, fbp: "fb.1.1.2",
			wantFBP: "fb.1.1.2", wantFBC: "fb.1.1700000000000.IwAR0abc.AQYBAQIA",
		},
		"the same fbc again": {
			params: texts{"fbclid": "fb.1.1.AbC"}, fbp: "fb.1.1.2", fbc: "fb.1.1.AbC", wantFBP: "fb.1.1.2",
			wantFBC: "fb.1.1.AbC",
		},
		"rubbish": {params: texts{"_fbc": "<script>"}, fbp: "x", fbc: "fb.1.x;y", wantFBP: minted},
		"a cookie breaking": {
			params: texts{"fbclid": "a; Domain=evil"}, fbp: "fb.1.1.2", wantFBP: "fb.1.1.2",
		},
	}
	for name, c := range cases {
		got := New(nil).MakeCookies(usecase.Visit{
			Params: c.params, Cookies: texts{"_fbp": c.fbp, "_fbc": c.fbc}, At: morning, Random: 42,
		})
		if got["_fbp"] != c.wantFBP || got["_fbc"] != c.wantFBC {
			t.Errorf("%s: %q and %q, want %q and %q", name, got["_fbp"], got["_fbc"], c.wantFBP, c.wantFBC)
		}
	}
}
