package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// openIDTexts are those of coming in by a provider.
func openIDTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"openid.title":  {EN: "Sign in with %s", RU: "Вход через %s"},
		"openid.button": {EN: "Continue with %s", RU: "Продолжить через %s"},
		"openid.going":  {EN: "The page leads on to %s.", RU: "Сейчас откроется %s."},
		"openid.again":  {EN: "Begin again", RU: "Начать сначала"},
		"openid.only": {
			EN: "Whoever was invited signs in with %s. The first start of the service prints a link that " +
				"makes the owner.",
			RU: "Входят те, кого пригласили, через %s. При первом запуске сервис печатает ссылку, по которой " +
				"создаётся владелец.",
		},
		"openid.invite": {
			EN: "The account is made with the e-mail that %s has verified, without a password.",
			RU: "Учётная запись создаётся с e-mail, который подтвердил %s, без пароля.",
		},
		"openid.invited_only": {
			EN: "Only those who were invited come in, by an e-mail that is verified. Open your invitation, and go " +
				"on from there; or ask an owner of the project for one.",
			RU: "Войти могут только приглашённые, с подтверждённым e-mail. Откройте приглашение и продолжите " +
				"оттуда; или попросите приглашение у владельца проекта.",
		},
		"openid_fail.stale": {
			EN: "This sign-in with %s was begun in another browser, at another address of the service, or too long ago.",
			RU: "Этот вход через %s начат в другом браузере, по другому адресу сервиса или слишком давно.",
		},
		"openid_fail.cancelled": {
			EN: "%s did not let you through, or you cancelled.",
			RU: "%s не пропустил вас, или вы отменили вход.",
		},
		"openid_fail.refused": {
			EN: "The answer of %s is not proved, or was used already. Nothing was changed. If it happens again, " +
				"tell whoever runs the service: the reason is in its log.",
			RU: "Ответ %s не подтверждён или уже использован. Ничего не изменено. Если это повторится, скажите " +
				"тому, кто обслуживает сервис: причина есть в журнале.",
		},
		"openid_fail.unverified": {
			EN: "%s does not vouch for your e-mail: verify it there first.",
			RU: "%s не подтверждает ваш e-mail: сначала подтвердите его там.",
		},
		"openid_fail.unknown": {
			EN: "Nobody here has the e-mail that %s knows you by.",
			RU: "Здесь нет никого с e-mail, под которым вас знает %s.",
		},
		"openid_fail.other": {
			EN: "This account is tied to somebody else at %s, or was untied. Log in by password and connect it on " +
				"the profile.",
			RU: "Эта учётная запись связана с другим пользователем %s или связь снята. Войдите по паролю и " +
				"подключите её в профиле.",
		},
		"openid.away": {
			EN: "%s does not answer right now. Try again in a few seconds.",
			RU: "%s сейчас не отвечает. Попробуйте через несколько секунд.",
		},
		"openid.tied":   {EN: "Connected with %s: %s.", RU: "Связано с %s: %s."},
		"openid.untied": {EN: "Not connected with %s.", RU: "Нет связи с %s."},
		"openid.disconnect": {
			EN: "Disconnect", RU: "Отключить",
		},
		"openid.disconnected": {EN: "Disconnected.", RU: "Отключено."},
		"openid.no_password": {
			EN: "You have no password. An administrator can make a link that sets one.",
			RU: "У вас нет пароля. Администратор может сделать ссылку, по которой его задают.",
		},
	}
}
