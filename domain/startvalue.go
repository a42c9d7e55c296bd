package domain

import (
	"regexp"
	"strings"
)

// AutoDetect as a start value asks us to find the click ourselves.
const AutoDetect = "auto_detect"

// StartPrefix opens the start values that we hand out.
const StartPrefix = "TGTrack-"

var (
	ourValue = regexp.MustCompile(`^[Pp][Jj][0-9A-Fa-f]{4,40}$`)
	latinG   = strings.NewReplacer("Г", "G", "г", "g")
)

// NormalStart cuts a start value to what Telegram delivers: blanks around it
// gone, "/start " before it gone, first word only. Letter case is kept. What a
// program writes for no value, and a macro that nobody resolved, is none.
func NormalStart(s string) string {
	f := strings.Fields(s)
	if len(f) > 0 && strings.EqualFold(f[0], "/start") {
		f = f[1:]
	}
	if len(f) == 0 {
		return ""
	}
	return Value(f[0])
}

// StartAddress tells a whole address that came in place of a start value, and
// gives what stands in it as one, which may be nothing.
func StartAddress(s string) (value string, is bool) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") && !strings.Contains(s, "t.me/") && !strings.HasPrefix(s, "?start=") &&
		!strings.HasPrefix(s, "start=") {
		return "", false
	}
	_, value, _ = strings.Cut(s, "start=")
	if end := strings.IndexAny(value, "&#"); end >= 0 {
		value = value[:end]
	}
	return value, true
}

// StartIn is the start value of a messenger as it counts. Telegram's is one
// word. Others deliver any text whole.
func StartIn(messenger, s string) string {
	if messenger == "" || messenger == Telegram {
		return NormalStart(s)
	}
	for s = strings.TrimSpace(s); ; s = strings.TrimSpace(s[len("/start"):]) {
		if f := strings.Fields(s); len(f) == 0 || !strings.EqualFold(f[0], "/start") {
			return Value(s)
		}
	}
}

// OwnStart tells whether a start value has the form of ours, and gives it in
// the form under which it is stored: "PJ" and hexadecimal digits in lower case.
// The prefix may be missing, all of it may come in any letter case, since some
// constructors change it, and the Cyrillic Г of the reference document's sample
// stands for G.
func OwnStart(s string) (string, bool) {
	t := latinG.Replace(NormalStart(s))
	if len(t) >= len(StartPrefix) && strings.EqualFold(t[:len(StartPrefix)], StartPrefix) {
		t = t[len(StartPrefix):]
	}
	if ourValue.MatchString(t) {
		return "PJ" + strings.ToLower(t[len("PJ"):]), true
	}
	return "", false
}
