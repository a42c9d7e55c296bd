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
// number or text, or ISO 8601, in UTC if no zone is given. It is zero if the
// sender gave no time or an impossible one: 0, or more than a day after the
// request was received.
func Time(v Value, key string, receivedAt time.Time) (time.Time, error) {
	f := v.Get(key)
	if !f.Exists() {
		return time.Time{}, nil
	}
	text, isText := f.Text()
	text = strings.TrimSpace(text)
	if _, is := Macro(text); is || isText && text == "" {
		return time.Time{}, nil
	}
	t, ok := parseTime(text)
	if !ok {
		if !isText {
			text = string(f.raw)
		}
		return time.Time{}, domain.Invalid(key, "%s is not a time; send Unix seconds or ISO 8601", quote(text))
	}
	if t.Unix() <= 0 || !receivedAt.IsZero() && t.After(receivedAt.Add(maxAhead)) {
		return time.Time{}, nil
	}
	return t, nil
}

// TimeOrZero is like Time, for bodies that a program writes: a time that can
// not be read counts as absent.
func TimeOrZero(v Value, key string, receivedAt time.Time) time.Time {
	t, err := Time(v, key, receivedAt)
	if err != nil {
		return time.Time{}
	}
	return t
}

func parseTime(s string) (time.Time, bool) {
	if s == "" || len(s) > 64 {
		return time.Time{}, false
	}
	if strings.Trim(s, "0123456789.+-eE") == "" {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return fromNumber(f), true
		}
	}
	return parseISO(s)
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

func parseISO(s string) (time.Time, bool) {
	s = strings.TrimSuffix(strings.TrimSuffix(s, " UTC"), " ")
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + strings.ReplaceAll(s[11:], " ", "")
	}
	for _, layout := range [...]string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04", time.DateOnly,
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
}
