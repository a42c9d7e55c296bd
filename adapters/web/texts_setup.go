package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// setupTexts are those of connecting a bot, of the live view and of notifications.
func setupTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"connect.addresses":  {EN: "Addresses to paste", RU: "Адреса для вставки"},
		"connect.keys":       {EN: "Keys", RU: "Ключи"},
		"connect.key_api":    {EN: "API key", RU: "API-ключ"},
		"connect.key_report": {EN: "key for reports", RU: "ключ для отчётов"},
		"connect.until":      {EN: "works until %s", RU: "действует до %s"},
		"connect.show_key":   {EN: "Show the addresses with the key", RU: "Показать адреса с ключом"},
		"connect.audited": {
			EN: "This is noted in the log of changes.",
			RU: "Это отмечается в журнале изменений.",
		},
		"connect.lacking": {
			EN: "This version of tgtrack can not read the requests of the constructor %s: it is one that was added " +
				"to another build.",
			RU: "Эта версия tgtrack не умеет читать запросы конструктора %s: он был добавлен в другую сборку.",
		},
		"connect.lacking_do": {
			EN: "Requests to its addresses are answered 404 and kept. Whoever runs tgtrack can start the build that " +
				"has the constructor, and take them then: tgtrack replay requests.",
			RU: "Запросы на его адреса получают ответ 404 и сохраняются. Тот, у кого работает tgtrack, может " +
				"запустить сборку с этим конструктором и принять их: tgtrack replay requests.",
		},
		"connect.insecure": {
			EN: "%s posts only to addresses that begin with https://, with a trusted certificate. Set public_url to " +
				"such an address of this service.",
			RU: "%s присылает события только на адреса, которые начинаются с https://, с доверенным сертификатом. " +
				"Укажите такой адрес этого сервиса в public_url.",
		},
		"connect.no_guide": {
			EN: "There is no guide for this constructor.",
			RU: "Для этого конструктора инструкции нет.",
		},
		"connect.rotate": {EN: "Make a new key", RU: "Создать новый ключ"},
		"connect.rotate_help": {
			EN: "The old key works until the overlap is over: exchange the addresses in the " +
				"constructor before.",
			RU: "Старый ключ действует, пока не кончится перекрытие: за это время замените " +
				"адреса в конструкторе.",
		},
		"connect.signature": {EN: "Signed requests", RU: "Подпись запросов"},
		"connect.signed": {
			EN: "The signature in the header %s is checked: a request without it, or with a wrong one, is answered " +
				"401 and changes nothing.",
			RU: "Подпись в заголовке %s проверяется: запрос без неё или с неверной получает ответ 401 и ничего " +
				"не меняет.",
		},
		"connect.unsigned": {
			EN: "Requests are taken without looking at the header %s: whoever knows the address can make them up. " +
				"Enter the secret to have them checked.",
			RU: "Запросы принимаются без проверки заголовка %s: их может подделать любой, кто знает адрес. " +
				"Введите секрет, чтобы их проверять.",
		},
		"connect.secret_kept": {
			EN: "A secret is kept; it is never shown. A new one takes its place.",
			RU: "Секрет сохранён, он нигде не показывается. Новый заменит его.",
		},
		"connect.secret_remove": {EN: "Check no longer", RU: "Больше не проверять"},
		"connect.overlap":       {EN: "Old key works for, hours", RU: "Старый ключ действует, часов"},
		"connect.new_key": {
			EN: "The new key. The addresses below have it.",
			RU: "Новый ключ. Адреса ниже уже с ним.",
		},
		"connect.look_again": {EN: "Look again", RU: "Посмотреть ещё раз"},
		"connect.see":        {EN: "See the request", RU: "Посмотреть запрос"},

		"tier.full":    {EN: "full: starts, stops, goals", RU: "полная: старты, остановки, цели"},
		"tier.medium":  {EN: "medium: starts with the person", RU: "средняя: старты с человеком"},
		"tier.minimal": {EN: "minimal: starts alone", RU: "минимальная: только старты"},

		"evidence.captured":   {EN: "format seen", RU: "формат виден на деле"},
		"evidence.documented": {EN: "format documented", RU: "формат описан"},
		"evidence.unverified": {EN: "format not verified", RU: "формат не проверен"},

		"finding.broken_text": {EN: "Names of people break the JSON", RU: "Имена людей ломают JSON"},
		"finding_lost":        {EN: "Not read: %d of %d requests.", RU: "Не прочитано: %d из %d запросов."},
		"finding.no_start_value": {
			EN: "No start has a start value",
			RU: "Ни в одном старте нет стартового значения",
		},
		"finding.one_person": {
			EN: "All starts are of one and the same person",
			RU: "Все старты от одного и того же человека",
		},
		"finding.twice": {
			EN: "A payment is told by Telegram and by the bot, too: its revenue counts twice",
			RU: "О платеже сообщили и Telegram, и бот: выручка считается дважды",
		},
		"finding.only_members": {
			EN: "Members of a channel or group come, and no start of the bot for a day",
			RU: "Приходят вступления в канал или группу, а стартов бота за сутки нет",
		},
		"finding.no_body": {
			EN: "Requests are kept without their bodies: the project has its share of the request log",
			RU: "Запросы сохраняются без тела: проект занял свою долю журнала запросов",
		},
		"finding.silence": {
			EN: "Requests came and do not any more",
			RU: "Запросы приходили и перестали",
		},

		"finding_do.broken_text": {
			EN: "Line breaks, quotes and backslashes of a name come into the body unescaped. The person and the start " +
				"value were saved where that was possible. Let the constructor escape what variables put in, or take " +
				"the names out of the body: they are not needed.",
			RU: "Переводы строк, кавычки и обратные косые черты из имени попадают в тело без экранирования. Человек и " +
				"параметр старта сохранены, где это удалось. Включите экранирование переменных в конструкторе или " +
				"уберите имена из тела: они не обязательны.",
		},
		"finding_do.no_start_value": {
			EN: "The constructor must pass on what follows /start; without it nobody knows " +
				"where people come from.",
			RU: "Конструктор должен передавать то, что идёт после /start; без этого не " +
				"узнать, откуда пришли люди.",
		},
		"finding_do.one_person": {
			EN: "If this is not your own testing, the id in the body is a constant: put the " +
				"variable there.",
			RU: "Если это не ваши проверки, id в теле постоянный: поставьте туда переменную.",
		},
		"finding_do.twice": {
			EN: "Leave the sum out of the bot's own request, or switch off the reading of Telegram's payments in " +
				"the settings.",
			RU: "Уберите сумму из запроса бота или отключите чтение платежей Telegram в настройках.",
		},
		"finding_do.only_members": {
			EN: "In a bot's project they count as nothing and are sent nowhere. If the channel is what you advertise, " +
				"set the project's kind to channel; else send the bot's starts here, too.",
			RU: "В проекте бота они не считаются и никуда не отправляются. Если вы рекламируете канал, выберите в " +
				"настройках вид проекта «канал»; иначе отправляйте сюда и старты бота.",
		},
		"finding_do.no_body": {
			EN: "Nothing is lost that counts, but such requests can not be replayed. See whether a bot calls too " +
				"often or sends more than it needs; the operator sets the share by requests.project_share.",
			RU: "Ничего из учитываемого не теряется, но повторить такие запросы нельзя. Проверьте, не вызывает ли бот " +
				"методы слишком часто и не присылает ли лишнего; долю задаёт оператор: requests.project_share.",
		},
		"finding_do.silence": {
			EN: "The webhook was changed or switched off: another service may have set its " +
				"own. Check it in the constructor.",
			RU: "Вебхук изменён или выключен: другой сервис мог поставить свой. Проверьте в " +
				"конструкторе.",
		},

		"left_out.share": {
			EN: "The body was not kept: the project has its share of the request log. Such a request can not be " +
				"replayed.",
			RU: "Тело не сохранено: проект занял свою долю журнала запросов. Повторить такой запрос нельзя.",
		},
		"left_out.size": {
			EN: "The body was not kept: it is too large for the log.",
			RU: "Тело не сохранено: оно слишком велико для журнала.",
		},
		"left_out.disk": {
			EN: "The body was not kept: the server's disk was nearly full, and the request was refused.",
			RU: "Тело не сохранено: на диске сервера почти не осталось места, и запрос отклонён.",
		},
		"left_out.signature": {
			EN: "The body was not kept: whoever sent it did not sign it as they should.",
			RU: "Тело не сохранено: отправитель не подписал запрос как следует.",
		},

		"notifications.open":  {EN: "Needs you now", RU: "Требует внимания"},
		"notifications.chats": {EN: "Chats in Telegram", RU: "Чаты в Telegram"},
		"notifications.chats_help": {
			EN: "Digests and alerts go to these chats. A chat leaves with /stop.",
			RU: "Сюда приходят сводки и предупреждения. Чат отписывается командой /stop.",
		},
		"notifications.chat":   {EN: "Chat", RU: "Чат"},
		"notifications.linked": {EN: "Linked", RU: "Связан"},
		"notifications.unlink": {EN: "Unlink", RU: "Отвязать"},
		"notifications.link":   {EN: "Link a chat", RU: "Связать чат"},
		"notifications.count": {
			EN: "%s chat is linked.|%s chats are linked.",
			RU: "Связан %s чат.|Связано %s чата.|Связано %s чатов.",
		},
		"notifications.code_help": {
			EN: "Open one of these in Telegram before %s; each code links one chat.",
			RU: "Откройте в Telegram до %s; каждый код связывает один чат.",
		},
		"notifications.code_private": {EN: "To me", RU: "Мне лично"},
		"notifications.code_group":   {EN: "To a group", RU: "В группу"},
		"notifications.code_channel": {
			EN: "In a channel: make the bot an administrator and post this.",
			RU: "В канал: сделайте бота администратором и отправьте это сообщение.",
		},
		"notifications.waiting": {EN: "Waiting for the chat…", RU: "Ждём чат…"},
		"notifications.hour":    {EN: "Digest at", RU: "Сводка в"},
		"notifications.silence": {
			EN: "Alert after hours without events",
			RU: "Предупреждать, если нет событий, часов",
		},
		"notifications.silence_help": {EN: "0: never.", RU: "0: никогда."},
		"notifications.webhook":      {EN: "Webhook for alerts", RU: "Вебхук для предупреждений"},
		"notifications.webhook_help": {
			EN: "An address of yours; it gets signed JSON. Empty: none.",
			RU: "Ваш адрес; приходит подписанный JSON. Пусто: не нужен.",
		},
		"notifications.new_secret": {
			EN: "Make a new secret of the webhook",
			RU: "Создать новый секрет вебхука",
		},
		"notifications.secret_once": {
			EN: "The secret by which you check the signatures. It is shown once.",
			RU: "Секрет, которым проверяется подпись. Больше он не показывается.",
		},
		"notifications.digest":     {EN: "A digest each day", RU: "Сводка каждый день"},
		"notifications.empty":      {EN: "Also when nothing happened", RU: "И когда ничего не произошло"},
		"notifications.alerts":     {EN: "Alerts", RU: "Предупреждения"},
		"notifications.messages":   {EN: "Last messages", RU: "Последние сообщения"},
		"notifications.test":       {EN: "Send a test", RU: "Отправить проверку"},
		"notifications.none":       {EN: "Nothing was sent yet.", RU: "Ничего ещё не отправлялось."},
		"notifications.to_chat":    {EN: "chat", RU: "чат"},
		"notifications.to_webhook": {EN: "webhook", RU: "вебхук"},

		"notice.waiting":   {EN: "to be sent", RU: "ждёт отправки"},
		"notice.sending":   {EN: "being sent", RU: "отправляется"},
		"notice.sent":      {EN: "sent", RU: "отправлено"},
		"notice.uncertain": {EN: "unknown", RU: "неизвестно"},
		"notice.failed":    {EN: "not sent", RU: "не отправлено"},

		"notice_kind.digest": {EN: "digest", RU: "сводка"},
		"notice_kind.alert":  {EN: "alert", RU: "предупреждение"},
		"notice_kind.test":   {EN: "test", RU: "проверка"},
	}
}
