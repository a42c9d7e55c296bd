package web

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/tgtrack/tgtrack/domain"
)

//go:embed locales
var locales embed.FS

// words are the texts of all pages in both languages: locales/AREA.LANG.yaml,
// one file for each area and language.
type words struct {
	localizers map[string]*i18n.Localizer
	printers   map[string]*message.Printer
	faults     map[string]string // the format of a fault in English → in Russian
}

// faultsFile translates what use cases say of wrong input.
const faultsFile = "locales/faults.ru.yaml"

func loadWords() (*words, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	files, err := fs.Glob(locales, "locales/*.yaml")
	if err != nil {
		return nil, err
	}
	w := &words{localizers: map[string]*i18n.Localizer{}, printers: map[string]*message.Printer{}, faults: map[string]string{}}
	for _, name := range files {
		text, err := locales.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if name == faultsFile {
			err = yaml.Unmarshal(text, &w.faults)
		} else {
			_, err = bundle.ParseMessageFileBytes(text, path.Base(name))
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	for _, lang := range []string{"en", "ru"} {
		w.localizers[lang] = i18n.NewLocalizer(bundle, lang)
		w.printers[lang] = message.NewPrinter(language.Make(lang))
	}
	return w, nil
}

// text gives a text; what is missing shows as its key, which a test looks for.
func (w *words) text(lang, key string, data map[string]any, count any) string {
	s, err := w.localizers[lang].Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if s == "" && err != nil {
		return key
	}
	return s
}

// fault says in a language what is wrong with a field.
func (w *words) fault(lang string, e *domain.FieldError) string {
	if lang == "ru" {
		if format, ok := w.faults[e.Format]; ok {
			return fmt.Sprintf(format, e.Args...)
		}
	}
	return e.Problem
}

// text gives a text in the language of the page; data are pairs of a name and
// a value for its {{.Name}}.
func (v *visit) text(key string, data ...any) string {
	return v.Cabinet.words.text(v.lang, key, pairs(data), nil)
}

func pairs(data []any) map[string]any {
	if len(data) == 0 {
		return nil
	}
	m := map[string]any{}
	for i := 0; i+1 < len(data); i += 2 {
		m[fmt.Sprint(data[i])] = data[i+1]
	}
	return m
}

// number writes a whole number with the blanks or commas of the language.
func (w *words) number(lang string, n int64) string {
	return strings.ReplaceAll(w.printers[lang].Sprintf("%d", n), "\u00a0", "\u202f")
}
