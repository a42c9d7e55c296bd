package telegram

import "github.com/tgtrack/tgtrack/platforms"

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`In the code that takes updates, send each update on to {on_telegram_webhook}, as it ` +
				`came, by POST and as JSON.`,
			`Send starts with and without a value behind /start, and my_chat_member updates: those ` +
				`are stops.`,
			`For a channel, make the bot an administrator and ask Telegram for chat_member in ` +
				`allowed_updates.`,
			`Deep goals: POST to {send_reach_goal}.`,
		},
		RU: []string{
			`В коде, который принимает обновления, пересылайте каждое на {on_telegram_webhook} как ` +
				`есть: методом POST, в формате JSON.`,
			`Пересылайте старты и с параметром, и без него, а также обновления my_chat_member: это ` +
				`остановки.`,
			`Для канала сделайте бота администратором и запросите у Telegram chat_member в ` +
				`allowed_updates.`,
			`Глубокие цели: POST на {send_reach_goal}.`,
		},
	}
}
