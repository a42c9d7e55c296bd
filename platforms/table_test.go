package platforms

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain/i18n/i18ntest"
)

func TestTableTexts(t *testing.T) {
	t.Parallel()
	i18ntest.Catalogue(t, tableTexts(), i18ntest.Uses{Dir: ".", Built: map[string][]string{
		"tier.":     {string(Minimal), string(Medium), string(Full)},
		"evidence.": {string(Captured), string(Documented), string(Unverified)},
	}})
}
