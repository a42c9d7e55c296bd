package cmd

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/infrastructure/config"
)

// zeroMeans are the settings that may be zero, with what it then means. It is
// what the word says, and never another value that is used in its place.
func zeroMeans() map[string]string {
	return map[string]string{
		"database.max_size": "no bound",
		"nats.replicas":     "by the number of servers",

		"adnetworks.yandex.batch_interval": "no row waits for company",
		"adnetworks.yandex.min_event_age":  "sent as soon as it happened",
		"adnetworks.google.min_click_age":  "a click of any age",

		"attribution.reattribute_within": "never",
		"goals.join_window":              "a goal waits for nothing",
		"dedup.identical_within":         "no identical body is a repeat",

		"limits.per_second": "no limit", "limits.per_hour": "no limit", "limits.per_day": "no limit",
		"limits.max_per_second": "no cap", "limits.max_per_hour": "no cap", "limits.max_per_day": "no cap",

		"retention.events": "for ever", "retention.clicks": "for ever", "retention.people": "for ever",
		"retention.attempts": "for ever", "retention.click_details": "for ever", "clicks.per_minute": "no bound",
		"retention.audit_addresses": "for ever",

		"metrics.every": "each time",

		"disk.warn_below": "never", "disk.clicks_below": "clicks are always stored", "disk.reserve": "none",
	}
}

// TestZeroSettings goes through every setting that is a number, a time or a
// size: zero is refused, by name, or stays zero and has a meaning.
func TestZeroSettings(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../configs/tgtrack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var documented map[string]any
	if err := yaml.Unmarshal(text, &documented); err != nil {
		t.Fatal(err)
	}
	means, tried := zeroMeans(), 0
	for key, value := range values("", documented) {
		zero := zeroOf(value)
		if zero == "" {
			continue
		}
		tried++
		cfg, err := loadConfig("", []string{config.Variable(key) + "=" + zero}, Plugins{})
		meaning, may := means[key]
		delete(means, key)
		switch {
		case !may && err == nil:
			t.Errorf("%s: zero is taken, and nobody says what it means", key)
		case !may && !strings.Contains(err.Error(), config.Variable(key)):
			t.Errorf("%s: the error does not name it: %v", key, err)
		case may && err != nil:
			t.Errorf("%s: zero is refused, although it means %s: %v", key, meaning, err)
		case may:
			var shown strings.Builder
			if err := cfg.Print(&shown, false); err != nil {
				t.Fatal(err)
			}
			var printed map[string]any
			if err := yaml.Unmarshal([]byte(shown.String()), &printed); err != nil {
				t.Fatal(err)
			}
			if got := values("", printed)[key]; got != zero {
				t.Errorf("%s: zero became %s", key, got)
			}
		}
	}
	for key := range means {
		t.Errorf("%s is no such setting", key)
	}
	if tried < 50 {
		t.Errorf("%d settings were tried", tried)
	}
}

// values are the settings in a mapping, as text, by their keys.
func values(prefix string, m map[string]any) map[string]string {
	all := map[string]string{}
	for name, v := range m {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range values(prefix+name+".", v) {
				all[key] = value
			}
		case string:
			all[prefix+name] = v
		case int:
			all[prefix+name] = strconv.Itoa(v)
		}
	}
	return all
}

// zeroOf is the zero of a value's kind, "" for one that has none.
func zeroOf(value string) string {
	if _, err := strconv.Atoi(value); err == nil {
		return "0"
	}
	if _, err := time.ParseDuration(value); err == nil {
		return "0s"
	}
	if _, err := config.ParseSize(value); err == nil {
		return "0B"
	}
	if _, err := config.ParsePercent(value); err == nil {
		return "0%"
	}
	return ""
}
