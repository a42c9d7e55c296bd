package wabot

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`On the start of the bot, call an outside API by POST: {user_did_start_bot}.`,
			`Put the constructor's variables into the body below in place of the words in capitals.`,
			`Without a person's id, use {my_bot_was_started} with "start_value": "auto_detect".`,
		},
		RU: []string{
			`На старт бота добавьте вызов внешнего API методом POST: {user_did_start_bot}.`,
			`В теле ниже поставьте переменные конструктора вместо слов заглавными буквами.`,
			`Если id человека недоступен, используйте {my_bot_was_started} с "start_value": ` +
				`"auto_detect".`,
		},
		Body:  `{"user_id": "USER_ID", "first_name": "NAME", "start_value": "START_VALUE"}`,
		Fixes: map[domain.RefusalCode]i18n.Text{domain.RefusedSample: capitals(), domain.RefusedPlaceholder: capitals()},
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
