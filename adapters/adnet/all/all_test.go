package all_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func registry(t *testing.T) *adnet.Registry {
	t.Helper()
	r, err := adnet.NewRegistry(all.Sinks()...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWhoDropsRepeats: what goes out by itself after a restore.
func TestWhoDropsRepeats(t *testing.T) {
	t.Parallel()
	s := adnet.NewService(registry(t), nil, nil, nil)
	first := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	got := map[string]string{}
	for _, d := range registry(t).All() {
		a := &domain.Account{Network: d.Name}
		switch drops := func(after time.Duration) bool { return s.DropsRepeats(a, first, first.Add(after)) }; {
		case drops(365 * 24 * time.Hour):
			got[d.Name] = "always"
		case drops(48*time.Hour-1) && !drops(48*time.Hour):
			got[d.Name] = "for 48 hours"
		case !drops(0):
			got[d.Name] = "never"
		}
	}
	want := map[string]string{
		"google": "always", "webhook": "always", "facebook": "for 48 hours", "tiktok": "for 48 hours",
		"yandex": "never", "ga4": "never", "vk": "never", "postback": "never",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every folder beside this one is a network on the list, or one of those that
// serve them all. Each brings a simulation and a scenario.
func TestEveryFolderIsOnTheList(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		if e.IsDir() && !slices.Contains([]string{"adnettest", "adsim", "all", "testdata"}, e.Name()) {
			folders = append(folders, e.Name())
		}
	}
	var names, simulated []string
	for _, d := range registry(t).All() {
		names = append(names, d.Name)
	}
	for _, n := range adsim.Of(all.Sinks()) {
		simulated = append(simulated, n.Name)
		if n.Scenario.Settings == nil {
			t.Errorf("%s has no scenario", n.Name)
		}
	}
	slices.Sort(names)
	slices.Sort(simulated)
	if diff := cmp.Diff(folders, names); diff != "" {
		t.Errorf("-folders +list\n%s", diff)
	}
	if diff := cmp.Diff(names, simulated); diff != "" {
		t.Errorf("-list +simulations\n%s", diff)
	}
}

// TestDocumentsAreCurrent: what documents and the documented configuration tell
// of the networks is what go generate ./adapters/adnet/all writes.
func TestDocumentsAreCurrent(t *testing.T) {
	t.Parallel()
	notes := func(network string) string {
		text, err := os.ReadFile(filepath.Join("..", network, "notes.md"))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
	for _, d := range adnet.Documents(registry(t).All(), notes) {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", d.File))
		if err != nil {
			t.Fatal(err)
		}
		want, marked := d.In(string(text))
		if !marked {
			t.Errorf("%s lacks the marks of %s", d.File, d.Name)
		}
		if diff := cmp.Diff(want, string(text)); diff != "" {
			t.Errorf("%s: run go generate ./adapters/adnet/all (-want +file)\n%s", d.File, diff)
		}
	}
}

// TestCookies: visitors are known by the cookies that the networks ask for, and
// landing pages hand on theirs.
func TestCookies(t *testing.T) {
	t.Parallel()
	r := registry(t)
	if diff := cmp.Diff([]string{"_fbp", "_fbc"}, r.OwnCookies()); diff != "" {
		t.Error(diff)
	}
	at := time.UnixMilli(1_800_000_000_123)
	got := r.MakeCookies(usecase.Visit{Params: map[string]string{"fbclid": "AbC"}, At: at, Random: 7})
	want := []usecase.Cookie{
		{Name: "_fbp", Value: "fb.1.1800000000123.7", Lifetime: 90 * 24 * time.Hour},
		{Name: "_fbc", Value: "fb.1.1800000000123.AbC", Lifetime: 90 * 24 * time.Hour},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	pattern, params := r.PageCookies()
	names := strings.Split(pattern, "|")
	slices.Sort(names)
	if diff := cmp.Diff([]string{"_fbc", "_fbp", "_ga", `_ga_\w+`, "_ttp", "_ym_uid"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"_ym_uid": "ym_uid"}, params); diff != "" {
		t.Error(diff)
	}
	guide, err := os.ReadFile("../../../docs/landing-script.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if told := strings.Replace(name, `\w+`, "…", 1); !strings.Contains(string(guide), "`"+told+"`") {
			t.Errorf("docs/landing-script.md does not tell of the cookie %s", told)
		}
	}
}

// TestConfigure: sinks take what the operator sets.
func TestConfigure(t *testing.T) {
	t.Parallel()
	sinks := adnet.Configure(all.Sinks(), func(network string) adnet.Values {
		return adnet.Values{"batch_interval": "7s", "min_click_age": "9s"}
	})
	r, err := adnet.NewRegistry(sinks...)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range r.All() {
		switch d.Name {
		case "yandex":
			if d.Gather != 7*time.Second {
				t.Errorf("%s gathers for %s", d.Name, d.Gather)
			}
		case "google":
			if d.Hold != 9*time.Second {
				t.Errorf("%s holds for %s", d.Name, d.Hold)
			}
		}
	}
}

// Networks that answer with names or codes publish them somewhere. The lists
// are held against the sinks by the conformance suite.
func TestWhoseAnswersArePublished(t *testing.T) {
	t.Parallel()
	byStatusAlone := []string{"ga4", "vk", "postback", "webhook"}
	for _, s := range all.Sinks() {
		name := s.Describe().Name
		p, ok := s.(adnet.Publisher)
		if ok == slices.Contains(byStatusAlone, name) || ok && len(p.Published()) == 0 {
			t.Errorf("%s: there are published lists: %v", name, ok)
		}
	}
}
