package salebot

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

func saved() i18n.Text {
	return i18n.Text{
		EN: "Set save_webhook to 1 in the project's constants: SaleBot fills tg_request from the next message on. The " +
			"body for {on_telegram_webhook} is #{tg_request} and nothing else; an id is #{platform_id}.",
		RU: "Задайте в константах проекта save_webhook = 1: SaleBot заполняет tg_request начиная со следующего " +
			"сообщения. Тело для {on_telegram_webhook} — только #{tg_request}; id человека — #{platform_id}.",
	}
}

func post() i18n.Text {
	return i18n.Text{EN: "Use the block «POST-json».", RU: "Используйте блок «POST-json»."}
}

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`Set the variable save_webhook to 1 in the project's constants.`,
			`When a person starts the bot, send the content of tg_request by a POST-json block to ` +
				`{on_telegram_webhook}.`,
			`Do the same in blocks that are triggered by client_unsubscribed and client_returned.`,
			`Make sure that starts with ?start=… and without it are both sent.`,
			`Deep goals: a POST-json block to {send_reach_goal}.`,
		},
		RU: []string{
			`В константах проекта задайте переменной save_webhook значение 1.`,
			`При старте бота отправьте содержимое tg_request блоком «POST-json» на ` +
				`{on_telegram_webhook}.`,
			`То же сделайте в блоках на события client_unsubscribed и client_returned.`,
			`Убедитесь, что пересылается старт и с параметром ?start=…, и без него.`,
			`Глубокие цели: блок «POST-json» на {send_reach_goal}.`,
		},
		Body:     `#{tg_request}`,
		GoalBody: `{"user_id": "#{platform_id}", "target": "lead"}`,
		StartValue: i18n.Text{
			EN: "It is in tg_request: send the variable as it is, in the block of the start itself and not in a later one.",
			RU: "Оно внутри tg_request: отправляйте переменную как есть, в блоке самого старта, а не в следующем.",
		},
		Fixes: map[domain.RefusalCode]i18n.Text{
			domain.RefusedPlaceholder: saved(), domain.RefusedMissing: saved(), domain.RefusedNoUpdate: saved(),
			domain.RefusedShape: saved(), domain.RefusedEmptyBody: saved(),
			domain.RefusedVerb:      post(),
			domain.RefusedMediaType: post(),
		},
	}
}
