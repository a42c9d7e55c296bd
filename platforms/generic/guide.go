package generic

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`On the start of the bot, call {user_did_start_bot} by POST with the body below.`,
			`On the block of the bot, call {my_bot_was_stopped}.`,
			`On each step of the funnel, call {add_event}; on a deep goal, {send_reach_goal}.`,
			`Send the start value exactly as Telegram gave it.`,
		},
		RU: []string{
			`На старт бота вызывайте {user_did_start_bot} методом POST с телом ниже.`,
			`На блокировку бота вызывайте {my_bot_was_stopped}.`,
			`На каждый шаг воронки вызывайте {add_event}, на глубокую цель – {send_reach_goal}.`,
			`Стартовое значение передавайте ровно так, как его дал Telegram.`,
		},
		Body: `{"user_id": "USER_ID", "first_name": "NAME", ` +
			`"username": "USERNAME", "start_value": "START_VALUE"}`,
		GoalBody: `{"user_id": "USER_ID", "target": "lead"}`,
		Fixes:    map[domain.RefusalCode]i18n.Text{domain.RefusedSample: capitals(), domain.RefusedPlaceholder: capitals()},
	}
}

// texts are its own errors.
func texts() []i18n.Text {
	return []i18n.Text{
		{EN: "the method %s is none of the generic ones", RU: "метод %s сюда не относится"},
	}
}

func capitals() i18n.Text {
	return i18n.Text{
		EN: "Words in capitals in the body, such as USER_ID and START_VALUE, only mark the place: put the variables of " +
			"your constructor there, from its list of variables.",
		RU: "Слова заглавными буквами в теле, такие как USER_ID и START_VALUE, только отмечают место: поставьте туда " +
			"переменные своего конструктора из его списка переменных.",
	}
}
