package notify

import "github.com/tgtrack/tgtrack/domain/i18n"

// texts are what chats are told.
func texts() i18n.Catalogue {
	return i18n.Catalogue{
		"digest.until":     {EN: "%s: 24 hours until %s, %s", RU: "%s: сутки до %s, %s"},
		"digest.joins":     {EN: "subscriptions 24h", RU: "подписки 24ч"},
		"digest.leaves":    {EN: "unsubscriptions 24h", RU: "отписки 24ч"},
		"digest.by_source": {EN: "By source (joined / left):", RU: "По источникам (подписки / отписки):"},
		"digest.no_source": {EN: "no source", RU: "без источника"},
		"digest.others":    {EN: "more sources: %d", RU: "ещё источников: %d"},
		"digest.quiet":     {EN: "Nothing happened in 24 hours.", RU: "За сутки ничего не произошло."},

		"chat.hint": {
			EN: "To get digests and alerts of a project, " +
				"open the link on the cabinet's page \"Notifications\".",
			RU: "Чтобы получать сводки и предупреждения проекта, " +
				"откройте ссылку со страницы «Уведомления» кабинета.",
		},
		"chat.bad_code": {
			EN: "The code does not work: it was used or is too old. " +
				"Get a new one on the cabinet's page \"Notifications\".",
			RU: "Код не подходит: он уже использован или устарел. " +
				"Возьмите новый на странице «Уведомления» кабинета.",
		},
		"chat.linked": {EN: "The chat is linked to the project \"%s\".", RU: "Чат связан с проектом «%s»."},
		"chat.digest_at": {
			EN: "The digest comes every day at %d:00 (%s).",
			RU: "Сводка приходит каждый день в %d:00 (%s).",
		},
		"chat.no_digest": {EN: "The digest is off.", RU: "Сводка выключена."},
		"chat.with_alerts": {
			EN: "Alerts are on. To unsubscribe: /stop",
			RU: "Предупреждения включены. Чтобы отписаться: /stop",
		},
		"chat.stopped": {EN: "I write nothing here any more.", RU: "Больше ничего сюда не пишу."},
		"chat.test":    {EN: "%s: a test. Messages arrive.", RU: "%s: проверка. Сообщения доходят."},

		"alert.access": {
			EN: "the ad account \"%s\" has stopped: %s. " +
				"Save a new access in its settings; conversions wait.",
			RU: "рекламный аккаунт «%s» остановлен: %s. " +
				"Сохраните новый доступ в его настройках; конверсии ждут.",
		},
		"alert.network": {
			EN: "the ad account \"%s\": the network has taken no conversions since %s. " +
				"They go out by themselves when it works.",
			RU: "рекламный аккаунт «%s»: сеть не принимает конверсии с %s. " +
				"Они отправятся сами, когда она заработает.",
		},
		"alert.expiring": {
			EN: "conversions are about to expire: %d. After that the network does not take them.",
			RU: "скоро истекут конверсии: %d. После этого сеть их не примет.",
		},
		"alert.expiring_over": {
			EN: "The window of %d more is over already.",
			RU: "Ещё у %d срок уже истёк.",
		},
		"alert.uncertain": {
			EN: "the ad account \"%s\": conversions whose answer was lost within an hour: %d. " +
				"Nothing sends them again by itself: the network could count them twice. Decide on the account's page.",
			RU: "рекламный аккаунт «%s»: конверсии, ответ на которые потерян, за час: %d. " +
				"Сами они не отправятся: сеть могла бы посчитать их дважды. Решите на странице аккаунта.",
		},
		"alert.expired": {
			EN: "the ad account \"%s\": conversions that expired within an hour: %d. " +
				"The network takes them no more; the account's page says what they waited for.",
			RU: "рекламный аккаунт «%s»: истекшие конверсии за час: %d. " +
				"Сеть их уже не примет; чего они ждали, видно на странице аккаунта.",
		},
		"alert.rejected": {
			EN: "the ad account \"%s\": conversions that the network rejected within an hour: %d, " +
				"more than before. The account's page has the reasons.",
			RU: "рекламный аккаунт «%s»: конверсии, отклонённые сетью, за час: %d, " +
				"больше, чем раньше. Причины на странице аккаунта.",
		},
		"alert.silence": {
			EN: "nothing has come since %s. Check the webhook in the constructor.",
			RU: "ничего не приходит с %s. Проверьте вебхук в конструкторе.",
		},
		"alert.errors": {
			EN: "more requests fail than usual (%s): %d of %d in an hour. Look at Live.",
			RU: "в запросах больше ошибок, чем обычно (%s): %d из %d за час. " +
				"Посмотрите «Живой журнал».",
		},
		"alert.decoder": {
			EN: "the decoder %s does not answer and is switched off; requests are answered 503 and kept. " +
				"Whoever runs the service has to install a version that reads them, and replay them.",
			RU: "декодер %s не отвечает и отключён; на запросы отвечаем 503, сами запросы сохраняются. " +
				"Администратору сервиса нужно установить версию, которая их читает, и повторить их.",
		},
		"alert.still": {EN: "still", RU: "всё ещё"},
		"alert.over":  {EN: "over", RU: "прошло"},
	}
}

// Said are the sentences that are kept with messages that could not be sent.
func Said() []i18n.Text {
	return []i18n.Text{
		{EN: "the settings can not be read", RU: "настройки не читаются"},
		{EN: "the webhook was switched off", RU: "вебхук выключили"},
		{EN: "it is not known what happened", RU: "неизвестно, что произошло"},
	}
}
