package web

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// words are all that pages say in more than one language.
type words struct {
	texts     i18n.Catalogue
	faults    i18n.Catalogue  // what is wrong with an input, by its format in English
	sentences *i18n.Sentences // what is kept in English
	// refusals are what bots are told of their requests, by its format in English.
	refusals i18n.Catalogue
}

// newWords makes the words of pages; says are the sentences of others that they
// show.
func newWords(decoders i18n.Catalogue, says ...i18n.Text) (*words, error) {
	texts, err := i18n.Merge(
		exportTexts(), shareTexts(),
		baseTexts(), listingTexts(), signInTexts(), openIDTexts(),
		reportTexts(), overviewTexts(), report.GlossaryTexts(),
		setupTexts(), adminTexts(), healthTexts(), lookTexts(), connectTexts(), findingTexts(),
		auditTexts(), liveTexts(), firstStepsTexts(), serviceTexts(), linkTexts(),
		usecase.VerdictTexts(), usecase.SeenTexts(),
	)
	faults, refusals := faultTexts(), usecase.AllRefusalTexts(decoders)
	return &words{
		texts: texts, faults: faults, refusals: refusals,
		sentences: i18n.NewSentences(slices.Concat(says, faults.Texts(), refusals.Texts())...),
	}, err
}

// fault says in a language what is wrong with a field.
func (w *words) fault(l i18n.Language, e *domain.FieldError) string {
	args := slices.Clone(e.Args)
	for i := range args {
		switch arg := args[i].(type) {
		case error: // of a line, say
			args[i] = w.failure(l, arg)
		case string:
			args[i] = w.sentences.In(l, arg)
		}
	}
	_, known := w.faults[e.Format]
	switch {
	case known:
		return w.faults.Text(l, e.Format, args...)
	case e.Format == "%s" && len(args) == 1:
		return fmt.Sprint(args...)
	}
	return w.sentences.In(l, e.Problem)
}

// failure says in a language all that is wrong, in one text.
func (w *words) failure(l i18n.Language, err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, e := range joined.Unwrap() {
			all = append(all, w.failure(l, e))
		}
		return strings.Join(all, "; ")
	}
	var fe *domain.FieldError
	if !errors.As(err, &fe) {
		return w.sentences.In(l, err.Error())
	}
	if fe.Field == "" {
		return w.fault(l, fe)
	}
	return fe.Field + ": " + w.fault(l, fe)
}

// text gives a text in the language of the page; args are for its verbs.
func (v *visit) text(key string, args ...any) string {
	return v.words.texts.Text(v.lang, key, args...)
}

// count gives a text in the plural form that goes with n.
func (v *visit) count(key string, n int, args ...any) string {
	return v.words.texts.Count(v.lang, key, int64(n), args...)
}

// Said says in the language of the page what is kept in English.
func (p page) Said(sentence string) string { return p.v.words.sentences.In(p.v.lang, sentence) }

// Why says why a conversion has its status.
func (p page) Why(c domain.Conversion) string { return p.why(c.ReasonCode, c.StatusReason) }

// WhyTried says what came of an attempt.
func (p page) WhyTried(a usecase.Attempt) string { return p.why(a.ReasonCode, a.Reason) }

func (p page) why(code domain.ReasonCode, said string) string {
	if text := code.Text(); text != "" && (said == "" || said == text) {
		return code.In(p.v.lang)
	}
	return p.Said(said)
}
