package salebot

import "github.com/tgtrack/tgtrack/platforms"

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`Set the variable save_webhook to 1 in the project's constants.`,
			`When a person starts the bot, send the content of tg_request by a POST-json block to ` +
				`{on_telegram_webhook}.`,
			`Do the same in blocks that are triggered by client_unsubscribed and client_returned.`,
			`Make sure that starts with ?start=… and without it are both sent.`,
			`Deep goals: a POST-json block to {send_reach_goal}.`,
		},
		RU: []string{
			`В константах проекта задайте переменной save_webhook значение 1.`,
			`При старте бота отправьте содержимое tg_request блоком «POST-json» на ` +
				`{on_telegram_webhook}.`,
			`То же сделайте в блоках на события client_unsubscribed и client_returned.`,
			`Убедитесь, что пересылается старт и с параметром ?start=…, и без него.`,
			`Глубокие цели: блок «POST-json» на {send_reach_goal}.`,
		},
		Body: `#{tg_request}`,
	}
}
