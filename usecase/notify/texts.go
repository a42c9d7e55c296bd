package notify

// noticeText is what messages say in one language.
type noticeText struct {
	language                                  string
	joins, leaves, bySource, noSource, others string
	until                                     string // with a project, hour and date
	date                                      string // layout
	quiet                                     string
	stopped, hint, badCode, test              string
	linkedTo                                  string // with a project
	digestAt                                  string // with an hour and a time zone
	noDigest, withAlerts                      string
}

// noticeWords by language.
var noticeWords = map[string]noticeText{
	"ru": {
		language: "ru",
		joins:    "подписки 24ч",
		leaves:   "отписки 24ч",
		bySource: "По источникам (подписки / отписки):",
		noSource: "без источника",
		others:   "ещё источников: %d",
		until:    "%s: сутки до %s, %s",
		date:     "02.01.2006",
		quiet:    "За сутки ничего не произошло.",
		stopped:  "Больше ничего сюда не пишу.",
		hint: "Чтобы получать сводки и предупреждения проекта, " +
			"откройте ссылку со страницы «Уведомления» кабинета.",
		badCode: "Код не подходит: он уже использован или устарел. " +
			"Возьмите новый на странице «Уведомления» кабинета.",
		test:       "%s: проверка. Сообщения доходят.",
		linkedTo:   "Чат связан с проектом «%s».",
		digestAt:   "Сводка приходит каждый день в %d:00 (%s).",
		noDigest:   "Сводка выключена.",
		withAlerts: "Предупреждения включены. Чтобы отписаться: /stop",
	},
	"en": {
		language: "en",
		joins:    "subscriptions 24h",
		leaves:   "unsubscriptions 24h",
		bySource: "By source (joined / left):",
		noSource: "no source",
		others:   "more sources: %d",
		until:    "%s: 24 hours until %s, %s",
		date:     "2 Jan 2006",
		quiet:    "Nothing happened in 24 hours.",
		stopped:  "I write nothing here any more.",
		hint:     "To get digests and alerts of a project, open the link on the cabinet's page \"Notifications\".",
		badCode: "The code does not work: it was used or is too old. " +
			"Get a new one on the cabinet's page \"Notifications\".",
		test:       "%s: a test. Messages arrive.",
		linkedTo:   "The chat is linked to the project \"%s\".",
		digestAt:   "The digest comes every day at %d:00 (%s).",
		noDigest:   "The digest is off.",
		withAlerts: "Alerts are on. To unsubscribe: /stop",
	},
}

// alertWords say alerts in one language.
type alertWords struct {
	access, network, expiring, silence, errors string
	still, over                                string
	moment                                     string // layout
}

var alertWordsOf = map[string]alertWords{
	"ru": {
		access: "рекламный аккаунт «%s» остановлен: %s. " +
			"Сохраните новый доступ в его настройках; конверсии ждут.",
		network: "рекламный аккаунт «%s»: сеть не принимает конверсии с %s. " +
			"Они отправятся сами, когда она заработает.",
		expiring: "скоро истекут конверсии: %d. После этого сеть их не примет.",
		silence:  "ничего не приходит с %s. Проверьте вебхук в конструкторе.",
		errors: "в запросах больше ошибок, чем обычно (%s): %d из %d за час. " +
			"Посмотрите «Живой журнал».",
		still: "всё ещё", over: "прошло", moment: "02.01.2006 15:04",
	},
	"en": {
		access: "the ad account \"%s\" has stopped: %s. Save a new access in its settings; conversions wait.",
		network: "the ad account \"%s\": the network has taken no conversions since %s. " +
			"They go out by themselves when it works.",
		expiring: "conversions are about to expire: %d. After that the network does not take them.",
		silence:  "nothing has come since %s. Check the webhook in the constructor.",
		errors:   "more requests fail than usual (%s): %d of %d in an hour. Look at Live.",
		still:    "still", over: "over", moment: "2 Jan 2006 15:04",
	},
}
