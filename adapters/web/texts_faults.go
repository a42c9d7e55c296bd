package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// faultTexts are what use cases and ad networks say of wrong input, by the format
// in which they say it.
func faultTexts() i18n.Catalogue {
	return i18n.ByEnglish(
		i18n.Text{EN: "is required", RU: "нужно заполнить"},
		i18n.Text{EN: "must not be empty", RU: "нужно заполнить"},
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
			EN: "must be an e-mail such as anna@example.org",
			RU: "нужен e-mail вида anna@example.org",
		},
		i18n.Text{EN: "must have at least %d characters", RU: "не короче %d знаков"},
		i18n.Text{EN: "must not be the e-mail", RU: "не должен совпадать с e-mail"},
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
		i18n.Text{EN: "is not an address", RU: "это не адрес"},
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
	)
}
