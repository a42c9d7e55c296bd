package i18n

import "time"

// weekdays are short names, Sunday first.
func weekdays() [7]Text {
	return [7]Text{
		{EN: "Sun", RU: "вс"}, {EN: "Mon", RU: "пн"}, {EN: "Tue", RU: "вт"}, {EN: "Wed", RU: "ср"}, {EN: "Thu", RU: "чт"},
		{EN: "Fri", RU: "пт"}, {EN: "Sat", RU: "сб"},
	}
}

// LongDate writes a date with its day of the week and its year.
func (l Language) LongDate(t time.Time) string {
	return weekdays()[t.Weekday()].In(l) + ", " + t.Format(l.DateLayout())
}
