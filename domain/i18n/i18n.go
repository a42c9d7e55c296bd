// Package i18n holds what is needed to say something in the language of whoever
// reads it: the languages, catalogues of texts, the plural forms and how numbers
// and dates are written. It reads no files and knows no pages: a catalogue
// stands in the package that says its texts.
package i18n

import (
	"fmt"
	"strings"
)

// Language is one that people can read tgtrack in.
type Language string

// Languages. English stands in where a language is missing.
const (
	English Language = "en"
	Russian Language = "ru"
)

// Marked is a language that nobody speaks: English between marks, so that a page
// shows what stands on it that came from no catalogue. It is none of Languages
// and nobody can choose it; whoever asks for it alone, as a test does, gets it.
const Marked Language = "qps-ploc"

// Languages lists those that people speak.
func Languages() []Language { return []Language{Russian, English} }

// Name is what a language is called by those who speak it.
func (l Language) Name() string {
	if l == Russian {
		return "Русский"
	}
	return "English"
}

// Other is the language to change to.
func (l Language) Other() Language {
	if l == Russian {
		return English
	}
	return Russian
}

// Parse finds a language by its code; "" when it is none of ours.
func Parse(code string) Language {
	for _, l := range Languages() {
		if code == string(l) {
			return l
		}
	}
	return ""
}

// Accepted is the first language of the header Accept-Language that is one of
// ours, else English. Browsers list what they prefer first, so the weights are
// not looked at.
func Accepted(header string) Language {
	for part := range strings.SplitSeq(strings.ToLower(header), ",") {
		tag, _, _ := strings.Cut(part, ";")
		if tag = strings.TrimSpace(tag); tag == string(Marked) {
			return Marked
		}
		base, _, _ := strings.Cut(tag, "-")
		if l := Parse(base); l != "" {
			return l
		}
	}
	return English
}

// Text is one text in every language. It may hold verbs of package fmt; one that
// goes with a count has its plural forms, divided by "|": one and other in
// English, one, few and many in Russian.
type Text struct{ EN, RU string }

// In gives the text in a language.
func (t Text) In(l Language) string {
	switch {
	case l == Russian && t.RU != "":
		return t.RU
	case l == Marked && t.EN != "": // each plural form by itself
		return "⟦" + strings.ReplaceAll(t.EN, "|", "⟧|⟦") + "⟧"
	}
	return t.EN
}

// String is the English, for what is kept and logged.
func (t Text) String() string { return t.EN }

// Catalogue is a set of texts by key.
type Catalogue map[string]Text

// ByEnglish makes a catalogue of texts that stand elsewhere in English: that is
// their key.
func ByEnglish(texts ...Text) Catalogue {
	c := make(Catalogue, len(texts))
	for _, t := range texts {
		c[t.EN] = t
	}
	return c
}

// Merge makes one catalogue of several, which have no keys in common.
func Merge(parts ...Catalogue) (Catalogue, error) {
	c := Catalogue{}
	for _, part := range parts {
		for key, text := range part {
			if _, taken := c[key]; taken {
				return nil, fmt.Errorf("two texts have the key %s", key)
			}
			c[key] = text
		}
	}
	return c, nil
}

// Text says the text of a key. Where there is none it says the key, which is
// better than nothing and easily found.
func (c Catalogue) Text(l Language, key string, args ...any) string {
	t, ok := c[key]
	if !ok {
		return key
	}
	return filled(l, t.In(l), args)
}

// Count says the text of a key in the plural form that goes with n. The first
// verb of the text is the number itself, as a text.
func (c Catalogue) Count(l Language, key string, n int64, args ...any) string {
	t, ok := c[key]
	if !ok {
		return key
	}
	forms := strings.Split(t.In(l), "|")
	form := forms[min(pluralForm(l, n), len(forms)-1)]
	return filled(l, form, append([]any{l.Number(n)}, args...))
}

// filled leaves a text without arguments alone: a per cent sign is no verb then.
// An argument that is a text itself is said in the same language.
func filled(l Language, format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	said := make([]any, len(args))
	for i, arg := range args {
		said[i] = arg
		if t, ok := arg.(Text); ok {
			said[i] = t.In(l)
		}
	}
	return fmt.Sprintf(format, said...)
}

// PluralForms is how many forms a counted text has in a language.
func PluralForms(l Language) int {
	if l == Russian {
		return 3
	}
	return 2
}

// pluralForm is the place of the form that goes with n.
// https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
func pluralForm(l Language, n int64) int {
	n = max(n, -n)
	if l != Russian {
		if n == 1 {
			return 0
		}
		return 1
	}
	switch {
	case n%10 == 1 && n%100 != 11:
		return 0
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return 1
	}
	return 2
}
