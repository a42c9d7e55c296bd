package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// signInTexts are those of sessions and of the second factor.
func signInTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"code.title": {EN: "Second step", RU: "Второй шаг"},
		"code.code":  {EN: "Code", RU: "Код"},
		"code.help": {
			EN: "The six digits that your app shows, or a recovery code.",
			RU: "Шесть цифр из приложения или код восстановления.",
		},
		"code.wrong": {
			EN: "The code is wrong, or was used already. Wait for the next one.",
			RU: "Код неверен или уже использован. Дождитесь следующего.",
		},
		"code.over": {
			EN: "The password was entered too long ago. Log in again.",
			RU: "Пароль введён слишком давно. Войдите ещё раз.",
		},
		"code.again": {EN: "Begin anew", RU: "Начать сначала"},

		"factor.title": {EN: "Second factor", RU: "Второй фактор"},
		"factor.is_on": {
			EN: "On: logging in takes the password and a code of your app.",
			RU: "Подключён: для входа нужны пароль и код из приложения.",
		},
		"factor.is_off": {
			EN: "Off: whoever learns your password can log in.",
			RU: "Отключён: для входа достаточно узнать ваш пароль.",
		},
		"factor.set_up": {EN: "Set up", RU: "Подключить"},
		"factor.manage": {EN: "Change", RU: "Изменить"},
		"factor.must": {
			EN: "Your account has to have a second factor. Everything else, tokens for the management API included, opens " +
				"when it is set up.",
			RU: "Вашей учётной записи нужен второй фактор. Всё остальное, включая токены API управления, откроется, когда " +
				"он будет подключён.",
		},
		"factor.intro": {
			EN: "Scan the picture with an authenticator app, then enter the code that it shows.",
			RU: "Отсканируйте картинку приложением для кодов и введите код, который оно покажет.",
		},
		"factor.picture": {
			EN: "QR code for the app; its content stands below as text",
			RU: "QR-код для приложения; ниже то же текстом",
		},
		"factor.by_hand": {EN: "Or type this secret into it:", RU: "Или введите в него этот ключ:"},
		"factor.code":    {EN: "Code of the app", RU: "Код из приложения"},
		"factor.on":      {EN: "Turn on", RU: "Подключить"},
		"factor.off":     {EN: "Turn off", RU: "Отключить"},
		"factor.turn_off": {
			EN: "Log in without a code",
			RU: "Вход без кода",
		},
		"factor.codes": {EN: "Recovery codes", RU: "Коды восстановления"},
		"factor.codes_once": {
			EN: "Keep these codes where the app is not: each lets you in once without it. They are not shown again.",
			RU: "Сохраните эти коды отдельно от приложения: каждый один раз пускает без него. Больше они не " +
				"показываются.",
		},
		"factor.kept": {EN: "I have kept them", RU: "Коды сохранены"},
		"factor.left": {
			EN: "%s code is left.|%s codes are left.",
			RU: "Остался %s код.|Осталось %s кода.|Осталось %s кодов.",
		},
		"factor.renew": {EN: "Make new codes", RU: "Создать новые коды"},
		"factor.done_on": {
			EN: "The second factor is on; other browsers are logged out.",
			RU: "Второй фактор подключён; в других браузерах выполнен выход.",
		},
		"factor.done_off":   {EN: "The second factor is off.", RU: "Второй фактор отключён."},
		"factor.done_codes": {EN: "The old codes work no longer.", RU: "Старые коды больше не действуют."},

		"sessions.title":      {EN: "Where you are logged in", RU: "Где выполнен вход"},
		"sessions.browser":    {EN: "Browser", RU: "Браузер"},
		"sessions.network":    {EN: "Address", RU: "Адрес"},
		"sessions.began":      {EN: "Logged in", RU: "Вход"},
		"sessions.seen":       {EN: "Last seen", RU: "Последний визит"},
		"sessions.here":       {EN: "this one", RU: "этот"},
		"sessions.end":        {EN: "Log out", RU: "Завершить"},
		"sessions.end_others": {EN: "Log out everywhere else", RU: "Выйти везде, кроме этого браузера"},
		"sessions.ended":      {EN: "All other browsers are logged out.", RU: "Во всех других браузерах выполнен выход."},
	}
}
