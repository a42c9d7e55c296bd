package toolsy

import "github.com/tgtrack/tgtrack/platforms"

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`In Toolsy, set the sending of events to {on_toolsy_event}.`,
			`Starts, payments, refunds and subscriptions arrive as deep goals. Say in the settings in ` +
				`which unit amounts are.`,
			`We have seen no body of this service yet: it is read tolerantly and kept.`,
		},
		RU: []string{
			`В Toolsy настройте отправку событий на {on_toolsy_event}.`,
			`Старты, платежи, возвраты и подписки приходят как глубокие цели. В настройках укажите, в ` +
				`каких единицах суммы.`,
			`Тела запросов этого сервиса мы ещё не видели: они читаются терпимо и сохраняются.`,
		},
	}
}
