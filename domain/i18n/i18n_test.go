package i18n_test

import (
	"math"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

func TestAccepted(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]i18n.Language{
		"": i18n.English, "*": i18n.English, "de, fr;q=0.5": i18n.English, "ru": i18n.Russian,
		"RU-ru,en;q=0.5":            i18n.Russian,
		"de-DE, ru;q=0.8, en;q=0.9": i18n.Russian, "en-US,en;q=0.9,ru;q=0.8": i18n.English,
		" en ;q=1, ru": i18n.English,
		"rus":          i18n.English, ",,;q=1": i18n.English,
	} {
		if got := i18n.Accepted(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
	for code, want := range map[string]i18n.Language{
		"ru": i18n.Russian, "en": i18n.English, "": "", "RU": "", "de": "",
	} {
		if got := i18n.Parse(code); got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	c, err := i18n.Merge(i18n.Catalogue{
		"a.plain": {EN: "all 100%", RU: "все 100%"}, "a.order": {EN: "%s of %d", RU: "%[2]d: %[1]s"},
		"a.lone": {EN: "lone"},
	}, i18n.ByEnglish(i18n.Text{EN: "has %d characters", RU: "%d знаков"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i18n.Merge(c, i18n.Catalogue{"a.lone": {}}); err == nil {
		t.Error("a key stands twice")
	}
	for _, x := range []struct {
		l    i18n.Language
		key  string
		args []any
		want string
	}{
		{i18n.Russian, "a.plain", nil, "все 100%"}, {i18n.English, "a.plain", nil, "all 100%"},
		{i18n.English, "a.order", []any{"x", 2}, "x of 2"}, {i18n.Russian, "a.order", []any{"x", 2}, "2: x"},
		{i18n.Russian, "a.lone", nil, "lone"}, {"", "a.lone", nil, "lone"},
		{i18n.Russian, "a.none", nil, "a.none"},
		{i18n.Russian, "has %d characters", []any{5}, "5 знаков"},
		{i18n.English, "has %d characters", []any{5}, "has 5 characters"},
	} {
		if got := c.Text(x.l, x.key, x.args...); got != x.want {
			t.Errorf("%s %s: %q, want %q", x.l, x.key, got, x.want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	c := i18n.Catalogue{"weeks": {EN: "%s week|%s weeks", RU: "%s неделя|%s недели|%s недель"}}
	for n, want := range map[int64][2]string{
		0: {"0 weeks", "0 недель"}, 1: {"1 week", "1 неделя"}, 2: {"2 weeks", "2 недели"},
		4: {"4 weeks", "4 недели"},
		5: {"5 weeks", "5 недель"}, 11: {"11 weeks", "11 недель"}, 12: {"12 weeks", "12 недель"},
		14: {"14 weeks", "14 недель"}, 21: {"21 weeks", "21 неделя"}, 22: {"22 weeks", "22 недели"},
		111: {"111 weeks", "111 недель"}, 1001: {"1,001 weeks", "1\u202f001 неделя"},
		-1: {"-1 week", "-1 неделя"},
	} {
		got := [2]string{c.Count(i18n.English, "weeks", n), c.Count(i18n.Russian, "weeks", n)}
		if got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got := c.Count(i18n.Russian, "days", 1); got != "days" {
		t.Errorf("a text that is not there: %q", got)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64][2]string{
		0: {"0", "0"}, 999: {"999", "999"}, 1000: {"1,000", "1\u202f000"},
		-1234567: {"-1,234,567", "-1\u202f234\u202f567"},
		math.MinInt64: {
			"-9,223,372,036,854,775,808", "-9\u202f223\u202f372\u202f036\u202f854\u202f775\u202f808",
		},
	} {
		if got := [2]string{i18n.English.Number(n), i18n.Russian.Number(n)}; got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	day := time.Date(2031, 3, 4, 0, 0, 0, 0, time.UTC)
	for l, want := range map[i18n.Language]string{
		i18n.English: "4 Mar 2031 Mar 4 0.5%", i18n.Russian: "04.03.2031 04.03 0,5\u202f%",
	} {
		got := day.Format(l.DateLayout()) + " " + day.Format(l.ShortDateLayout()) + " 0" + l.Point() + "5" +
			l.PercentSign()
		if got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
}
