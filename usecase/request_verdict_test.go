package usecase

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n/i18ntest"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	one := []Receipt{{ID: "a", Type: domain.BotStarted}}
	for want, r := range map[RequestVerdict]RequestRecord{
		RequestTaken:    {Code: 200, Receipts: append(one, Receipt{Duplicate: true})},
		RequestIgnored:  {Code: 200},
		RequestRepeat:   {Code: 200, Receipts: []Receipt{{Duplicate: true}}},
		RequestAnswered: {Code: 200, Method: "get_user_info"},
		RequestReplayed: {Code: 200, Replayed: true, Receipts: one}, RequestRefused: {Code: 400},
		RequestRefusedKept: {Code: 422, Receipts: one}, RequestLimited: {Code: 429},
	} {
		if got := r.Verdict(); got != want {
			t.Errorf("%+v: %q, want %q", r, got, want)
		}
	}
	texts := VerdictTexts()
	i18ntest.Texts(t, texts)
	for _, v := range RequestVerdicts() {
		if _, ok := texts["verdict."+string(v)]; !ok {
			t.Errorf("%s has no text", v)
		}
	}
	if len(texts) != len(RequestVerdicts()) {
		t.Error("there are texts of other verdicts")
	}
}
