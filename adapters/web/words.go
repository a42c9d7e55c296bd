package web

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// words are all that pages say in more than one language.
type words struct {
	texts  i18n.Catalogue
	faults i18n.Catalogue // what is wrong with an input, by its format in English
	// refusals are what bots are told of their requests, by its format in English.
	refusals i18n.Catalogue
}

func newWords(decoders i18n.Catalogue) (*words, error) {
	texts, err := i18n.Merge(baseTexts(), listingTexts(), signInTexts(), openIDTexts(), reportTexts(), overviewTexts(),
		report.GlossaryTexts(), setupTexts(), adminTexts(), lookTexts(), connectTexts(), findingTexts(),
		usecase.VerdictTexts(),
		linkTexts(), firstStepsTexts(), serviceTexts())
	return &words{texts: texts, faults: faultTexts(), refusals: usecase.AllRefusalTexts(decoders)}, err
}

// fault says in a language what is wrong with a field; in English where nobody
// has translated it.
func (w *words) fault(l i18n.Language, e *domain.FieldError) string {
	if _, ok := w.faults[e.Format]; ok {
		return w.faults.Text(l, e.Format, e.Args...)
	}
	return e.Problem
}

// text gives a text in the language of the page; args are for its verbs.
func (v *visit) text(key string, args ...any) string {
	return v.words.texts.Text(v.lang, key, args...)
}

// count gives a text in the plural form that goes with n.
func (v *visit) count(key string, n int, args ...any) string {
	return v.words.texts.Count(v.lang, key, int64(n), args...)
}
