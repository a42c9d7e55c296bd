package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// listingTexts are those of every table.
func listingTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"table.search": {EN: "Search in the table", RU: "Поиск по таблице"},
		"table.find":   {EN: "Find", RU: "Найти"},
		"table.clear":  {EN: "Show all", RU: "Показать все"},
		"table.range":  {EN: "%s–%s of %s", RU: "%s–%s из %s"},
		"table.found":  {EN: "Found %s of %s.", RU: "Найдено %s из %s."},
		"table.total":  {EN: "Total", RU: "Итого"},
		"table.part": {
			EN: "%s row is shown; there are more.|%s rows are shown; there are more.",
			RU: "Показана %s строка, есть ещё.|Показаны %s строки, есть ещё.|Показано %s строк, есть ещё.",
		},
		"dossier.newest": {
			EN: "Only the newest %s is shown.|The newest %s are shown.",
			RU: "Показано не всё: последняя %s запись.|Показано не всё: последние %s записи.|Показано не всё: " +
				"последние %s записей.",
		},
		"notifications.by":    {EN: "Linked by", RU: "Кто связал"},
		"dossier.no_episodes": {EN: "Never joined.", RU: "Подписок не было."},
		"dossier.no_events":   {EN: "No event is kept.", RU: "Событий не сохранилось."},
		"table.pages":         {EN: "Pages", RU: "Страницы"},
		"table.first":         {EN: "« To the first", RU: "« К началу"},
		"table.previous":      {EN: "‹ Back", RU: "‹ Назад"},
		"table.next":          {EN: "Next ›", RU: "Дальше ›"},
	}
}
