package postback_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/postback"
	"github.com/tgtrack/tgtrack/domain"
)

func TestSink(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, postback.New(), "testdata")
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	r, err := adnet.NewRegistry(postback.New())
	if err != nil {
		t.Fatal(err)
	}
	const u = "https://t.example/pb?s={click.subid}"
	for name, c := range map[string]struct {
		settings map[string]any
		problem  string // part of the error; empty: fine
	}{
		"plain":           {map[string]any{"url": u}, ""},
		"unknown macro":   {map[string]any{"url": u + "&x={payout}"}, "{payout} is not a macro"},
		"click alone":     {map[string]any{"url": u + "&x={click.}"}, "{click.} is not a macro"},
		"open brace":      {map[string]any{"url": u + "&x={value"}, "no partner"},
		"close brace":     {map[string]any{"url": u + "&x=value}"}, "no partner"},
		"nested":          {map[string]any{"url": u + "&x={{value}}"}, "no partner"},
		"macro in host":   {map[string]any{"url": "https://{source}.example/"}, "host must not hold a macro"},
		"macro in scheme": {map[string]any{"url": "{source}://t.example/"}, "settings.url"},
		"blank":           {map[string]any{"url": u + "&name=a b"}, ""},
		"line break":      {map[string]any{"url": u + "\n&name={value}"}, "control character"},
		"fragment":        {map[string]any{"url": u + "#x={value}"}, "%23"},
		"no host":         {map[string]any{"url": "https:///?x={value}"}, "no host"},
		"no url":          {map[string]any{}, "settings.url: is required"},
		"bad method":      {map[string]any{"url": u, "method": "DELETE"}, "must be one of GET, POST"},
		"body of a GET":   {map[string]any{"url": u, "method": "GET", "body": "a={value}"}, "settings.body"},
		"json":            {map[string]any{"url": u, "body": `{"a":{value},"b":{"c":"{target}"},"d":{}}`}, ""},
		"json unknown":    {map[string]any{"url": u, "body": `{"a":"{sum}"}`}, "{sum} is not a macro"},
		"json broken":     {map[string]any{"url": u, "body": `{"a":"{target}",}`}, "is not JSON"},
		"json brace":      {map[string]any{"url": u, "body": `{"a":"}"}`}, "no partner"},
		"header":          {map[string]any{"url": u, "headers": map[string]any{"X-Key": "k{user_id}"}}, ""},
		"header unknown": {map[string]any{"url": u, "headers": map[string]any{"X-Key": "{no}"}},
			"settings.headers.X-Key"},
		"header not ours": {map[string]any{"url": u, "headers": map[string]any{"Host": "x"}},
			"settings.headers.Host"},
		"map of values":     {map[string]any{"url": u + "&s={target:lead=1 sale=2}"}, ""},
		"broken map":        {map[string]any{"url": u + "&s={target:lead}"}, "this=that"},
		"status":            {map[string]any{"url": u, "expected_status": "200, 302"}, ""},
		"bad status":        {map[string]any{"url": u, "expected_status": "2xx"}, "settings.expected_status"},
		"unknown field":     {map[string]any{"url": u, "token": "x"}, "it has url, method"},
		"proxy without any": {map[string]any{"url": u, "proxy": "10.0.0.1"}, "settings.proxy"},
	} {
		_, err := r.CheckSettings("postback", c.settings)
		switch {
		case c.problem == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)):
			t.Errorf("%s: error %v, want %q", name, err, c.problem)
		}
	}
}

func TestReceives(t *testing.T) {
	t.Parallel()
	click := &domain.Click{Params: map[string]string{"subid": "s1", "empty": ""}}
	for name, c := range map[string]struct {
		settings adnet.Settings
		click    *domain.Click
		want     bool
	}{
		"has it":  {adnet.Settings{"url": "https://t.example/?s={click.subid}"}, click, true},
		"has not": {adnet.Settings{"url": "https://t.example/?s={click.other}"}, click, false},
		"empty":   {adnet.Settings{"url": "https://t.example/?s={click.empty}"}, click, false},
		"in body": {adnet.Settings{"url": "https://t.example/", "body": "a={click.other}"}, click, false},
		"in header": {adnet.Settings{"url": "https://t.example/",
			"headers": map[string]any{"X": "{click.other}"}}, click, false},
		"no macro":         {adnet.Settings{"url": "https://t.example/"}, click, true},
		"organic":          {adnet.Settings{"url": "https://t.example/"}, nil, false},
		"organic, all":     {adnet.Settings{"url": "https://t.example/?s={click.subid}", "receive": "all"}, nil, true},
		"template damaged": {adnet.Settings{"url": "https://t.example/?s={"}, click, false},
	} {
		if got := postback.New().Receives(c.settings, c.click); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestPresetsOfRuledStarts: the rule of a preset reads the link of the preset,
// and what it reads is what the address asks for.
func TestPresetsOfRuledStarts(t *testing.T) {
	t.Parallel()
	for _, p := range postback.Presets() {
		if p.StartRule == "" {
			continue
		}
		_, value, _ := strings.Cut(p.Link, "start=")
		value = strings.NewReplacer("{campaign_id}", "72156", "[CLICK_ID]", "abc123xyz").Replace(value)
		rules, err := domain.NewStartRules([]domain.StartRule{{Pattern: p.StartRule}})
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		r, ok := rules.Match(value)
		if !ok || !postback.New().Receives(p.Settings, &domain.Click{Params: r.Params}) {
			t.Errorf("%s: %q gives %v", p.Name, value, r.Params)
		}
	}
}

func TestPresetsAreValid(t *testing.T) {
	t.Parallel()
	r, err := adnet.NewRegistry(postback.New())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range postback.Presets() {
		names = append(names, p.Name)
		if _, err := r.CheckSettings("postback", p.Settings); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	if diff := cmp.Diff([]string{"keitaro", "binom", "voluum", "redtrack", "adsgram", "adsgram_web",
		"richads"}, names); diff != "" {
		t.Error(diff)
	}
}
