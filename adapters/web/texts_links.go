package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// linkTexts are those of managing links.
func linkTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"link.slug": {EN: "Readable address", RU: "Читаемый адрес"},
		"link.slug_help": {
			EN: "3 to 40 small Latin letters, digits and hyphens. Former addresses go on leading to the link.",
			RU: "От 3 до 40 строчных латинских букв, цифр и дефисов. Прежние адреса продолжают работать.",
		},
		"link.tags":      {EN: "Tags", RU: "Метки"},
		"link.tags_help": {EN: "Separated by commas.", RU: "Через запятую."},
		"link.utm_help": {
			EN: "Stands in the reports where the address of the click says nothing else.",
			RU: "Попадут в отчёты, если в адресе клика не указано другое.",
		},
		"link.utm_change_help": {
			EN: "Reports show today's name and UTM for the past, too. What stood in the address of a click stays.",
			RU: "В отчётах и прошлое показывается с сегодняшними названием и UTM. То, что было в адресе клика, остаётся.",
		},
		"link.change":    {EN: "Name, address and UTM", RU: "Название, адрес и UTM"},
		"link.others":    {EN: "Other addresses that lead here", RU: "Другие адреса, которые ведут сюда"},
		"link.actions":   {EN: "Actions", RU: "Действия"},
		"link.duplicate": {EN: "Duplicate", RU: "Дублировать"},
		"link.archive":   {EN: "Archive", RU: "В архив"},
		"link.restore":   {EN: "Bring back", RU: "Вернуть из архива"},
		"link.archived": {
			EN: "In the archive since %s: not in the lists, leads as before.",
			RU: "В архиве с %s: в списках её нет, но она работает как прежде.",
		},
		"link.delete": {EN: "Delete", RU: "Удаление"},
		"link.delete_help": {
			EN: "Nobody has come by this link yet, so it can be deleted. Its addresses stop working.",
			RU: "По этой ссылке ещё никто не приходил, её можно удалить. Её адреса перестанут работать.",
		},
		"link.delete_yes": {EN: "Delete the link", RU: "Удалить ссылку"},
		"link.delete_ask": {
			EN: "The link and its addresses go for good.",
			RU: "Ссылка и её адреса исчезнут навсегда.",
		},
		"link.in_use": {
			EN: "The link can not be deleted, since it has %s, which would lose their source. It can go to the archive.",
			RU: "Удалить нельзя: у ссылки есть %s, и они остались бы без источника. Её можно отправить в архив.",
		},
		"link_use.clicks": {EN: "clicks", RU: "клики"},
		"link_use.starts": {EN: "starts", RU: "запуски"},
		"link_use.costs":  {EN: "costs", RU: "расходы"},
		"link_use.rules":  {EN: "rules for start values", RU: "правила для значений start"},

		"link_done.saved":   {EN: "Saved.", RU: "Сохранено."},
		"link_done.created": {EN: "The link is made. Its addresses are below.", RU: "Ссылка создана. Её адреса ниже."},
		"link_done.duplicated": {
			EN: "This is the copy: check its name and UTM. It has addresses of its own.",
			RU: "Это копия: проверьте название и UTM. Адреса у неё свои.",
		},
		"link_done.restored": {EN: "The link is back in the lists.", RU: "Ссылка снова в списках."},

		"links.archived_now": {EN: "“%s” is in the archive.", RU: "«%s» в архиве."},
		"links.deleted":      {EN: "The link is deleted.", RU: "Ссылка удалена."},
		"links.created":      {EN: "%s link is made.|%s links are made.", RU: "Создана %s ссылка.|Создано %s ссылки.|Создано %s ссылок."},

		"links.all_tags": {EN: "all", RU: "все"},
		"links.hidden": {
			EN: "%s archived link is not in this list.|%s archived links are not in this list.",
			RU: "%s ссылка в архиве, в этом списке её нет.|%s ссылки в архиве, в этом списке их нет.|" +
				"%s ссылок в архиве, в этом списке их нет.",
		},
		"links.none_tagged":   {EN: "No link has this tag.", RU: "Ссылок с этой меткой нет."},
		"links.none_archived": {EN: "The archive is empty.", RU: "В архиве пусто."},
		"links.all_archived":  {EN: "All links are in the archive.", RU: "Все ссылки в архиве."},
		"links.archive_show":  {EN: "Show the archive", RU: "Показать архив"},
		"links.archive_shown": {EN: "This is the archive.", RU: "Это архив."},
		"links.archive_leave": {EN: "Back to the links in use", RU: "К действующим ссылкам"},

		"bulk.title": {EN: "Many links at once", RU: "Много ссылок сразу"},
		"bulk.help": {
			EN: "Paste rows from a spreadsheet or choose a CSV file. The first line names the columns: name, slug, tags, " +
				"utm_source, utm_medium, utm_campaign, utm_content, utm_term, invite_link. A list of names alone needs none.",
			RU: "Вставьте строки из таблицы или выберите CSV-файл. В первой строке названия столбцов: название, адрес, метки, " +
				"utm_source, utm_medium, utm_campaign, utm_content, utm_term, приглашение. Списку одних названий они не нужны.",
		},
		"bulk.table":         {EN: "Table", RU: "Таблица"},
		"bulk.file":          {EN: "or a file", RU: "или файл"},
		"bulk.template_help": {EN: "Its placeholders can be columns of the table.", RU: "Его подстановки могут быть столбцами таблицы."},
		"bulk.empty":         {EN: "Paste a table or choose a file.", RU: "Вставьте таблицу или выберите файл."},
		"bulk.wrong": {
			EN: "Nothing was made. Mend these lines:",
			RU: "Ничего не создано. Исправьте эти строки:",
		},
		"bulk.line": {EN: "line %s", RU: "строка %s"},
		"bulk.preview": {
			EN: "%s link would be made|%s links would be made",
			RU: "Будет создана %s ссылка|Будут созданы %s ссылки|Будет создано %s ссылок",
		},
		"bulk.make": {
			EN: "Make %s link|Make %s links",
			RU: "Создать %s ссылку|Создать %s ссылки|Создать %s ссылок",
		},

		"utm_templates.title": {EN: "UTM templates", RU: "Шаблоны UTM"},
		"utm_templates.help": {
			EN: "Write {placeholder} where something else stands each time. {name}, {slug}, {date} and {month} are filled in " +
				"by themselves; the form of a new link asks for all others, such as {city}.",
			RU: "Напишите {подстановку} на месте того, что меняется. {name}, {slug}, {date} и {month} — название, адрес, " +
				"день и месяц — подставятся сами, остальные, например {город}, спросит форма новой ссылки.",
		},
		"utm_templates.none":        {EN: "There are no templates yet.", RU: "Шаблонов пока нет."},
		"utm_templates.new":         {EN: "New template", RU: "Новый шаблон"},
		"utm_templates.delete":      {EN: "Delete the template %s", RU: "Удалить шаблон %s"},
		"utm_templates.choose":      {EN: "UTM template", RU: "Шаблон UTM"},
		"utm_templates.none_chosen": {EN: "none", RU: "нет"},
		"utm_templates.use":         {EN: "Use it", RU: "Применить"},
		"utm_templates.fills": {
			EN: "The template “%s” fills what you leave empty.",
			RU: "Пустые поля заполнит шаблон «%s».",
		},
		"utm_template_done.saved":   {EN: "The template is saved.", RU: "Шаблон сохранён."},
		"utm_template_done.deleted": {EN: "The template is deleted.", RU: "Шаблон удалён."},
	}
}
