package sendpulse

import "github.com/tgtrack/tgtrack/platforms"

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
