package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// overviewTexts are those of the overview, of what periods are held against and
// of the glossary, but the terms themselves: see report.Terms.
func overviewTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"overview.title":     {EN: "Overview", RU: "Обзор"},
		"overview.breakdown": {EN: "Where they came from", RU: "Откуда пришли"},
		"overview.grain":     {EN: "Pieces of the chart", RU: "Шаг графика"},
		"overview.chart_of":  {EN: "%s: %s. Show in the chart", RU: "%s: %s. Показать на графике"},
		"overview.before":    {EN: "%s before", RU: "%s, прошлый период"},
		"overview.cut": {
			EN: "* The period has only a part of it.",
			RU: "* Период захватывает только часть.",
		},
		"overview.no_costs": {
			EN: "No cost is known for this period. Enter or import it, and the cost of each subscriber and the return " +
				"appear here:",
			RU: "Расходов за этот период нет. Введите или загрузите их, и здесь появятся цена подписки и окупаемость:",
		},
		"tile.before": {EN: "before: %s", RU: "было: %s"},

		"grain.hour":  {EN: "by hour", RU: "по часам"},
		"grain.day":   {EN: "by day", RU: "по дням"},
		"grain.week":  {EN: "by week", RU: "по неделям"},
		"grain.month": {EN: "by month", RU: "по месяцам"},
		"piece.hour":  {EN: "Hour", RU: "Час"},
		"piece.day":   {EN: "Day", RU: "День"},
		"piece.week":  {EN: "Week", RU: "Неделя"},
		"piece.month": {EN: "Month", RU: "Месяц"},

		"compare.label":    {EN: "Compared with:", RU: "Сравнение:"},
		"compare.previous": {EN: "previous period", RU: "с прошлым периодом"},
		"compare.year":     {EN: "a year ago", RU: "с прошлым годом"},
		"compare.none":     {EN: "nothing", RU: "нет"},
		"compare.dates":    {EN: "other dates", RU: "с другими датами"},
		"compare.from":     {EN: "Compared from", RU: "Сравнить с даты"},
		"compare.to":       {EN: "Compared to", RU: "Сравнить по дату"},
		"compare.until": {
			EN: "%s – %s, as far as this period has come",
			RU: "%s – %s: столько же, сколько прошло от этого периода",
		},
		"period.wrong": {
			EN: "There is nothing to show for these dates:", RU: "По этим датам показать нечего:",
		},
		"period.zone": {EN: "days in %s", RU: "дни по %s"},

		"glossary.title": {EN: "What the figures count", RU: "Что считают цифры"},
		"glossary.intro": {
			EN: "Each figure means the same on every page, in the API and in exported files. Days are those of the time " +
				"zone %s.",
			RU: "Каждая цифра значит одно и то же на всех страницах, в API и в выгрузках. Дни — по часовому поясу %s.",
		},
		"glossary.what": {EN: "What is \"%s\"?", RU: "Что такое «%s»?"},
		"glossary.all":  {EN: "All figures", RU: "Все показатели"},

		"month.jan": {EN: "January", RU: "январь"},
		"month.feb": {EN: "February", RU: "февраль"},
		"month.mar": {EN: "March", RU: "март"},
		"month.apr": {EN: "April", RU: "апрель"},
		"month.may": {EN: "May", RU: "май"},
		"month.jun": {EN: "June", RU: "июнь"},
		"month.jul": {EN: "July", RU: "июль"},
		"month.aug": {EN: "August", RU: "август"},
		"month.sep": {EN: "September", RU: "сентябрь"},
		"month.oct": {EN: "October", RU: "октябрь"},
		"month.nov": {EN: "November", RU: "ноябрь"},
		"month.dec": {EN: "December", RU: "декабрь"},

		"funnel.step":     {EN: "Step", RU: "Шаг"},
		"funnel.people":   {EN: "People", RU: "Люди"},
		"funnel.bar":      {EN: "As a bar", RU: "Полоса"},
		"funnel.share":    {EN: "Of those who joined", RU: "От подписавшихся"},
		"funnel.lost":     {EN: "Lost before it", RU: "Потеряно до шага"},
		"funnel.no_click": {EN: "%s of them without a click", RU: "из них без клика: %s"},
		"funnel.how": {
			EN: "The share of those who joined by a click is of the clicks. Steps count people who were at them in the " +
				"period, whenever they joined.",
			RU: "Доля подписавшихся с кликом — от кликов. Шаги считают людей, побывавших на них за период, " +
				"когда бы они ни подписались.",
		},
		"funnel.events":  {EN: "Events", RU: "События"},
		"funnel.success": {EN: "Success", RU: "Успех"},
		"funnel.failure": {EN: "Failure", RU: "Неудача"},
		"funnel.labels":  {EN: "By label", RU: "По меткам"},
		"funnel.none": {
			EN: "The bot reported no steps in this period. It does so with add_event.",
			RU: "За этот период бот не присылал шагов. Он делает это методом add_event.",
		},

		"cohorts.intro": {
			EN: "Of the people who joined in a week: how many were still there after so many " +
				"weeks.",
			RU: "Сколько из подписавшихся за неделю оставались через столько недель.",
		},
		"cohorts.week":    {EN: "Week from", RU: "Неделя с"},
		"cohorts.after":   {EN: "%d wk", RU: "%d нед."},
		"cohorts.average": {EN: "On average", RU: "В среднем"},
		"cohorts.average_how": {
			EN: "The average goes from week to week on those weeks of joining that have come so far, so that it does not rise " +
				"when a week drops out.",
			RU: "Среднее считается от недели к неделе по тем неделям подписки, которые до неё дошли, поэтому не растёт, " +
				"когда какая-то из них выпадает.",
		},
		"cohorts.cut": {EN: "%s day|%s days", RU: "%s день|%s дня|%s дней"},
		"cohorts.cut_why": {
			EN: "Weeks marked so are cut by the period: only the people of those days are in them.",
			RU: "Отмеченные недели обрезаны периодом: в них только подписавшиеся за эти дни.",
		},

		"lifetime.curve": {
			EN: "How many are still there after so many weeks",
			RU: "Сколько остаётся через столько недель",
		},
		"lifetime.start":  {EN: "joined", RU: "подписка"},
		"lifetime.week":   {EN: "%s week|%s weeks", RU: "%s неделя|%s недели|%s недель"},
		"lifetime.weeks":  {EN: "Weeks after joining", RU: "Недель после подписки"},
		"lifetime.people": {EN: "People who have come so far", RU: "Людей, для кого срок прошёл"},
		"lifetime.too_early": {
			EN: "No week after joining is over yet for the people of this period.",
			RU: "Ни одна неделя после подписки для людей этого периода ещё не прошла.",
		},

		"fates.over_time":    {EN: "By when they were made", RU: "По времени создания"},
		"fates.networks":     {EN: "By ad network", RU: "По рекламным сетям"},
		"fates.network":      {EN: "Ad network", RU: "Рекламная сеть"},
		"fates.nobody":       {EN: "no ad account", RU: "без аккаунта"},
		"fates.reasons":      {EN: "Why they were not accepted", RU: "Почему не приняты"},
		"fates.reason":       {EN: "Reason", RU: "Причина"},
		"fates.status":       {EN: "Status", RU: "Статус"},
		"fates.network_says": {EN: "the network's own answer: see the account", RU: "ответ самой сети: см. аккаунт"},
		"fates.no_reason":    {EN: "waits for its turn", RU: "ждёт очереди"},
		"fates.count":        {EN: "How many", RU: "Сколько"},
		"fates.none": {
			EN: "No conversions were made in this period.",
			RU: "За этот период конверсий не создавали.",
		},

		"troubles.label": {EN: "What needs you", RU: "Требует внимания"},
		"troubles.look":  {EN: "Look", RU: "Посмотреть"},

		"report.of": {EN: "%s of %s", RU: "%s из %s"},
	}
}
