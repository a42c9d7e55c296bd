package bothelp

import "github.com/tgtrack/tgtrack/platforms"

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
		Body: `{"user_id": "{%user_id%}", "target": "lead"}`,
	}
}
