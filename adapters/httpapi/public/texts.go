package public

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// languageOf is the one that a form or an address asks for, else the browser's.
func languageOf(c *fiber.Ctx) i18n.Language {
	for _, args := range []*fasthttp.Args{c.Request().PostArgs(), c.Context().QueryArgs()} {
		if l := i18n.Parse(string(args.Peek("lang"))); l != "" {
			return l
		}
	}
	return i18n.Accepted(c.Get(fiber.HeaderAcceptLanguage))
}

// linkTexts are what a visitor reads when a link leads nowhere.
func linkTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"link.unknown": {
			EN: "There is no such link. Check the address.",
			RU: "Такой ссылки нет. Проверьте адрес.",
		},
		"link.unready": {
			EN: "The link is not set up yet: its owner has to give the project the bot's or " +
				"channel's username.",
			RU: "Ссылка ещё не настроена: владельцу нужно указать в проекте имя бота или " +
				"канала (username).",
		},
		"link.away": {
			EN: "The service is away for the moment. Open the link again in a minute.",
			RU: "Сервис временно недоступен. Откройте ссылку ещё раз через минуту.",
		},
	}
}

// openTexts are those of the page with ways into Telegram.
func openTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"open.title": {EN: "Go on in Telegram", RU: "Продолжение — в Telegram"},
		"open.app":   {EN: "Open Telegram", RU: "Открыть Telegram"},
		"open.help": {
			EN: "If nothing happens, press one of the addresses below the button, or open this page in your browser " +
				"by the menu of this app.",
			RU: "Если ничего не происходит, нажмите один из адресов под кнопкой или откройте эту страницу " +
				"в браузере через меню приложения.",
		},
	}
}

// lastTexts are those of the page of last events.
func lastTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"last.title": {EN: "Last events", RU: "Последние события"},
		"last.intro": {
			EN: "The last 100 requests that arrived with your key: what was sent, how it was " +
				"read and what became of it.",
			RU: "Последние 100 запросов с вашим ключом: что пришло, как мы это прочитали и " +
				"что из этого вышло.",
		},
		"last.key":         {EN: "API key of the project", RU: "API-ключ проекта"},
		"last.show":        {EN: "Show", RU: "Показать"},
		"last.refresh":     {EN: "Refresh", RU: "Обновить"},
		"last.errors_only": {EN: "errors only", RU: "только ошибки"},
		"last.time":        {EN: "Time", RU: "Время"},
		"last.only_members": {
			EN: "Members of a channel or group come, and no start of the bot for a day. In a bot's project they " +
				"count as nothing: if the channel is what you advertise, set the project's kind to channel.",
			RU: "Приходят вступления в канал или группу, а стартов бота за сутки нет. В проекте бота они не " +
				"считаются: если вы рекламируете канал, выберите вид проекта «канал».",
		},
		"last.event":           {EN: "Event", RU: "Событие"},
		"last.person":          {EN: "Person", RU: "Человек"},
		"last.method":          {EN: "method", RU: "метод"},
		"last.status":          {EN: "status (0 is success)", RU: "статус (0 — успех)"},
		"last.result":          {EN: "Result", RU: "Итог"},
		"last.batch":           {EN: "batch", RU: "пакет"},
		"last.asked":           {EN: "question about a person", RU: "вопрос о человеке"},
		"last.update":          {EN: "message", RU: "сообщение"},
		"last.request_row":     {EN: "request", RU: "запрос"},
		"last.mode_production": {EN: "production", RU: "рабочий режим"},
		"last.mode_sandbox":    {EN: "sandbox", RU: "песочница"},
		"last.bad_form":        {EN: "The form can not be read.", RU: "Форму не удалось прочитать."},
		"last.repaired":        {EN: "repaired", RU: "исправлено"},
		"last.warning":         {EN: "Repaired", RU: "Исправлено"},
		"last.duplicate":       {EN: "a repeat, changed nothing", RU: "повтор, ничего не изменил"},
		"last.body":            {EN: "Body as received", RU: "Тело запроса"},
		"last.bytes":           {EN: "%s byte|%s bytes", RU: "%s байт|%s байта|%s байт"},
		"last.truncated":       {EN: "cut", RU: "обрезано"},
		"last.empty":           {EN: "The body was empty.", RU: "Тело было пустым."},
		"last.signed":          {EN: "signature checked", RU: "подпись проверена"},
		"last.unsigned": {
			EN: "The body was not kept: the signature was missing or wrong.",
			RU: "Тело не сохранено: подписи не было или она неверна.",
		},
		"last.left_out.share": {
			EN: "The body was not kept: the project has its share of the request log.",
			RU: "Тело не сохранено: проект занял свою долю журнала запросов.",
		},
		"last.left_out.size": {
			EN: "The body was not kept: it is too large for the log.",
			RU: "Тело не сохранено: оно слишком велико для журнала.",
		},
		"last.left_out.disk": {
			EN: "The body was not kept: the server's disk was nearly full, and the request was refused.",
			RU: "Тело не сохранено: на диске сервера почти не осталось места, и запрос отклонён.",
		},
		"last.left_out.signature": {
			EN: "The body was not kept: the signature was missing or wrong.",
			RU: "Тело не сохранено: подписи не было или она неверна.",
		},
		"last.decoded":     {EN: "Read as", RU: "Прочитано как"},
		"last.request":     {EN: "Request", RU: "Запрос"},
		"last.constructor": {EN: "constructor", RU: "конструктор"},
		"last.found":       {EN: "requests:", RU: "запросов:"},
		"last.of":          {EN: "of", RU: "из"},
		"last.refused":     {EN: "refused:", RU: "отклонено:"},
		"last.left":        {EN: "not shown:", RU: "не показано:"},
		"last.zone":        {EN: "time zone", RU: "часовой пояс"},
		"last.nothing": {
			EN: "Nothing has arrived with this key in the last 7 days. Check that your bot " +
				"calls the address from the project's page.",
			RU: "За последние 7 дней с этим ключом ничего не пришло. Проверьте, что бот " +
				"вызывает адрес со страницы проекта.",
		},
		"last.no_errors": {
			EN: "No errors among the last requests.",
			RU: "Среди последних запросов ошибок нет.",
		},
		"last.wrong_key": {
			EN: "This key is unknown. Copy it from the address of your webhook: it stands " +
				"between /v1/ and the method.",
			RU: "Такого ключа нет. Скопируйте его из адреса вебхука: он стоит между /v1/ и " +
				"названием метода.",
		},
		"last.old_key": {
			EN: "This key was replaced by a new one; requests with it are answered 401.",
			RU: "Этот ключ заменён новым, запросы с ним получают ответ 401.",
		},
		"last.report_key": {
			EN: "This is the key for reports. The page needs the API key, the one in the " +
				"address of your webhook.",
			RU: "Это ключ для отчётов. Нужен API-ключ — тот, что в адресе вебхука.",
		},
		"last.expired": {
			EN: "This key has expired: requests with it are answered 402, and what they said is not shown.",
			RU: "Срок ключа истёк: запросы с ним получают ответ 402, и что в них было, не показано.",
		},
		"last.switched_off": {
			EN: "The project is switched off: requests are answered 403.",
			RU: "Проект выключен: запросы получают ответ 403.",
		},
		"last.away": {
			EN: "The key cannot be checked right now. Try again in a minute.",
			RU: "Сейчас ключ проверить нельзя. Попробуйте через минуту.",
		},
		"last.log_away": {
			EN: "The log of requests cannot be reached right now. Try again in a minute.",
			RU: "Журнал запросов сейчас недоступен. Попробуйте через минуту.",
		},
	}
}
