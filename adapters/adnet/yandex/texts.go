package yandex

import "github.com/tgtrack/tgtrack/domain/i18n"

// says are what this sink says of conversions and accounts.
func says() []i18n.Text {
	return append(testTexts(),
		i18n.Text{EN: "Metrica answered %d", RU: "Метрика ответила %d"},
		i18n.Text{EN: "Metrica answered %d %s", RU: "Метрика ответила %d %s"},
		i18n.Text{
			EN: "the token's user may not write to the counter",
			RU: "у пользователя токена нет прав менять счётчик",
		},
		i18n.Text{EN: "check counter_id", RU: "проверьте номер счётчика"},
		i18n.Text{
			EN: "look at the proxy and at adnetworks.yandex.base_url",
			RU: "проверьте прокси и adnetworks.yandex.base_url",
		},
		i18n.Text{
			EN: "counter_id or the base URL can not be an address",
			RU: "из номера счётчика или адреса API не получается адрес",
		},
		i18n.Text{EN: "the file can not be written", RU: "файл не удалось составить"},
		i18n.Text{EN: "the rows can not be written as CSV", RU: "строки не удалось записать в CSV"},
		i18n.Text{
			EN: "Metrica took the file and did not say its number",
			RU: "Метрика приняла файл и не назвала его номер",
		},
		i18n.Text{EN: "Metrica's list of uploads can not be read", RU: "список загрузок Метрики не читается"},
		i18n.Text{EN: "Metrica does not list the upload", RU: "в списке Метрики этой загрузки нет"},
		i18n.Text{
			EN: "the answer to the last attempt was lost, and Metrica's list of uploads is too long to look for it",
			RU: "ответ на прошлую попытку потерян, а список загрузок Метрики слишком длинный, чтобы её найти",
		},
		i18n.Text{
			EN: "the answer to the last attempt was lost; Metrica's list of uploads is looked at once more before " +
				"it is sent again",
			RU: "ответ на прошлую попытку потерян; перед повторной отправкой проверим список загрузок Метрики ещё раз",
		},
		i18n.Text{
			EN: "the last attempt did not reach Metrica; it is sent again",
			RU: "прошлая попытка до Метрики не дошла; отправляем ещё раз",
		},
		i18n.Text{
			EN: "the click has neither yclid nor ClientID (ym_uid)",
			RU: "у клика нет ни yclid, ни ClientID (ym_uid)",
		},
		i18n.Text{EN: "the goal has no identifier", RU: "у цели нет идентификатора"},
		i18n.Text{
			EN: "Metrica takes no goal identifier with / \\ & # ? = \" or a line break; map the goal to another name",
			RU: "Метрика не принимает идентификаторы целей с / \\ & # ? = \" и переводом строки; дайте цели другое имя",
		},
		i18n.Text{
			EN: "Metrica refused every row of the upload as malformed",
			RU: "Метрика отклонила все строки загрузки: они составлены неверно",
		},
		i18n.Text{
			EN: "Metrica found no visit or click for it: unknown id, older than 21 days, or a page without the counter",
			RU: "Метрика не нашла для неё визита или клика: id неизвестен, старше 21 дня или на странице нет счётчика",
		},
		i18n.Text{
			EN: "Metrica refused %d of %d rows of the upload and does not say which",
			RU: "Метрика отклонила строк загрузки: %d из %d, каких именно, не сказано",
		},
		i18n.Text{
			EN: "the counter has no goal of the type JavaScript event with this identifier",
			RU: "в счётчике нет цели типа «JavaScript-событие» с таким идентификатором",
		},
		i18n.Text{
			EN: "Metrica linked none of %d rows: %d without a visit, %d without a goal",
			RU: "Метрика не привязала ни одной из строк (%d): без визита %d, без цели %d",
		},
		i18n.Text{
			EN: "%d of %d rows of the upload were linked; Metrica does not say which",
			RU: "привязано строк загрузки: %d из %d; каких именно, Метрика не говорит",
		},
		i18n.Text{EN: "Metrica gave no outcome within 30 days", RU: "за 30 дней Метрика не сообщила итог"},
	)
}

// testTexts are those of the check of an account.
func testTexts() []i18n.Text {
	return []i18n.Text{
		{
			EN: "uploading: Metrica has no dry run, and reading does not show whether the token may write",
			RU: "загрузку: пробной отправки у Метрики нет, а по чтению не видно, можно ли с этим токеном загружать",
		},
		{EN: "Metrica's list of goals can not be read", RU: "список целей Метрики не читается"},
		{EN: "the token reads counter %s", RU: "токен читает счётчик %s"},
		{
			EN: "the counter has no goal of the type JavaScript event that matches exactly; what is sent is counted " +
				"only from the day such a goal exists",
			RU: "в счётчике нет цели типа «JavaScript-событие» с точным совпадением; отправленное засчитается только " +
				"с того дня, когда такая цель появится",
		},
		{EN: "goals that can be sent: %s", RU: "цели, которые можно отправлять: %s"},
	}
}
