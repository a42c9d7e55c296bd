package notify

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain/i18n/i18ntest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	i18ntest.Catalogue(t, texts(), i18ntest.Uses{Dir: "."})
}
