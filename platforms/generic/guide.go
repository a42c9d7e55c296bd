package generic

import "github.com/tgtrack/tgtrack/platforms"

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
	}
}
