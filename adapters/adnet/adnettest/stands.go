package adnettest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// stands gives a sink what no vendor documents. It may judge as it likes, but
// must answer for each conversion, name no secret and count nothing twice.
func stands(t *testing.T, sink adnet.Sink, c Case) {
	statuses := []int{200, 204, 301, 400, 401, 403, 404, 408, 410, 429, 500, 502, 503}
	bodies := []string{
		``, `null`, `[]`, `{}`, `"x"`, `{"error":null}`, `{"errors":[null]}`, `{"error":7}`, `{"uploading":[]}`,
		`<html>502</html>`, "\x00\xff", `{"a":`,
	}
	for _, status := range statuses {
		for _, b := range bodies {
			raw, _ := json.Marshal(b)
			run(t, context.Background(), sink, c, []Reply{{Status: status, Body: raw}})
		}
	}
	for _, kind := range []string{"refused", "lost", "cut", "echo", "echo_account", "echo_row"} {
		for _, status := range []int{200, 400, 403, 500} {
			run(t, context.Background(), sink, c, []Reply{{Status: status, Error: kind}})
		}
	}
	run(t, context.Background(), sink, c, []Reply{{Status: 200, Error: "huge"}})
	refusals(t, sink, c)
	nothing(t, sink, c)
	apart(t, sink, c)
	stopped(t, sink, c)
	refused(t, sink, c)
}

// refusals: one by its status alone, be it of the network or of something
// that stands between, is not met with attempts until the window ends.
func refusals(t *testing.T, sink adnet.Sink, c Case) {
	if c.Op == "test" || c.Op == "poll" {
		return
	}
	c.attempts = 50
	for _, status := range []int{
		300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 410, 411, 412, 413, 414, 415, 416, 417,
		418, 421, 422, 424, 426, 428, 431, 451, 460, 499,
	} {
		_, vs := run(t, context.Background(), sink, c, []Reply{{Status: status}})
		for _, v := range vs {
			if v.Class == adnet.Retry {
				t.Fatalf("after 50 attempts status %d is still %s (%s)", status, v.Class, v.Reason)
			}
		}
	}
}

func nothing(t *testing.T, sink adnet.Sink, c Case) {
	if c.Op == "test" {
		return
	}
	c.Conversion, c.Conversions = nil, nil
	if got, _ := run(t, context.Background(), sink, c, nil); len(got.Requests) != 0 {
		t.Errorf("no conversions, and yet %d requests", len(got.Requests))
	}
}

// stopped: a process that is going down must not lose or decide anything.
func stopped(t *testing.T, sink adnet.Sink, c Case) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	got, vs := run(t, ctx, sink, c, c.Answers)
	if len(got.Requests) != 0 {
		t.Errorf("cancelled, and yet %d requests", len(got.Requests))
	}
	for _, v := range vs {
		if v.Class == adnet.Delivered || v.Class == adnet.Duplicate || v.Class == adnet.Uncertain ||
			v.Class == adnet.AuthRevoked {
			t.Errorf("cancelled before sending gave %s (%s)", v.Class, v.Reason)
		}
	}
}

// refused: nothing was sent, so nothing is uncertain or rejected for it.
func refused(t *testing.T, sink adnet.Sink, c Case) {
	_, vs := run(t, context.Background(), sink, c, []Reply{{Error: "refused"}})
	for _, v := range vs {
		if v.Class == adnet.Delivered || v.Class == adnet.Uncertain {
			t.Errorf("no connection gave %s (%s)", v.Class, v.Reason)
		}
	}
}

func sane(t *testing.T, v adnet.Verdict) {
	t.Helper()
	switch v.Class {
	case adnet.Delivered, adnet.Duplicate, adnet.Accepted:
	case adnet.Retry, adnet.Throttled, adnet.AuthRevoked, adnet.Misconfigured, adnet.Rejected,
		adnet.Unmatched, adnet.Bisect, adnet.Uncertain, adnet.Disabled, adnet.Hold, adnet.Resend,
		adnet.Returned:
		if v.Reason == "" {
			t.Errorf("%s without a reason", v.Class)
		}
	default:
		t.Errorf("class %q is not a sink's", v.Class)
	}
	if v.After < 0 {
		t.Errorf("%s after %s", v.Class, v.After)
	}
	if v.Exchange == nil {
		if v.Row != "" || v.RowAnswer != "" {
			t.Errorf("a row without a call: %+v", v)
		}
		return
	}
	x := v.Exchange
	for _, text := range []string{v.Row, v.RowAnswer, x.URL, x.Request, x.Response, x.Error, x.Upload} {
		if len(text) > 5000 || !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			t.Errorf("too long or no text: %q", adnet.Clip(text, 100))
		}
	}
}

// noSecret fails when a secret of the settings is in anything that is kept or
// shown.
func noSecret(t *testing.T, d adnet.Descriptor, c Case, vs []adnet.Verdict, r *adnet.TestResult) {
	t.Helper()
	var shown strings.Builder
	enc := json.NewEncoder(&shown)
	enc.SetEscapeHTML(false)
	for _, v := range vs {
		_ = enc.Encode(v)
	}
	if r != nil {
		_ = enc.Encode(r)
	}
	// What a Mask would still change is a leak, in whatever form.
	if got := shown.String(); adnet.NewMask(d, c.Settings).Hide(got) != got {
		t.Errorf("a secret is shown: %s", adnet.Clip(got, 2000))
	}
}
