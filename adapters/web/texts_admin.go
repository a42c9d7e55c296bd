package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// adminTexts are those of settings, users and ad accounts.
func adminTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"settings.mode":       {EN: "Mode", RU: "Режим"},
		"settings.production": {EN: "production: conversions are sent", RU: "рабочий: с отправкой"},
		"settings.sandbox": {
			EN: "sandbox: everything counts, nothing is sent",
			RU: "песочница: без отправки",
		},
		"settings.attribution":  {EN: "Which click counts", RU: "Какой клик считается"},
		"settings.last":         {EN: "the last one", RU: "последний"},
		"settings.first":        {EN: "the first one", RU: "первый"},
		"settings.amount_unit":  {EN: "Unit of payments", RU: "Единица платежей"},
		"settings.unit_unknown": {EN: "not known: no value is sent", RU: "неизвестна: без сумм"},
		"settings.unit_major":   {EN: "roubles, dollars", RU: "рубли, доллары"},
		"settings.unit_minor":   {EN: "kopecks, cents", RU: "копейки, центы"},
		"settings.telegram_payments": {
			EN: "Payments that Telegram tells of",
			RU: "Платежи, о которых сообщает Telegram",
		},
		"settings.payments_auto": {EN: "count as revenue", RU: "считать выручкой"},
		"settings.payments_off":  {EN: "leave alone", RU: "не учитывать"},
		"settings.star_rate":     {EN: "What one star is worth", RU: "Сколько стоит одна звезда"},
		"settings.star_rate_help": {
			EN: "In the project's currency. Empty: stars are counted apart, and ad networks get no sums of them.",
			RU: "В валюте проекта. Пусто: звёзды считаются отдельно, суммы в них в рекламные сети не уходят.",
		},
		"settings.per_second": {EN: "Requests a second", RU: "Запросов в секунду"},
		"settings.per_hour":   {EN: "Events an hour", RU: "Событий в час"},
		"settings.per_day":    {EN: "Events a day", RU: "Событий в сутки"},
		"settings.keep_people": {
			EN: "Erase people who left, after days (0: as the service is set)",
			RU: "Стирать отписавшихся через столько дней (0: как настроен сервис)",
		},
		"settings.enabled": {EN: "The project takes requests", RU: "Проект принимает запросы"},
		"settings.send_guesses": {
			EN: "Send guessed clicks to ad networks, too",
			RU: "Отправлять в рекламные сети и угаданные клики",
		},
		"settings.delete": {EN: "Delete the project", RU: "Удалить проект"},
		"settings.confirm": {
			EN: "Everything of it is deleted for good. Type its name: %s",
			RU: "Всё удаляется навсегда. Наберите название: %s",
		},
		"settings.confirm_wrong": {EN: "This is not the project's name.", RU: "Название проекта другое."},

		"users.user":         {EN: "User", RU: "Пользователь"},
		"users.role":         {EN: "Role", RU: "Роль"},
		"users.since":        {EN: "Since", RU: "С"},
		"users.none":         {EN: "Nobody but the administrators.", RU: "Никого, кроме администраторов."},
		"users.remove":       {EN: "Remove", RU: "Убрать"},
		"users.invite":       {EN: "Make an invitation", RU: "Создать приглашение"},
		"users.invite_admin": {EN: "Invite an administrator", RU: "Пригласить администратора"},
		"users.admin":        {EN: "administrator", RU: "администратор"},
		"users.reset":        {EN: "Link for a new password", RU: "Ссылка для нового пароля"},
		"users.link": {
			EN: "Send this link. It works once and for a short time, and is not shown again.",
			RU: "Отправьте эту ссылку. Она действует один раз и недолго и больше не показывается.",
		},
		"users.invitations": {EN: "Open invitations", RU: "Открытые приглашения"},
		"users.invited_by":  {EN: "Invited by", RU: "Кто пригласил"},
		"users.valid_until": {EN: "Works until", RU: "Действует до"},
		"users.withdraw":    {EN: "Withdraw", RU: "Отозвать"},
		"users.last_admin": {
			EN: "The last administrator can not be deleted.",
			RU: "Последнего администратора удалить нельзя.",
		},

		"audit.who":     {EN: "Who", RU: "Кто"},
		"audit.action":  {EN: "What", RU: "Действие"},
		"audit.subject": {EN: "Of what", RU: "С чем"},
		"audit.detail":  {EN: "Details", RU: "Подробности"},
		"audit.none":    {EN: "Nothing was changed yet.", RU: "Изменений ещё не было."},

		"audit_action.user_create": {
			EN: "invitation accepted, account made",
			RU: "приглашение принято, учётная запись создана",
		},
		"audit_action.project_user_join":     {EN: "invitation accepted", RU: "приглашение принято"},
		"audit_action.project_user_invite":   {EN: "invitation made", RU: "приглашение создано"},
		"audit_action.project_user_uninvite": {EN: "invitation withdrawn", RU: "приглашение отозвано"},
		"audit_action.project_user_role":     {EN: "role changed", RU: "роль изменена"},
		"audit_action.project_user_remove":   {EN: "user removed", RU: "пользователь убран"},
		"audit_action.project_create":        {EN: "project made", RU: "проект создан"},
		"audit_action.project_update":        {EN: "settings changed", RU: "настройки изменены"},
		"audit_action.project_delete":        {EN: "project deleted", RU: "проект удалён"},
		"audit_action.ad_account_create": {
			EN: "ad account connected",
			RU: "рекламный аккаунт подключён",
		},
		"audit_action.ad_account_update":    {EN: "ad account changed", RU: "рекламный аккаунт изменён"},
		"audit_action.ad_account_delete":    {EN: "ad account deleted", RU: "рекламный аккаунт удалён"},
		"audit_action.conversions_continue": {EN: "let a job over conversions go on", RU: "задание над конверсиями продолжено"},
		"audit_action.conversions_stop":     {EN: "stopped a job over conversions", RU: "задание над конверсиями остановлено"},
		"audit_action.conversions_retry": {
			EN: "conversions sent again",
			RU: "конверсии отправлены ещё раз",
		},
		"audit_action.key_show":        {EN: "keys shown", RU: "ключи показаны"},
		"audit_action.key_rotate":      {EN: "new key made", RU: "создан новый ключ"},
		"audit_action.link_create":     {EN: "link made", RU: "ссылка создана"},
		"audit_action.start_rules_set": {EN: "rules for start values set", RU: "правила значений start заданы"},
		"audit_action.link_update":     {EN: "link changed", RU: "ссылка изменена"},
		"audit_action.cost_set":        {EN: "cost entered", RU: "расход указан"},
		"audit_action.cost_import":     {EN: "costs imported", RU: "расходы загружены"},
		"audit_action.request_share": {
			EN: "address for support made",
			RU: "создан адрес для поддержки",
		},
		"audit_action.subscriber_export":    {EN: "subscriber exported", RU: "подписчик выгружен"},
		"audit_action.subscriber_erase":     {EN: "subscriber erased", RU: "подписчик стёрт"},
		"audit_action.notifications_update": {EN: "notifications changed", RU: "уведомления изменены"},
		"audit_action.notifications_code":   {EN: "code for a chat made", RU: "создан код для чата"},
		"audit_action.notifications_unlink": {EN: "chat unlinked", RU: "чат отвязан"},
		"audit_action.notifications_test": {
			EN: "test of the notifications sent",
			RU: "отправлена проверка уведомлений",
		},

		"account.none": {
			EN: "No ad account is connected yet.",
			RU: "Рекламных аккаунтов пока нет.",
		},
		"account.add":          {EN: "Connect an ad account", RU: "Подключить рекламный аккаунт"},
		"account.is_paused":    {EN: "paused", RU: "на паузе"},
		"account.breaker":      {EN: "breaker", RU: "предохранитель"},
		"account.open":         {EN: "to be sent", RU: "ждут отправки"},
		"account.parked_n":     {EN: "parked", RU: "отложены"},
		"account.at_risk":      {EN: "expire within a day", RU: "истекут за сутки"},
		"account.docs":         {EN: "The network's own page", RU: "Страница самой сети"},
		"account.line":         {EN: "name = value", RU: "имя = значение"},
		"account.secret_stays": {EN: "leave empty to keep it", RU: "оставьте пустым, чтобы не менять"},
		"account.activation":   {EN: "Goal of a start or join", RU: "Цель подписки или старта"},
		"account.activation_help": {
			EN: "Under this name starts are sent; empty: the network's own, or none.",
			RU: "Под этим именем отправляются старты; пусто: имя сети или не отправляются.",
		},
		"account.goals":        {EN: "Goals", RU: "Цели"},
		"account.presets":      {EN: "Fill in for", RU: "Заполнить для"},
		"account.preset_words": {EN: "Replace the words in capitals.", RU: "Замените слова из заглавных букв."},
		"account.preset_link":  {EN: "Address in the advertisement:", RU: "Адрес в объявлении:"},
		"account.preset_rule":  {EN: "Rule that reads its start value:", RU: "Правило, которое читает его start:"},
		"account.goals_help": {
			EN: "A line for each: what the bot reports = how the network calls it. Others go " +
				"under their own name.",
			RU: "По строке на цель: что присылает бот = как это называется в сети. Остальные " +
				"идут под своим именем.",
		},
		"account.test":        {EN: "Test", RU: "Проверить"},
		"account.test_ok":     {EN: "The test passed", RU: "Проверка прошла"},
		"account.test_failed": {EN: "The test failed", RU: "Проверка не прошла"},
		"account.checked":     {EN: "Checked:", RU: "Проверено:"},
		"account.not_checked": {EN: "Could not be checked:", RU: "Проверить нельзя:"},
		"account.made": {
			EN: "%s was made for you. Copy it now: it is not shown again.",
			RU: "%s создан для вас. Скопируйте сейчас: больше он не показывается.",
		},
		"account.pause": {EN: "Pause", RU: "Пауза"},
		"account.paused": {
			EN: "Paused. Conversions wait until their window ends.",
			RU: "На паузе. Конверсии ждут, пока не кончится их окно.",
		},
		"account.resume_send": {
			EN: "Resume and send what waits",
			RU: "Продолжить и отправить накопленное",
		},
		"account.resume_skip": {
			EN: "Resume and skip what waits",
			RU: "Продолжить и пропустить накопленное",
		},
		"account.resumed": {
			EN: "Resumed; %s conversion that waited is taken care of.|Resumed; %s " +
				"conversions that waited are taken care of.",
			RU: "Работает; обрабатывается %s ждавшая конверсия.|Работает; обрабатываются %s " +
				"ждавшие конверсии.|Работает; обрабатываются %s ждавших конверсий.",
		},
		"job.resume":      {EN: "Sending what waited", RU: "Отправка накопленного"},
		"job.skip":        {EN: "Skipping what waited", RU: "Пропуск накопленного"},
		"job.close":       {EN: "Ending what was left", RU: "Завершение оставшегося"},
		"job.conversions": {EN: "Sending again", RU: "Повторная отправка"},
		"job.progress":    {EN: "%s of %s", RU: "%s из %s"},
		"job.waiting":     {EN: "goes on in a moment", RU: "продолжится через мгновение"},
		"job.interrupted": {EN: "goes on in a moment", RU: "продолжится через мгновение"},
		"job.running":     {EN: "under way", RU: "выполняется"},
		"job.done":        {EN: "done", RU: "готово"},
		"job.failed":      {EN: "failed", RU: "не удалось"},
		"job.cancelled":   {EN: "stopped", RU: "остановлено"},
		"job.left": {
			EN: "%s left out: the window is over, or being sent already",
			RU: "%s пропущено: окно кончилось или уже отправляется",
		},
		"job.stop": {EN: "Stop", RU: "Остановить"},
		"job.go":   {EN: "Go on", RU: "Продолжить"},
		"account.scheduled": {
			EN: "%s conversion will be sent again.|%s conversions will be sent again.",
			RU: "%s конверсия отправится ещё раз.|%s конверсии отправятся ещё раз.|%s " +
				"конверсий отправятся ещё раз.",
		},
		"account.settings": {EN: "Settings", RU: "Настройки"},
		"account.delete_what": {
			EN: "Its unfinished conversions become rejected.",
			RU: "Незавершённые конверсии станут отклонёнными.",
		},
		"account.delete_yes": {EN: "Delete the account", RU: "Удалить аккаунт"},
		"account.status":     {EN: "Status", RU: "Статус"},
		"account.any_status": {EN: "any status", RU: "любой статус"},
		"account.reason":     {EN: "Reason", RU: "Причина"},
		"account.target":     {EN: "Goal", RU: "Цель"},
		"account.attempts":   {EN: "Attempts", RU: "Попытки"},
		"account.log": {
			EN: "What was sent and what the network answered",
			RU: "Что отправляли и что ответила сеть",
		},
		"account.expires":   {EN: "Until", RU: "До"},
		"account.retry":     {EN: "Send again…", RU: "Отправить ещё раз…"},
		"account.retry_yes": {EN: "Send again", RU: "Отправить ещё раз"},
		"account.unsupported": {
			EN: "This version of tgtrack can not send to %s. Conversions are kept and go out once a build that can " +
				"is started, as long as their windows are open.",
			RU: "Эта версия tgtrack не умеет отправлять в %s. Конверсии хранятся и уйдут, когда запустят сборку, " +
				"которая умеет, если не выйдет срок.",
		},
		"account.preview": {
			EN: "%s selected, %s can be sent.",
			RU: "Выбрано: %s, можно отправить: %s.",
		},

		"health.healthy":       {EN: "healthy", RU: "работает"},
		"health.degraded":      {EN: "degraded", RU: "с перебоями"},
		"health.throttled":     {EN: "the network asks to wait", RU: "сеть просит подождать"},
		"health.reauth":        {EN: "needs a new access", RU: "нужен новый доступ"},
		"health.misconfigured": {EN: "settings are wrong", RU: "неверные настройки"},
		"health.disabled":      {EN: "off", RU: "выключен"},
		"health.unsupported":   {EN: "not in this version of tgtrack", RU: "нет в этой версии tgtrack"},

		"breaker.closed":    {EN: "closed", RU: "замкнут"},
		"breaker.half-open": {EN: "trying the network", RU: "проверяет сеть"},
		"breaker.open":      {EN: "open, sending waits", RU: "разомкнут, отправка ждёт"},
	}
}
