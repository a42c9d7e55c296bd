package platforms

import (
	"regexp"
	"strings"
	"time"
)

// parseDate reads a date as text. One that does not name its zone is of the
// given one.
func parseDate(s string, zone *time.Location) (time.Time, bool) {
	s, utc := tidyDate(s)
	if utc {
		zone = time.UTC
	}
	for _, layout := range [...]string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04", time.DateOnly,
		// as people write it
		"2.1.2006 15:04:05", "2.1.2006 15:04", "2.1.2006", "2.1.06 15:04:05", "2.1.06 15:04", "2.1.06",
		"2.1.2006 15:04:05 -07:00", "2.1.2006 15:04 -07:00", "2.1.2006 15:04:05 MST", "2.1.2006 15:04 MST",
		"2-1-2006 15:04:05", "2-1-2006 15:04", "2-1-2006", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006/1/2",
		"2006.1.2 15:04:05", "2006.1.2 15:04", "2006.1.2",
		// as programs print it
		"Mon 2 Jan 2006 15:04:05 -0700", "Mon 2 Jan 2006 15:04:05 MST", time.ANSIC, time.UnixDate,
		"Mon Jan 2 2006 15:04:05 MST-0700",
		"2006-01-02T15:04:05-0700MST", "2006-01-02T15:04:05MST", "Jan 2 2006 15:04:05", "Jan 2 2006 15:04",
		"Jan 2 2006 3:04 PM", "Jan 2 2006", "January 2 2006 15:04:05", "January 2 2006 15:04", "January 2 2006",
		"2 Jan 2006 15:04:05", "2 Jan 2006 15:04", "2 Jan 2006",
	} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil && zoneKnown(t, zone) {
			return t.UTC().Truncate(time.Microsecond), true
		}
	}
	return bySlashes(s, zone)
}

// zoneKnown refuses abbreviations of zones that package time does not know: it
// would take them for UTC.
func zoneKnown(t time.Time, zone *time.Location) bool {
	name, offset := t.Zone()
	return t.Location() == zone || offset != 0 || strings.Trim(name, "UTCGMZ+-0123456789:") == ""
}

var (
	zoneInWords = regexp.MustCompile(` ?\([^)]*\)$`)
	ofMonth     = regexp.MustCompile(`^(\d{1,2}) (\pL{3,8})\.? (\d{4})`)
)

// tidyDate brings the ways of writing a date together, and tells whether it
// ends with UTC.
func tidyDate(s string) (tidy string, utc bool) {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, ",", " ")), " ")
	s = zoneInWords.ReplaceAllString(s, "")
	s, utc = strings.CutSuffix(s, " UTC")
	for _, word := range [...]string{" в ", " at ", " г. ", " года "} {
		s = strings.ReplaceAll(s, word, " ")
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, " г."), " года")
	if m := ofMonth.FindStringSubmatch(s); m != nil {
		if month := russianMonth(m[2]); month != "" {
			s = m[1] + "." + month + "." + m[3] + s[len(m[0]):]
		}
	}
	if len(s) > 10 && s[10] == ' ' && s[4] == '-' {
		s = s[:10] + "T" + strings.ReplaceAll(s[11:], " ", "")
	}
	return s, utc
}

// russianMonth gives the number of a month by the beginning of its name.
func russianMonth(name string) string {
	name = strings.ToLower(name)
	for i, begins := range [...]string{
		"янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
	} {
		if strings.HasPrefix(name, begins) {
			return [...]string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}[i]
		}
	}
	return ""
}

// bySlashes reads 29/11/2026 and 11/29/2026. Where both could be the month
// nobody knows which is.
func bySlashes(s string, zone *time.Location) (time.Time, bool) {
	var found []time.Time
	for _, layout := range [...]string{
		"2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006",
		"1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM",
	} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			found = append(found, t)
		}
	}
	for _, t := range found {
		if !t.Equal(found[0]) {
			return time.Time{}, false
		}
	}
	if len(found) == 0 {
		return time.Time{}, false
	}
	return found[0].UTC(), true
}
