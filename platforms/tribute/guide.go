package tribute

import (
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// guide is what the owner of the shop presses.
func guide() platforms.Guide {
	return platforms.Guide{
		EN: []string{
			`In Tribute, open the author's dashboard, the menu with three dots, Settings, API Keys; make a key ` +
				`if there is none, and copy it.`,
			`Enter {on_tribute_event} there as the webhook URL.`,
			`Enter the key below, so that nobody else can send payments.`,
			`In the settings here, set the unit of payments to minor: Tribute sends cents and kopecks. Until ` +
				`then payments are kept and goals are sent, but without sums.`,
			`Goals are called payment_created, payment_refunded, subscription_activated, subscription_renewed. ` +
				`People are found by their id in Telegram: the bot must have seen them.`,
		},
		RU: []string{
			`В Tribute откройте кабинет автора, меню с тремя точками, «Настройки», «API-ключи»; создайте ключ, ` +
				`если его нет, и скопируйте.`,
			`Укажите там {on_tribute_event} как Webhook URL.`,
			`Введите этот ключ ниже, чтобы никто другой не мог присылать платежи.`,
			`В настройках проекта выберите минимальные единицы платежей: Tribute присылает копейки и центы. До ` +
				`этого платежи сохраняются и цели отправляются, но без сумм.`,
			`Цели называются payment_created, payment_refunded, subscription_activated, subscription_renewed. ` +
				`Люди находятся по id в Telegram: бот должен был их видеть.`,
		},
	}
}

// texts are its own errors.
func texts() []i18n.Text {
	return []i18n.Text{
		{EN: "is missing; an event of Tribute has it", RU: "нет поля; в событии Tribute оно есть"},
	}
}
