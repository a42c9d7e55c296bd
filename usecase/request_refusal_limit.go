package usecase

import (
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Refusal names the limit, what would fit, and who can raise it.
func (e *LimitError) Refusal() domain.Refusal {
	t, args := e.text()
	return domain.Refuse(domain.RefusedLimit, "", limitText(t, e.Limit, e.Cap).EN, args...)
}

// text is the sentence without its end, and what it is filled with.
func (e *LimitError) text() (i18n.Text, []any) {
	ts := overTexts()
	switch {
	case e.Never:
		return ts[0], []any{e.Signals, e.Max}
	case e.Left > 0:
		return ts[1], []any{e.Signals, e.Left, e.Max}
	case e.Limit == domain.LimitPerSecond:
		return ts[2], []any{e.Max}
	}
	return ts[3], []any{e.Max}
}

// overTexts are the ways in which a request does not fit into a limit.
func overTexts() [4]i18n.Text {
	return [4]i18n.Text{
		{
			EN: "these %d events can never be taken together: the limit is %d {limit}; send fewer at a time",
			RU: "столько событий сразу (%d) не принять никогда: лимит %d {limit}; отправляйте меньше за раз",
		},
		{
			EN: "these %d events do not fit: %d are left of the limit of %d {limit}",
			RU: "событий слишком много (%d): осталось %d из лимита %d {limit}",
		},
		{EN: "limit of %d requests {limit} is used up", RU: "лимит запросов исчерпан: %d {limit}"},
		{EN: "limit of %d events {limit} is used up", RU: "лимит событий исчерпан: %d {limit}"},
	}
}

// limitNames say the limits.
func limitNames() map[string]i18n.Text {
	return map[string]i18n.Text{
		domain.LimitPerSecond: {EN: domain.LimitPerSecond, RU: "в секунду"},
		domain.LimitPerHour:   {EN: domain.LimitPerHour, RU: "в час"},
		domain.LimitPerDay:    {EN: domain.LimitPerDay, RU: "в сутки"},
	}
}

// limitText is a whole sentence about a limit: the project's own, or the cap of
// the installation.
func limitText(t i18n.Text, limit string, isCap bool) i18n.Text {
	name := limitNames()[limit]
	end := i18n.Text{
		EN: "; it can be raised in the project's settings", RU: "; его можно поднять в настройках проекта",
	}
	if isCap {
		end = i18n.Text{
			EN: "; it is the service's own, whoever runs it can raise it",
			RU: "; это лимит самого сервиса, поднять его может тот, кто сервис запускает",
		}
	}
	return i18n.Text{
		EN: strings.Replace(t.EN, "{limit}", name.EN, 1) + end.EN,
		RU: strings.Replace(t.RU, "{limit}", name.RU, 1) + end.RU,
	}
}

// limitTexts are all sentences about limits.
func limitTexts() []i18n.Text {
	var out []i18n.Text
	for _, t := range overTexts() {
		for limit := range limitNames() {
			out = append(out, limitText(t, limit, false), limitText(t, limit, true))
		}
	}
	return out
}
