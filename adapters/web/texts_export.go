package web

import "github.com/tgtrack/tgtrack/domain/i18n"

// exportTexts are those of tables that leave the cabinet.
func exportTexts() i18n.Catalogue {
	return i18n.Catalogue{
		"export.button": {EN: "Export", RU: "Скачать"},
		"export.table":  {EN: "Table", RU: "Таблица"},
		"export.xlsx":   {EN: "Excel (XLSX)", RU: "Excel (XLSX)"},
		"export.csv":    {EN: "CSV", RU: "CSV"},
		"export.help": {
			EN: "All rows of the table, of this period and filter. XLSX has at most 1,048,575 rows, CSV any number.",
			RU: "Все строки таблицы за этот период и с этим фильтром. В XLSX – до 1 048 575 строк, в CSV – сколько угодно.",
		},
		"export.separator":           {EN: "CSV: between cells", RU: "CSV: между ячейками"},
		"export.decimal":             {EN: "CSV: decimals", RU: "CSV: дробная часть"},
		"export.separator_comma":     {EN: "comma", RU: "запятая"},
		"export.decimal_comma":       {EN: "comma (1,5)", RU: "запятая (1,5)"},
		"export.decimal_point":       {EN: "point (1.5)", RU: "точка (1.5)"},
		"export.separator_semicolon": {EN: "semicolon", RU: "точка с запятой"},

		"export_table.daily":    {EN: "By day", RU: "По дням"},
		"export_table.hourly":   {EN: "By the hour", RU: "По часам"},
		"export_table.sources":  {EN: "Where they came from", RU: "Откуда пришли"},
		"export_table.links":    {EN: "Links", RU: "Ссылки"},
		"export_table.costs":    {EN: "Costs by day", RU: "Расходы по дням"},
		"export_table.audience": {EN: "Subscriptions by person", RU: "Подписки поимённо"},
	}
}
