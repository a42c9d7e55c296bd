package platforms

import (
	"regexp"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// How constructors write variables. Percent signs also occur in ordinary text,
// so they count only around the whole value.
var (
	macroInside = regexp.MustCompile(
		`#\{[^{}\n]{1,64}\}|\{\{[^{}\n]{1,64}\}\}|\{%[^{}%\n]{1,64}%\}|\[\[[^\[\]\n]{1,64}\]\]`)
	macroWhole = regexp.MustCompile(`^%[\pL_][\pL\pN_.]{0,62}%$`)
)

// Macro returns the first variable that the constructor did not replace with
// its value: #{x}, {{x}}, {%x%} or [[x]] anywhere, %x% as the whole text.
func Macro(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if !strings.ContainsAny(s, "{[%") {
		return "", false
	}
	if m := macroInside.FindString(s); m != "" {
		return m, true
	}
	if macroWhole.MatchString(s) {
		return s, true
	}
	return "", false
}

func unreplaced(field, macro string) error {
	macro = Clip(macro, 60)
	return domain.InvalidAs(domain.RefusedPlaceholder, field, macro,
		"the macro %s was not replaced by its value; check the variable's name in the constructor", macro)
}
