package max

import (
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// guide is what the owner of a bot does. MAX has no page for subscriptions: they
// are made by a call of its Bot API.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`Copy the bot's token on business.max.ru: Chat bots, the bot, Integration.`,
			`Make up a secret of 5 to 256 letters, digits, _ and -, and save it below, under Signed ` +
				`requests. MAX will send it with each update, and what comes without it is refused.`,
			`Put the token and the secret into the command below and run it: it makes MAX post the bot's ` +
				`updates to {on_max_update}. MAX takes only HTTPS addresses with a trusted certificate.`,
			`Subscriptions of your own program stay. While a bot has one, long polling brings nothing: a ` +
				`program that polls can send each update on instead, as it came.`,
			`MAX repeats an update until it is answered 200, but for no longer than 8 hours; then the ` +
				`subscription ends, and the command is to be run again. The Bot API takes 30 calls a second.`,
			`For a channel, make the bot an administrator who may read all messages. A channel's events ` +
				`name no link: the source of a join is that of the newest click that nobody joined with, a guess.`,
			`Deep goals: POST to {send_reach_goal} with the person's id in MAX as user_id.`,
		},
		RU: []string{
			`Скопируйте токен бота на business.max.ru: «Чат-боты», нужный бот, «Интеграция».`,
			`Придумайте секрет из 5–256 латинских букв, цифр, _ и - и сохраните его ниже, в разделе «Подпись ` +
				`запросов». MAX будет присылать его с каждым обновлением, а запросы без него отклоняются.`,
			`Подставьте токен и секрет в команду ниже и выполните её: MAX станет присылать обновления бота ` +
				`на {on_max_update}. MAX принимает только адреса HTTPS с доверенным сертификатом.`,
			`Подписки вашей собственной программы остаются. Пока у бота есть подписка, long polling не ` +
				`приносит ничего: программа с long polling может вместо этого пересылать обновления как есть.`,
			`MAX повторяет обновление, пока не получит ответ 200, но не дольше 8 часов; после этого подписка ` +
				`отключается, и команду нужно выполнить снова. Bot API принимает 30 запросов в секунду.`,
			`Для канала сделайте бота администратором с правом читать все сообщения. События канала не ` +
				`называют ссылку: источник вступления — последний клик, по которому никто не вступил, то ` +
				`есть догадка.`,
			`Глубокие цели: POST на {send_reach_goal}, в user_id — идентификатор человека в MAX.`,
		},
		Body: `curl https://platform-api2.max.ru/subscriptions -H 'Authorization: TOKEN' ` +
			`-H 'Content-Type: application/json' -d '{"url": "{on_max_update}", "secret": "SECRET", ` +
			`"update_types": ["bot_started", "bot_stopped", "dialog_removed", "user_added", "user_removed"]}'`,
	}
}

// texts are its own errors.
func texts() []i18n.Text {
	return []i18n.Text{
		{
			EN: "the body holds more than %d updates; send fewer at once",
			RU: "в теле больше %d обновлений; отправляйте меньше за раз",
		},
		{EN: "must be an update of MAX, not a list", RU: "нужно обновление MAX, а не список"},
		{
			EN: "the body is an update of Telegram; send it to on_telegram_webhook, or MAX's own updates here",
			RU: "в теле обновление Telegram; отправляйте его на on_telegram_webhook, а сюда — обновления MAX",
		},
		{
			EN: "is missing; send the update from MAX unchanged",
			RU: "нет поля; пересылайте обновление MAX без изменений",
		},
	}
}
