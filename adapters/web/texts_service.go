package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// serviceTexts are those of the page of the service itself.
func serviceTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"service.title":     {EN: "Service", RU: "Сервис"},
		"service.build":     {EN: "tgtrack %s", RU: "tgtrack %s"},
		"service.urgent":    {EN: "What needs somebody", RU: "Что требует внимания"},
		"service.all_well":  {EN: "Nothing: all checks are fine.", RU: "Ничего: все проверки пройдены."},
		"service.processes": {EN: "Processes", RU: "Процессы"},
		"service.process":   {EN: "Process", RU: "Процесс"},
		"service.self":      {EN: "this one", RU: "этот"},
		"service.version":   {EN: "Version", RU: "Версия"},
		"service.roles":     {EN: "Roles", RU: "Роли"},
		"service.since":     {EN: "Runs since", RU: "Работает с"},
		"service.sign":      {EN: "Last sign of life", RU: "Последний сигнал"},
		"service.gone":      {EN: "silent", RU: "молчит"},
		"service.utc":       {EN: "Times are UTC.", RU: "Время в UTC."},
		"service.backups":   {EN: "Backups", RU: "Резервные копии"},
		"service.backup_last": {
			EN: "The last one was made at %s by %s.",
			RU: "Последняя сделана %s, автор: %s.",
		},
		"service.backup_none": {
			EN: "None is noted in the latest changes. Make one with",
			RU: "В последних изменениях копий нет. Сделайте её командой",
		},
		"service.backup_elsewhere": {
			EN: "The database is PostgreSQL: back it up with its own tools (pg_dump), see docs/operations.md.",
			RU: "База данных PostgreSQL: копируйте её собственными средствами (pg_dump), см. docs/operations.md.",
		},
		"service.well": {EN: "What is well", RU: "Что в порядке"},

		"service_state.problem": {EN: "problem", RU: "проблема"},
		"service_state.advice":  {EN: "advice", RU: "совет"},

		"service_part.configuration": {EN: "Settings", RU: "Настройки"},
		"service_part.disk":          {EN: "Disk", RU: "Диск"},
		"service_part.database":      {EN: "Database", RU: "База данных"},
		"service_part.processes":     {EN: "Processes", RU: "Процессы"},
		"service_part.streams":       {EN: "Streams", RU: "Потоки"},
		"service_part.ad_accounts":   {EN: "Ad accounts", RU: "Рекламные аккаунты"},
		"service_part.projects":      {EN: "Projects", RU: "Проекты"},
		"service_part.links":         {EN: "Links", RU: "Ссылки"},
		"service_part.clicks":        {EN: "Clicks", RU: "Клики"},
		"service_part.build":         {EN: "Build", RU: "Сборка"},
		"service_part.other":         {EN: "Other", RU: "Прочее"},
	}
}
