package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// findingTexts say the mistakes that refused requests tell of, and what to do
// about them. What is to be pressed in a constructor, its guide adds.
func findingTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"finding.macro": {
			EN: "A variable was not replaced by its value",
			RU: "Переменная не заменена значением",
		},
		"finding_do.macro": {
			EN: "Check how the variable is called in the constructor, and that it has a value at this step.",
			RU: "Проверьте, как переменная называется в конструкторе и есть ли у неё значение на этом шаге.",
		},
		"finding.sample": {
			EN: "The word of the example came instead of a value",
			RU: "Вместо значения пришло слово из примера",
		},
		"finding_do.sample": {
			EN: "Words in capitals only mark the place: put the constructor's variable there.",
			RU: "Слова заглавными буквами только отмечают место: поставьте туда переменную конструктора.",
		},
		"finding.nothing": {
			EN: "The variable has no value at this step",
			RU: "У переменной нет значения на этом шаге",
		},
		"finding_do.nothing": {
			EN: "The constructor writes null or undefined for it. Send the request after the step that fills the variable, or " +
				"take another one.",
			RU: "Конструктор пишет вместо него null или undefined. Отправляйте запрос после шага, который заполняет " +
				"переменную, или возьмите другую.",
		},
		"finding.missing": {EN: "A field is missing or empty", RU: "Нет нужного поля, или оно пустое"},
		"finding_do.missing": {
			EN: "Add the field to the body, written exactly so, with the constructor's variable as its value.",
			RU: "Добавьте поле в тело, написав его в точности так, а значением поставьте переменную конструктора.",
		},
		"finding.username": {EN: "A name came instead of an id", RU: "Вместо id пришло имя"},
		"finding_do.username": {
			EN: "A person is known by the number in the messenger, not by @name: take the variable with the id.",
			RU: "Человек узнаётся по номеру в мессенджере, а не по @имени: возьмите переменную с id.",
		},
		"finding.not_an_id": {
			EN: "Something else came instead of a person's id in the messenger",
			RU: "Вместо id человека в мессенджере пришло другое",
		},
		"finding_do.not_an_id": {
			EN: "The id is a whole number such as 123456789. Constructors have ids of their own, too: take that of Telegram.",
			RU: "Это целое число вида 123456789. У конструкторов бывают и свои id: возьмите id из Telegram.",
		},
		"finding.field": {EN: "A field of the request is wrong", RU: "Поле запроса заполнено неверно"},
		"finding_do.field": {
			EN: "Correct it in the body of the request in the constructor.",
			RU: "Исправьте его в теле запроса в конструкторе.",
		},
		"finding.shape": {EN: "The body is not what this address takes", RU: "Тело не того вида, какого ждёт этот адрес"},
		"finding_do.shape": {
			EN: "Compare the body in the constructor with the one below, and the address with the one it belongs to.",
			RU: "Сравните тело в конструкторе с образцом ниже, а адрес — с тем, к которому оно относится.",
		},
		"finding.no_update": {
			EN: "The body is no update of the messenger",
			RU: "В теле нет обновления мессенджера",
		},
		"finding_do.no_update": {
			EN: "This address takes updates as the messenger sent them. For a body of your own use the address of another " +
				"method, such as user_did_start_bot.",
			RU: "Этот адрес принимает обновления такими, какими их прислал мессенджер. Для своего тела возьмите адрес другого " +
				"метода, например user_did_start_bot.",
		},
		"finding.too_many":    {EN: "More came at once than fits", RU: "Пришло больше, чем можно за раз"},
		"finding_do.too_many": {EN: "Divide it among several requests.", RU: "Разделите на несколько запросов."},
		"finding.goal": {
			EN: "A goal that no ad network can be told of: it was kept in the person's history",
			RU: "О цели нельзя сообщить рекламной сети: она сохранена в истории человека",
		},
		"finding_do.goal": {
			EN: "The person did not come by a tracking link, or too long ago. Nothing is wrong with the connection.",
			RU: "Человек пришёл не по ссылке с отслеживанием или слишком давно. С подключением всё в порядке.",
		},
		"finding.unreadable": {EN: "The body can not be read", RU: "Тело запроса не читается"},
		"finding_do.unreadable": {
			EN: "Check quotes and brackets of the body; text with quotes in it must be escaped.",
			RU: "Проверьте кавычки и скобки в теле; текст с кавычками внутри нужно экранировать.",
		},
		"finding.empty_body": {EN: "The body is empty", RU: "Тело запроса пустое"},
		"finding_do.empty_body": {
			EN: "Put the body into the request in the constructor; a GET has none, so choose POST.",
			RU: "Вставьте тело в запрос в конструкторе; у GET его не бывает, поэтому выберите POST.",
		},
		"finding.too_large": {EN: "The body is too large", RU: "Тело запроса слишком велико"},
		"finding_do.too_large": {
			EN: "Send only what is needed: no files, and no whole history of the dialog.",
			RU: "Отправляйте только нужное: без файлов и без всей истории диалога.",
		},
		"finding.content_type":    {EN: "The request is neither JSON nor a form", RU: "Запрос не JSON и не форма"},
		"finding_do.content_type": {EN: "Choose JSON as the kind of the request.", RU: "Выберите JSON как тип запроса."},
		"finding.packed":          {EN: "The body can not be unpacked", RU: "Тело запроса не распаковывается"},
		"finding_do.packed": {
			EN: "Take the header Content-Encoding out of the request, and send the body as it is.",
			RU: "Уберите из запроса заголовок Content-Encoding и отправляйте тело как есть.",
		},
		"finding.signature": {
			EN: "A request was not signed as it should be",
			RU: "Запрос пришёл без верной подписи",
		},
		"finding_do.signature": {
			EN: "Compare the secret below with the one in the service that signs; a program in between must hand " +
				"on the header, and the body as it came.",
			RU: "Сверьте секрет ниже с тем, что задан в подписывающем сервисе; программа-посредник должна " +
				"передавать заголовок, а тело — как оно пришло.",
		},
		"finding.wrong_key":    {EN: "The key in the address is not the project's", RU: "Ключ в адресе — не ключ проекта"},
		"finding_do.wrong_key": {EN: "Copy the address below as a whole.", RU: "Скопируйте адрес ниже целиком."},
		"finding.old_key":      {EN: "The bot calls with the old key", RU: "Бот обращается со старым ключом"},
		"finding_do.old_key": {
			EN: "A new key took its place: show the addresses below and exchange them in the constructor.",
			RU: "Его заменил новый: покажите адреса ниже и замените их в конструкторе.",
		},
		"finding.expired_key": {EN: "The key has expired", RU: "Срок ключа истёк"},
		"finding_do.expired_key": {
			EN: "Make a new key at the bottom of this page, and exchange the addresses in the constructor.",
			RU: "Создайте новый ключ внизу этой страницы и замените адреса в конструкторе.",
		},
		"finding.report_key": {
			EN: "The key for reports stands in the address",
			RU: "В адресе стоит ключ для отчётов",
		},
		"finding_do.report_key": {
			EN: "It only reads figures. Show the addresses below and copy one of them: they have the API key.",
			RU: "Он только читает цифры. Покажите адреса ниже и скопируйте нужный: в них API-ключ.",
		},
		"finding.switched_off": {EN: "The project is switched off", RU: "Проект выключен"},
		"finding_do.switched_off": {
			EN: "Switch it on in the settings; what came meanwhile is not counted.",
			RU: "Включите его в настройках; то, что пришло за это время, не засчитано.",
		},
		"finding.unknown_method": {EN: "The address names no method", RU: "В адресе нет такого метода"},
		"finding_do.unknown_method": {
			EN: "Copy the address from below as a whole.",
			RU: "Скопируйте адрес ниже целиком.",
		},
		"finding.no_constructor": {
			EN: "This version of tgtrack can not read the project's constructor",
			RU: "Эта версия tgtrack не умеет читать запросы конструктора проекта",
		},
		"finding_do.no_constructor": {
			EN: "The requests are kept. Whoever runs tgtrack can take them with the build that has it.",
			RU: "Запросы сохраняются. Тот, кто запускает tgtrack, может принять их в сборке, где он есть.",
		},
		"finding.verb": {EN: "The request was not sent by POST", RU: "Запрос отправлен не методом POST"},
		"finding_do.verb": {
			EN: "Choose POST as the method of the request in the constructor. Whoever opens the address in a browser sends " +
				"a GET: that is no test.",
			RU: "Выберите POST как метод запроса в конструкторе. Если открыть адрес в браузере, уйдёт GET: так проверить " +
				"нельзя.",
		},
		"finding.unknown_person": {
			EN: "The bot asked about a person of whom nothing was received",
			RU: "Бот спросил о человеке, о котором ничего не приходило",
		},
		"finding_do.unknown_person": {
			EN: "Send the person's start first, or check that the id is that in the messenger.",
			RU: "Сначала отправьте старт этого человека или проверьте, что id — из мессенджера.",
		},
		"finding.idempotency": {
			EN: "An Idempotency-Key came again with another body",
			RU: "Idempotency-Key пришёл ещё раз с другим телом",
		},
		"finding_do.idempotency": {
			EN: "Give each event a key of its own, or leave the header out.",
			RU: "Давайте каждому событию свой ключ или уберите заголовок.",
		},
		"finding.limit": {
			EN: "More requests came than the project may send",
			RU: "Запросов больше, чем разрешено проекту",
		},
		"finding_do.limit": {
			EN: "Raise the limits in the settings, send only starts, stops and goals, or many requests in " +
				"one call of batch.",
			RU: "Поднимите лимиты в настройках, отправляйте только старты, остановки и цели или передавайте " +
				"много запросов одним вызовом batch.",
		},
		"finding.ours": {
			EN: "The service could not take the request",
			RU: "Сервис не смог принять запрос",
		},
		"finding_do.ours": {
			EN: "It is not the bot's fault. Tell whoever runs the service: tgtrack doctor says what is wrong.",
			RU: "Дело не в боте. Сообщите тому, кто запускает сервис: причину покажет tgtrack doctor.",
		},
		"finding.wrong_method": {
			EN: "The request goes to another method's address",
			RU: "Запрос идёт на адрес другого метода",
		},
		"finding_do.wrong_method": {
			EN: "Look which of the addresses below fits what the constructor sends.",
			RU: "Посмотрите, какой из адресов ниже подходит к тому, что отправляет конструктор.",
		},
		"finding.start_address": {
			EN: "A whole address came as the start value: the source is unknown",
			RU: "Вместо стартового значения пришёл адрес целиком: источник неизвестен",
		},
		"finding_do.start_address": {
			EN: "Send only what stands behind start=, from the constructor's variable.",
			RU: "Передавайте только то, что стоит после start=, из переменной конструктора.",
		},
		"finding.start_sample": {
			EN: "The word of the example came as the start value: the source is unknown",
			RU: "Вместо стартового значения пришло слово из примера: источник неизвестен",
		},
		"finding_do.start_sample": {
			EN: "Put the constructor's variable in its place that holds what follows /start.",
			RU: "Поставьте на его место переменную конструктора с тем, что идёт после /start.",
		},
		"finding.other_bot": {
			EN: "A start names another bot than the project's",
			RU: "Пришёл старт другого бота, не бота проекта",
		},
		"finding_do.other_bot": {
			EN: "Correct the bot's name in the settings, or send the updates of the right bot.",
			RU: "Исправьте имя бота в настройках или присылайте обновления нужного бота.",
		},
	}
}
