package adnet_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

type described struct {
	adnet.Sink
	d adnet.Descriptor
}

func (s described) Describe() adnet.Descriptor { return s.d }

func sample() described {
	return described{d: adnet.Descriptor{
		Name: "sample", Title: "Sample", Batch: 1, ClickIDs: []string{"sid", "other"},
		Fields: []adnet.Field{
			{Name: "id", Required: true, Kind: adnet.Text, Help: "Look there."},
			{Name: "key", Secret: true, Kind: adnet.Text},
			{Name: "mode", Kind: adnet.Enum, Values: []string{"one", "two"}},
			{Name: "keys", Secret: true, Kind: adnet.Mapping},
			{Name: "names", Kind: adnet.Mapping},
			{Name: "on", Kind: adnet.Boolean},
			{Name: "url", Kind: adnet.URL},
		},
	}}
}

func TestRegistryReportsAllClashes(t *testing.T) {
	t.Parallel()
	_, err := adnet.NewRegistry(sample(), sample(), nil, described{d: adnet.Descriptor{Name: "Bad Name"}},
		described{d: adnet.Descriptor{Name: "fields", Title: "T", Batch: 1,
			Fields: []adnet.Field{{Name: "a", Kind: "odd"}, {Name: "a", Kind: adnet.Enum}}}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{`"sample" is registered twice`, "sink 2 is nil", "not lower-case", "no title",
		"batch is 0", `unknown kind "odd"`, "there twice", "no values"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestRegistryChecksOptionsAndCookies(t *testing.T) {
	t.Parallel()
	plain := func(name string, options ...adnet.Option) described {
		return described{d: adnet.Descriptor{Name: name, Title: name, Batch: 1, Options: options}}
	}
	address := func(name string) adnet.Option {
		return adnet.Option{Name: name, Kind: adnet.Address, Default: "https://api.example"}
	}
	cookies := plain("cookies")
	cookies.d.Cookies = []adnet.Cookie{{}, {Name: "_all*", Lifetime: time.Hour}}
	cookies.d.Window = -time.Hour
	for part, sinks := range map[string][]adnet.Sink{
		`"Bad" is not named`:       {plain("one", adnet.Option{Name: "Bad", Kind: adnet.Word})},
		`does not begin with`:      {plain("one", address("two.base_url"))},
		`its key is base_url`:      {plain("one", address("address"))},
		`its default the vendor's`: {plain("one", adnet.Option{Name: "base_url", Kind: adnet.Address})},
		`"soon", which is no`: {plain("one",
			adnet.Option{Name: "wait", Kind: adnet.Duration, Default: "soon"})},
		`do not go together`: {plain("one",
			adnet.Option{Name: "word", Kind: adnet.Word, Form: "^v", Default: "1"})},
		`the unknown kind "odd"`:    {plain("one", adnet.Option{Name: "word", Kind: "odd"})},
		`"base_url" is there twice`: {plain("one", address("base_url"), address("base_url"))},
		`section "one_two" of its`: {plain("one", address("one_two.base_url")),
			plain("one_two", address("base_url"))},
		`section "telegram" of its`:  {plain("telegram", address("base_url"))},
		`cookie "" has no name`:      {cookies},
		`cookie "_all*" has no name`: {cookies},
		`the window is -1h0m0s`:      {cookies},
	} {
		if _, err := adnet.NewRegistry(sinks...); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	options := []adnet.Option{
		adnet.BaseURL("https://api.example"), {Name: "wait", Kind: adnet.Duration, Default: "15m"},
		{Name: "one_two.base_url", Kind: adnet.Address, Default: "https://two.example"},
	}
	v := adnet.Values{"base_url": "http://127.0.0.1:1/", "other": "x"}.Or(options)
	if v.Address("base_url") != "http://127.0.0.1:1" || v.Duration("wait") != 15*time.Minute || len(v) != 3 {
		t.Errorf("%v", v)
	}
	d := adnet.Descriptor{Name: "one", Options: options}
	want := map[string]string{
		"adnetworks.one.base_url": "http://sim/one", "adnetworks.one.wait": "2s",
		"adnetworks.one_two.base_url": "http://sim/one_two",
	}
	if diff := cmp.Diff(want, adnet.Simulated([]adnet.Descriptor{d}, "http://sim", 2*time.Second)); diff != "" {
		t.Error(diff)
	}
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	r, err := adnet.NewRegistry(sample())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		json string
		want []string // parts of the error; none: fine
	}{
		"number for text":   {`{"id":123}`, nil},
		"long number":       {`{"id":12345678901234567890}`, nil},
		"all":               {`{"id":"1","key":"k","mode":"two","keys":{"a":1},"names":{},"on":true,"url":"http://x.example/{a}"}`, nil},
		"empty is left out": {`{"id":"1","mode":"","url":"","on":null}`, nil},
		"required":          {`{"key":"k"}`, []string{"settings.id: is required. Look there."}},
		"blank":             {`{"id":"  "}`, []string{"settings.id: is required"}},
		"unknown field": {`{"id":"1","kee":"x"}`,
			[]string{"settings.kee: is not a setting", "id, key, mode, keys, names, on, url"}},
		"enum": {`{"id":"1","mode":"three"}`,
			[]string{"settings.mode: must be one of one, two"}},
		"object for text":    {`{"id":{"a":1}}`, []string{"settings.id: must be text"}},
		"text for object":    {`{"id":"1","names":"x"}`, []string{"settings.names: must be an object"}},
		"nested object":      {`{"id":"1","names":{"a":{}}}`, []string{"settings.names.a"}},
		"not boolean":        {`{"id":"1","on":"maybe"}`, []string{"settings.on"}},
		"not an address":     {`{"id":"1","url":"ftp://x"}`, []string{"settings.url"}},
		"control characters": {`{"id":"1\u0000"}`, []string{"settings.id"}},
		"of the documents":   {`{"id":"1","key":"y0_…"}`, []string{"settings.key: is a placeholder of the documentation"}},
		"to be replaced":     {`{"id":"TOKEN"}`, []string{"settings.id: is a placeholder"}},
		"several at once": {`{"mode":"x","zzz":1}`,
			[]string{"settings.id", "settings.mode", "settings.zzz"}},
	} {
		var s map[string]any
		dec := json.NewDecoder(strings.NewReader(c.json))
		dec.UseNumber()
		if err := dec.Decode(&s); err != nil {
			t.Fatal(err)
		}
		_, err := r.CheckSettings("sample", s)
		if (err == nil) != (len(c.want) == 0) {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) || !errors.Is(err, domain.ErrInvalid) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
	}
	if _, err := r.CheckSettings("nowhere", nil); err == nil || !strings.Contains(err.Error(), "sample") {
		t.Errorf("unknown network: %v", err)
	}
}

func TestCheckSettingsWarnsOfLocalAddresses(t *testing.T) {
	t.Parallel()
	r, err := adnet.NewRegistry(sample())
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]int{"https://x.example/{a}": 0, "http://x.example/": 1,
		"https://10.0.0.1/": 1, "https://x.example:22/": 1} {
		warnings, err := r.CheckSettings("sample", map[string]any{"id": "1", "url": address})
		if err != nil || len(warnings) != want {
			t.Errorf("%s: %q %v", address, warnings, err)
		}
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	r, err := adnet.NewRegistry(sample())
	if err != nil {
		t.Fatal(err)
	}
	got := r.Mask("sample", map[string]any{"id": json.Number("1"), "key": "k1", "keys": map[string]any{"a": "k2"},
		"names": map[string]any{"a": "n"}})
	want := map[string]any{"id": json.Number("1"), "key": "***", "keys": map[string]any{"a": "***"},
		"names": map[string]any{"a": "n"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"id": "***"}, r.Mask("nowhere", map[string]any{"id": "x"})); diff != "" {
		t.Errorf("a network that is not built in: %s", diff)
	}
	if diff := cmp.Diff([]string{"key", "keys"}, r.Secrets("sample")); diff != "" {
		t.Error(diff)
	}
}

func TestReceivesByClickIDs(t *testing.T) {
	t.Parallel()
	r, err := adnet.NewRegistry(sample())
	if err != nil {
		t.Fatal(err)
	}
	a := domain.Account{Network: "sample"}
	for name, c := range map[string]struct {
		click *domain.Click
		want  bool
	}{
		"organic":    {nil, false},
		"other's id": {&domain.Click{Params: map[string]string{"fbclid": "x"}}, false},
		"empty id":   {&domain.Click{Params: map[string]string{"sid": ""}}, false},
		"second id":  {&domain.Click{Params: map[string]string{"other": "x"}}, true},
	} {
		if got := r.Receives(a, c.click); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// byChoice takes clicks by the account's settings.
type byChoice struct{ described }

func (byChoice) Receives(adnet.Settings, *domain.Click) bool { return true }

// TestAbsentNetwork: a build that lacks a network knows from another one which
// clicks it takes, and sends nothing.
func TestAbsentNetwork(t *testing.T) {
	t.Parallel()
	choosing := sample()
	choosing.d.Name = "choosing"
	full, err := adnet.NewRegistry(sample(), byChoice{choosing})
	if err != nil {
		t.Fatal(err)
	}
	stock, err := adnet.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	r := stock.WithAbsent(full.Remembered()...)
	click := &domain.Click{Params: map[string]string{"sid": "1"}}
	for network, want := range map[string]bool{"sample": true, "choosing": false, "nobodys": false} {
		if got := r.Receives(domain.Account{Network: network}, click); got != want {
			t.Errorf("%s receives a click: %v", network, got)
		}
		if _, err := r.Get(network); err == nil || r.Has(network) {
			t.Errorf("%s has a sink", network)
		}
	}
	account := domain.Account{Network: "sample"}
	if r.Receives(account, &domain.Click{}) || r.Receives(account, nil) {
		t.Error("a click of another network is received")
	}
	if got := r.Describe("sample"); got.Title != "Sample" || len(r.All()) != 0 {
		t.Errorf("described as %+v beside %v", got, r.All())
	}
	masked := r.Mask("sample", map[string]any{"id": "1", "key": "k"})
	if diff := cmp.Diff(map[string]any{"id": "***", "key": "***"}, masked); diff != "" {
		t.Errorf("settings whose secrets are not known:\n%s", diff)
	}
	old := adnet.Descriptor{Name: "sample", Title: "Old"}
	if d := full.WithAbsent(old).Describe("sample"); d.Title != "Sample" {
		t.Errorf("another build's description stands before the sink's own: %+v", d)
	}
}
