package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// liveTexts are those of the list of requests and of the page of one.
func liveTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"live.all":   {EN: "All events", RU: "Все события"},
		"live.on":    {EN: "live", RU: "обновляется"},
		"live.off":   {EN: "connecting…", RU: "соединение…"},
		"live.pause": {EN: "Pause", RU: "Пауза"},
		"live.go_on": {EN: "Go on", RU: "Продолжить"},
		"live.away": {
			EN: "The log of requests can not be reached right now.",
			RU: "Журнал запросов сейчас недоступен.",
		},
		"live.help": {
			EN: "What your bots and channels send, newest first. Times are those of %s. Open a row to see its way.",
			RU: "Что присылают ваши боты и каналы, сначала новое. Часовой пояс: %s. Откройте строку, чтобы увидеть её путь.",
		},
		"live.person":       {EN: "Person", RU: "Человек"},
		"live.person_hint":  {EN: "name, @username or id", RU: "имя, @username или id"},
		"live.event":        {EN: "Event", RU: "Событие"},
		"live.any_event":    {EN: "Any event", RU: "Любое событие"},
		"live.result":       {EN: "Result", RU: "Итог"},
		"live.any_result":   {EN: "Any result", RU: "Любой итог"},
		"live.show":         {EN: "Show", RU: "Показать"},
		"live.source":       {EN: "Source", RU: "Источник"},
		"live.networks":     {EN: "Networks", RU: "Сети"},
		"live.open":         {EN: "Open the request", RU: "Открыть запрос"},
		"live.no_source":    {EN: "source unknown", RU: "источник неизвестен"},
		"live.repaired":     {EN: "repaired", RU: "исправлено"},
		"live.request":      {EN: "request", RU: "запрос"},
		"live.update":       {EN: "message", RU: "сообщение"},
		"live.asked":        {EN: "question about a person", RU: "вопрос о человеке"},
		"live.batch":        {EN: "Requests of a batch", RU: "Запросы одного пакета"},
		"live.batch_row":    {EN: "batch", RU: "пакет"},
		"live.filtered":     {EN: "Shown are those among the last %s.", RU: "Показаны подходящие среди последних %s."},
		"live.none_such":    {EN: "Nothing like that among the last %s.", RU: "Среди последних %s такого нет."},
		"live_result.taken": {EN: "taken", RU: "принято"},
		"live_result.repaired": {
			EN: "taken, something was repaired",
			RU: "принято с исправлениями",
		},
		"live_result.waiting": {EN: "waits for a network", RU: "ждёт рекламную сеть"},
		"live_result.refused": {EN: "refused", RU: "отклонено"},
		"live_result.ignored": {EN: "means nothing", RU: "для учёта ничего не значит"},

		"live.batch_opens": {
			EN: "many requests in one call; open it to see each",
			RU: "много запросов одним вызовом; откройте, чтобы увидеть каждый",
		},
		"live.batch_of": {
			EN: "requests in one call: %d, refused: %d",
			RU: "запросов одним вызовом: %d, отклонено: %d",
		},
		"live.none": {
			EN: "No requests yet. Connect the bot and press Start in it.",
			RU: "Запросов ещё нет. Подключите бота и нажмите в нём «Старт».",
		},

		"request.title":   {EN: "Request", RU: "Запрос"},
		"request.id":      {EN: "Number of the request", RU: "Номер запроса"},
		"request.way":     {EN: "What became of it", RU: "Что с ним стало"},
		"request.body":    {EN: "Body as received", RU: "Тело запроса"},
		"request.bytes":   {EN: "%s byte|%s bytes", RU: "%s байт|%s байта|%s байт"},
		"request.cut":     {EN: "cut", RU: "обрезано"},
		"request.decoded": {EN: "Read as (JSON)", RU: "Прочитано как (JSON)"},
		"request.signed":  {EN: "signature checked", RU: "подпись проверена"},
		"request.unsigned": {
			EN: "not kept: the signature was missing or wrong",
			RU: "не сохранено: подписи не было или она неверна",
		},
		"request.share": {EN: "Make an address for support", RU: "Создать адрес для поддержки"},
		"request.share_help": {
			EN: "It works for a week without logging in. Names, ids and sums are taken out of " +
				"it; it is noted in the log of changes.",
			RU: "Открывается без входа в течение недели. Имена, id и суммы в нём скрыты; это " +
				"отмечается в журнале изменений.",
		},
		"request.shared": {
			EN: "Whoever has this address sees the request until %s, without names, ids and sums.",
			RU: "По этому адресу любой увидит запрос до %s, без имён, id и сумм.",
		},
		"request.redacted": {
			EN: "Shown to support until %s (UTC). Letters of values are replaced by x, digits " +
				"by 0; variables that were not replaced are left.",
			RU: "Открыто для поддержки до %s (UTC). Буквы значений заменены на x, цифры на 0; " +
				"незаменённые переменные оставлены.",
		},

		"step.came":           {EN: "The webhook came", RU: "Пришёл вебхук"},
		"step.answer":         {EN: "our answer: %s", RU: "наш ответ: %s"},
		"step.read":           {EN: "Read as", RU: "Прочитано как"},
		"step.repaired":       {EN: "Repaired: %s", RU: "Исправлено: %s"},
		"step.start_value":    {EN: "start value %s", RU: "значение start %s"},
		"step.source":         {EN: "Source: %s", RU: "Источник: %s"},
		"step.because":        {EN: "because: %s", RU: "почему: %s"},
		"step.because_likely": {EN: "because: %s, sure to %s", RU: "почему: %s, уверенность %s"},
		"step.nothing_sent":   {EN: "Nothing to send to ad networks", RU: "Рекламным сетям отправлять нечего"},
		"step.answers":        {EN: "What the network was sent and answered", RU: "Что отправили и что ответила сеть"},
	}
}
