package usecase

import (
	"net/http"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// RequestVerdict says in a word what became of a request.
type RequestVerdict string

// Verdicts on requests.
const (
	RequestTaken       RequestVerdict = "taken"
	RequestRepeat      RequestVerdict = "repeat"   // of what was sent before: it changed nothing
	RequestIgnored     RequestVerdict = "ignored"  // it means nothing for tracking
	RequestAnswered    RequestVerdict = "answered" // it asked and changed nothing
	RequestReplayed    RequestVerdict = "replayed" // answered from its Idempotency-Key
	RequestRefused     RequestVerdict = "refused"
	RequestRefusedKept RequestVerdict = "refused_kept" // refused, but some of it was kept
	RequestLimited     RequestVerdict = "limited"      // over a limit
)

// RequestVerdicts lists all of them.
func RequestVerdicts() []RequestVerdict {
	return []RequestVerdict{
		RequestTaken, RequestRepeat, RequestIgnored, RequestAnswered, RequestReplayed, RequestRefused,
		RequestRefusedKept, RequestLimited,
	}
}

// VerdictTexts say the verdicts on requests; the key is "verdict." and the
// verdict.
func VerdictTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"verdict.taken":  {EN: "taken", RU: "принято"},
		"verdict.repeat": {EN: "a repeat, changed nothing", RU: "повтор, ничего не изменил"},
		"verdict.ignored": {
			EN: "means nothing for tracking, ignored",
			RU: "для учёта ничего не значит, пропущено",
		},
		"verdict.answered": {EN: "answered", RU: "отвечено"},
		"verdict.replayed": {
			EN: "a repeat by Idempotency-Key, the first answer was sent again",
			RU: "повтор по Idempotency-Key, отправлен первый ответ",
		},
		"verdict.refused": {EN: "refused", RU: "отклонено"},
		"verdict.refused_kept": {
			EN: "refused, but kept in the person's history",
			RU: "отклонено, но сохранено в истории подписчика",
		},
		"verdict.limited": {
			EN: "over the limit; the operator can replay it",
			RU: "сверх лимита; оператор может повторить запрос",
		},
	}
}

// SeenTexts say in a list of requests what happened, and what came of it. The keys
// are "event." and the type, and "verdict_short." and the verdict.
func SeenTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"verdict_short.taken":        {EN: "taken", RU: "принято"},
		"verdict_short.repeat":       {EN: "repeat", RU: "повтор"},
		"verdict_short.ignored":      {EN: "means nothing", RU: "пропущено"},
		"verdict_short.answered":     {EN: "answered", RU: "отвечено"},
		"verdict_short.replayed":     {EN: "repeat", RU: "повтор"},
		"verdict_short.refused":      {EN: "refused", RU: "отклонено"},
		"verdict_short.refused_kept": {EN: "refused, kept", RU: "отклонено, сохранено"},
		"verdict_short.limited":      {EN: "over the limit", RU: "сверх лимита"},

		"event.bot_started":            {EN: "start of the bot", RU: "запуск бота"},
		"event.bot_stopped":            {EN: "stop of the bot", RU: "остановка бота"},
		"event.bot_unblocked":          {EN: "back in the bot", RU: "возвращение в бота"},
		"event.member_joined":          {EN: "join of the channel", RU: "подписка на канал"},
		"event.member_left":            {EN: "leave of the channel", RU: "отписка от канала"},
		"event.join_requested":         {EN: "request to join", RU: "заявка на вступление"},
		"event.funnel_event":           {EN: "step of the funnel", RU: "шаг воронки"},
		"event.goal_reached":           {EN: "goal", RU: "цель"},
		"event.payment_created":        {EN: "payment", RU: "оплата"},
		"event.payment_refunded":       {EN: "refund", RU: "возврат"},
		"event.subscription_activated": {EN: "subscription begun", RU: "подписка оформлена"},
		"event.subscription_renewed":   {EN: "subscription renewed", RU: "подписка продлена"},
	}
}

// Verdict says what became of the request.
func (r *RequestRecord) Verdict() RequestVerdict {
	repeats := 0
	for _, e := range r.Receipts {
		if e.Duplicate {
			repeats++
		}
	}
	switch {
	case r.Code == http.StatusTooManyRequests:
		return RequestLimited
	case r.Code != http.StatusOK && len(r.Receipts) > 0:
		return RequestRefusedKept
	case r.Code != http.StatusOK:
		return RequestRefused
	case r.Replayed:
		return RequestReplayed
	case domain.Asks(r.Method):
		return RequestAnswered
	case r.Ignored || len(r.Receipts) == 0:
		return RequestIgnored
	case repeats == len(r.Receipts):
		return RequestRepeat
	}
	return RequestTaken
}
