package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// baseTexts are those that many pages share, and those of coming in.
func baseTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"layout.skip":    {EN: "Skip to content", RU: "К содержанию"},
		"layout.menu":    {EN: "Menu", RU: "Меню"},
		"layout.logout":  {EN: "Log out", RU: "Выйти"},
		"layout.sandbox": {EN: "sandbox", RU: "песочница"},
		"layout.off":     {EN: "switched off", RU: "выключен"},
		"layout.theme_auto": {
			EN: "Theme: as the system. Switch to dark",
			RU: "Тема: как в системе. Включить тёмную",
		},
		"layout.theme_dark": {EN: "Theme: dark. Switch to light", RU: "Тема: тёмная. Включить светлую"},
		"layout.theme_light": {
			EN: "Theme: light. Switch to the system's",
			RU: "Тема: светлая. Вернуть системную",
		},

		"nav.overview":      {EN: "Overview", RU: "Обзор"},
		"nav.sources":       {EN: "Sources", RU: "Источники"},
		"nav.funnel":        {EN: "Funnel", RU: "Воронка"},
		"nav.cohorts":       {EN: "Cohorts", RU: "Когорты"},
		"nav.lifetime":      {EN: "Lifetime", RU: "Время в боте"},
		"nav.conversions":   {EN: "Conversions", RU: "Конверсии"},
		"nav.places":        {EN: "Other places", RU: "Другие места"},
		"nav.subscribers":   {EN: "Subscribers", RU: "Подписчики"},
		"nav.accounts":      {EN: "Ad accounts", RU: "Рекламные аккаунты"},
		"nav.connect":       {EN: "Connect", RU: "Подключение"},
		"nav.first-steps":   {EN: "First steps", RU: "Первые шаги"},
		"nav.live":          {EN: "Live", RU: "Живой журнал"},
		"nav.settings":      {EN: "Settings", RU: "Настройки"},
		"nav.notifications": {EN: "Notifications", RU: "Уведомления"},
		"nav.users":         {EN: "Users", RU: "Пользователи"},
		"nav.audit":         {EN: "Changes", RU: "Изменения"},

		"form.whole":  {EN: "Must be a whole number.", RU: "Нужно целое число."},
		"form.number": {EN: "Must be a number.", RU: "Нужно число."},
		"form.save":   {EN: "Save", RU: "Сохранить"},
		"form.change": {EN: "Change", RU: "Изменить"},
		"form.delete": {EN: "Delete", RU: "Удалить"},

		"list.more": {EN: "Show more", RU: "Показать ещё"},

		"fail.home": {EN: "To the projects", RU: "К проектам"},
		"fail.internal": {
			EN: "Something went wrong. It is in the service's log; try again.",
			RU: "Что-то пошло не так. Запись есть в журнале сервиса; попробуйте ещё раз.",
		},
		"fail.forbidden": {
			EN: "Your role does not allow this. Ask an owner of the project.",
			RU: "Ваша роль этого не позволяет. Попросите владельца проекта.",
		},
		"fail.form": {
			EN: "This form is too old or was sent by another site. Go back, reload the page " +
				"and try again.",
			RU: "Форма устарела или отправлена другим сайтом. Вернитесь, обновите страницу и " +
				"попробуйте ещё раз.",
		},
		"fail.not_found": {
			EN: "There is no such page, or it is not open to you.",
			RU: "Такой страницы нет, или она вам не открыта.",
		},
		"fail.busy": {
			EN: "Other reports of this project are being put together. Try again in a moment.",
			RU: "Сейчас собираются другие отчёты этого проекта. Повторите через несколько секунд.",
		},
		"fail.unavailable": {
			EN: "The database does not answer right now. Try again in a few seconds.",
			RU: "База данных сейчас не отвечает. Попробуйте через несколько секунд.",
		},
		"fail.request": {EN: "The request can not be read.", RU: "Запрос не читается."},
		"fail.link": {
			EN: "This link was used already or is too old. Ask for a new one.",
			RU: "Эта ссылка уже использована или устарела. Попросите новую.",
		},

		"login.title":    {EN: "Log in", RU: "Вход"},
		"login.email":    {EN: "E-mail", RU: "E-mail"},
		"login.password": {EN: "Password", RU: "Пароль"},
		"login.button":   {EN: "Log in", RU: "Войти"},
		"login.wrong":    {EN: "E-mail or password is wrong.", RU: "Неверный e-mail или пароль."},
		"login.limited": {
			EN: "Too many attempts. Try again in 15 minutes.",
			RU: "Слишком много попыток. Попробуйте через 15 минут.",
		},
		"login.invited": {
			EN: "The invitation is accepted. Log in with your e-mail and password; if you had an account before, its " +
				"password is the old one.",
			RU: "Приглашение принято. Войдите со своим e-mail и паролем; если учётная запись у вас уже была, пароль " +
				"прежний.",
		},
		"login.hint": {
			EN: "No account yet? The first start of the service prints a link that makes the " +
				"owner; everybody else is invited by a link. A forgotten password: an " +
				"administrator makes a link for a new one.",
			RU: "Ещё нет учётной записи? При первом запуске сервис печатает ссылку, по " +
				"которой создаётся владелец; остальных приглашают по ссылке. Забытый " +
				"пароль: администратор делает ссылку для нового.",
		},

		"setup.title": {EN: "The first owner", RU: "Первый владелец"},
		"setup.intro": {
			EN: "This account owns the whole installation: all projects and users.",
			RU: "Этой учётной записи принадлежит вся установка: все проекты и пользователи.",
		},
		"setup.button": {EN: "Create the owner", RU: "Создать владельца"},

		"register.name": {EN: "Name", RU: "Имя"},
		"register.password_help": {
			EN: "At least 10 characters, such as several words.",
			RU: "Не короче 10 знаков, например несколько слов.",
		},

		"invite.title": {EN: "Invitation", RU: "Приглашение"},
		"invite.intro": {
			EN: "%s invites you to the project “%s” as %s.",
			RU: "%s приглашает вас в проект «%s». Роль: %s.",
		},
		"invite.admin": {
			EN: "%s invites you as an administrator of the whole installation.",
			RU: "%s приглашает вас администратором всей установки.",
		},
		"invite.as":           {EN: "You are logged in as %s.", RU: "Вы вошли как %s."},
		"invite.button":       {EN: "Accept", RU: "Принять"},
		"invite.have_account": {EN: "I have an account", RU: "У меня есть учётная запись"},

		"reset.title":    {EN: "New password", RU: "Новый пароль"},
		"reset.password": {EN: "New password", RU: "Новый пароль"},
		"reset.button":   {EN: "Set the password", RU: "Задать пароль"},

		"role.owner":  {EN: "owner", RU: "владелец"},
		"role.editor": {EN: "editor", RU: "редактор"},
		"role.viewer": {EN: "viewer", RU: "наблюдатель"},

		"scope.read":  {EN: "read", RU: "чтение"},
		"scope.write": {EN: "read and change", RU: "чтение и изменение"},

		"profile.title":            {EN: "Profile", RU: "Профиль"},
		"profile.saved":            {EN: "Saved.", RU: "Сохранено."},
		"profile.about":            {EN: "About you", RU: "О вас"},
		"profile.language":         {EN: "Language", RU: "Язык"},
		"profile.language_browser": {EN: "as the browser", RU: "как в браузере"},
		"profile.password":         {EN: "Password", RU: "Пароль"},
		"profile.old_password":     {EN: "Current password", RU: "Текущий пароль"},
		"profile.password_help": {
			EN: "At least 10 characters. Other browsers are logged out.",
			RU: "Не короче 10 знаков. В других браузерах будет выполнен выход.",
		},
		"profile.password_changed": {
			EN: "The password is changed; other browsers are logged out.",
			RU: "Пароль изменён; в других браузерах выполнен выход.",
		},
		"profile.end_tokens": {
			EN: "End all my tokens for the management API, too",
			RU: "Отозвать и все мои токены API управления",
		},
		"profile.tokens": {EN: "Tokens for the management API", RU: "Токены для API управления"},
		"profile.tokens_intro": {
			EN: "A program with a token can do what you can, within its scope. The calls are " +
				"described at",
			RU: "Программа с токеном может то же, что и вы, в пределах его прав. Вызовы описаны на",
		},
		"profile.token_once": {
			EN: "Copy the token now: it is not shown again.",
			RU: "Скопируйте токен сейчас: больше он не показывается.",
		},
		"profile.token_name": {EN: "What it is for", RU: "Для чего"},
		"profile.token_make": {EN: "Make a token", RU: "Создать токен"},
		"profile.scope":      {EN: "Scope", RU: "Права"},
		"profile.created":    {EN: "Made", RU: "Создан"},
		"profile.used":       {EN: "Last used", RU: "Использован"},
		"profile.expires":    {EN: "Expires", RU: "Действует до"},
		"profile.days_30":    {EN: "in 30 days", RU: "30 дней"},
		"profile.days_90":    {EN: "in 90 days", RU: "90 дней"},
		"profile.days_365":   {EN: "in a year", RU: "год"},
		"profile.never":      {EN: "never", RU: "бессрочно"},

		"projects.title":  {EN: "Projects", RU: "Проекты"},
		"projects.new":    {EN: "New project", RU: "Новый проект"},
		"projects.none":   {EN: "There are no projects yet.", RU: "Проектов пока нет."},
		"projects.joins":  {EN: "joined today", RU: "подписки сегодня"},
		"projects.leaves": {EN: "left today", RU: "отписки сегодня"},

		"kind.bot":     {EN: "bot", RU: "бот"},
		"kind.channel": {EN: "channel", RU: "канал"},

		"project.name":       {EN: "Name", RU: "Название"},
		"project.kind":       {EN: "Kind", RU: "Вид"},
		"messenger.telegram": {EN: "Telegram", RU: "Telegram"},
		"messenger.max":      {EN: "MAX", RU: "MAX"},

		"project.kind_help": {
			EN: "Starts of the bot or joins of the channel: only they make subscriptions. A change counts from now on.",
			RU: "Старты бота или вступления в канал: только они считаются подписками. Изменение действует с этого момента.",
		},
		"project.channel_id": {EN: "Channel or group", RU: "Канал или группа"},
		"project.channel_id_help": {
			EN: "Id of the project's own channel, such as -1001234567890. Left empty, it is learned from the first " +
				"channel whose members are told of; a group must be set.",
			RU: "Идентификатор канала проекта, например -1001234567890. Если оставить пустым, он определится по " +
				"первому каналу, о подписчиках которого придёт событие; группу нужно указать.",
		},
		"project.messenger": {EN: "Messenger", RU: "Мессенджер"},
		"project.username":  {EN: "Username in the messenger", RU: "Имя в мессенджере"},
		"project.username_help": {
			EN: "Of the bot or channel. Links lead there.",
			RU: "Бота или канала. Туда ведут ссылки.",
		},
		"project.constructor": {EN: "Constructor", RU: "Конструктор"},
		"project.timezone":    {EN: "Time zone", RU: "Часовой пояс"},
		"project.currency":    {EN: "Currency", RU: "Валюта"},
		"project.timezone_help": {
			EN: "Days of reports begin at its midnight. Type a city.",
			RU: "По нему считаются дни в отчётах. Начните вводить город латиницей.",
		},
		"project.currency_help": {
			EN: "Of revenue and costs, unless an event names another.",
			RU: "Для выручки и расходов, если в событии не указана другая.",
		},

		"currency.RUB": {EN: "Russian rouble", RU: "российский рубль"},
		"currency.USD": {EN: "US dollar", RU: "доллар США"},
		"currency.EUR": {EN: "euro", RU: "евро"},
		"currency.BYN": {EN: "Belarusian rouble", RU: "белорусский рубль"},
		"currency.KZT": {EN: "Kazakhstani tenge", RU: "казахстанский тенге"},
		"currency.UZS": {EN: "Uzbek sum", RU: "узбекский сум"},
		"currency.KGS": {EN: "Kyrgyz som", RU: "киргизский сом"},
		"currency.TJS": {EN: "Tajik somoni", RU: "таджикский сомони"},
		"currency.AMD": {EN: "Armenian dram", RU: "армянский драм"},
		"currency.AZN": {EN: "Azerbaijani manat", RU: "азербайджанский манат"},
		"currency.GEL": {EN: "Georgian lari", RU: "грузинский лари"},
		"currency.MDL": {EN: "Moldovan leu", RU: "молдавский лей"},
		"currency.UAH": {EN: "hryvnia", RU: "гривна"},
		"currency.TRY": {EN: "Turkish lira", RU: "турецкая лира"},
		"currency.ILS": {EN: "Israeli shekel", RU: "израильский шекель"},
		"currency.AED": {EN: "UAE dirham", RU: "дирхам ОАЭ"},
		"currency.GBP": {EN: "pound sterling", RU: "фунт стерлингов"},
		"currency.CHF": {EN: "Swiss franc", RU: "швейцарский франк"},
		"currency.PLN": {EN: "Polish zloty", RU: "польский злотый"},
		"currency.CZK": {EN: "Czech koruna", RU: "чешская крона"},
		"currency.RSD": {EN: "Serbian dinar", RU: "сербский динар"},
		"currency.CNY": {EN: "yuan", RU: "юань"},
		"currency.INR": {EN: "Indian rupee", RU: "индийская рупия"},
		"currency.IDR": {EN: "Indonesian rupiah", RU: "индонезийская рупия"},
		"currency.THB": {EN: "Thai baht", RU: "тайский бат"},
		"currency.VND": {EN: "Vietnamese dong", RU: "вьетнамский донг"},
		"currency.BRL": {EN: "Brazilian real", RU: "бразильский реал"},

		"new_project.title":  {EN: "New project", RU: "Новый проект"},
		"new_project.button": {EN: "Create and connect", RU: "Создать и подключить"},

		"period.label":      {EN: "Period", RU: "Период"},
		"period.today":      {EN: "Today", RU: "Сегодня"},
		"period.yesterday":  {EN: "Yesterday", RU: "Вчера"},
		"period.7d":         {EN: "7 days", RU: "7 дней"},
		"period.30d":        {EN: "30 days", RU: "30 дней"},
		"period.90d":        {EN: "90 days", RU: "90 дней"},
		"period.365d":       {EN: "Year", RU: "Год"},
		"period.month":      {EN: "This month", RU: "Этот месяц"},
		"period.last_month": {EN: "Last month", RU: "Прошлый месяц"},
		"period.from":       {EN: "From", RU: "С"},
		"period.to":         {EN: "To", RU: "По"},
		"period.show":       {EN: "Show", RU: "Показать"},
		"period.dates":      {EN: "Other days", RU: "Другие дни"},

		"dimension.source":       {EN: "Source", RU: "Источник"},
		"dimension.link":         {EN: "Link", RU: "Ссылка"},
		"dimension.start_value":  {EN: "Start value", RU: "Значение start"},
		"dimension.network":      {EN: "Ad network", RU: "Рекламная сеть"},
		"dimension.utm_source":   {EN: "utm_source", RU: "utm_source"},
		"dimension.utm_medium":   {EN: "utm_medium", RU: "utm_medium"},
		"dimension.utm_campaign": {EN: "utm_campaign", RU: "utm_campaign"},
		"dimension.utm_content":  {EN: "utm_content", RU: "utm_content"},
		"dimension.utm_term":     {EN: "utm_term", RU: "utm_term"},
		"dimension.none":         {EN: "(none)", RU: "(нет)"},
		"dimension.remove":       {EN: "remove from the filter", RU: "убрать из фильтра"},
	}
}
