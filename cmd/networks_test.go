package cmd

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/testdata/acme"
	"github.com/tgtrack/tgtrack/infrastructure/config"
)

// keys of a mapping and the mappings in it.
func keys(prefix string, m map[string]any) map[string]bool {
	all := map[string]bool{}
	for name, v := range m {
		if inner, ok := v.(map[string]any); ok {
			maps.Copy(all, keys(prefix+name+".", inner))
			continue
		}
		all[prefix+name] = true
	}
	return all
}

// TestDocumentedConfiguration: configs/tgtrack.yaml has every key of this build
// and nothing but the defaults.
func TestDocumentedConfiguration(t *testing.T) {
	t.Parallel()
	const file = "../configs/tgtrack.yaml"
	documented, err := loadConfig(file, nil, Plugins{})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := loadConfig("", nil, Plugins{})
	if err != nil {
		t.Fatal(err)
	}
	var want, got bytes.Buffer
	if err := plain.Print(&want, false); err != nil {
		t.Fatal(err)
	}
	if err := documented.Print(&got, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Errorf("-defaults +file\n%s", diff)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var there, known map[string]any
	if err := yaml.Unmarshal(text, &there); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(want.Bytes(), &known); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(keys("", known), keys("", there)); diff != "" {
		t.Errorf("keys: -known +file\n%s", diff)
	}
}

// TestNetworksCommand: what is listed is what the build has, a private sink
// among it.
func TestNetworksCommand(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &program{out: &out, err: &out, plugins: Plugins{Sinks: []adnet.Sink{acme.New(nil)}}}
	if code := p.run(t.Context(), []string{"networks", "--json"}); code != exitDone {
		t.Fatalf("exit code %d: %s", code, out.String())
	}
	var items []networkItem
	if err := json.Unmarshal(out.Bytes(), &items); err != nil {
		t.Fatal(err)
	}
	want := networkItem{
		Name: "acme", Title: "Acme Ads", Evidence: "documented", Window: "336h", ClickIDs: []string{"acid"},
		Options: []string{"acme.base_url"}, Docs: "https://acme.example/docs/conversions",
	}
	if diff := cmp.Diff(want, items[len(items)-1]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	out.Reset()
	if code := p.run(t.Context(), []string{"networks"}); code != exitDone ||
		strings.Count(out.String(), "\n") != len(items)+1 {
		t.Errorf("exit code %d: %s", code, out.String())
	}
}

// TestOptionsReachTheSinks: what the operator sets, in whatever place, is what a
// sink works with.
func TestOptionsReachTheSinks(t *testing.T) {
	t.Parallel()
	environ := []string{
		"TGTRACK_ADNETWORKS_YANDEX_BATCH_INTERVAL=7s", "TGTRACK_ADNETWORKS_GOOGLE_MIN_CLICK_AGE=0s",
		"TGTRACK_ADNETWORKS_ACME_BASE_URL=http://127.0.0.1:1/acme/", "TGTRACK_DELIVERY_WINDOWS_ACME=48h",
	}
	plugins := Plugins{Sinks: []adnet.Sink{acme.New(nil)}}
	cfg, err := loadConfig("", environ, plugins)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newSinks(cfg, plugins)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range r.All() {
		switch d.Name {
		case "yandex":
			if d.Gather.String() != "7s" {
				t.Errorf("%s gathers for %s", d.Name, d.Gather)
			}
		case "google":
			if d.Hold != 0 {
				t.Errorf("%s holds for %s", d.Name, d.Hold)
			}
		}
	}
	if got := cfg.AdNetworks.Values("acme")["base_url"]; got != "http://127.0.0.1:1/acme" {
		t.Errorf("address %q", got)
	}
	if got := cfg.AdNetworks.Windows()["acme"].Hours(); got != 48 {
		t.Errorf("window %g h", got)
	}
	if _, err := loadConfig("", environ, Plugins{}); err == nil || !strings.Contains(err.Error(), "ACME") {
		t.Errorf("the settings of a network that is not there: %v", err)
	}
}

// TestDemoOfPrivateBuild: the demo has an account of each network that brings
// one, and simulates them all.
func TestDemoOfPrivateBuild(t *testing.T) {
	t.Parallel()
	plugins := Plugins{Sinks: []adnet.Sink{acme.New(nil)}}
	var ids []string
	for _, a := range demoAccounts(adsim.Of(plugins.sinks()), "http://127.0.0.1:1", clock()) {
		ids = append(ids, a.ID)
	}
	want := []string{
		"demo-yandex", "demo-flowers-yandex", "demo-facebook", "demo-vk-ads", "demo-tracker", "demo-acme",
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	simulated := plugins.simulation(adsim.Options{}).Networks()
	for _, name := range []string{"acme", "yandex", "google_oauth", "telegram"} {
		if !slices.Contains(simulated, name) {
			t.Errorf("%s is not among %v", name, simulated)
		}
	}
}

// TestSimulatedKeys: every address and wait of the networks can be pointed at
// the simulation.
func TestSimulatedKeys(t *testing.T) {
	t.Parallel()
	ds, err := Plugins{}.networks()
	if err != nil {
		t.Fatal(err)
	}
	var environ []string
	simulated := adnet.Simulated(ds, "http://127.0.0.1:1", 0)
	for key, value := range simulated {
		if strings.HasSuffix(key, ".poll_after") {
			value = "1ms" // its least
		}
		environ = append(environ, config.Variable(key)+"="+value)
	}
	cfg, err := loadConfig("", environ, Plugins{})
	if err != nil {
		t.Fatal(err)
	}
	for name, address := range cfg.AdNetworks.BaseURLs() {
		if name != "telegram" && address != "http://127.0.0.1:1/"+name {
			t.Errorf("%s is called at %s", name, address)
		}
	}
	if !slices.Contains(slices.Collect(maps.Keys(simulated)), "adnetworks.google_oauth.base_url") {
		t.Errorf("%v", simulated)
	}
}
