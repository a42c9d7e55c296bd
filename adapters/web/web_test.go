package web

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tgtrack/tgtrack/usecase/report"
)

// keys gives the keys of a file of texts.
func keys(t *testing.T, name string) map[string]bool {
	t.Helper()
	text, err := locales.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var areas map[string]map[string]any
	if err := yaml.Unmarshal(text, &areas); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	out := map[string]bool{}
	for area, texts := range areas {
		for key := range texts {
			out[area+"."+key] = true
		}
	}
	return out
}

// allKeys gives the keys of all files of a language.
func allKeys(t *testing.T, lang string) map[string]bool {
	t.Helper()
	files, err := fs.Glob(locales, "locales/*."+lang+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, name := range files {
		if name == faultsFile {
			continue
		}
		for k := range keys(t, name) {
			if out[k] {
				t.Errorf("%s: %s stands in another file, too", name, k)
			}
			out[k] = true
		}
	}
	return out
}

// TestBothLanguages: what is said in one language is said in the other.
func TestBothLanguages(t *testing.T) {
	t.Parallel()
	if _, err := loadWords(); err != nil {
		t.Fatal(err)
	}
	ru, en := allKeys(t, "ru"), allKeys(t, "en")
	for k := range en {
		if !ru[k] {
			t.Errorf("%s is not in Russian", k)
		}
	}
	for k := range ru {
		if !en[k] {
			t.Errorf("%s is not in English", k)
		}
	}
}

var usedKey = regexp.MustCompile(`(?:\.T|\.N|\.text\()\s*"([a-z0-9_.]+)"|"((?:nav|tile|figure|fail)\.[a-z0-9_]+)"|print "([a-z_]+\.)"`)

// TestTextsExist: each text that a template asks for is there.
func TestTextsExist(t *testing.T) {
	t.Parallel()
	en := allKeys(t, "en")
	for _, d := range report.Dimensions() {
		if !en["dimension."+string(d)] {
			t.Errorf("the dimension %s has no text", d)
		}
	}
	files, err := fs.Glob(templates, "templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := templates.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range usedKey.FindAllStringSubmatch(string(text), -1) {
			switch key := m[1] + m[2]; {
			case m[3] != "":
				if !slices.ContainsFunc(slices.Collect(maps.Keys(en)), func(k string) bool { return strings.HasPrefix(k, m[3]) }) {
					t.Errorf("%s: no text begins with %s", name, m[3])
				}
			case !en[key]:
				t.Errorf("%s: there is no text %s", name, key)
			}
		}
	}
}

// TestAssetsAreSmall: no page needs more than 250 KiB of scripts and styles,
// compressed.
func TestAssetsAreSmall(t *testing.T) {
	t.Parallel()
	a, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, f := range a.byName {
		sum += len(f.zipped)
	}
	if sum == 0 || sum > 250<<10 {
		t.Errorf("the assets have %d bytes compressed", sum)
	}
}

// TestPagesAreWhole: every template can be read, and each has a main part.
func TestPagesAreWhole(t *testing.T) {
	t.Parallel()
	ps, err := loadPages()
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range ps {
		if page.Lookup("main") == nil {
			t.Errorf("%s has no main part", name)
		}
	}
}
