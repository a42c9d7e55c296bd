package ga4

import "github.com/tgtrack/tgtrack/domain/i18n"

// says are what this sink says of conversions and accounts.
func says() []i18n.Text {
	return []i18n.Text{
		{EN: "Analytics answered %d", RU: "Аналитика ответила %d"},
		{EN: "check measurement_id and api_secret", RU: "проверьте идентификатор потока и секретный ключ API"},
		{
			EN: "Analytics takes at most 40 Latin letters, digits and _ as an event's name, a letter first, not %q; " +
				"give it another name in the account's goals",
			RU: "Аналитика принимает название события до 40 латинских букв, цифр и _, первой буква, а не %q; " +
				"дайте другое имя в целях аккаунта",
		},
		{
			EN: "Analytics keeps names that begin with %s for itself, such as %q; give it another name in the " +
				"account's goals",
			RU: "названия, которые начинаются с %s, Аналитика оставила себе, например %q; дайте другое имя в целях аккаунта",
		},
		{
			EN: "Analytics keeps the name %q for itself; give it another name in the account's goals",
			RU: "название %q Аналитика оставила себе; дайте другое имя в целях аккаунта",
		},
		{EN: "the address of Analytics can not be built", RU: "адрес Аналитики составить не удалось"},
		{
			EN: "the validation server's answer can not be read",
			RU: "ответ проверочного сервера не читается",
		},
		{
			EN: "api_secret and whether the stream exists: Analytics checks neither and never says so; look at " +
				"Realtime or DebugView after a real event",
			RU: "секретный ключ и есть ли такой поток: Аналитика этого не проверяет и не сообщает; после настоящего " +
				"события посмотрите отчёт «В реальном времени» или DebugView",
		},
		{
			EN: "the validation server found nothing wrong with an event",
			RU: "проверочный сервер не нашёл в событии ошибок",
		},
		{EN: "the validation server says: %s", RU: "проверочный сервер говорит: %s"},
	}
}
