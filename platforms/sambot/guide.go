package sambot

import "github.com/tgtrack/tgtrack/platforms"

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`On the start and on the block of the bot, add the sending of data to an outside service, ` +
				`by POST to {sambot_on_tg_webhook}.`,
			`Name of the value: webhook. Type: Json. Value: the whole webhook that came from Telegram.`,
			`Press Start in the bot and look below whether it arrived. We know this format from ` +
				`descriptions only: write to us if it is read wrongly.`,
		},
		RU: []string{
			`На старт и на блокировку бота добавьте отправку данных во внешний сервис: POST на ` +
				`{sambot_on_tg_webhook}.`,
			`Название: webhook. Тип: Json. Значение: полный вебхук, полученный от Telegram.`,
			`Нажмите в боте «Старт» и посмотрите ниже, дошло ли. Этот формат известен нам только по ` +
				`описаниям: напишите, если он прочитан неверно.`,
		},
	}
}
