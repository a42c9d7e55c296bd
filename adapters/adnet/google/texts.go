package google

import "github.com/tgtrack/tgtrack/domain/i18n"

// says are what this sink says of conversions and accounts.
func says() []i18n.Text {
	return append(dueTexts(),
		i18n.Text{EN: "Google answered %s", RU: "Google ответил: %s"},
		i18n.Text{EN: "Google: %s", RU: "Google: %s"},
		i18n.Text{EN: "Google's token service answered %d %s", RU: "служба токенов Google ответила %d %s"},
		i18n.Text{EN: "Google's answer can not be read", RU: "ответ Google не читается"},
		i18n.Text{EN: "Google took the event and warns: %s", RU: "Google принял событие и предупреждает: %s"},
		i18n.Text{EN: "Google counted the event and warns: %s", RU: "Google засчитал событие и предупреждает: %s"},
		i18n.Text{EN: "Google no longer knows the request", RU: "Google больше не помнит этот запрос"},
		i18n.Text{
			EN: "Google failed the event without saying why",
			RU: "Google отклонил событие и не сказал почему",
		},
		i18n.Text{EN: "Google gave no outcome within 30 days", RU: "за 30 дней Google не сообщил итог"},
		i18n.Text{EN: "Google is processing it", RU: "Google её обрабатывает"},
		i18n.Text{EN: "it is sent again", RU: "отправляем ещё раз"},
		i18n.Text{
			EN: "this version of tgtrack does not know what it means",
			RU: "эта версия tgtrack не знает, что это значит",
		},
		i18n.Text{
			EN: "no conversion action for %q; name its id in the account's conversion_actions",
			RU: "для цели %q не указано действие-конверсия; укажите его id в настройках аккаунта",
		},
		i18n.Text{
			EN: "the click has no gclid, gbraid or wbraid",
			RU: "у клика нет gclid, gbraid или wbraid",
		},
		i18n.Text{
			EN: "Google knows a click only %s after it was made",
			RU: "Google узнаёт о клике только через %s",
		},
		i18n.Text{EN: "the event can not be written as JSON", RU: "событие не удалось записать в JSON"},
		i18n.Text{
			EN: "the address of the Data Manager can not be built",
			RU: "адрес Data Manager составить не удалось",
		},
		i18n.Text{
			EN: "the address of the token service can not be built",
			RU: "адрес службы токенов составить не удалось",
		},
		i18n.Text{EN: "the credentials can not be used: %s", RU: "с этими доступами не войти: %s"},
		i18n.Text{
			EN: "must be the JSON text of a service account's key file",
			RU: "нужен текст JSON из файла ключа сервисного аккаунта",
		},
		i18n.Text{EN: "has no RSA private_key", RU: "нет ключа private_key (RSA)"},
		i18n.Text{
			EN: "service_account is used; client_id, client_secret and refresh_token are not",
			RU: "используется ключ сервисного аккаунта, а client_id, client_secret и refresh_token нет",
		},
		i18n.Text{
			EN: "conversion_actions names no conversion action",
			RU: "не указано ни одного действия-конверсии",
		},
		i18n.Text{
			EN: "whether Google matches your clicks: nothing of a check is processed",
			RU: "найдёт ли Google ваши клики: проверочное событие не обрабатывается",
		},
		i18n.Text{EN: "%d more conversion actions", RU: "остальные действия-конверсии: %d"},
		i18n.Text{EN: "the credentials open the Data Manager", RU: "доступы открывают Data Manager"},
		i18n.Text{
			EN: "Google validated an event for the account's conversion actions",
			RU: "Google проверил событие для действий-конверсий аккаунта",
		},
		i18n.Text{
			EN: "conversion actions: the invented event was not taken: %s",
			RU: "действия-конверсии: выдуманное событие не принято: %s",
		},
	)
}

// dueTexts are what somebody has to do about an answer.
func dueTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "connect the account again", RU: "подключите аккаунт заново"},
		{
			EN: "connect the account again with the scope datamanager",
			RU: "подключите аккаунт заново с правом datamanager",
		},
		{
			EN: "check the OAuth client or the service account",
			RU: "проверьте клиента OAuth или сервисный аккаунт",
		},
		{
			EN: "the person, or the account's defaults, gave no consent",
			RU: "человек или настройки аккаунта не дали согласия",
		},
		{
			EN: "the Google Ads account does not share its data with Google's core services",
			RU: "аккаунт Google Рекламы не передаёт данные основным сервисам Google",
		},
		{
			EN: "tgtrack encrypts nothing: look at the encryption settings of the Google Ads account",
			RU: "tgtrack ничего не шифрует: проверьте настройки шифрования в аккаунте Google Рекламы",
		},
		{
			EN: `the conversion action counts "one" conversion per click, and such an action takes no gbraid and no ` +
				`wbraid: set it to count "every" conversion`,
			RU: "действие-конверсия учитывает «одну» конверсию на клик, а такое не принимает gbraid и wbraid: " +
				"выберите учёт «каждой»",
		},
		{
			EN: "the click is of an ad of another account: check customer_id and whose ads lead here",
			RU: "клик по объявлению другого аккаунта: проверьте номер аккаунта и чьи объявления ведут сюда",
		},
		{
			EN: "accept the terms of enhanced conversions in the Google Ads account",
			RU: "примите в аккаунте Google Рекламы условия расширенного отслеживания конверсий",
		},
		{
			EN: "the conversion action is one with external attribution, which is not served: name another one in " +
				"conversion_actions",
			RU: "у действия-конверсии внешняя атрибуция, с ней мы не работаем: укажите другое",
		},
		{
			EN: "look at the custom variables of the conversion action",
			RU: "проверьте специальные переменные действия-конверсии",
		},
		{
			EN: "switch the Data Manager API on in the Google Cloud project of the credentials",
			RU: "включите Data Manager API в проекте Google Cloud, которому принадлежат доступы",
		},
		{
			EN: "the Google Cloud project of the credentials needs billing",
			RU: "в проекте Google Cloud, которому принадлежат доступы, нужно включить оплату",
		},
	}
}
