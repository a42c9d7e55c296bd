package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// reportTexts are those of figures, of links and of people.
func reportTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"figure.clicks":     {EN: "Clicks", RU: "Клики"},
		"figure.joins":      {EN: "Joined", RU: "Подписки"},
		"figure.conversion": {EN: "Joined of clicked", RU: "Из клика в подписку"},
		"figure.leaves":     {EN: "Left", RU: "Отписки"},
		"figure.stayed7":    {EN: "Stayed 7 d", RU: "Остались 7 дн."},
		"figure.goals":      {EN: "Goals", RU: "Цели"},
		"figure.revenue":    {EN: "Revenue", RU: "Выручка"},
		"figure.cost":       {EN: "Cost", RU: "Расход"},

		"report.as_table": {EN: "As a table", RU: "Таблицей"},
		"report.nothing":  {EN: "Nothing happened in this period.", RU: "За этот период ничего не было."},

		"places.in":         {EN: "People now", RU: "Людей сейчас"},
		"places.subscribed": {EN: "Of them subscribed to the project", RU: "Из них подписаны на проект"},
		"places.joined":     {EN: "Joined", RU: "Вступили"},
		"places.left":       {EN: "Left", RU: "Вышли"},
		"places.none": {
			EN: "Nobody was seen in a channel, group or bot other than the project's own.",
			RU: "Ни в одном канале, группе или боте, кроме места самого проекта, никого не было.",
		},

		"sources.link": {EN: "Link", RU: "Ссылка"},
		"sources.none": {
			EN: "There are no tracking links yet.",
			RU: "Ссылок для отслеживания пока нет.",
		},
		"sources.new":         {EN: "New tracking link", RU: "Новая ссылка"},
		"sources.invite_link": {EN: "Invite link of the channel", RU: "Пригласительная ссылка канала"},
		"sources.create":      {EN: "Create the link", RU: "Создать ссылку"},
		"sources.click_url":   {EN: "Address for the ad", RU: "Адрес для рекламы"},
		"sources.click_help": {
			EN: "Records the click and hands out a start value of its own: exact attribution.",
			RU: "Записывает клик и выдаёт своё стартовое значение: точная атрибуция.",
		},
		"sources.deep_link": {
			EN: "Address for posts inside Telegram",
			RU: "Адрес для постов внутри Telegram",
		},
		"sources.deep_help": {
			EN: "Leads to the bot at once; the link is known, the click is not.",
			RU: "Сразу ведёт в бота; ссылка известна, клик – нет.",
		},
		"sources.no_username": {
			EN: "Give the project the bot's or channel's username in the settings first.",
			RU: "Сначала укажите в настройках имя бота или канала.",
		},
		"sources.unready": {
			EN: "Whoever opens this address now reads that the link is not ready (409): the project lacks the username of " +
				"its bot or channel.",
			RU: "Кто откроет этот адрес сейчас, увидит, что ссылка не готова (409): в проекте не указано имя бота или " +
				"канала.",
		},
		"sources.rules": {EN: "Start values of your own", RU: "Собственные значения start"},
		"rules.title":   {EN: "Rules for start values", RU: "Правила для значений start"},
		"rules.help": {
			EN: "Some ad networks lead straight to the bot and put their click id into the start value, such as " +
				"promo123__clickId=…. A rule reads it: the start then has a source, UTM tags and a click whose id " +
				"goes back to the network.",
			RU: "Некоторые рекламные сети ведут сразу в бота и кладут идентификатор клика в значение start, например " +
				"promo123__clickId=…. Правило читает его: у запуска появляются источник, UTM-метки и клик, " +
				"идентификатор которого вернётся в сеть.",
		},
		"rules.names": {
			EN: "{campaign}, {source}, {medium}, {content}, {term} become UTM tags, {click} the parameter click_id, any " +
				"other {name} the parameter of that name. The first rule that fits is used.",
			RU: "{campaign}, {source}, {medium}, {content}, {term} становятся UTM-метками, {click} — параметром click_id, " +
				"любое другое {имя} — параметром с этим именем. Применяется первое подходящее правило.",
		},
		"rules.lines": {
			EN: "One rule on a line: the start value with {…} where something else stands each time, a blank, the source",
			RU: "По правилу в строке: значение start с {…} на месте того, что меняется, пробел, название источника",
		},
		"rules.try":   {EN: "Try on the last days", RU: "Проверить на последних днях"},
		"rules.trial": {EN: "What the rules would read", RU: "Что прочитают правила"},
		"rules.found": {
			EN: "Starts with values of your own: the rules read %s of %s in the last %s days.",
			RU: "Запуски с собственными значениями: правила читают %s из %s за последние %s дн.",
		},
		"rules.value":  {EN: "Start value", RU: "Значение start"},
		"rules.source": {EN: "Source", RU: "Источник"},
		"rules.params": {EN: "Parameters of the click", RU: "Параметры клика"},
		"rules.unread": {EN: "no rule reads it", RU: "ни одно правило не подходит"},
		"sources.crowded": {
			EN: "Visits of 7 days that made no click, since too many came from one address (clicks.per_minute) or the " +
				"server's disk was nearly full: %s. The visitors were sent on.",
			RU: "Переходов за 7 дней, которые не стали кликами, потому что с одного адреса их слишком много " +
				"(clicks.per_minute) или на диске сервера почти не осталось места: %s. Посетители попали в бота.",
		},
		"sources.unresolved": {EN: "Unresolved", RU: "Не подставлено"},
		"sources.unresolved_help": {
			EN: "Clicks of this link come with a macro that nobody filled in, or with undefined, instead of a value: " +
				"check the address in the advertisement. Such values are left out.",
			RU: "В кликах этой ссылки вместо значения приходит неподставленный макрос или undefined: " +
				"проверьте адрес в рекламе. Такие значения не учитываются.",
		},
		"sources.unresolved_seen": {EN: "first seen %s, clicks: %s", RU: "впервые %s, кликов: %s"},
		"sources.open_page":       {EN: "Page before Telegram", RU: "Страница перед Telegram"},
		"sources.open_help": {
			EN: "Browsers inside other apps often do not open t.me. A page with buttons (the app, telegram.me, t.me) " +
				"helps there. The click is counted as usual.",
			RU: "Браузеры внутри других приложений часто не открывают t.me. Помогает страница с кнопками " +
				"(приложение, telegram.me, t.me). Клик считается как обычно.",
		},
		"open_page.off": {EN: "never, send on at once", RU: "нет, сразу перенаправлять"},
		"open_page.auto": {
			EN: "inside Instagram, Facebook and TikTok",
			RU: "внутри Instagram, Facebook и TikTok",
		},
		"open_page.always": {EN: "for everybody", RU: "всем"},
		"sources.created":  {EN: "Made", RU: "Создана"},
		"sources.overview": {EN: "Figures of this link", RU: "Цифры этой ссылки"},
		"sources.qr":       {EN: "QR code of the address for the ad", RU: "QR-код адреса для рекламы"},
		"sources.qr_save":  {EN: "Save the QR code", RU: "Сохранить QR-код"},
		"sources.import":   {EN: "Import costs", RU: "Загрузить расходы"},
		"sources.import_help": {
			EN: "CSV, UTF-8, with the columns date, link (name or id) or utm_campaign, and " +
				"cost. The same file again changes nothing.",
			RU: "CSV, UTF-8, со столбцами дата, ссылка (название или id) или utm_campaign, и " +
				"расход. Тот же файл ещё раз ничего не меняет.",
		},
		"sources.imported": {
			EN: "Taken: %s days of %s links, %s.",
			RU: "Принято дней: %s, ссылок: %s, всего %s.",
		},
		"sources.preview": {
			EN: "The file has %s days of %s links, %s together. They take the place of what " +
				"was there.",
			RU: "В файле дней: %s, ссылок: %s, всего %s. Они заменят то, что было.",
		},
		"sources.import_yes": {EN: "Take it", RU: "Принять"},
		"sources.file":       {EN: "File", RU: "Файл"},
		"sources.look":       {EN: "Look at it", RU: "Посмотреть"},
		"sources.costs":      {EN: "What it cost", RU: "Сколько стоила"},
		"sources.costs_help": {
			EN: "The sum is spread evenly over the days and takes the place of what was " +
				"there. 0 removes it.",
			RU: "Сумма делится поровну на дни и заменяет то, что было. 0 убирает.",
		},
		"sources.amount": {EN: "Sum", RU: "Сумма"},
		// Beside another form that is saved.
		"sources.amount_save": {EN: "Save the sum", RU: "Сохранить сумму"},
		"sources.days":        {EN: "By day", RU: "По дням"},

		"subscribers.search":  {EN: "Id, @username or name", RU: "Id, @имя или имя"},
		"subscribers.from":    {EN: "Joined from", RU: "Подписался с"},
		"subscribers.any":     {EN: "any", RU: "любое"},
		"subscribers.find":    {EN: "Find", RU: "Найти"},
		"subscribers.person":  {EN: "Person", RU: "Подписчик"},
		"subscribers.user_id": {EN: "Id", RU: "Id"},
		"subscribers.source":  {EN: "Source", RU: "Источник"},
		"subscribers.joined":  {EN: "Joined", RU: "Подписался"},
		"subscribers.state":   {EN: "State", RU: "Состояние"},
		"subscribers.in":      {EN: "subscribed", RU: "подписан"},
		"subscribers.out":     {EN: "left", RU: "отписался"},
		"subscribers.never":   {EN: "never joined", RU: "не подписывался"},
		"subscribers.none":    {EN: "Nobody is found.", RU: "Никого не нашлось."},

		"dossier.export": {EN: "Export", RU: "Выгрузить"},
		"dossier.erase":  {EN: "Erase", RU: "Стереть"},
		"dossier.erase_what": {
			EN: "Everything personal is removed for good: name, id, clicks, requests. The " +
				"figures of the reports stay.",
			RU: "Всё личное удаляется навсегда: имя, id, клики, запросы. Цифры отчётов остаются.",
		},
		"dossier.erase_yes":      {EN: "Erase this person", RU: "Стереть этого человека"},
		"dossier.messenger":      {EN: "Messenger", RU: "Мессенджер"},
		"dossier.episodes":       {EN: "Subscriptions", RU: "Подписки"},
		"dossier.opened":         {EN: "Joined", RU: "Подписался"},
		"dossier.closed":         {EN: "Left", RU: "Отписался"},
		"dossier.why":            {EN: "Why this source", RU: "Почему этот источник"},
		"dossier.conversions":    {EN: "Conversions", RU: "Конверсии"},
		"dossier.no_conversions": {EN: "No conversions.", RU: "Конверсий нет."},
		"dossier.no_attempts":    {EN: "Nothing was sent yet.", RU: "Ещё ничего не отправляли."},
		"dossier.events":         {EN: "Events", RU: "События"},
		"dossier.clicks":         {EN: "Clicks", RU: "Клики"},
		"dossier.no_clicks":      {EN: "No click is known.", RU: "Кликов не известно."},
		"dossier.time":           {EN: "Time", RU: "Время"},
		"dossier.event":          {EN: "Event", RU: "Событие"},
		"dossier.name":           {EN: "Name", RU: "Название"},
		"dossier.result":         {EN: "Result", RU: "Результат"},
		"dossier.amount":         {EN: "Amount", RU: "Сумма"},

		"reason.click": {
			EN: "by the click's own start value",
			RU: "по своему стартовому значению клика",
		},
		"reason.shared_click": {
			EN: "by a click that somebody else used before",
			RU: "по клику, которым раньше воспользовался другой",
		},
		"reason.link":        {EN: "by the link's start value", RU: "по стартовому значению ссылки"},
		"reason.invite_link": {EN: "by the invite link", RU: "по пригласительной ссылке"},
		"reason.cut_link": {
			EN: "by how the invite link begins: Telegram cut it",
			RU: "по началу пригласительной ссылки: Telegram её обрезал",
		},
		"reason.auto_detect": {
			EN: "guess: the newest click that nobody started with",
			RU: "догадка: самый новый клик, с которым никто не стартовал",
		},
		"reason.start_value": {
			EN: "a start value that is not of a link",
			RU: "стартовое значение не от ссылки",
		},
		"reason.organic": {EN: "nothing is known", RU: "ничего не известно"},

		"status.pending":      {EN: "to be sent", RU: "ждёт отправки"},
		"status.retrying":     {EN: "will be sent again", RU: "отправится ещё раз"},
		"status.parked":       {EN: "parked", RU: "отложена"},
		"status.accepted":     {EN: "accepted", RU: "принята"},
		"status.delivered":    {EN: "delivered", RU: "доставлена"},
		"status.unmatched":    {EN: "not matched", RU: "не сопоставлена"},
		"status.rejected":     {EN: "rejected", RU: "отклонена"},
		"status.expired":      {EN: "expired", RU: "просрочена"},
		"status.uncertain":    {EN: "uncertain", RU: "неизвестно"},
		"status.sandbox":      {EN: "sandbox", RU: "песочница"},
		"status.unattributed": {EN: "not attributed", RU: "без источника"},

		"effect.opened":        {EN: "joined", RU: "подписался"},
		"effect.closed":        {EN: "left", RU: "отписался"},
		"effect.opened_closed": {EN: "joined and left", RU: "подписался и отписался"},
		"effect.moved":         {EN: "moved in time", RU: "подписка сдвинута"},

		"effect.joined_elsewhere": {EN: "joined another place", RU: "вступил в другое место"},
		"effect.left_elsewhere":   {EN: "left another place", RU: "покинул другое место"},
		"effect.elsewhere":        {EN: "in another place", RU: "в другом месте"},

		"dossier.places": {EN: "Other places", RU: "Другие места"},
		"dossier.places_help": {
			EN: "Channels, groups or a bot that are not the project's own. They make no joins and leaves in " +
				"reports, and nothing of them is sent.",
			RU: "Каналы, группы или бот, которые не являются местом этого проекта. В отчётах они не дают " +
				"подписок и отписок, и ничего из них не отправляется.",
		},
		"dossier.place": {EN: "Place", RU: "Место"},
		"place.bot":     {EN: "the bot", RU: "бот"},
		"place.unnamed": {EN: "a channel without an id", RU: "канал без идентификатора"},

		"step_result.in_progress": {EN: "in progress", RU: "в процессе"},
		"step_result.success":     {EN: "success", RU: "успех"},
		"step_result.failure":     {EN: "failure", RU: "неудача"},

		"attempt.delivered":     {EN: "delivered", RU: "доставлена"},
		"attempt.duplicate":     {EN: "the network had it already", RU: "уже была у сети"},
		"attempt.accepted":      {EN: "taken, the outcome is to come", RU: "принята, итог позже"},
		"attempt.retry":         {EN: "failed, will be sent again", RU: "не вышло, будет повтор"},
		"attempt.throttled":     {EN: "the network asks to wait", RU: "сеть просит подождать"},
		"attempt.auth_revoked":  {EN: "access revoked", RU: "доступ отозван"},
		"attempt.misconfigured": {EN: "settings are wrong", RU: "неверные настройки"},
		"attempt.disabled":      {EN: "the account is off", RU: "аккаунт выключен"},
		"attempt.rejected":      {EN: "rejected", RU: "отклонена"},
		"attempt.unmatched":     {EN: "not matched", RU: "не сопоставлена"},
		"attempt.expired":       {EN: "expired", RU: "просрочена"},
		"attempt.uncertain":     {EN: "unknown whether it arrived", RU: "неизвестно, дошла ли"},
		"attempt.returned": {
			EN: "not counted because of the settings", RU: "не засчитана из-за настроек",
		},
		"attempt.resend": {EN: "not counted, sent again", RU: "не засчитана, отправится снова"},
	}
}
