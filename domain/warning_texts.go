package domain

import "github.com/tgtrack/tgtrack/domain/i18n"

// WarningTexts say the warnings; the key is "warning." and the code. {field} and
// {value} stand for those of the warning.
func WarningTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"warning.media_type": {
			EN: `the header Content-Type says "{value}", which the body is not; it was read as what it is`,
			RU: `заголовок Content-Type говорит «{value}», а тело другое; оно прочитано как есть`,
		},
		"warning.content_encoding": {
			EN: `the header Content-Encoding does not fit the body ({value}); it was read as what it is`,
			RU: `заголовок Content-Encoding не соответствует телу ({value}); оно прочитано как есть`,
		},
		"warning.charset": {
			EN: "the body is not UTF-8 and was read as {value}; send it in UTF-8",
			RU: "тело не в UTF-8 и прочитано как {value}; отправляйте его в UTF-8",
		},
		"warning.escaped": {
			EN: "the JSON was escaped like an address and was unescaped; send it as it is",
			RU: "JSON экранирован, как адрес, и был раскрыт; отправляйте его как есть",
		},
		"warning.form": {
			EN: "the form is not escaped as it should be; what could be read was read",
			RU: "форма экранирована неверно; прочитано то, что удалось",
		},
		"warning.form_name": {
			EN: "the JSON came as the name of a form's field; send it as the body",
			RU: "JSON пришёл как имя поля формы; отправляйте его телом запроса",
		},
		"warning.flattened": {
			EN: "the update came as a flat list of fields and was put together again; send it as JSON, unchanged",
			RU: "обновление пришло плоским списком полей и было собрано заново; отправляйте его в JSON без изменений",
		},
		"warning.control_characters": {
			EN: "a text in the JSON has a line break, tab or other control character; escape what variables put in",
			RU: "в тексте внутри JSON перевод строки, табуляция или другой управляющий символ; " +
				"экранируйте то, что подставляют переменные",
		},
		"warning.unescaped_quotes": {
			EN: `a text in the JSON has quotes that are not escaped, as in a name such as Ann "A" Lee; ` +
				`escape what variables put in`,
			RU: `в тексте внутри JSON неэкранированные кавычки, например в имени Анна "А" Ли; ` +
				`экранируйте то, что подставляют переменные`,
		},
		"warning.backslash": {
			EN: "a text in the JSON has a backslash that is not escaped; escape what variables put in",
			RU: "в тексте внутри JSON неэкранированная обратная косая черта; экранируйте то, что подставляют переменные",
		},
		"warning.comma": {
			EN: "the JSON has a comma too many or too few; correct the template",
			RU: "в JSON лишняя или пропущенная запятая; исправьте шаблон",
		},
		"warning.no_value": {
			EN: "a field of the JSON has no value behind the colon, and counts as not given; " +
				"put the variable in quotes",
			RU: "у поля в JSON нет значения после двоеточия, оно считается незаданным; возьмите переменную в кавычки",
		},
		"warning.no_quotes": {
			EN: "a text in the JSON stands without quotes; put the variable in quotes",
			RU: "текст в JSON стоит без кавычек; возьмите переменную в кавычки",
		},
		"warning.other_quotes": {
			EN: `the JSON has other quotes than " around its texts; use "`,
			RU: `в JSON вокруг текстов не те кавычки; используйте "`,
		},
		"warning.python": {
			EN: "the body was printed by a program (True, None) and is not JSON; send it as JSON",
			RU: "тело напечатано программой (True, None) и не является JSON; отправляйте его в JSON",
		},
		"warning.quoted_json": {
			EN: "there are quotes around JSON that is not escaped; remove the quotes around the variable in the template",
			RU: "вокруг неэкранированного JSON стоят кавычки; уберите кавычки вокруг переменной в шаблоне",
		},
		"warning.unclosed": {
			EN: "the closing brackets of the JSON are missing; correct the template",
			RU: "в JSON не хватает закрывающих скобок; исправьте шаблон",
		},
		"warning.trailing": {
			EN: "something stands behind the JSON and was left out; correct the template",
			RU: "после JSON стоит лишнее, оно отброшено; исправьте шаблон",
		},
		"warning.cut_out": {
			EN: "the body is broken JSON, and the update was cut out of it; send the update alone, unchanged",
			RU: "тело — испорченный JSON, обновление вырезано из него; отправляйте только обновление, без изменений",
		},
		"warning.left_out": {
			EN: `{field}: {value} can not be read and was left out; the rest was taken`,
			RU: `{field}: {value} не удалось прочитать, значение пропущено; остальное принято`,
		},
		"warning.no_time": {
			EN: "{field}: {value} is no time that can be; the time of receipt was taken",
			RU: "{field}: {value} не может быть временем; взято время получения",
		},
		"warning.ahead": {
			EN: "the time {value} has not come yet; the time of receipt was taken. Check the sender's clock and time zone",
			RU: "время {value} ещё не наступило; взято время получения. Проверьте часы и часовой пояс отправителя",
		},
		"warning.elements": {
			EN: "elements of the list that can not be read: {value}; the rest was taken",
			RU: "элементы списка, которые не удалось прочитать: {value}; остальные приняты",
		},
		"warning.unknown_content": {
			EN: "nobody knows what this is ({value}): it was ignored and kept",
			RU: "неизвестно, что это ({value}): пропущено и сохранено",
		},
		"warning.unknown_kind": {
			EN: "tgtrack knows no updates of the kind {value}: it was ignored, and its kind and ids were kept",
			RU: "обновлений вида {value} tgtrack не знает: пропущено, сохранены вид и id",
		},
		"warning.start_placeholder": {
			EN: "{field}: {value} came instead of the start value: nobody knows where the person came from. " +
				"Check the variable's name in the constructor",
			RU: "{field}: вместо стартового значения пришло {value}, источник человека неизвестен. Проверьте название " +
				"переменной в конструкторе",
		},
		"warning.start_sample": {
			EN: "{field}: {value} is the word of the example; put the constructor's variable with what stands behind " +
				"/start in its place",
			RU: "{field}: {value} — слово из примера; поставьте на его место переменную конструктора с тем, что идёт " +
				"после /start",
		},
		"warning.start_address": {
			EN: "{field}: {value} is a whole address; send only what stands in it behind start=, " +
				"which is different for each person",
			RU: "{field}: {value} — адрес целиком; передавайте только то, что стоит в нём после start=, " +
				"у каждого человека это своё",
		},
		"warning.other_bot": {
			EN: "the start is of another bot ({value}) than the project's, and was ignored",
			RU: "старт другого бота ({value}), не бота проекта; пропущено",
		},
	}
}
