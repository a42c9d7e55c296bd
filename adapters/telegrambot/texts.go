package telegrambot

import "github.com/tgtrack/tgtrack/domain/i18n"

// Texts are what the client says of messages that it could not send.
func Texts() []i18n.Text {
	return []i18n.Text{
		{EN: "it can not be written as JSON", RU: "его не удалось записать в JSON"},
		{
			EN: "the address of the Bot API or the token can not be used",
			RU: "с таким адресом Bot API или токеном обратиться нельзя",
		},
		{EN: "sendMessage: %d %s", RU: "sendMessage: %d %s"},
		{EN: "%s did not reach the Bot API: %s", RU: "%s не дошёл до Bot API: %s"},
		{EN: "%s was sent and got no answer: %s", RU: "%s отправлен, ответа нет: %s"},
		{
			EN: "%s was answered %d with what is no answer of the Bot API",
			RU: "%s: пришёл ответ %d, и это не ответ Bot API",
		},
		{EN: "%s was answered with another kind of result", RU: "%s: пришёл результат другого вида"},
		{EN: "Forbidden: %s", RU: "запрещено: %s"},
		{EN: "bot was blocked by the user", RU: "человек заблокировал бота"},
		{EN: "bot was kicked from the %s chat", RU: "бота убрали из чата (%s)"},
		{EN: "Bad Request: chat not found", RU: "чат не найден"},
		{EN: "Unauthorized", RU: "токен бота не подходит"},
	}
}
