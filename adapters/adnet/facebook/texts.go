package facebook

import "github.com/tgtrack/tgtrack/domain/i18n"

// says are what this sink says of conversions and accounts.
func says() []i18n.Text {
	return append(dueTexts(),
		i18n.Text{EN: "Meta error %s", RU: "ошибка Meta %s"},
		i18n.Text{EN: "Meta answered %d without a code", RU: "Meta ответила %d без кода"},
		i18n.Text{EN: "Meta answered 429", RU: "Meta ответила 429"},
		i18n.Text{EN: "Meta counted %d of %d events", RU: "Meta засчитала событий: %d из %d"},
		i18n.Text{EN: "the event has no name", RU: "у события нет названия"},
		i18n.Text{EN: "a value needs a currency", RU: "к сумме нужна валюта"},
		i18n.Text{
			EN: "Meta takes Purchase only with a value: send an amount with the goal, or map it to another name",
			RU: "Meta принимает Purchase только с суммой: передавайте сумму вместе с целью или дайте цели другое имя",
		},
		i18n.Text{
			EN: "there is nothing Meta could recognise the person by: no fbclid, no fbp, no address with browser",
			RU: "Meta не по чему узнать человека: нет ни fbclid, ни fbp, ни адреса с браузером",
		},
		i18n.Text{EN: "can not be written as JSON", RU: "не удалось записать в JSON"},
		i18n.Text{
			EN: "dataset_id or the base URL can not be an address",
			RU: "из номера набора данных или адреса API не получается адрес",
		},
		i18n.Text{
			EN: "test_event_code is set: Meta shows these events as tests and still counts them",
			RU: "задан код тестовых событий: Meta показывает эти события как тестовые и всё равно их учитывает",
		},
		i18n.Text{
			EN: "sending: Meta has no call that is checked and not counted",
			RU: "отправку: у Meta нет вызова, который проверяется и не учитывается",
		},
		i18n.Text{
			EN: "test_event_code: events sent with it are shown under Test events and still count; use a dataset of " +
				"its own for tests",
			RU: "код тестовых событий: события с ним видны на вкладке «Тестирование событий» и всё равно учитываются; " +
				"для проверок заведите отдельный набор данных",
		},
		i18n.Text{
			EN: "dataset_id can not be part of an address",
			RU: "номер набора данных не может быть частью адреса",
		},
		i18n.Text{
			EN: "the token is valid and reads dataset %s",
			RU: "токен действует и читает набор данных %s",
		},
		i18n.Text{
			EN: "a token made in Events Manager may send events without being allowed to read the dataset; check " +
				"the number of the dataset",
			RU: "токен из Events Manager может отправлять события, но не читать набор данных; проверьте номер набора",
		},
	)
}

// dueTexts are what somebody has to do about an answer.
func dueTexts() []i18n.Text {
	return []i18n.Text{
		{
			EN: "look at the proxy and at adnetworks.facebook.base_url",
			RU: "проверьте прокси и adnetworks.facebook.base_url",
		},
		{
			EN: "there is no such dataset, or the token may not write to it: check dataset_id",
			RU: "такого набора данных нет или у токена нет прав на него: проверьте номер набора",
		},
		{
			EN: "the operator of this service has to set adnetworks.facebook.version to a version of the Graph API " +
				"that is still served",
			RU: "владельцу сервиса нужно указать в adnetworks.facebook.version версию Graph API, которая ещё работает",
		},
		{
			EN: "the app of the token takes calls from listed addresses only: add this server's to them",
			RU: "приложение токена принимает запросы только с адресов из списка: добавьте туда адрес этого сервера",
		},
		{
			EN: "the app of the token wants a proof by its secret, which is not sent: make a token in Events " +
				"Manager, or switch Require App Secret off",
			RU: "приложение токена требует подпись секретом, она не отправляется: создайте токен в Events Manager " +
				"или выключите Require App Secret",
		},
		{
			EN: "the app that the token is of is gone: make a new token",
			RU: "приложения, которому выдан токен, больше нет: создайте новый токен",
		},
	}
}
