package platforms

import (
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// StartCommand reports whether a message's text is /start, and returns the word
// after it. "/start@name" is ours if that is the bot's username or the username
// is unknown.
func StartCommand(text, botUsername string) (value string, ok bool) {
	text = strings.TrimSpace(text)
	const command = "/start"
	if len(text) < len(command) || !strings.EqualFold(text[:len(command)], command) {
		return "", false
	}
	word, rest, _ := cutBlank(text[len(command):])
	if word != "" {
		name, at := strings.CutPrefix(word, "@")
		ours := strings.TrimPrefix(botUsername, "@")
		if !at || ours != "" && !strings.EqualFold(name, ours) {
			return "", false
		}
	}
	value, _, _ = cutBlank(rest)
	return StartText(value), true
}

func cutBlank(s string) (word, rest string, found bool) {
	i := strings.IndexAny(s, " \t\r\n\v\f\u00a0")
	if i < 0 {
		return s, "", false
	}
	return s[:i], strings.TrimLeft(s[i:], " \t\r\n\v\f\u00a0"), true
}

// StartText normalises a start value: the first word, without a leading
// "/start", truncated to MaxName.
func StartText(s string) string {
	if value, ok := StartCommand(clipBytes(s), ""); ok {
		return value
	}
	return tidy(domain.NormalStart(clipBytes(s)), MaxName)
}

// clipBytes limits the work on a text of which only one word is wanted.
func clipBytes(s string) string { return Clip(s, 4*MaxName) }

// StartValue reads the first field that holds a start value; "" if none does.
func StartValue(v Value, keys ...string) string {
	for _, k := range keys {
		text, _ := v.Get(k).Text()
		if _, is := Macro(text); !is {
			if s := StartText(text); s != "" {
				return s
			}
		}
		if m := domain.Placeholder(Clip(text, maxMacro)); m != "" {
			v.front.warn(domain.WarnStartPlaceholder, k, clip(m))
		}
	}
	return ""
}

// maxMacro is how much of a text is looked at for a variable that was not
// replaced, in characters.
const maxMacro = 4 * MaxName

// OtherBot gives the bot that a start command names, "" where it names none, or
// ours.
func OtherBot(text, botUsername string) string {
	ours := strings.TrimPrefix(botUsername, "@")
	command, _, _ := cutBlank(strings.TrimSpace(text))
	start, name, named := strings.Cut(command, "@")
	if !named || ours == "" || !strings.EqualFold(start, "/start") || strings.EqualFold(name, ours) {
		return ""
	}
	return "@" + name
}
