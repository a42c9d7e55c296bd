package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// connectTexts are what Connect says of the test start, of addresses and of
// copying. What it says of mistakes is in findingTexts.
func connectTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"copy.copy":    {EN: "Copy", RU: "Копировать"},
		"copy.done":    {EN: "Copied", RU: "Скопировано"},
		"copy.failed":  {EN: "The text is selected: press Ctrl+C", RU: "Текст выделен: нажмите Ctrl+C"},
		"copy.show":    {EN: "Show the address", RU: "Показать адрес"},
		"copy.masked":  {EN: "The key is hidden here.", RU: "Ключ здесь скрыт."},
		"copy.secret":  {EN: "the secret", RU: "секрет"},
		"copy.token":   {EN: "the token", RU: "токен"},
		"copy.address": {EN: "the address", RU: "адрес"},
		"copy.command": {EN: "the command", RU: "команда"},

		"reach.self": {
			EN: "These addresses lead to this computer only: no constructor and no visitor reaches them",
			RU: "Эти адреса ведут только на этот компьютер: ни конструктор, ни посетитель до них не дойдёт",
		},
		"reach.network": {
			EN: "These addresses work within your network only: no constructor and no visitor reaches them",
			RU: "Эти адреса работают только внутри вашей сети: ни конструктор, ни посетитель до них не дойдёт",
		},
		"reach.nobody": {
			EN: "These addresses lead nowhere: the service does not know under which name the world reaches it",
			RU: "Эти адреса никуда не ведут: сервис не знает, под каким именем он доступен снаружи",
		},
		"reach.plain": {
			EN: "These addresses are not https://: keys travel in the open, and some constructors refuse such addresses",
			RU: "Эти адреса без https://: ключи передаются открыто, а некоторые конструкторы такие адреса не принимают",
		},
		"reach_do.self": {
			EN: "Put the service behind a domain with TLS and set public_url to its https:// address. For tests on this " +
				"computer they will do. Setting:",
			RU: "Откройте сервис через домен с TLS и укажите его адрес https:// в public_url. Для проверки на этом " +
				"компьютере подойдут и такие. Настройка:",
		},
		"reach_do.network": {
			EN: "Put the service behind a domain with TLS and set public_url to its https:// address. Setting:",
			RU: "Откройте сервис через домен с TLS и укажите его адрес https:// в public_url. Настройка:",
		},
		"reach_do.nobody": {
			EN: "Set public_url to the https:// address that the world sees. Setting:",
			RU: "Укажите в public_url адрес https://, по которому сервис виден снаружи. Настройка:",
		},
		"reach_do.plain": {
			EN: "Serve through a proxy with TLS and set public_url to its https:// address. Setting:",
			RU: "Поставьте перед сервисом прокси с TLS и укажите его адрес https:// в public_url. Настройка:",
		},

		"connect.press":     {EN: "What to do: %s", RU: "Что сделать: %s"},
		"connect.body":      {EN: "Body of the request for the start", RU: "Тело запроса для старта"},
		"connect.goal_body": {EN: "Body of the request for a deep goal", RU: "Тело запроса для глубокой цели"},
		"connect.docs":      {EN: "%s: documentation on webhooks", RU: "%s: документация по вебхукам"},
		"connect.guess":     {EN: "the click is a guess", RU: "клик угадан"},
		"connect.came":      {EN: "Came:", RU: "Пришло:"},
		"connect.inside":    {EN: "Of it this was to come:", RU: "Из этого должно было прийти:"},

		"connect.state.waiting": {
			EN: "Waiting for a test start",
			RU: "Ждём тестовый старт",
		},
		"connect.do.waiting": {
			EN: "Open a tracking link from Sources and press Start in the bot: so the source is tested, too. Nothing has " +
				"come with the project's key yet. If you pressed Start already, the request has not reached the service or " +
				"had another key: compare the address in the constructor with the one below.",
			RU: "Откройте ссылку из «Источников» и нажмите «Старт» в боте: так проверится и источник. С ключом проекта " +
				"пока ничего не приходило. Если «Старт» уже нажат, запрос не дошёл до сервиса или в нём другой ключ: сравните " +
				"адрес в конструкторе с адресом ниже.",
		},
		"connect.state.no_start": {
			EN: "Requests come, but nobody has pressed Start",
			RU: "Запросы приходят, но «Старт» никто не нажал",
		},
		"connect.do.no_start": {
			EN: "The address and the key are right. Open a tracking link from Sources and press Start in the bot. If you " +
				"did, the constructor does not send the start: look at the steps below.",
			RU: "Адрес и ключ верны. Откройте ссылку из «Источников» и нажмите «Старт» в боте. Если вы это сделали, " +
				"конструктор не отправляет сам старт: проверьте шаги ниже.",
		},
		"connect.state.good": {
			EN: "A start has arrived with its source: the bot is connected",
			RU: "Старт дошёл вместе с источником: бот подключён",
		},
		"connect.do.good": {
			EN: "Starts by tracking links are counted for their sources.",
			RU: "Старты по ссылкам засчитываются своим источникам.",
		},
		"connect.state.no_value": {
			EN: "A start has arrived, but without a start value: its source is unknown",
			RU: "Старт дошёл, но без стартового значения: источник неизвестен",
		},
		"connect.do.no_value": {
			EN: "If you opened the bot by its name, that is right: open it by a tracking link from Sources and press Start. " +
				"If you did come by a link, the constructor does not hand on what follows /start.",
			RU: "Если вы открыли бота по имени, так и должно быть: откройте его по ссылке из «Источников» и нажмите «Старт». " +
				"Если вы пришли по ссылке, конструктор не передаёт то, что идёт после /start.",
		},
		"connect.state.placeholder": {
			EN: "A start has arrived, but a variable came instead of the start value: its source is unknown",
			RU: "Старт дошёл, но вместо стартового значения пришла переменная: источник неизвестен",
		},
		"connect.do.placeholder": {
			EN: "The constructor has not put the value in: check how the variable is called there, and that it is filled " +
				"at this step.",
			RU: "Конструктор не подставил значение: проверьте, как там называется переменная и заполнена ли она на этом " +
				"шаге.",
		},
		"connect.state.sample": {
			EN: "A start has arrived, but with the word of the example as start value: its source is unknown",
			RU: "Старт дошёл, но вместо стартового значения — слово из примера: источник неизвестен",
		},
		"connect.do.sample": {
			EN: "Words in capitals only mark the place: put the constructor's variable there that holds what follows /start.",
			RU: "Слова заглавными буквами только отмечают место: поставьте туда переменную конструктора с тем, что идёт " +
				"после /start.",
		},
		"connect.state.address": {
			EN: "A start has arrived, but with a whole address as start value: its source is unknown",
			RU: "Старт дошёл, но вместо стартового значения — адрес целиком: источник неизвестен",
		},
		"connect.do.address": {
			EN: "Only what stands behind start= belongs there, and it is different for each person: put the " +
				"constructor's variable there, not a fixed text.",
			RU: "Нужно только то, что стоит после start=, и у каждого человека оно своё: поставьте переменную " +
				"конструктора, а не готовый текст.",
		},
		"connect.state.foreign": {
			EN: "A start has arrived, but its start value is of no link of this project",
			RU: "Старт дошёл, но его стартовое значение не относится ни к одной ссылке проекта",
		},
		"connect.do.foreign": {
			EN: "It counts as a source of its own under that name. If you typed it, all is well: test once more by opening " +
				"a tracking link from Sources. If you came by such a link, the value was changed on the way, or the link is " +
				"another project's.",
			RU: "Оно считается отдельным источником с таким названием. Если вы ввели его сами, всё в порядке: проверьте ещё " +
				"раз, открыв ссылку из «Источников». Если вы пришли по такой ссылке, значение по пути изменилось или ссылка " +
				"из другого проекта.",
		},
		"connect.state.no_click": {
			EN: "A start has arrived and asked for its click, but there is none to choose: its source is unknown",
			RU: "Старт дошёл и просит найти клик, но подходящего нет: источник неизвестен",
		},
		"connect.do.no_click": {
			EN: "Open a tracking link from Sources in a browser first, then press Start within ten minutes.",
			RU: "Сначала откройте ссылку из «Источников» в браузере, потом в течение десяти минут нажмите «Старт».",
		},
		"connect.state.other_bot": {
			EN: "A start of another bot has arrived: it counts as nothing",
			RU: "Пришёл старт другого бота: он не засчитывается",
		},
		"connect.do.other_bot": {
			EN: "The project's bot is named in the settings. Correct the name there, or send the updates of the right bot.",
			RU: "Бот проекта указан в настройках. Исправьте имя там или присылайте обновления нужного бота.",
		},
		"connect.state.refused": {
			EN: "The last request was refused: nothing of it counts",
			RU: "Последний запрос отклонён: он не засчитан",
		},
	}
}
