package sambot

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`On the start and on the block of the bot, add the sending of data to an outside service, ` +
				`by POST to {sambot_on_tg_webhook}.`,
			`Name of the value: webhook. Type: Json. Value: the whole webhook that came from Telegram.`,
			`Press Start in the bot and see at the top of this page whether it arrived. This format is known from ` +
				`descriptions only: if it is read wrongly, open the request and send its page for support to ` +
				`github.com/tgtrack/tgtrack/issues.`,
		},
		RU: []string{
			`На старт и на блокировку бота добавьте отправку данных во внешний сервис: POST на ` +
				`{sambot_on_tg_webhook}.`,
			`Название: webhook. Тип: Json. Значение: полный вебхук, полученный от Telegram.`,
			`Нажмите в боте «Старт» и посмотрите вверху этой страницы, дошёл ли он. Этот формат известен ` +
				`только по описаниям: если он прочитан неверно, откройте запрос и пришлите его страницу для ` +
				`поддержки на github.com/tgtrack/tgtrack/issues.`,
		},
		Fixes: map[domain.RefusalCode]i18n.Text{
			domain.RefusedMissing: value(), domain.RefusedNoUpdate: value(), domain.RefusedShape: value(),
			domain.RefusedPlaceholder: value(), domain.RefusedEmptyBody: value(),
		},
	}
}

func value() i18n.Text {
	return i18n.Text{
		EN: "In the sending of data there must be one value: name webhook, type Json, the whole webhook that came " +
			"from Telegram.",
		RU: "В отправке данных должно быть одно значение: название webhook, тип Json, полный вебхук, полученный от " +
			"Telegram.",
	}
}
