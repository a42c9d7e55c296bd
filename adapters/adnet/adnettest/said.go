package adnettest

import (
	"slices"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// said: whatever the sink says of conversions and accounts can be said in every
// language.
func said(t *testing.T, d adnet.Descriptor, vs []adnet.Verdict, test *adnet.TestResult) {
	t.Helper()
	words := i18n.NewSentences(slices.Concat(d.Says, adnet.OwnTexts(), usecase.CallTexts())...)
	var all []string
	for _, v := range vs {
		all = append(all, v.Reason, v.Warning)
	}
	if test != nil {
		all = slices.Concat(all, test.Checked, test.NotChecked, test.Problems)
	}
	for _, text := range all {
		if text != "" && !words.Knows(text) {
			t.Errorf("%s says %q, and its descriptor (Says) has no such text", d.Name, text)
		}
	}
}

// sayings: each text of the sink is one in both languages, with the same verbs.
func sayings(t *testing.T, d adnet.Descriptor) {
	t.Helper()
	for _, text := range d.Says {
		if text.EN == "" || text.RU == "" || strings.Count(text.EN, "%") != strings.Count(text.RU, "%") {
			t.Errorf("Says: %q and %q do not say the same", text.EN, text.RU)
		}
	}
}
