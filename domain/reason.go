package domain

import (
	"slices"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// ReasonCode says why a conversion has its status. Codes are part of the API;
// the text beside a code is for people and may change.
type ReasonCode string

// Reasons. Of ReasonNetwork the text is what the network or the way to it
// said.
const (
	ReasonNone           ReasonCode = ""
	ReasonNetwork        ReasonCode = "network"
	ReasonAccountPaused  ReasonCode = "account_paused"
	ReasonAccountChanged ReasonCode = "account_changed"
	ReasonAccountDeleted ReasonCode = "account_deleted"
	ReasonSkipped        ReasonCode = "skipped"
	ReasonAskedAgain     ReasonCode = "asked_again"
	ReasonInterrupted    ReasonCode = "interrupted"
	ReasonRestored       ReasonCode = "restored"
	ReasonSandbox        ReasonCode = "sandbox"
	ReasonTooLate        ReasonCode = "too_late"
	ReasonWindowMissed   ReasonCode = "window_missed"
	ReasonWindowOver     ReasonCode = "window_over"
	ReasonAnswerLost     ReasonCode = "answer_lost"
	ReasonNoStart        ReasonCode = "no_start"
	ReasonNoLink         ReasonCode = "no_link"
	ReasonNoClick        ReasonCode = "no_click"
	ReasonNoAccount      ReasonCode = "no_account"
	ReasonGuessNotSent   ReasonCode = "guess_not_sent"
	ReasonGuessWithdrawn ReasonCode = "guess_withdrawn"
	ReasonPersonErased   ReasonCode = "person_erased"
	ReasonTestPerson     ReasonCode = "test_person"
)

// reasonTexts says it.
var reasonTexts = map[ReasonCode]i18n.Text{
	ReasonAccountPaused: {EN: "the ad account is paused", RU: "рекламный аккаунт на паузе"},
	ReasonAccountChanged: {
		EN: "the ad account was changed meanwhile",
		RU: "рекламный аккаунт за это время изменили",
	},
	ReasonAccountDeleted: {EN: "the ad account was deleted", RU: "рекламный аккаунт удалён"},
	ReasonSkipped:        {EN: "skipped when the ad account was resumed", RU: "пропущена, когда аккаунт снова запустили"},
	ReasonAskedAgain:     {EN: "asked for again", RU: "отправляем заново по просьбе"},
	ReasonInterrupted: {
		EN: "the service stopped while it was being sent; whether the network has it is not known",
		RU: "сервис остановился во время отправки; получила ли её сеть, неизвестно",
	},
	ReasonRestored: {
		EN: "the database was restored from a copy; whether the network has it is not known",
		RU: "база восстановлена из копии; есть ли конверсия у сети, неизвестно",
	},
	ReasonSandbox: {EN: "the project is in sandbox mode", RU: "проект в режиме песочницы"},
	ReasonTooLate: {EN: "more than 21 days after the start", RU: "прошло больше 21 дня после старта"},
	ReasonWindowMissed: {
		EN: "the network's window was over when it came in",
		RU: "когда она пришла, срок приёма в сети уже вышел",
	},
	ReasonWindowOver: {EN: "the ad network's window is over", RU: "срок приёма в рекламной сети вышел"},
	ReasonAnswerLost: {
		EN: "the answer of the ad network was lost and its window is over; whether it has it is not known",
		RU: "ответ рекламной сети потерян, и срок приёма вышел; есть ли конверсия у сети, неизвестно",
	},
	ReasonNoStart: {EN: "no start within the time goals wait", RU: "старта не было всё время, пока цель ждала"},
	ReasonNoLink:  {EN: "the person came by no tracking link", RU: "человек пришёл не по отслеживаемой ссылке"},
	ReasonNoClick: {
		EN: "the person came by a link, but by no click of their own",
		RU: "человек пришёл по ссылке, но не своим кликом",
	},
	ReasonNoAccount: {
		EN: "no ad account takes the click's ids",
		RU: "ни один рекламный аккаунт не принимает id этого клика",
	},
	ReasonGuessNotSent: {
		EN: "the click is a guess, and the project does not send guesses",
		RU: "клик угадан, а проект угаданное не отправляет",
	},
	ReasonGuessWithdrawn: {
		EN: "guess withdrawn: another person started with this click",
		RU: "догадка отменена: с этим кликом пришёл другой человек",
	},
	ReasonPersonErased: {EN: "the person was erased", RU: "данные человека удалены"},
	ReasonTestPerson:   {EN: "the person was made by a test start", RU: "человек создан пробным стартом"},
}

// Reasons lists the codes that a conversion can have besides none.
func Reasons() []ReasonCode {
	out := []ReasonCode{ReasonNetwork}
	for c := range reasonTexts {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// Text says the reason in English; empty where only the network knows it.
func (c ReasonCode) Text() string { return reasonTexts[c].EN }

// In says the reason in a language; empty where only the network knows it.
func (c ReasonCode) In(l i18n.Language) string { return reasonTexts[c].In(l) }

// ReasonSentences are the reasons as they are kept in a text: alone, or before
// what the network said.
func ReasonSentences() []i18n.Text {
	var out []i18n.Text
	for _, t := range reasonTexts {
		out = append(out, t, i18n.Text{EN: t.EN + ": %s", RU: t.RU + ": %s"})
	}
	return out
}

// Overdue says how a conversion ends whose window is over: one whose last
// attempt has no outcome may have reached the network.
func Overdue(attemptOpen bool) (Status, ReasonCode) {
	if attemptOpen {
		return Uncertain, ReasonAnswerLost
	}
	return Expired, ReasonWindowOver
}

// Because gives a conversion a status and the reason for it.
func (c *Conversion) Because(s Status, why ReasonCode) {
	c.Status, c.ReasonCode, c.StatusReason = s, why, why.Text()
}
