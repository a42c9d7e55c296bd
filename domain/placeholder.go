package domain

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Macros of ad networks, constructors and template languages, as they come when
// nobody filled them in.
const (
	braced   = `\{\{[^{}]{1,64}\}\}|[$#%]?\{[^{}"]{1,64}\}`
	macroTag = `[\pL_][\pL\d_.:|() -]{0,63}`
)

var (
	bracedMacro = regexp.MustCompile(braced)
	// Capitals alone between underscores: click ids have those, too, but not of
	// one letter case only.
	anyMacro = regexp.MustCompile(braced + `|\[\[?` + macroTag + `\]\]?|<` + macroTag + `>|%%?` + macroTag + `%%?|` +
		`##` + macroTag + `##|\$` + macroTag + `\$|__(?:[A-Z]+(?:_[A-Z0-9]+)*|[a-z]+(?:_[a-z0-9]+)*)__`)
)

// Value is what a text stands for that somebody's template was to fill in: ""
// for what such templates leave when they had nothing, "undefined", "null",
// "(not set)" and the like, and for macros that nobody resolved.
func Value(s string) string {
	if isNothing(s) || mayBeMacro(s) && onlyMacros(s) {
		return ""
	}
	return s
}

// ParamValue is the Value of a parameter of a click. A UTM tag may have a macro
// beside other text, which still tells one campaign from another; an id with a
// macro in it is none.
func ParamValue(name, s string) string {
	if !strings.HasPrefix(name, "utm_") && strings.IndexByte(s, '{') >= 0 && bracedMacro.MatchString(s) {
		return ""
	}
	return Value(s)
}

// Unresolved gives the first thing in a text that somebody's template should
// have filled in, "" for none.
func Unresolved(s string) string {
	if t := strings.TrimSpace(s); t != "" && isNothing(t) {
		return t
	}
	if !mayBeMacro(s) {
		return ""
	}
	if onlyMacros(s) {
		return strings.TrimSpace(s)
	}
	return bracedMacro.FindString(s)
}

// Placeholder gives the first macro in a text that nobody resolved, "" for none.
func Placeholder(s string) string {
	switch {
	case !mayBeMacro(s):
		return ""
	case onlyMacros(s):
		return strings.TrimSpace(s)
	}
	return bracedMacro.FindString(s)
}

// Sample tells the words that our own pages and documents show where a variable
// of the constructor belongs.
func Sample(s string) bool {
	switch strings.TrimSpace(s) {
	case "USER_ID", "START_VALUE", "USERNAME", "FIRST_NAME", "NAME", "TELEGRAM_ID", "CHAT_ID", "TARGET", "AMOUNT":
		return true
	}
	return false
}

// LinkPlaceholder is what came in a parameter of a link's clicks instead of a
// value.
type LinkPlaceholder struct {
	LinkID, Param string
	Value         string // the first that came
	First, Last   time.Time
	Clicks        int // that had one
}

// visitorIDs are parameters that name a visitor and have no word for it.
var visitorIDs = regexp.MustCompile(`^(?:ym_uid|_ga|_fbc|_fbp|_ttp)$`)

// IsTag tells parameters that advertisements fill in: UTM tags and the ids of
// clicks and visitors.
func IsTag(param string) bool {
	return len(param) <= 40 && (IsUTM(param) || IsClickID(param))
}

// IsUTM tells the five UTM tags.
func IsUTM(param string) bool {
	switch param {
	case "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term":
		return true
	}
	return false
}

// IsClickID tells parameters that look like the id of a click or a visitor.
func IsClickID(param string) bool {
	return clickName.MatchString(param) || visitorIDs.MatchString(param)
}

// isNothing tells the words that programs write for no value.
func isNothing(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) > len("(not provided)") {
		return false
	}
	switch strings.ToLower(s) {
	case "", "undefined", "null", "none", "nil", "nan", "(not set)", "(not provided)", "(none)", "(null)",
		"(undefined)", "not set", "[object object]":
		return true
	}
	return false
}

// mayBeMacro spares nearly all values the regular expressions.
func mayBeMacro(s string) bool {
	return strings.ContainsAny(s, "{[<%#$") || strings.Contains(s, "__")
}

// onlyMacros: nothing is left of the text without its macros.
func onlyMacros(s string) bool {
	at := anyMacro.FindAllStringIndex(s, -1)
	if at == nil {
		return false
	}
	from := 0
	for _, m := range append(at, []int{len(s), len(s)}) {
		if strings.ContainsFunc(s[from:m[0]], func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			return false
		}
		from = m[1]
	}
	return true
}
