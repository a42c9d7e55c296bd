package public

import "github.com/tgtrack/tgtrack/usecase"

// lastWords are the texts of the page of last events in one language.
type lastWords struct {
	Title, Intro, Key, Show, Refresh, ErrorsOnly, OtherLang, OtherName                              string
	Time, Method, Status, Error, Result, Warning, Duplicate, Body, Bytes, Truncated, Empty, Decoded string
	Request, Constructor, Found, Of, Zone, Nothing, NoErrors                                        string
	WrongKey, OldKey, ReportKey, Expired, SwitchedOff, Away, LogAway                                string
	Taken, AllRepeats, Ignored, Read, Replayed, Refused, RefusedKept, Limited                       string
}

// ofKey says what is wrong with a key that opens nothing.
func (w *lastWords) ofKey(s usecase.KeyState) string {
	switch s {
	case usecase.KeyMissing:
		return ""
	case usecase.KeyReplaced:
		return w.OldKey
	case usecase.KeyOfOtherKind:
		return w.ReportKey
	}
	return w.WrongKey
}

func wordsIn(lang string) lastWords {
	if lang == "ru" {
		return russianWords()
	}
	return englishWords()
}

func englishWords() lastWords {
	return lastWords{
		Title: "Last requests", Intro: "The last 100 requests that arrived with your key: what was sent, how it was read and what became of it.",
		Key: "API key of the project", Show: "Show", Refresh: "Refresh", ErrorsOnly: "errors only", OtherLang: "ru", OtherName: "Русский",
		Time: "Time", Method: "Method", Status: "Status", Error: "Error", Result: "Result", Warning: "Warning", Duplicate: "a repeat, changed nothing",
		Body: "Body as received", Bytes: "bytes", Truncated: "cut", Empty: "The body was empty.", Decoded: "Read as", Request: "Request",
		Constructor: "constructor", Found: "requests:", Of: "of", Zone: "time zone",
		Nothing:  "Nothing has arrived with this key in the last 7 days. Check that your bot calls the address from the project's page.",
		NoErrors: "No errors among the last requests.",
		WrongKey: "This key is unknown. Copy it from the address of your webhook: it stands between /v1/ and the method.",
		OldKey:   "This key was replaced by a new one; requests with it are answered 401.", ReportKey: "This is the key for reports. The page needs the API key, the one in the address of your webhook.",
		Expired: "This key has expired: requests with it are answered 402.", SwitchedOff: "The project is switched off: requests are answered 403.",
		Away: "The key can not be checked right now. Try again in a minute.", LogAway: "The log of requests can not be reached right now. Try again in a minute.",
		Taken: "taken", AllRepeats: "a repeat, changed nothing", Ignored: "means nothing for tracking, ignored", Read: "answered",
		Replayed: "a repeat by Idempotency-Key, the first answer was sent again", Refused: "refused", RefusedKept: "refused, but kept in the person's history",
		Limited: "over the limit; the operator can replay it",
	}
}

func russianWords() lastWords {
	return lastWords{
		Title: "Последние запросы", Intro: "Последние 100 запросов с вашим ключом: что пришло, как мы это прочитали и что из этого вышло.",
		Key: "API-ключ проекта", Show: "Показать", Refresh: "Обновить", ErrorsOnly: "только ошибки", OtherLang: "en", OtherName: "English",
		Time: "Время", Method: "Метод", Status: "Статус", Error: "Ошибка", Result: "Итог", Warning: "Предупреждение", Duplicate: "повтор, ничего не изменил",
		Body: "Тело запроса", Bytes: "байт", Truncated: "обрезано", Empty: "Тело было пустым.", Decoded: "Прочитано как", Request: "Запрос",
		Constructor: "конструктор", Found: "запросов:", Of: "из", Zone: "часовой пояс",
		Nothing:  "За последние 7 дней с этим ключом ничего не пришло. Проверьте, что бот вызывает адрес со страницы проекта.",
		NoErrors: "Среди последних запросов ошибок нет.",
		WrongKey: "Такого ключа нет. Скопируйте его из адреса вебхука: он стоит между /v1/ и названием метода.",
		OldKey:   "Этот ключ заменён новым, запросы с ним получают ответ 401.", ReportKey: "Это ключ для отчётов. Нужен API-ключ — тот, что в адресе вебхука.",
		Expired: "Срок ключа истёк: запросы с ним получают ответ 402.", SwitchedOff: "Проект выключен: запросы получают ответ 403.",
		Away: "Сейчас ключ проверить нельзя. Попробуйте через минуту.", LogAway: "Журнал запросов сейчас недоступен. Попробуйте через минуту.",
		Taken: "принято", AllRepeats: "повтор, ничего не изменил", Ignored: "для учёта ничего не значит, пропущено", Read: "отвечено",
		Replayed: "повтор по Idempotency-Key, отправлен первый ответ", Refused: "отклонено", RefusedKept: "отклонено, но сохранено в истории подписчика",
		Limited: "сверх лимита; оператор может повторить запрос",
	}
}
