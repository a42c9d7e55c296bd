package web

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// healthTexts are those of ad accounts.
func healthTexts() i18n.Catalogue {
	out := i18n.Catalogue{}
	for h, text := range domain.HealthTexts() {
		out["health."+string(h)] = text
	}
	return out
}

// adminTexts are those of settings, users and ad accounts.
func adminTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"settings.mode":       {EN: "Mode", RU: "Режим"},
		"settings.production": {EN: "production: conversions are sent", RU: "рабочий: с отправкой"},
		"settings.sandbox": {
			EN: "sandbox: everything counts, nothing is sent",
			RU: "песочница: без отправки",
		},
		"settings.mode_help": {
			EN: "In the sandbox you see each request that would be sent; ad networks get nothing.",
			RU: "В песочнице виден каждый запрос, который ушёл бы, но рекламные сети ничего не получают.",
		},
		"settings.sections":   {EN: "Sections", RU: "Разделы"},
		"settings.bot":        {EN: "Bot or channel", RU: "Бот или канал"},
		"settings.time_money": {EN: "Time and money", RU: "Время и деньги"},
		"settings.sending":    {EN: "Sending to ad networks", RU: "Отправка в рекламные сети"},
		"settings.limits":     {EN: "Limits and keeping", RU: "Лимиты и хранение"},
		"settings.limits_help": {
			EN: "What is above a limit is answered 429 and not counted. 0: no limit.",
			RU: "Всё, что сверх лимита, получает ответ 429 и не считается. 0: без лимита.",
		},
		"settings.not_saved": {
			EN: "Nothing was saved: see the fields in red.",
			RU: "Не сохранено: исправьте поля, отмеченные красным.",
		},
		"settings.constructor_help": {
			EN: "By it we read the bot's requests and say what to press on Connect.",
			RU: "По нему мы читаем запросы бота и подсказываем, что нажать на странице «Подключение».",
		},
		"settings.enabled_help": {
			EN: "Switched off: requests are refused; links go on leading to the bot, without counting.",
			RU: "Если выключить, запросы не принимаются, а ссылки ведут в бота, но не считаются.",
		},
		"settings.amount_unit_help": {
			EN: "In which unit payment services send their sums.",
			RU: "В чём присылают суммы платёжные сервисы.",
		},
		"settings.attribution_help": {
			EN: "Of the clicks of the last 21 days, when somebody came by several ads.",
			RU: "Если человек пришёл по нескольким объявлениям за последние 21 день.",
		},
		"settings.send_guesses_help": {
			EN: "A guess is a click that fits by time alone.",
			RU: "Угаданный клик подходит только по времени.",
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
		"users.second_factor": {EN: "second factor", RU: "второй фактор"},
		"users.end_sessions":  {EN: "Log out everywhere", RU: "Завершить сессии"},
		"users.reset_factor":  {EN: "Reset the second factor", RU: "Сбросить второй фактор"},
		"users.invitations":   {EN: "Open invitations", RU: "Открытые приглашения"},
		"users.invited_by":    {EN: "Invited by", RU: "Кто пригласил"},
		"users.valid_until":   {EN: "Works until", RU: "Действует до"},
		"users.resets":        {EN: "Links for a new password", RU: "Ссылки для нового пароля"},
		"users.made_by":       {EN: "Made by", RU: "Кто создал"},
		"users.withdraw":      {EN: "Withdraw", RU: "Отозвать"},
		"users.remove_what": {
			EN: "%s will no longer see this project.",
			RU: "%s больше не увидит этот проект.",
		},
		"users.remove_yes": {EN: "Remove from the project", RU: "Убрать из проекта"},
		"users.delete_what": {
			EN: "%s is deleted with all sessions and tokens. This can not be undone.",
			RU: "%s будет удалён вместе с сеансами и токенами. Отменить это нельзя.",
		},
		"users.delete_yes": {EN: "Delete the user", RU: "Удалить пользователя"},
		"users.own": {
			EN: "This is your own account. Type its e-mail: %s",
			RU: "Это ваша учётная запись. Наберите её адрес: %s",
		},
		"users.own_wrong": {
			EN: "Your own account was not deleted: the e-mail that you typed is another one.",
			RU: "Ваша учётная запись не удалена: набран другой адрес.",
		},
		"users.last_admin": {
			EN: "The last administrator can not be deleted.",
			RU: "Последнего администратора удалить нельзя.",
		},

		"audit.who":     {EN: "Who", RU: "Кто"},
		"audit.action":  {EN: "What", RU: "Действие"},
		"audit.subject": {EN: "Of what", RU: "С чем"},
		"audit.detail":  {EN: "Details", RU: "Подробности"},
		"audit.none":    {EN: "Nothing was changed yet.", RU: "Изменений ещё не было."},
		"audit.from":    {EN: "From", RU: "Откуда"},
		"audit.nobody":  {EN: "nobody known", RU: "неизвестно кто"},
		"audit.many":    {EN: "many addresses", RU: "много адресов"},
		"audit.times":   {EN: "%d times", RU: "%d раз"},
		"audit.all": {
			EN: "Log of the installation",
			RU: "Журнал установки",
		},
		"audit.kept": {
			EN: "Refusals of one network are one entry for a quarter of an hour. Addresses are kept for a while.",
			RU: "Отказы одной сети за четверть часа — одна запись. Адреса хранятся ограниченное время.",
		},

		"audit_action.login_done":    {EN: "logged in", RU: "вход"},
		"audit_action.logout":        {EN: "logged out", RU: "выход"},
		"audit_action.login_refused": {EN: "wrong e-mail or password", RU: "неверная почта или пароль"},
		"audit_action.login_locked": {
			EN: "refused: too many attempts to log in",
			RU: "отказ: слишком много попыток входа",
		},
		"audit_action.code_refused":     {EN: "wrong code of the second factor", RU: "неверный код второго фактора"},
		"audit_action.password_refused": {EN: "wrong old password", RU: "неверный прежний пароль"},
		"audit_action.token_create":     {EN: "token made", RU: "создан токен"},
		"audit_action.token_delete":     {EN: "token deleted", RU: "токен удалён"},
		"audit_action.token_use":        {EN: "token used", RU: "использован токен"},
		"audit_action.token_refused":    {EN: "unknown token", RU: "неизвестный токен"},
		"audit_action.key_refused":      {EN: "unknown key of a project", RU: "неизвестный ключ проекта"},
		"audit_action.link_refused":     {EN: "unknown one-time link", RU: "неизвестная одноразовая ссылка"},
		"audit_action.access_refused":   {EN: "refused: no right to it", RU: "отказ: нет прав"},
		"audit_action.form_refused": {
			EN: "refused: a form of another site, or an old one",
			RU: "отказ: чужая или старая форма",
		},
		"audit_action.report_export":   {EN: "report downloaded", RU: "отчёт выгружен"},
		"audit_action.backup_make":     {EN: "backup made", RU: "создана резервная копия"},
		"audit_action.user_password":   {EN: "password changed", RU: "пароль изменён"},
		"audit_action.user_reset_link": {EN: "link for a new password made", RU: "создана ссылка для нового пароля"},
		"audit_action.user_openid":     {EN: "signed in by the provider", RU: "вход через провайдера"},
		"audit_action.user_openid_connect": {
			EN: "connected with the provider",
			RU: "привязан к провайдеру",
		},
		"audit_action.user_openid_disconnect": {
			EN: "disconnected from the provider",
			RU: "отвязан от провайдера",
		},
		"audit_action.user_reset_withdraw": {
			EN: "link for a new password withdrawn",
			RU: "ссылка для нового пароля отозвана",
		},
		"audit_action.user_delete": {EN: "user deleted", RU: "пользователь удалён"},

		"audit_action.user_create": {
			EN: "invitation accepted, account made",
			RU: "приглашение принято, учётная запись создана",
		},
		"audit_action.user_second_factor":       {EN: "second factor set up", RU: "второй фактор подключён"},
		"audit_action.user_second_factor_off":   {EN: "second factor turned off", RU: "второй фактор отключён"},
		"audit_action.user_second_factor_reset": {EN: "second factor reset", RU: "второй фактор сброшен"},
		"audit_action.user_recovery_codes":      {EN: "recovery codes made", RU: "созданы коды восстановления"},
		"audit_action.user_recovery_code":       {EN: "recovery code used", RU: "использован код восстановления"},
		"audit_action.session_end":              {EN: "session ended", RU: "сессия завершена"},
		"audit_action.session_end_all":          {EN: "all sessions ended", RU: "все сессии завершены"},
		"audit_action.session_end_others":       {EN: "other sessions ended", RU: "другие сессии завершены"},
		"audit_action.project_user_join":        {EN: "invitation accepted", RU: "приглашение принято"},
		"audit_action.project_user_invite":      {EN: "invitation made", RU: "приглашение создано"},
		"audit_action.project_user_uninvite":    {EN: "invitation withdrawn", RU: "приглашение отозвано"},
		"audit_action.project_user_role":        {EN: "role changed", RU: "роль изменена"},
		"audit_action.project_user_remove":      {EN: "user removed", RU: "пользователь убран"},
		"audit_action.test_click":               {EN: "test click", RU: "тестовый клик"},
		"audit_action.test_start":               {EN: "test start", RU: "тестовый старт"},
		"audit_action.test_erase":               {EN: "test erased", RU: "тест удалён"},
		"audit_action.project_create":           {EN: "project made", RU: "проект создан"},
		"audit_action.project_update":           {EN: "settings changed", RU: "настройки изменены"},
		"audit_action.project_delete":           {EN: "project deleted", RU: "проект удалён"},
		"audit_action.ad_account_create": {
			EN: "ad account connected",
			RU: "рекламный аккаунт подключён",
		},
		"audit_action.ad_account_update": {EN: "ad account changed", RU: "рекламный аккаунт изменён"},
		"audit_action.ad_account_delete": {EN: "ad account deleted", RU: "рекламный аккаунт удалён"},
		"audit_action.conversions_continue": {
			EN: "let a job over conversions go on",
			RU: "задание над конверсиями продолжено",
		},
		"audit_action.conversions_stop": {
			EN: "stopped a job over conversions",
			RU: "задание над конверсиями остановлено",
		},
		"audit_action.conversions_retry": {
			EN: "conversions sent again",
			RU: "конверсии отправлены ещё раз",
		},
		"audit_action.key_show":        {EN: "keys shown", RU: "ключи показаны"},
		"audit_action.key_rotate":      {EN: "new key made", RU: "создан новый ключ"},
		"audit_action.link_create":     {EN: "link made", RU: "ссылка создана"},
		"audit_action.start_rules_set": {EN: "rules for start values set", RU: "правила значений start заданы"},
		"audit_action.link_update":     {EN: "link changed", RU: "ссылка изменена"},
		"audit_action.link_bulk":       {EN: "links made", RU: "ссылки созданы"},
		"audit_action.link_duplicate":  {EN: "link duplicated", RU: "ссылка скопирована"},
		"audit_action.link_archive":    {EN: "link archived", RU: "ссылка в архиве"},
		"audit_action.link_restore":    {EN: "link brought back", RU: "ссылка возвращена из архива"},
		"audit_action.link_delete":     {EN: "link deleted", RU: "ссылка удалена"},
		"audit_action.utm_template_save": {
			EN: "UTM template saved", RU: "шаблон UTM сохранён",
		},
		"audit_action.utm_template_delete": {EN: "UTM template deleted", RU: "шаблон UTM удалён"},
		"audit_action.cost_set":            {EN: "cost entered", RU: "расход указан"},
		"audit_action.cost_import":         {EN: "costs imported", RU: "расходы загружены"},
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
		"account.open":         {EN: "to be sent", RU: "ждут отправки"},
		"account.parked_n":     {EN: "parked", RU: "отложены"},
		"account.at_risk":      {EN: "expire within a day", RU: "истекут за сутки"},
		"account.over":         {EN: "too late, about to end", RU: "срок вышел, скоро завершатся"},
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
		"account.skip_what": {
			EN: "Conversions that wait: %s. They are never sent then; this can not be undone.",
			RU: "Ждут конверсии: %s. Они уже никогда не будут отправлены, отменить это нельзя.",
		},
		"account.skip_yes": {EN: "Skip them and resume", RU: "Пропустить и продолжить"},
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

		"breaker.half-open": {EN: "trying the network again", RU: "проверяем, отвечает ли сеть"},
		"breaker.open":      {EN: "the network fails, sending waits", RU: "сеть не отвечает, отправка ждёт"},
		"breaker_help.half-open": {
			EN: "One conversion is sent to see whether the network works again. Then the others follow.",
			RU: "Отправляем одну конверсию: если сеть ответит, уйдут и остальные.",
		},
		"breaker_help.open": {
			EN: "The network failed several times in a row. We try again by ourselves in a minute; nothing is lost.",
			RU: "Сеть не ответила несколько раз подряд. Через минуту попробуем сами, ничего не потеряется.",
		},
	}
}
