package winwin

import "github.com/tgtrack/tgtrack/platforms"

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`Make a webhook of the kind «Новый подписчик».`,
			`Choose «Отправить вебхук» and the address {win_win_was_started}.`,
			`Press Start in the bot and see at the top of this page whether it arrived. We have seen no body of this ` +
				`constructor yet: it is read tolerantly and kept.`,
		},
		RU: []string{
			`Создайте вебхук с типом события «Новый подписчик».`,
			`Выберите «Отправить вебхук» и адрес {win_win_was_started}.`,
			`Нажмите в боте «Старт» и посмотрите вверху этой страницы, дошёл ли он. Тела запросов этого конструктора мы ` +
				`ещё не видели: они читаются терпимо и сохраняются.`,
		},
	}
}
