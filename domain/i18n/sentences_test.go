package i18n_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

func TestSentences(t *testing.T) {
	t.Parallel()
	s := i18n.NewSentences(
		i18n.Text{EN: "the token is old", RU: "токен устарел"},
		i18n.Text{EN: "%s; the network may have counted it", RU: "%s; сеть могла её засчитать"},
		i18n.Text{EN: "no answer: %s", RU: "нет ответа: %s"},
		i18n.Text{EN: "answered %d %s", RU: "ответ %d: %s"},
		i18n.Text{EN: "answered %d of %d rows, 5%% of %q", RU: "%[2]d строк, отвечено %[1]d, 5%% от %[3]q"},
		i18n.Text{EN: "the name was not found", RU: "имя не найдено"},
	)
	for sentence, want := range map[string]string{
		"the token is old": "токен устарел",
		"no answer: the name was not found; the network may have counted it": "нет ответа: имя не найдено; " +
			"сеть могла её засчитать",
		"answered 400 bad_id id 5": "ответ 400: bad_id id 5", "answered 400 ": "ответ 400: ",
		`answered 3 of 7 rows, 5% of "a \"b\""`: `7 строк, отвечено 3, 5% от "a \"b\""`,
		"answered 403 x; the token is old":      "ответ 403: x; токен устарел",
		"nobody says this; the token is old":    "nobody says this; токен устарел",
		"nobody says this":                      "nobody says this",
		"":                                      "",
	} {
		if got := s.In(i18n.Russian, sentence); got != want {
			t.Errorf("%q: %q, want %q", sentence, got, want)
		}
		if got := s.In(i18n.English, sentence); got != sentence {
			t.Errorf("%q became %q in English", sentence, got)
		}
		if sentence != "" && s.Knows(sentence) != (want != sentence) {
			t.Errorf("%q: known: %t", sentence, s.Knows(sentence))
		}
	}
}

// TestMarked: a text of ours is between marks, also where it counts or holds
// another.
func TestMarked(t *testing.T) {
	t.Parallel()
	c := i18n.Catalogue{
		"weeks": {EN: "%s week|%s weeks", RU: "%s неделя|%s недели|%s недель"},
		"of":    {EN: "%s of it", RU: "%s из этого"},
	}
	if got := c.Count(i18n.Marked, "weeks", 2); got != "⟦2 weeks⟧" {
		t.Error(got)
	}
	if got := c.Text(i18n.Marked, "of", i18n.Text{EN: "half", RU: "половина"}); got != "⟦⟦half⟧ of it⟧" {
		t.Error(got)
	}
	if got := c.Text(i18n.Russian, "of", i18n.Text{EN: "half", RU: "половина"}); got != "половина из этого" {
		t.Error(got)
	}
	if l := i18n.Accepted("qps-ploc"); l != i18n.Marked || i18n.Parse(string(l)) != "" {
		t.Error(l, "is asked for, or can be chosen")
	}
}
