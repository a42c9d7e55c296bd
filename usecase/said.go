package usecase

import (
	"slices"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Said are the sentences that use cases keep or answer in English, so that a page
// can say them in its language: reasons of conversions, what accounts and jobs
// wait for, why a call got no answer.
func Said() []i18n.Text {
	return slices.Concat(domain.ReasonSentences(), CallTexts(), accountTexts(), jobTexts())
}

func accountTexts() []i18n.Text {
	return []i18n.Text{
		{
			EN: "these settings would not be saved now, change them: %s",
			RU: "такие настройки сейчас бы не сохранились, измените их: %s",
		},
		{EN: "%s UTC: %s", RU: "%s UTC: %s"},
		{
			EN: "activation_goal is empty: starts and joins are not sent",
			RU: "цель старта не указана: старты и вступления не отправляются",
		},
		{
			EN: "this build of tgtrack can not send to %s; conversions wait for one that can, until their windows " +
				"are over",
			RU: "эта сборка tgtrack не умеет отправлять в %s; конверсии ждут той, что умеет, пока не выйдет срок приёма",
		},
	}
}

func jobTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "waits: %s", RU: "ждёт: %s"},
		{EN: "another process took the replay over", RU: "повтор продолжает другой процесс"},
		{EN: "cancelled", RU: "отменено"},
		{
			EN: "the ad account was paused or deleted; what was not done yet stays parked",
			RU: "аккаунт поставили на паузу или удалили; что не успели отправить, ждёт",
		},
	}
}
