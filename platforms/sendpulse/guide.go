package sendpulse

import (
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`In the settings of the bot, open Webhooks and add the address {on_send_pulse_event}.`,
			`Choose the events: new subscriber, incoming message, unsubscribe, block.`,
			`The start value is not in SendPulse's documents: we look for it in the text of the first ` +
				`message and in variables.`,
		},
		RU: []string{
			`В настройках бота откройте Webhooks и добавьте адрес {on_send_pulse_event}.`,
			`Выберите события: новый подписчик, входящее сообщение, отписка, блокировка.`,
			`Стартового значения в документах SendPulse нет: мы ищем его в тексте первого сообщения и ` +
				`в переменных.`,
		},
	}
}

// texts are its own errors.
func texts() []i18n.Text {
	return []i18n.Text{
		{EN: "the body must be a list of SendPulse's events", RU: "в теле должен быть список событий SendPulse"},
		{
			EN: "the body holds more than %d events; send fewer at once",
			RU: "в теле больше %d событий; отправляйте меньше за раз",
		},
		{
			EN: "must be an event of SendPulse, an object with title and contact",
			RU: "нужно событие SendPulse: объект с title и contact",
		},
		{
			EN: "is missing; a stop can not be joined to anybody without it",
			RU: "нет значения; без него остановку не связать с человеком",
		},
	}
}
