package platforms

import "github.com/tgtrack/tgtrack/domain/i18n"

// texts are what the readers of this package say of what they can not read.
func texts() []i18n.Text {
	return append(append(bodyTexts(), fieldTexts()...), updateTexts()...)
}

func bodyTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "the body is larger than 1 MiB", RU: "тело больше 1 МиБ"},
		{EN: "the body is empty; send a JSON object", RU: "тело пустое; отправьте объект JSON"},
		{
			EN: "the body is neither JSON nor a form; send JSON with Content-Type application/json",
			RU: "тело не JSON и не форма; отправьте JSON с Content-Type application/json",
		},
		{EN: "the body is not valid UTF-8; send it in UTF-8", RU: "тело не в UTF-8; отправляйте его в UTF-8"},
		{EN: "the body is nested deeper than %d levels", RU: "вложенность тела больше %d уровней"},
		{
			EN: "the body is not valid JSON near byte %d; check quotes and commas, and escape quotes inside values",
			RU: "тело не разбирается как JSON около байта %d; проверьте кавычки и запятые, кавычки внутри значений " +
				"экранируйте",
		},
		{
			EN: "the body is not valid JSON near byte %d; the macro %s may not have been replaced by its value",
			RU: "тело не разбирается как JSON около байта %d; похоже, переменная %s не заменена значением",
		},
		{EN: "the form has more than %d fields", RU: "в форме больше %d полей"},
		{EN: "the multipart form has no boundary", RU: "у формы multipart нет boundary"},
		{
			EN: "the multipart form can not be read; check its boundary",
			RU: "форма multipart не читается; проверьте её boundary",
		},
		{EN: "the multipart form is cut off", RU: "форма multipart обрывается"},
		{
			EN: "the body is a list; send one JSON object for each request",
			RU: "тело — список; отправляйте по одному объекту JSON в запросе",
		},
		{
			EN: "the body is a JSON string that holds no JSON; send a JSON object",
			RU: "тело — строка JSON, внутри которой нет JSON; отправьте объект JSON",
		},
		{EN: "the body is %s; send a JSON object", RU: "тело — %s; отправьте объект JSON"},
		{
			EN: "the body is wrapped more than %d times; send a JSON object",
			RU: "тело обёрнуто больше %d раз; отправьте объект JSON",
		},
		{
			EN: "the body holds %d events; send at most %d at once",
			RU: "в теле событий: %d; отправляйте не больше %d за раз",
		},
	}
}

func fieldTexts() []i18n.Text {
	return []i18n.Text{
		{
			EN: "the macro %s was not replaced by its value; check the variable's name in the constructor",
			RU: "переменная %s не заменена значением; проверьте её название в конструкторе",
		},
		{
			EN: "is missing; send a text of 1 to %d characters",
			RU: "нет значения; отправьте текст от 1 до %d знаков",
		},
		{EN: "must be a text", RU: "нужен текст"},
		{EN: "must be text", RU: "нужен текст"},
		{EN: "holds a NUL character; send plain text", RU: "содержит символ NUL; отправьте обычный текст"},
		{
			EN: "is longer than %d characters; send a shorter name",
			RU: "длиннее %d знаков; отправьте название короче",
		},
		{
			EN: "%s is not known; send %s, or leave it out for the project's own",
			RU: "%s — такого мессенджера нет; отправьте одно из: %s, или уберите поле, тогда берётся мессенджер проекта",
		},
		{
			EN: "is missing; send the person's id in the messenger, for example 123456789",
			RU: "нет значения; отправьте id человека в мессенджере, например 123456789",
		},
		{
			EN: "is missing; send the person's Telegram id, for example 123456789",
			RU: "нет значения; отправьте id человека в Telegram, например 123456789",
		},
		{EN: "must be a number or a string of digits", RU: "нужно число или строка из цифр"},
		{
			EN: "%s is not a person's id in the messenger; send digits, for example 123456789",
			RU: "%s — не id человека в мессенджере; отправьте цифры, например 123456789",
		},
		{
			EN: "%s is not a person's id; it must be between 1 and 2^52",
			RU: "%s — не id человека; он бывает от 1 до 2^52",
		},
		{
			EN: "%s is not a chat id; send digits, for example -1001234567890",
			RU: "%s — не id чата; отправьте цифры, например -1001234567890",
		},
		{
			EN: "is missing; send a list of ids, for example [123456789, 987654321]",
			RU: "нет значения; отправьте список id, например [123456789, 987654321]",
		},
		{EN: "has more than %d ids; ask in several calls", RU: "id больше %d; разделите на несколько вызовов"},
		{EN: "is empty; send the person's id in the messenger", RU: "пусто; отправьте id человека в мессенджере"},
		{
			EN: `is missing; send a list such as [{"method": "add_event", "body": {…}}]`,
			RU: `нет значения; отправьте список вида [{"method": "add_event", "body": {…}}]`,
		},
		{
			EN: "has more than %d requests; send them in several calls",
			RU: "запросов больше %d; разделите на несколько вызовов",
		},
		{EN: "is empty; send at least one request", RU: "пусто; нужен хотя бы один запрос"},
		{
			EN: `must be an object such as {"method": "add_event", "body": {…}}`,
			RU: `нужен объект вида {"method": "add_event", "body": {…}}`,
		},
		{
			EN: "is missing; name the method, for example add_event",
			RU: "нет значения; назовите метод, например add_event",
		},
		{
			EN: "is missing; send the value behind /start, or an empty text when there is none",
			RU: "нет поля; отправьте то, что идёт после /start, а если ничего нет — пустой текст",
		},
	}
}

// updateTexts are about updates in a field, and about the body where that is one.
func updateTexts() []i18n.Text {
	out := []i18n.Text{{
		EN: "is missing; send the whole update from Telegram in this field",
		RU: "нет значения; отправьте в этом поле обновление Telegram целиком",
	}}
	for _, t := range []i18n.Text{
		{
			EN: "is wrapped more than %d times; send the update itself",
			RU: "обёрнуто больше %d раз; отправьте само обновление",
		},
		{EN: "must hold one update; send one request for each", RU: "должно быть одно обновление на запрос"},
		{
			EN: "is no Telegram update (no update_id); send the webhook from Telegram unchanged",
			RU: "не обновление Telegram (нет update_id); пересылайте вебхук Telegram без изменений",
		},
		{
			EN: "is empty; check that the constructor saves the update in the variable",
			RU: "пусто; проверьте, что конструктор сохраняет обновление в переменную",
		},
		{
			EN: "%s is no update; send the JSON text that came from Telegram",
			RU: "%s — не обновление; отправьте JSON, который пришёл от Telegram",
		},
	} {
		out = append(out, t, i18n.Text{EN: ofBody + t.EN, RU: "тело: " + t.RU})
	}
	return out
}
