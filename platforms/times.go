package platforms

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// maxAhead is how far a sender's clock may be ahead of ours.
const maxAhead = 24 * time.Hour

// milliseconds is the smallest number that is read as milliseconds; smaller
// ones are seconds.
const milliseconds = 1e11

// Time reads when something happened: seconds or milliseconds since 1970 as a
// number or text, ISO 8601, or a date as people and programs write it, in the
// project's zone if none is given. It is zero if the sender gave no time, one
// that can not be read, or an impossible one: 0, or more than a day after the
// request was received.
func Time(v Value, key string, receivedAt time.Time) time.Time {
	f := v.Get(key)
	if !f.Exists() {
		return time.Time{}
	}
	text, isText := f.Text()
	text = strings.TrimSpace(text)
	if _, is := Macro(text); is || isText && text == "" {
		return time.Time{}
	}
	zone := time.UTC
	if v.front != nil && v.front.zone != nil {
		zone = v.front.zone
	}
	t, ok := parseTime(text, zone)
	switch {
	case !ok:
		if !isText {
			text = string(f.raw)
		}
	case t.Unix() <= 0:
		return time.Time{}
	case receivedAt.IsZero() || !t.After(receivedAt.Add(maxAhead)):
		return t
	}
	v.leftOut(domain.WarnNoTime, key, text)
	return time.Time{}
}

func parseTime(s string, zone *time.Location) (time.Time, bool) {
	if s == "" || len(s) > 80 {
		return time.Time{}, false
	}
	if strings.Trim(s, "0123456789.+-eE") == "" {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return fromNumber(f), true
		}
	}
	return parseDate(s, zone)
}

func fromNumber(f float64) time.Time {
	if f >= milliseconds {
		f /= 1000
	}
	if f <= 0 || f > math.MaxInt32*100 {
		// Beyond any calendar: treated as an impossible time.
		return time.Unix(0, 0).UTC()
	}
	return time.UnixMicro(int64(math.Round(f * 1e6))).UTC()
}
