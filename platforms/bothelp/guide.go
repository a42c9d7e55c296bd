package bothelp

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

func variables() i18n.Text {
	return i18n.Text{
		EN: "In BotHelp a variable is written {%user_id%}; check its name, and that it has a value at this step.",
		RU: "В BotHelp переменная пишется так: {%user_id%}; проверьте её название и есть ли у неё значение на этом шаге.",
	}
}

func webhook() i18n.Text {
	return i18n.Text{
		EN: "For starts use the action «Отправить данные подписчика через Webhook»: it makes the body by itself, and its " +
			"address is {my_bothelp_was_started}.",
		RU: "Для стартов берите действие «Отправить данные подписчика через Webhook»: тело оно составляет само, " +
			"адрес — {my_bothelp_was_started}.",
	}
}

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`Right behind the start of the bot, add an action.`,
			`Choose «Отправить данные подписчика через Webhook» and the address ` +
				`{my_bothelp_was_started}.`,
			`Do it in the Telegram bot only: people of other messengers have ids that look alike.`,
			`Deep goals: the block «Внешний запрос», POST to {send_reach_goal} with {%user_id%}.`,
		},
		RU: []string{
			`В боте сразу после старта создайте действие.`,
			`Выберите «Отправить данные подписчика через Webhook» и адрес {my_bothelp_was_started}.`,
			`Делайте это только в Telegram-боте: у людей из других мессенджеров похожие id.`,
			`Глубокие цели: блок «Внешний запрос», POST на {send_reach_goal} с {%user_id%}.`,
		},
		GoalBody: `{"user_id": "{%user_id%}", "target": "lead"}`,
		StartValue: i18n.Text{
			EN: "BotHelp puts it into ref by itself when the action stands right behind the start of the bot and the " +
				"person came by a link with ?start=.",
			RU: "BotHelp сам передаёт его в поле ref, если действие стоит сразу после старта бота, а человек пришёл по " +
				"ссылке с ?start=.",
		},
		Fixes: map[domain.RefusalCode]i18n.Text{
			domain.RefusedPlaceholder: variables(), domain.RefusedSample: variables(), domain.RefusedNothing: variables(),
			domain.RefusedMissing: webhook(), domain.RefusedVerb: webhook(), domain.RefusedMediaType: webhook(),
		},
	}
}
