package i18ntest

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

func TestTextFaults(t *testing.T) {
	t.Parallel()
	for text, sound := range map[i18n.Text]bool{
		{EN: "a", RU: "а"}: true, {EN: "a"}: false, {RU: "а"}: false,
		{EN: "%s of %d", RU: "%[2]d: %[1]s"}: true,
		{EN: "%s of %d", RU: "%d: %s"}:       false, {EN: "%s", RU: "%s %s"}: false,
		{EN: "5%% of %d", RU: "5 из %d"}:    true,
		{EN: "%d: 5%%", RU: "%d: 5 из 100"}: true, {EN: "%.2f", RU: "%f"}: true,
		{EN: "%s week|%s weeks", RU: "%s неделя|%s недели|%s недель"}: true,
		{EN: "%s week|%s weeks", RU: "%s неделя|%s недели"}:           false,
		{EN: "%s weeks", RU: "%s неделя|%s недели|%s недель"}:         false,
		{EN: "a week|%s weeks", RU: "%s неделя|%s недели|%s недель"}:  false,
	} {
		if fault := textFault(text); (fault == "") != sound {
			t.Errorf("%+v: %q", text, fault)
		}
	}
}

// TestUses finds each kind of fault in a package made up for it.
func TestUses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const source = `package x

import "a.import"

func texts() i18n.Catalogue { return i18n.Catalogue{"a.defined": {EN: "x", RU: "x"}} }

func f(v page, key string) {
	v.text("a.used")
	v.T("a.missing")
	v.N("a.count")
	v.N("a.used")
	v.T("z.missing")
	v.text("status." + key)
	key = "a.by_name"
	key = "a.wrong_name"
	key = "other.name"
	text("a local function")
}
`
	if err := os.WriteFile(filepath.Join(dir, "x.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	both := i18n.Text{EN: "x", RU: "x"}
	got := Uses{
		Dir: dir, Templates: fstest.MapFS{"t/x.html": {Data: []byte(
			`<a name="a.attribute">{{/* "a.comment" */}}{{.T "a.in_template" 5}}` +
				`{{if "a.lost"}}{{$.N "a.in_template2" .D}}`,
		)}}, Glob: "t/*.html",
		Built: map[string][]string{"status.": {"good", "bad"}, "never.": nil},
	}.faults(t, i18n.Catalogue{
		"a.used": both, "a.defined": both, "a.by_name": both, "a.count": {EN: "a|b", RU: "a|b|c"},
		"a.in_template":  both,
		"a.in_template2": both, "status.good": both,
	})
	want := []string{
		`nothing makes keys of "never."`,
		"nothing says a.defined",
		"t/x.html: a.in_template2 is used with a count or has plural forms, not both",
		"t/x.html: there is no text a.lost",
		"there is no text status.bad",
		"x.go: there is no text a.missing",
		"x.go: there is no text a.wrong_name",
		"x.go: there is no text z.missing",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
