package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// lookTexts are those of the frame: what a press did, the search over
// everything, and the page that shows how pages look.
func lookTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"fail.back":    {EN: "Back", RU: "Назад"},
		"fail.project": {EN: "To the project", RU: "К проекту"},

		"flash.done": {EN: "Done.", RU: "Готово."},
		"flash.undo": {EN: "Undo", RU: "Отменить"},

		"away.offline": {
			EN: "The server does not answer. Nothing is lost: what you typed is still here.",
			RU: "Сервер не отвечает. Ничего не пропало: всё, что вы ввели, осталось на странице.",
		},
		"away.timeout": {
			EN: "The server takes too long. Look at the connection, or try a shorter period.",
			RU: "Сервер отвечает слишком долго. Проверьте связь или выберите период короче.",
		},
		"away.error": {
			EN: "Something went wrong at the server. Nothing is lost: what you typed is still here.",
			RU: "На сервере что-то пошло не так. Ничего не пропало: всё, что вы ввели, осталось на странице.",
		},
		"away.retry": {EN: "Try again", RU: "Повторить"},

		"finder.title":     {EN: "Search", RU: "Поиск"},
		"finder.open":      {EN: "Search", RU: "Поиск"},
		"finder.close":     {EN: "Close the search", RU: "Закрыть поиск"},
		"finder.what":      {EN: "Page, link, person or project", RU: "Страница, ссылка, человек или проект"},
		"finder.pages":     {EN: "Pages", RU: "Страницы"},
		"finder.links":     {EN: "Links", RU: "Ссылки"},
		"finder.people":    {EN: "People", RU: "Люди"},
		"finder.projects":  {EN: "Projects", RU: "Проекты"},
		"finder.all_users": {EN: "All users", RU: "Все пользователи"},
		"finder.found":     {EN: "%s found|%s found", RU: "Найдено: %s|Найдено: %s|Найдено: %s"},
		"finder.none":      {EN: "Nothing is called “%s”.", RU: "По запросу «%s» ничего нет."},
		"finder.hint":      {EN: "Begin to type.", RU: "Начните вводить."},
		"finder.more": {
			EN: "There is more: type further.",
			RU: "Есть ещё: уточните запрос.",
		},

		"design.title": {EN: "How pages look", RU: "Как выглядят страницы"},
		"design.intro": {
			EN: "The parts that pages are made of, as docs/design-system.md describes them.",
			RU: "Части, из которых собраны страницы; описание — в docs/design-system.md.",
		},
		"design.text":     {EN: "Text", RU: "Текст"},
		"design.colours":  {EN: "Colours", RU: "Цвета"},
		"design.good":     {EN: "good, more", RU: "хорошо, больше"},
		"design.bad":      {EN: "bad, less", RU: "плохо, меньше"},
		"design.careful":  {EN: "look at it", RU: "обратите внимание"},
		"design.news":     {EN: "to know", RU: "к сведению"},
		"design.quiet":    {EN: "beside it", RU: "второстепенное"},
		"design.spacing":  {EN: "Spacing", RU: "Отступы"},
		"design.icons":    {EN: "Icons", RU: "Значки"},
		"design.tiles":    {EN: "Tiles", RU: "Плитки"},
		"design.table":    {EN: "Table", RU: "Таблица"},
		"design.chart":    {EN: "Chart", RU: "График"},
		"design.badges":   {EN: "Badges and buttons", RU: "Метки и кнопки"},
		"design.fields":   {EN: "Fields", RU: "Поля"},
		"design.field":    {EN: "A field", RU: "Поле"},
		"design.help":     {EN: "What it is for.", RU: "Зачем оно нужно."},
		"design.wrong":    {EN: "What is wrong, and what to do.", RU: "Что не так и что сделать."},
		"design.states":   {EN: "States", RU: "Состояния"},
		"design.nothing":  {EN: "There is nothing here yet.", RU: "Здесь пока ничего нет."},
		"design.begin":    {EN: "Begin", RU: "Начать"},
		"design.waiting":  {EN: "Loading", RU: "Загрузка"},
		"design.question": {EN: "This can not be undone.", RU: "Это нельзя отменить."},
		"design.previous": {EN: "The period before", RU: "Прошлый период"},

		"graph.when":  {EN: "Day", RU: "День"},
		"graph.count": {EN: "People", RU: "Люди"},
		"graph.help": {
			EN: "Arrow keys walk from point to point.",
			RU: "Стрелки ведут от точки к точке.",
		},
		"graph.noscript": {
			EN: "The chart needs JavaScript; its figures stand in the table.",
			RU: "Для графика нужен JavaScript; числа есть в таблице.",
		},
	}
}
