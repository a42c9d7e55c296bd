package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// faultTexts are what use cases and ad networks say of wrong input, by the format
// in which they say it.
func faultTexts() i18n.Catalogue {
	return i18n.ByEnglish(
		i18n.Text{
			EN: "is your only way in: ask an administrator for a link that sets a password",
			RU: "других способов войти у вас нет: попросите у администратора ссылку, по которой задают пароль",
		},
		i18n.Text{
			EN: "there is none yet: ask an administrator for a link that sets a password",
			RU: "пароля ещё нет: попросите у администратора ссылку, по которой его задают",
		},
		i18n.Text{
			EN: "passwords are switched off here: sign in with the provider",
			RU: "пароли здесь отключены: войдите через провайдера",
		},
		i18n.Text{EN: "must be a number from 1 to %d", RU: "нужно число от 1 до %d"},
		i18n.Text{EN: "is no page that can be shared", RU: "этой страницей поделиться нельзя"},
		i18n.Text{EN: "is not the password of this report", RU: "пароль не подходит к этому отчёту"},
		i18n.Text{
			EN: "%d reports are shared already: withdraw some first",
			RU: "по ссылке открыто уже %d отчётов: сначала закройте лишние",
		},
		i18n.Text{EN: "must be csv or xlsx", RU: "должно быть csv или xlsx"},
		i18n.Text{
			EN: "an XLSX file has at most 1,048,575 rows and this table has more: take CSV, or a shorter period",
			RU: "в файле XLSX не больше 1 048 575 строк, а в этой таблице их больше: скачайте CSV или выберите период короче",
		},
		i18n.Text{EN: "is required", RU: "нужно заполнить"},
		i18n.Text{EN: "must not be empty", RU: "нужно заполнить"},
		i18n.Text{
			EN: `invalid cursor; use the previous page's "next"`,
			RU: "такой страницы нет; возьмите next предыдущей страницы",
		},
		i18n.Text{
			EN: "is a placeholder of the documentation; enter your own value",
			RU: "это образец из документации; введите своё значение",
		},
		i18n.Text{EN: "must not have control characters", RU: "не должно содержать управляющих символов"},
		i18n.Text{EN: "has %d characters; %d is the most", RU: "%d знаков; можно не больше %d"},
		i18n.Text{EN: "has %d entries; %d is the most", RU: "%d записей; можно не больше %d"},
		i18n.Text{EN: "must be one of %s", RU: "должно быть одним из: %s"},
		i18n.Text{EN: "%q is not known", RU: "значение %q неизвестно"},
		i18n.Text{
			EN: "%q is not known; choose one of %s",
			RU: "значение %q неизвестно; выберите одно из: %s",
		},
		i18n.Text{
			EN: "%q is not known; `tgtrack platforms` lists them",
			RU: "значение %q неизвестно; список печатает `tgtrack platforms`",
		},
		i18n.Text{
			EN: "is not known; the Connect page of a constructor that signs has its name",
			RU: "такого секрета нет; название есть на странице подключения конструктора, который подписывает запросы",
		},
		i18n.Text{EN: "has a zero byte", RU: "содержит нулевой байт"},
		i18n.Text{EN: "must be an object", RU: "должно быть объектом"},
		i18n.Text{EN: "must be %s, not a %s", RU: "нужно %s, а не %s"},
		i18n.Text{
			EN: "is not a field of this call; its fields are %s",
			RU: "у этого вызова такого поля нет; его поля: %s",
		},
		i18n.Text{
			EN: "is none that the constructor takes; its Connect page says what one is made of",
			RU: "такой секрет конструктор не примет; из чего он состоит, сказано на странице подключения",
		},
		i18n.Text{
			EN: "must be what one star is worth, from 0 (stars are counted apart) to 1000000",
			RU: "сколько стоит одна звезда: от 0 (звёзды считаются отдельно) до 1000000",
		},
		i18n.Text{
			EN: "%q is not an IANA time zone such as Europe/Moscow",
			RU: "%q — не часовой пояс вида Europe/Moscow",
		},
		i18n.Text{
			EN: "must be the name behind @, of letters, digits and _; leave it empty for a " +
				"private channel",
			RU: "это имя после @ из латинских букв, цифр и _; для закрытого канала оставьте пустым",
		},
		i18n.Text{
			EN: "must be an invite link of Telegram such as https://t.me/+AbCdEf",
			RU: "нужна пригласительная ссылка Telegram вида https://t.me/+AbCdEf",
		},
		i18n.Text{
			EN: "must be an invite link of MAX such as https://max.ru/join/AbCdEf",
			RU: "нужна пригласительная ссылка MAX вида https://max.ru/join/AbCdEf",
		},
		i18n.Text{
			EN: "must be the id of the channel or group, such as -1001234567890",
			RU: "нужен идентификатор канала или группы, например -1001234567890",
		},
		i18n.Text{
			EN: "must be an e-mail such as anna@example.org",
			RU: "нужен e-mail вида anna@example.org",
		},
		i18n.Text{EN: "must have at least %d characters", RU: "не короче %d знаков"},
		i18n.Text{
			EN: "is one of those that everybody tries first; take several words, or let the browser make one",
			RU: "такой пароль пробуют первым; возьмите несколько слов или пароль, который предложит браузер",
		},
		i18n.Text{
			EN: "is too easy to guess: the same characters again, or neighbours on the keyboard",
			RU: "легко подобрать: знаки повторяются или стоят на клавиатуре рядом",
		},
		i18n.Text{
			EN: "must not be made of the e-mail, the name or the name of this service",
			RU: "не должен состоять из e-mail, имени или названия сервиса",
		},
		i18n.Text{
			EN: "is not the one that the app shows now",
			RU: "сейчас приложение показывает другой код",
		},
		i18n.Text{EN: "is not your password", RU: "это не ваш пароль"},
		i18n.Text{EN: "must be in the future", RU: "должно быть в будущем"},
		i18n.Text{EN: "must be from 0 to %d", RU: "должно быть от 0 до %d"},
		i18n.Text{
			EN: "must be a time such as 2027-01-31T00:00:00Z, or null",
			RU: "нужно время вида 2027-01-31T00:00:00Z или пусто",
		},
		i18n.Text{
			EN: "must be a day such as 2027-01-31 or a time such as 2027-01-31T09:00:00Z",
			RU: "нужен день вида 2027-01-31",
		},
		i18n.Text{EN: "lies before from", RU: "раньше начала"},
		i18n.Text{EN: "is more than %d days before to", RU: "больше чем за %d дней до конца"},
		i18n.Text{EN: "goes with \"paused\": false", RU: "указывается при снятии с паузы"},
		i18n.Text{
			EN: "can not be changed; make another account",
			RU: "изменить нельзя; создайте другой аккаунт",
		},
		i18n.Text{EN: "%q is not a network that tgtrack knows", RU: "сети %q tgtrack не знает"},
		i18n.Text{
			EN: "%s is known, but this version can not send to it",
			RU: "%s: эта версия отправлять туда ещё не умеет",
		},
		i18n.Text{
			EN: "can not be changed: this build of tgtrack can not send to %s",
			RU: "изменить нельзя: эта сборка tgtrack не умеет отправлять в %s",
		},
		i18n.Text{EN: "is not an address", RU: "это не адрес"},
		i18n.Text{
			EN: "is not an address: see that the host has no blank and the port is a number",
			RU: "это не адрес: в имени узла не должно быть пробела, а порт должен быть числом",
		},
		i18n.Text{
			EN: "holds a line break, a tab or another control character; paste it in one line",
			RU: "содержит перевод строки, табуляцию или другой управляющий символ: вставьте одной строкой",
		},
		i18n.Text{EN: "has no host; write it as https://host/path", RU: "нет имени узла: нужно https://узел/путь"},
		i18n.Text{
			EN: "holds a #, and what stands behind it is never sent; write %%23 for the character",
			RU: "содержит #, а то, что за ним, не отправляется: вместо самого знака пишите %%23",
		},
		i18n.Text{
			EN: "begins or ends with a blank; take it away",
			RU: "начинается или кончается пробелом: уберите его",
		},
		i18n.Text{EN: "the port must be between 1 and 65535", RU: "порт должен быть от 1 до 65535"},
		i18n.Text{EN: "must be the number of the counter", RU: "нужен номер счётчика"},
		i18n.Text{EN: "must be the number of the dataset", RU: "нужен номер набора данных"},
		i18n.Text{EN: "must be the pixel's number, digits only", RU: "нужен номер пикселя, только цифры"},
		i18n.Text{
			EN: "must be the account's number, such as 123-456-7890",
			RU: "нужен номер аккаунта вида 123-456-7890",
		},
		i18n.Text{
			EN: "must be the manager account's number, such as 123-456-7890",
			RU: "нужен номер управляющего аккаунта вида 123-456-7890",
		},
		i18n.Text{
			EN: "must be a web stream's Measurement ID, which begins with G-",
			RU: "нужен идентификатор потока, начинается с G-",
		},
		i18n.Text{
			EN: "must name the conversion action's id of at least one goal",
			RU: "укажите номер действия-конверсии хотя бы для одной цели",
		},
		i18n.Text{EN: "is required beside previous_secret", RU: "нужно указать вместе с previous_secret"},
		i18n.Text{
			EN: "a GET has no body; choose POST or leave the body empty",
			RU: "у GET нет тела; выберите POST или оставьте тело пустым",
		},
		i18n.Text{EN: "write codes such as 200, 201", RU: "перечислите коды, например 200, 201"},
		i18n.Text{
			EN: "write scheme, host and port, such as http://user:password@proxy.example:3128",
			RU: "укажите схему, хост и порт, например http://user:password@proxy.example:3128",
		},
		i18n.Text{
			EN: "must be a day such as 2027-01-31 or 31.01.2027",
			RU: "нужен день вида 2027-01-31 или 31.01.2027",
		},
		i18n.Text{
			EN: "must be a sum such as 1500 or 1500.50, not below 0",
			RU: "нужна сумма вида 1500 или 1500.50, не меньше 0",
		},
		i18n.Text{EN: "is not UTF-8; save it as CSV UTF-8", RU: "не UTF-8; сохраните как CSV UTF-8"},
		i18n.Text{
			EN: "has no header; the first line names the columns date, link, cost",
			RU: "нет заголовка; в первой строке названия столбцов: дата, ссылка, расход",
		},
		i18n.Text{
			EN: "has no column %s; the first line names the columns date, link, cost",
			RU: "нет столбца %s; в первой строке названия столбцов: дата, ссылка, расход",
		},
		i18n.Text{
			EN: "can not be read from line %d on, or has more than %d lines",
			RU: "не читается со строки %d или длиннее %d строк",
		},
		i18n.Text{EN: "is larger than %d KiB; import it in parts", RU: "больше %d КиБ; загрузите частями"},
		i18n.Text{EN: "%q is not a number", RU: "%q — не число"},
		i18n.Text{EN: "line %d: %s", RU: "строка %d: %s"},
		i18n.Text{EN: "is out of range", RU: "слишком большое число"},
		i18n.Text{EN: "%q is no link of the project", RU: "%q — такой ссылки в проекте нет"},
		i18n.Text{
			EN: "%q is of %d links; write the link's id",
			RU: "%q — так называются ссылки, их %d; укажите id ссылки",
		},
		i18n.Text{
			EN: "is empty; write a link's name or id, or a utm_campaign",
			RU: "пусто; укажите название или id ссылки либо utm_campaign",
		},
		i18n.Text{
			EN: "is not a setting of this network; it has %s",
			RU: "такой настройки у этой сети нет; есть %s",
		},
		i18n.Text{EN: "is required. %s", RU: "нужно заполнить. %s"},
		i18n.Text{
			EN: "is required, unless service_account is given",
			RU: "нужно заполнить, если не указан service_account",
		},
		i18n.Text{
			EN: "must be an address that begins with https://",
			RU: "нужен адрес, который начинается с https://",
		},
		i18n.Text{EN: "must be an object of texts", RU: "нужен объект с текстами"},
		i18n.Text{EN: "must be text", RU: "нужен текст"},
		i18n.Text{EN: "must be true or false", RU: "нужно true или false"},
		i18n.Text{EN: "port %s is not a proxy's port", RU: "порт %s не подходит для прокси"},
		i18n.Text{
			EN: "scheme %q is not one of http, https, socks5",
			RU: "схема %q — не http, https или socks5",
		},
		i18n.Text{EN: "must be the conversion action's id, a number", RU: "нужен номер действия-конверсии"},
		i18n.Text{EN: "a brace has no partner near %q", RU: "у скобки нет пары около %q"},
		i18n.Text{EN: "is not JSON", RU: "это не JSON"},
		i18n.Text{EN: "is not a header that can be set", RU: "такой заголовок задать нельзя"},
		i18n.Text{EN: "the host must not hold a macro", RU: "в имени хоста не может быть макроса"},
		i18n.Text{
			EN: "{%s} is not a macro; there are {%s} and {click.PARAMETER}",
			RU: "{%s} — не макрос; есть {%s} и {click.ПАРАМЕТР}",
		},
		i18n.Text{
			EN: "{%s}: write the map as {%s:this=that other=another}",
			RU: "{%s}: запишите соответствия так: {%s:это=то другое=иное}",
		},
		i18n.Text{
			EN: "must be whsec_ followed by base64 of 24 to 64 random bytes, or empty",
			RU: "нужно whsec_ и base64 из 24–64 случайных байт или пусто",
		},
		i18n.Text{
			EN: "is the mask of a secret, and there is no secret yet",
			RU: "это маска секрета, а секрета ещё нет",
		},
		i18n.Text{
			EN: "must be a number from 0 (no limit) to %d",
			RU: "нужно число от 0 (без ограничения) до %d",
		},
		i18n.Text{
			EN: "must be three letters of ISO 4217, such as RUB",
			RU: "нужны три буквы по ISO 4217, например RUB",
		},
		i18n.Text{EN: "must be some of %s, joined by commas", RU: "нужно что-то из %s, через запятую"},
		i18n.Text{EN: "there is no such project", RU: "такого проекта нет"},
		i18n.Text{
			EN: "is more than 3 days before to; figures by the hour are of 3 days at most",
			RU: "больше чем за 3 дня до конца; по часам можно смотреть не больше 3 дней",
		},
		i18n.Text{EN: "must be a day such as 2027-01-31", RU: "нужен день вида 2027-01-31"},
		i18n.Text{
			EN: "no bot is set up: set telegram.bot_token",
			RU: "бот не настроен: задайте telegram.bot_token",
		},
		i18n.Text{EN: "is no link of the project", RU: "это не ссылка проекта"},
		i18n.Text{
			EN: "is the name of another link, and costs and reports go by names; choose another, such as %q",
			RU: "так уже называется другая ссылка, а по названиям идут расходы и отчёты; выберите другое, например %q",
		},
		i18n.Text{
			EN: "is the name of an archived link; choose another, such as %q, or bring that one back",
			RU: "так называется ссылка в архиве; выберите другое, например %q, или верните ту",
		},
		i18n.Text{
			EN: "%q leads, or has led, to another link; choose another",
			RU: "%q ведёт или вёл на другую ссылку; выберите другой",
		},
		i18n.Text{
			EN: "must be 3 to 40 small Latin letters, digits and hyphens, such as spring-sale",
			RU: "нужно от 3 до 40 строчных латинских букв, цифр и дефисов, например spring-sale",
		},
		i18n.Text{
			EN: "has the form of an id; choose a word that people can read",
			RU: "похоже на идентификатор; выберите слово, которое легко прочесть",
		},
		i18n.Text{
			EN: "is required: the template puts it into UTM",
			RU: "нужно заполнить: шаблон ставит его в UTM",
		},
		i18n.Text{
			EN: "a tag must have no comma and no control characters",
			RU: "в метке не должно быть запятых и управляющих символов",
		},
		i18n.Text{
			EN: "a tag has %d characters; %d is the most",
			RU: "в метке %d знаков; можно не больше %d",
		},
		i18n.Text{
			EN: "is for links that are made; give utm",
			RU: "шаблон нужен только новой ссылке; здесь укажите utm",
		},
		i18n.Text{EN: "%q is no UTM template of the project", RU: "шаблона UTM %q в проекте нет"},
		i18n.Text{
			EN: "there are %d templates, which is the most; delete one first",
			RU: "шаблонов уже %d, больше нельзя; сначала удалите лишний",
		},
		i18n.Text{
			EN: "write at least one value, with {name} where something else stands each time",
			RU: "заполните хотя бы одно значение, с {именем} на месте того, что меняется",
		},
		i18n.Text{
			EN: "braces stand around a name of letters, digits and _, such as {city}",
			RU: "в фигурных скобках должно стоять имя из букв, цифр и _, например {город}",
		},
		i18n.Text{
			EN: "asks for %d values; %d is the most",
			RU: "запрашивает значений: %d; можно не больше %d",
		},
		i18n.Text{EN: "give either links or a table", RU: "передайте либо links, либо table"},
		i18n.Text{
			EN: "has no links; a line has the name of one, and what else is known of it",
			RU: "ссылок нет; в каждой строке нужно название и всё, что о ссылке известно",
		},
		i18n.Text{
			EN: "has %d links; %d is the most at once",
			RU: "ссылок %d; за раз можно не больше %d",
		},
		i18n.Text{EN: "can not be read from line %d on", RU: "не читается со строки %d"},
		i18n.Text{
			EN: "line %d has more cells than there are columns; put a value that has the separator in it into quotes",
			RU: "в строке %d ячеек больше, чем столбцов; значение с разделителем внутри возьмите в кавычки",
		},
		i18n.Text{
			EN: "the column %q is not known; the first line has some of name, slug, tags, utm_source, utm_medium, " +
				"utm_campaign, utm_content, utm_term, invite_link and the template's placeholders",
			RU: "столбец %q неизвестен; в первой строке могут быть name, slug, tags, utm_source, utm_medium, " +
				"utm_campaign, utm_content, utm_term, invite_link и подстановки шаблона",
		},
		i18n.Text{
			EN: "has no column name; the first line names the columns",
			RU: "нет столбца name (название); первая строка называет столбцы",
		},
		i18n.Text{
			EN: "write {name} where something else stands each time, such as promo__clickId={click}",
			RU: "напишите {имя} на месте того, что меняется, например promo__clickId={click}",
		},
		i18n.Text{
			EN: "something must stand between {%s} and what comes before it",
			RU: "между {%s} и тем, что стоит перед ним, должно что-то быть",
		},
		i18n.Text{EN: "{%s} stands there twice", RU: "{%s} повторяется"},
		i18n.Text{
			EN: "would take every start value; write what they have in common",
			RU: "подойдёт к любому значению start; напишите, что в них общего",
		},
		i18n.Text{EN: "at most %d are tried", RU: "применяется не больше %d"},
		i18n.Text{
			EN: "write the start value, without blanks, with {name} where something else stands each time, such as " +
				"promo__clickId={click}",
			RU: "напишите значение start без пробелов, с {имя} на месте того, что меняется, например " +
				"promo__clickId={click}",
		},
		i18n.Text{
			EN: "{%s is no name; write {campaign} or {click}",
			RU: "{%s — не имя; напишите {campaign} или {click}",
		},
		i18n.Text{EN: "can not be read", RU: "не читается"},
		i18n.Text{
			EN: "a test is being sent; wait for its outcome in the list of messages",
			RU: "проверка отправляется; дождитесь её итога в списке сообщений",
		},
		i18n.Text{EN: "there is no chat and no webhook yet", RU: "ещё нет ни чата, ни вебхука"},
	)
}
