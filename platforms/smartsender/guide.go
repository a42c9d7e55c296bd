package smartsender

import "github.com/tgtrack/tgtrack/platforms"

// guide is what the owner of a bot presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`In the funnel, behind the start, add «External request»: POST to {my_bot_was_started}.`,
			`Paste the body below. auto_detect takes the newest click that nobody started with.`,
			`Where you know the person's Telegram id and the start value, use {user_did_start_bot} ` +
				`instead: it is exact.`,
		},
		RU: []string{
			`В воронке после старта добавьте «Внешний запрос»: POST на {my_bot_was_started}.`,
			`Вставьте тело ниже. auto_detect берёт самый новый клик, с которым никто не стартовал.`,
			`Если известны id человека в Telegram и стартовое значение, используйте ` +
				`{user_did_start_bot}: это точно.`,
		},
		Body: `{"start_value": "auto_detect"}`,
	}
}
