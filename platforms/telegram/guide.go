package telegram

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

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
			`Payments in the bot, in money or stars, come with the updates and are revenue by themselves: do not ` +
				`send their sums once more. To tell an ad network of them, give payment_created a name among ` +
				`the goals of its account.`,
		},
		RU: []string{
			`В коде, который принимает обновления, пересылайте каждое на {on_telegram_webhook} как ` +
				`есть: методом POST, в формате JSON.`,
			`Пересылайте старты и с параметром, и без него, а также обновления my_chat_member: это ` +
				`остановки.`,
			`Для канала сделайте бота администратором и запросите у Telegram chat_member в ` +
				`allowed_updates.`,
			`Глубокие цели: POST на {send_reach_goal}.`,
			`Платежи в боте, деньгами или звёздами, приходят с обновлениями и сами становятся выручкой: не ` +
				`присылайте их суммы ещё раз. Чтобы о них узнала рекламная сеть, дайте payment_created ` +
				`название среди целей её аккаунта.`,
		},
		StartValue: i18n.Text{
			EN: "It stands in message.text behind /start: send the update on before your code changes it.",
			RU: "Оно стоит в message.text после /start: пересылайте обновление до того, как его изменит ваш код.",
		},
		Fixes: map[domain.RefusalCode]i18n.Text{
			domain.RefusedNoUpdate: asItCame(), domain.RefusedShape: asItCame(), domain.RefusedMissing: asItCame(),
			domain.RefusedEmptyBody: asItCame(), domain.RefusedBody: asItCame(), domain.RefusedMediaType: asItCame(),
		},
	}
}

func asItCame() i18n.Text {
	return i18n.Text{
		EN: "Send the body that Telegram sent to {on_telegram_webhook}, byte by byte, with Content-Type " +
			"application/json: it begins with update_id.",
		RU: "Отправляйте на {on_telegram_webhook} то тело, которое прислал Telegram, байт в байт, с Content-Type " +
			"application/json: оно начинается с update_id.",
	}
}
