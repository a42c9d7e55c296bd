// Package i18ntest holds the texts of a package to their rules: each stands in
// every language, says the same with the same verbs, and is said somewhere. A
// package that has a catalogue tests it with one call.
package i18ntest

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Uses is where the texts of a catalogue are said.
type Uses struct {
	// Dir has the Go files; those of tests do not count.
	Dir string
	// Templates are HTML templates, those that Glob names; nil for none.
	Templates fs.FS
	Glob      string
	// Built has the keys that are put together where they are used: by the part
	// that is written there, such as "status.", all that may follow it.
	Built map[string][]string
}

// Catalogue fails a test where a text breaks the rules of Texts, where one is
// used that is not there, and where one is there that nothing uses.
func Catalogue(t *testing.T, c i18n.Catalogue, u Uses) {
	t.Helper()
	Texts(t, c)
	for _, fault := range u.faults(t, c) {
		t.Error(fault)
	}
}

// faults are what is wrong with how the keys of a catalogue are used.
func (u Uses) faults(t *testing.T, c i18n.Catalogue) (out []string) {
	t.Helper()
	said := u.said(t)
	used := map[string]bool{}
	for prefix, values := range u.Built {
		if _, ok := said[prefix]; !ok {
			out = append(out, fmt.Sprintf("nothing makes keys of %q", prefix))
		}
		for _, v := range values {
			used[prefix+v] = true
			if _, ok := c[prefix+v]; !ok {
				out = append(out, "there is no text "+prefix+v)
			}
		}
	}
	for key, s := range said {
		used[key] = true
		text, ok := c[key]
		_, built := u.Built[key]
		switch {
		case built:
		case !ok && (s.asked || isKey(c, key)):
			out = append(out, fmt.Sprintf("%s: there is no text %s", s.where, key))
		case ok && s.asked && s.counted != strings.Contains(text.EN, "|"):
			out = append(out, fmt.Sprintf("%s: %s is used with a count or has plural forms, not both", s.where, key))
		}
	}
	for key := range c {
		if !used[key] {
			out = append(out, "nothing says "+key)
		}
	}
	slices.Sort(out)
	return out
}

var keyForm = regexp.MustCompile(`^([a-z0-9_]+\.)[a-z0-9_.-]+$`)

// isKey tells whether a text looks like a key of a catalogue that has others of
// its area.
func isKey(c i18n.Catalogue, s string) bool {
	m := keyForm.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	for key := range c {
		if strings.HasPrefix(key, m[1]) {
			return true
		}
	}
	return false
}

// Texts fails a test where a text is missing in a language, has other verbs
// there, or has a wrong number of plural forms.
func Texts(t *testing.T, c i18n.Catalogue) {
	t.Helper()
	if len(c) == 0 {
		t.Error("the catalogue is empty")
	}
	for key, text := range c {
		if fault := textFault(text); fault != "" {
			t.Errorf("%s: %s", key, fault)
		}
	}
}

func textFault(text i18n.Text) string {
	counted := strings.Contains(text.EN+text.RU, "|")
	var want []string
	for _, l := range i18n.Languages() {
		// English stands in for what is missing, so the fields are looked at.
		s := map[i18n.Language]string{i18n.English: text.EN, i18n.Russian: text.RU}[l]
		if s == "" {
			return "there is none in " + string(l)
		}
		forms := strings.Split(s, "|")
		if counted && len(forms) != i18n.PluralForms(l) {
			return fmt.Sprintf("%d plural forms in %s", len(forms), l)
		}
		for _, form := range forms {
			got := verbs(form)
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				return fmt.Sprintf("the verbs %q in %s are not %q", got, l, want)
			}
		}
	}
	return ""
}

var verbForm = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*[\d.]*(?:\[(\d+)\])?([a-zA-Z%])`)

// verbs are what a text is filled with, in the order of the arguments.
func verbs(format string) []string {
	out := []string{}
	next := 1
	for _, m := range verbForm.FindAllStringSubmatch(format, -1) {
		switch place := m[1] + m[2]; {
		case m[3] == "%":
		case place != "":
			out = append(out, place+m[3])
		default:
			out = append(out, strconv.Itoa(next)+m[3])
			next++
		}
	}
	slices.Sort(out)
	return out
}
