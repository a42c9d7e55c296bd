package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// shareTexts are those of reports that are shown to people without a user.
func shareTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"shares.title":  {EN: "Shared reports", RU: "Отчёты по ссылке"},
		"shares.button": {EN: "Share", RU: "Поделиться"},
		"shares.help": {
			EN: "Whoever has the address sees this page: only to read, without names of people, without the menu.",
			RU: "Эту страницу увидит каждый, у кого есть адрес: только для чтения, без имён людей и без меню.",
		},
		"shares.period":   {EN: "Period", RU: "Период"},
		"shares.fixed":    {EN: "%s – %s, as it is", RU: "%s – %s, без изменений"},
		"shares.moves":    {EN: "%s, moving with time", RU: "%s, сдвигается со временем"},
		"shares.days":     {EN: "Open for, days", RU: "Действует, дней"},
		"shares.password": {EN: "Password, if you like", RU: "Пароль, если нужен"},
		"shares.make":     {EN: "Make the address", RU: "Создать адрес"},
		"shares.list":     {EN: "All shared reports", RU: "Все отчёты по ссылке"},
		"shares.made": {
			EN: "The address of the report. It is not shown again: copy it now.",
			RU: "Адрес отчёта. Больше он не показывается: скопируйте его сейчас.",
		},
		"shares.none": {
			EN: "No report is shared. The button “Share” is on the pages Overview, Sources, Lifetime, Cohorts and Funnel.",
			RU: "Ни один отчёт не открыт по ссылке. Кнопка «Поделиться» есть на страницах «Обзор», «Источники», " +
				"«Время в боте», «Когорты» и «Воронка».",
		},
		"shares.page":     {EN: "Report", RU: "Отчёт"},
		"shares.about":    {EN: "Period and filter", RU: "Период и фильтр"},
		"shares.by":       {EN: "Shared by", RU: "Кто открыл"},
		"shares.until":    {EN: "Open until", RU: "Действует до"},
		"shares.locked":   {EN: "with a password", RU: "с паролем"},
		"shares.withdraw": {EN: "Withdraw", RU: "Закрыть"},
		"shares.over": {
			EN: "This report is not open any more: its time is over, or it was withdrawn. Ask whoever sent you the address.",
			RU: "Отчёт больше не открыт: его срок истёк или доступ закрыли. Спросите у того, кто прислал адрес.",
		},
		"shares.pass_title": {EN: "The report has a password", RU: "Отчёт закрыт паролем"},
		"shares.pass_help": {
			EN: "Whoever sent you the address knows the password.",
			RU: "Пароль знает тот, кто прислал вам адрес.",
		},
		"shares.pass_open": {EN: "Open the report", RU: "Открыть отчёт"},

		"audit_action.report_share":   {EN: "shared a report by an address", RU: "отчёт открыт по ссылке"},
		"audit_action.report_unshare": {EN: "withdrew a shared report", RU: "доступ к отчёту по ссылке закрыт"},
	}
}
