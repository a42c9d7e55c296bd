package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// firstStepsTexts are those of a new project's first page.
func firstStepsTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"first.progress": {EN: "%d of %d done", RU: "Готово: %d из %d"},
		"first.done":     {EN: "done", RU: "готово"},
		"first.to_do":    {EN: "to do", RU: "не сделано"},

		"first.project": {EN: "Project", RU: "Проект"},
		"first.no_username": {
			EN: "The bot's username is missing: the address for ads leads nowhere without it.",
			RU: "Не указано имя бота: без него адрес для рекламы никуда не ведёт.",
		},

		"first.link":      {EN: "Link for an ad", RU: "Ссылка для рекламы"},
		"first.link_name": {EN: "First link", RU: "Первая ссылка"},
		"first.link_why": {
			EN: "Each ad gets a link of its own. By it we know where a subscriber came from.",
			RU: "У каждого объявления своя ссылка: по ней мы узнаём, откуда пришёл подписчик.",
		},
		"first.link_make": {EN: "Make the link", RU: "Создать ссылку"},
		"first.link_use": {
			EN: "Paste this address into the ad instead of the bot's.",
			RU: "Вставьте этот адрес в объявление вместо адреса бота.",
		},

		"first.click": {EN: "Test click", RU: "Тестовый клик"},
		"first.click_why": {
			EN: "Somebody follows the link. The click keeps what the ad brought: UTM and the network's click id.",
			RU: "Кто-то переходит по ссылке. В клике остаётся то, что передала реклама: UTM и метка сети.",
		},
		"first.click_do": {EN: "Make a test click", RU: "Сделать тестовый клик"},

		"first.start": {EN: "Test start", RU: "Тестовый старт"},
		"first.start_why": {
			EN: "A test person follows the link and presses Start, in the same way as real people do. " +
				"You see where they came from and what ad networks would get. Nothing is sent.",
			RU: "Тестовый человек переходит по ссылке и нажимает «Старт» тем же путём, что и настоящие люди. " +
				"Вы увидите, откуда он пришёл и что получат рекламные сети. Ничего не отправляется.",
		},
		"first.needs_link":  {EN: "Make a link first.", RU: "Сначала создайте ссылку."},
		"first.by_link":     {EN: "By the link", RU: "По ссылке"},
		"first.start_do":    {EN: "Make a test start", RU: "Сделать тестовый старт"},
		"first.start_again": {EN: "Make a new test start", RU: "Повторить тестовый старт"},
		"first.real_start": {
			EN: "Next: connect your bot, so that real starts arrive.",
			RU: "Дальше: подключите бота, чтобы приходили настоящие старты.",
		},

		"first.network": {EN: "Ad network", RU: "Рекламная сеть"},
		"first.network_why": {
			EN: "Conversions go to ad accounts. Choose the network where the ad runs.",
			RU: "Конверсии отправляются в рекламные аккаунты. Выберите сеть, где идёт реклама.",
		},
		"first.no_starts": {
			EN: "is not told of starts: it has no activation goal.",
			RU: "не получает старты: не указана цель для стартов.",
		},
		"first.hook": {
			EN: "No account at hand? The address of a program of yours will do:",
			RU: "Нет аккаунта под рукой? Подойдёт адрес вашей программы:",
		},
		"first.hook_name": {EN: "My program", RU: "Моя программа"},
		"first.hook_do":   {EN: "Connect this address", RU: "Подключить этот адрес"},

		"first.result": {EN: "What came of the test", RU: "Что получилось"},
		"first.came": {
			EN: "%s: the test person started by “%s”.",
			RU: "%s: тестовый человек нажал «Старт», источник «%s».",
		},
		"first.would_send": {EN: "This request would be sent:", RU: "Был бы отправлен такой запрос:"},
		"first.would_fail": {EN: "It would not be sent:", RU: "Запрос не ушёл бы:"},
		"first.no_conversions": {
			EN: "No ad account takes this start. Give the account an activation goal, and make a new test start.",
			RU: "Ни один рекламный аккаунт не принимает этот старт. Укажите в аккаунте цель для стартов и повторите " +
				"тестовый старт.",
		},
		"first.no_guesses": {
			EN: "In a channel the click of a subscriber is a guess, and this project does not send guesses: see Settings.",
			RU: "В канале клик подписчика угадывается, а угаданные клики этот проект не отправляет: см. настройки.",
		},
		"first.no_account": {
			EN: "There is no ad account yet, so nobody would be told. Connect one, and make a new test start.",
			RU: "Рекламного аккаунта пока нет, отправлять некуда. Подключите его и повторите тестовый старт.",
		},
		"first.counts_nowhere": {
			EN: "The test person is in no report, list or notification, and their conversions are sent to nobody.",
			RU: "Тестового человека нет ни в отчётах, ни в списках, ни в уведомлениях, его конверсии никому не " +
				"отправляются.",
		},
		"first.erase": {EN: "Erase the test", RU: "Удалить тест"},

		"account.created": {
			EN: "The account is saved. See what it would get:",
			RU: "Аккаунт сохранён. Посмотрите, что он получит:",
		},
	}
}
