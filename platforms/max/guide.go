package max

import "github.com/tgtrack/tgtrack/platforms"

// guide is what the owner of a bot does in MAX. Subscriptions are made by a
// call of the Bot API: MAX has no page for them.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`Copy the bot's token on business.max.ru: Chat bots, the bot, Integration.`,
			`Subscribe the address {on_max_update} with POST https://platform-api2.max.ru/subscriptions, ` +
				`the token in the header Authorization and the body below. MAX takes HTTPS addresses ` +
				`with a trusted certificate only.`,
			`Make up a secret of 5 to 256 letters, digits, _ and -, and write it into the body below as ` +
				`well as into the settings of this project: MAX sends it in the header ` +
				`X-Max-Bot-Api-Secret, and what comes without it is refused.`,
			`A bot may have several subscriptions: the one of your own bot program stays. While there is ` +
				`one, long polling brings nothing. A program that polls can send each update on to ` +
				`{on_max_update}, as it came.`,
			`MAX repeats an update until it is answered 200, for 8 hours, and then ends the subscription. ` +
				`The Bot API takes 30 calls a second.`,
			`For a channel, make the bot an administrator who may read all messages. Its events name no ` +
				`link: the source of a join is that of the newest click that nobody joined with, a guess.`,
			`Deep goals: POST to {send_reach_goal} with the person's id in MAX as user_id and ` +
				`"messenger":"max".`,
		},
		RU: []string{
			`Скопируйте токен бота на business.max.ru: «Чат-боты», нужный бот, «Интеграция».`,
			`Подпишите адрес {on_max_update} запросом POST https://platform-api2.max.ru/subscriptions: ` +
				`токен в заголовке Authorization, тело — ниже. MAX принимает только адреса HTTPS с ` +
				`доверенным сертификатом.`,
			`Придумайте секрет из 5–256 латинских букв, цифр, _ и - и впишите его и в тело ниже, и в ` +
				`настройки этого проекта: MAX присылает его в заголовке X-Max-Bot-Api-Secret, а запросы ` +
				`без него отклоняются.`,
			`У бота может быть несколько подписок: подписка вашей программы остаётся. Пока есть хотя бы ` +
				`одна, long polling не приносит ничего. Программа с long polling может пересылать каждое ` +
				`обновление на {on_max_update} как есть.`,
			`MAX повторяет обновление, пока не получит ответ 200, но не дольше 8 часов, а затем ` +
				`отключает подписку. Bot API принимает 30 запросов в секунду.`,
			`Для канала сделайте бота администратором с правом читать все сообщения. События канала не ` +
				`называют ссылку: источник вступления — последний клик, по которому никто не вступил, то ` +
				`есть догадка.`,
			`Глубокие цели: POST на {send_reach_goal} с идентификатором человека в MAX в user_id и ` +
				`"messenger":"max".`,
		},
		Body: `{"url": "THE ADDRESS ABOVE", "secret": "YOUR_SECRET", "update_types": ["bot_started", ` +
			`"bot_stopped", "dialog_removed", "user_added", "user_removed"]}`,
	}
}
