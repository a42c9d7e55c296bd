package config

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// The documented file and the struct must say the same, key by key. What the
// file has of the ad networks is held by the tests of package cmd, which knows
// them.
func TestDocumentedFileHoldsTheDefaults(t *testing.T) {
	t.Parallel()
	documented := map[string]string{}
	var root yaml.Node
	if err := yaml.Unmarshal(documentedFile(t), &root); err != nil {
		t.Fatal(err)
	}
	flatten(documented, "", root.Content[0])
	for key := range documented {
		ofNetwork := strings.HasPrefix(key, "adnetworks.") || strings.HasPrefix(key, "delivery.windows.")
		if ofNetwork && key != "adnetworks.telegram.base_url" {
			delete(documented, key)
		}
	}

	c := Defaults()
	defaults := map[string]string{}
	for _, l := range leaves(&c) {
		if raw, ok := documented[l.key]; ok {
			documented[l.key] = canonical(t, l, raw)
		}
		defaults[l.key] = canonical(t, l, text(t, l.shown()))
	}
	if diff := cmp.Diff(defaults, documented); diff != "" {
		t.Errorf("configs/tgtrack.yaml differs from Defaults (-defaults +file):\n%s", diff)
	}
}

func TestDocumentedFileHasAComment(t *testing.T) {
	t.Parallel()
	explained := regexp.MustCompile(`(?m)^\s*#`)
	for _, block := range strings.Split(string(documentedFile(t)), "\n\n") {
		if !explained.MatchString(block) {
			t.Errorf("no comment in:\n%s", block)
		}
	}
}

func documentedFile(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../configs/tgtrack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Every variable must belong to one key, and every tag and type must be usable.
func TestLeavesAreSound(t *testing.T) {
	t.Parallel()
	c := Defaults(Network{Name: "carrier", Window: time.Hour, Settings: []Setting{
		{Name: "base_url", Default: "https://carrier.example"},
		{Name: "poll_after", Default: "15m", IsDuration: true, Min: "1ms"},
		{Name: "carrier_second.base_url", Default: "https://second.carrier.example"},
	}})
	byVariable := map[string]string{}
	for _, l := range leaves(&c) {
		if other, ok := byVariable[variable(l.key)]; ok {
			t.Errorf("%s and %s have the same variable", l.key, other)
		}
		byVariable[variable(l.key)] = l.key
		if regexp.MustCompile(`(^|\.)(\.|$)`).MatchString(l.key) {
			t.Errorf("%q: a field has no yaml tag", l.key)
		}
		if err := l.set(text(t, l.shown())); err != nil {
			t.Errorf("%s does not take its own default: %v", l.key, err)
		}
		if l.min != "" {
			below := leaf{key: l.key, value: reflect.New(l.value.Type()).Elem(), min: l.min}
			if err := below.set("0"); err == nil {
				t.Errorf("%s: min %q does not refuse 0", l.key, l.min)
			}
		}
	}
}

func TestDurationText(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", time.Second: "1s", time.Minute: "1m", 90 * time.Second: "1m30s", 24 * time.Hour: "24h",
		time.Hour + 10*time.Minute: "1h10m", time.Hour + 20*time.Second: "1h0m20s", 10 * time.Minute: "10m",
		100 * time.Hour: "100h", 200 * time.Millisecond: "200ms",
	} {
		if got := durationText(d); got != want {
			t.Errorf("durationText(%d) = %s, want %s", d, got, want)
		}
	}
}

func TestPercents(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Percent{"10%": 10, " 0.5 % ": 0.5, "100%": 100, "0%": 0} {
		got, err := ParsePercent(in)
		if err != nil || got != want {
			t.Errorf("ParsePercent(%q) = %v, %v, want %v", in, got, err, want)
		}
		if again, err := ParsePercent(got.String()); err != nil || again != got {
			t.Errorf("ParsePercent(%q) = %v, %v, want %v", got.String(), again, err, got)
		}
	}
	for _, in := range []string{"", "%", "10", "0.1", "-1%", "101%", "NaN%", "10%%", "ten%"} {
		if got, err := ParsePercent(in); err == nil {
			t.Errorf("ParsePercent(%q) = %v", in, got)
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Size{
		"0": 0, "17": 17, "17B": 17, "1KiB": KiB, " 3 mib ": 3 * MiB, "2GB": 2_000_000_000, "1TiB": TiB,
	} {
		got, err := ParseSize(in)
		if err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", in, got, err, want)
		}
		if again, err := ParseSize(got.String()); err != nil || again != got {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", got.String(), again, err, got)
		}
	}
	for _, in := range []string{"", "GiB", "-1", "1.5GiB", "1 XiB", "9000000TiB99"} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("ParseSize(%q) = %d", in, got)
		}
	}
}

func flatten(to map[string]string, prefix string, node *yaml.Node) {
	for i := 0; i < len(node.Content); i += 2 {
		key, value := prefix+node.Content[i].Value, node.Content[i+1]
		switch value.Kind {
		case yaml.MappingNode:
			flatten(to, key+".", value)
		case yaml.SequenceNode:
			var items []string
			for _, item := range value.Content {
				items = append(items, item.Value)
			}
			to[key] = strings.Join(items, ",")
		default:
			to[key] = value.Value
		}
	}
}

// canonical is how a value is printed after it was read.
func canonical(t *testing.T, l leaf, raw string) string {
	t.Helper()
	read := leaf{key: l.key, value: reflect.New(l.value.Type()).Elem(), min: l.min}
	if err := read.set(raw); err != nil {
		t.Errorf("%s: %v", l.key, err)
	}
	return text(t, read.shown())
}

func text(t *testing.T, shown any) string {
	t.Helper()
	if list, ok := shown.([]string); ok {
		return strings.Join(list, ",")
	}
	out, err := yaml.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(strings.TrimSpace(string(out)), `"`)
}
