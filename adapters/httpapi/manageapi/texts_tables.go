package manageapi

import "github.com/tgtrack/tgtrack/domain/i18n"

// Keys of the texts of tables begin so. A column that means something of its own
// in one table has the table's name in its key.
const (
	columnKey = "column."
	tableKey  = "table."
)

// tableTexts are the names of tables and columns in files for people.
func tableTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"table.daily":       {EN: "By day", RU: "По дням"},
		"table.hourly":      {EN: "By the hour", RU: "По часам"},
		"table.sources":     {EN: "By source", RU: "По источникам"},
		"table.links":       {EN: "Links", RU: "Ссылки"},
		"table.lifetime":    {EN: "Lifetime", RU: "Время в боте"},
		"table.audience":    {EN: "Subscriptions", RU: "Подписки"},
		"table.funnel":      {EN: "Funnel", RU: "Воронка"},
		"table.retention":   {EN: "Cohorts", RU: "Когорты"},
		"table.places":      {EN: "Other places", RU: "Другие места"},
		"table.fates":       {EN: "Fate of conversions", RU: "Судьба конверсий"},
		"table.costs":       {EN: "Costs", RU: "Расходы"},
		"table.subscribers": {EN: "Subscribers", RU: "Подписчики"},
		"table.conversions": {EN: "Conversions", RU: "Конверсии"},

		"column.date":        {EN: "Day", RU: "День"},
		"column.hour":        {EN: "Hour from", RU: "Час с"},
		"column.clicks":      {EN: "Clicks", RU: "Клики"},
		"column.starts":      {EN: "First starts", RU: "Первые запуски"},
		"column.joins":       {EN: "Joined", RU: "Подписки"},
		"column.leaves":      {EN: "Left", RU: "Отписки"},
		"column.net":         {EN: "Net", RU: "Прирост"},
		"column.conversion":  {EN: "Joined of clicked", RU: "Подписались из кликнувших"},
		"column.goals":       {EN: "Goals", RU: "Цели"},
		"column.revenue":     {EN: "Revenue", RU: "Выручка"},
		"column.costs":       {EN: "Refunds", RU: "Возвраты"},
		"column.uncounted":   {EN: "Events with a sum that was not counted", RU: "События с неучтённой суммой"},
		"column.stars":       {EN: "Stars without a rate", RU: "Звёзды без курса"},
		"column.presses":     {EN: "Starts with repeats", RU: "Запуски с повторами"},
		"column.click_joins": {EN: "Joined by a click", RU: "Подписки по клику"},

		"column.source":       {EN: "Source", RU: "Источник"},
		"column.link_id":      {EN: "Link id", RU: "ID ссылки"},
		"column.link":         {EN: "Link", RU: "Ссылка"},
		"column.utm_source":   {EN: "utm_source", RU: "utm_source"},
		"column.utm_medium":   {EN: "utm_medium", RU: "utm_medium"},
		"column.utm_campaign": {EN: "utm_campaign", RU: "utm_campaign"},
		"column.utm_content":  {EN: "utm_content", RU: "utm_content"},
		"column.utm_term":     {EN: "utm_term", RU: "utm_term"},
		"column.network":      {EN: "Ad network", RU: "Рекламная система"},

		"column.stayed_1":            {EN: "Stayed 1 day", RU: "Остались 1 день"},
		"column.stayed_1_of":         {EN: "of those whose day is over", RU: "из тех, у кого день прошёл"},
		"column.stayed_7":            {EN: "Stayed 7 days", RU: "Остались 7 дней"},
		"column.stayed_7_of":         {EN: "of those whose 7 days are over", RU: "из тех, у кого 7 дней прошли"},
		"column.stayed_30":           {EN: "Stayed 30 days", RU: "Остались 30 дней"},
		"column.stayed_30_of":        {EN: "of those whose 30 days are over", RU: "из тех, у кого 30 дней прошли"},
		"column.cost":                {EN: "Cost", RU: "Расход"},
		"column.cost_per_subscriber": {EN: "Cost per subscriber", RU: "Расход на подписчика"},
		"column.cost_per_stayed_7":   {EN: "Cost per stayed 7 days", RU: "Расход на оставшегося 7 дней"},
		"column.name":                {EN: "Name", RU: "Название"},
		"column.created_at":          {EN: "Created", RU: "Создано"},

		"column.lifetime.joined":        {EN: "Joined", RU: "Подписки"},
		"column.still_in":               {EN: "Still in", RU: "Ещё подписаны"},
		"column.lifetime.left":          {EN: "Left", RU: "Ушли"},
		"column.average_days":           {EN: "Days in, of those who left", RU: "Дней до ухода в среднем"},
		"column.revenue_of_joined":      {EN: "Revenue of those who joined", RU: "Выручка подписавшихся"},
		"column.revenue_per_subscriber": {EN: "Revenue per subscriber", RU: "Выручка на подписчика"},

		"column.user_id":    {EN: "User id", RU: "ID человека"},
		"column.messenger":  {EN: "Messenger", RU: "Мессенджер"},
		"column.username":   {EN: "Username", RU: "Имя пользователя"},
		"column.first_name": {EN: "First name", RU: "Имя"},
		"column.last_name":  {EN: "Last name", RU: "Фамилия"},
		"column.reason":     {EN: "Found by", RU: "Как найден источник"},
		"column.confidence": {EN: "Confidence", RU: "Уверенность"},
		"column.joined":     {EN: "Joined", RU: "Подписался"},
		"column.left":       {EN: "Left", RU: "Отписался"},
		"column.days_in":    {EN: "Days in", RU: "Дней в подписке"},
		"column.id":         {EN: "Id", RU: "ID"},

		"column.step":         {EN: "Step", RU: "Шаг"},
		"column.label":        {EN: "Label", RU: "Метка"},
		"column.funnel.value": {EN: "Value of the label", RU: "Значение метки"},
		"column.people":       {EN: "People", RU: "Люди"},
		"column.events":       {EN: "Events", RU: "События"},
		"column.in_progress":  {EN: "In progress", RU: "В процессе"},
		"column.success":      {EN: "Success", RU: "Успех"},
		"column.failure":      {EN: "Failure", RU: "Неудача"},

		"column.week":             {EN: "Week from", RU: "Неделя с"},
		"column.retention.joined": {EN: "Joined", RU: "Подписки"},
		"column.days":             {EN: "Days of the week in the period", RU: "Дней недели в периоде"},
		"column.after_weeks":      {EN: "Weeks after", RU: "Через недель"},
		"column.stayed":           {EN: "Stayed", RU: "Остались"},
		"column.rate":             {EN: "Share that stayed", RU: "Доля оставшихся"},

		"column.chat_id":           {EN: "Chat id", RU: "ID чата"},
		"column.places.kind":       {EN: "Kind of place", RU: "Вид места"},
		"column.in":                {EN: "People now", RU: "Людей сейчас"},
		"column.places.subscribed": {EN: "Of them subscribed to the project", RU: "Из них подписаны на проект"},
		"column.places.joined":     {EN: "Joined", RU: "Вступили"},
		"column.places.left":       {EN: "Left", RU: "Вышли"},

		"column.made": {EN: "Conversions", RU: "Конверсии"},
		"column.sent": {EN: "Of them sent", RU: "Из них отправлены"},

		"column.day":      {EN: "Day", RU: "День"},
		"column.amount":   {EN: "Cost", RU: "Расход"},
		"column.currency": {EN: "Currency", RU: "Валюта"},

		"column.language":   {EN: "Language", RU: "Язык"},
		"column.is_premium": {EN: "Telegram Premium", RU: "Telegram Premium"},
		"column.subscribed": {EN: "Subscribed", RU: "Подписан"},
		"column.first_seen": {EN: "First seen", RU: "Замечен впервые"},
		"column.first_join": {EN: "Joined first", RU: "Первая подписка"},
		"column.last_join":  {EN: "Joined last", RU: "Последняя подписка"},
		"column.left_at":    {EN: "Left", RU: "Отписался"},

		"column.occurred_at":      {EN: "Happened", RU: "Произошло"},
		"column.kind":             {EN: "Kind", RU: "Вид"},
		"column.target":           {EN: "Goal", RU: "Цель"},
		"column.conversions.name": {EN: "Name in the network", RU: "Название в рекламной системе"},
		"column.ad_account_id":    {EN: "Ad account id", RU: "ID рекламного аккаунта"},
		"column.status":           {EN: "Status", RU: "Статус"},
		"column.reason_code":      {EN: "Reason", RU: "Причина"},
		"column.status_reason":    {EN: "Reason in words", RU: "Причина словами"},
		"column.attempts":         {EN: "Attempts", RU: "Попытки"},
		"column.value":            {EN: "Sum", RU: "Сумма"},
		"column.delivered_at":     {EN: "Delivered", RU: "Доставлено"},
		"column.next_attempt_at":  {EN: "Next attempt", RU: "Следующая попытка"},
		"column.expires_at":       {EN: "Expires", RU: "Срок до"},
		"column.event_id":         {EN: "Event id", RU: "ID события"},
		"column.click_id":         {EN: "Click id", RU: "ID клика"},
	}
}
