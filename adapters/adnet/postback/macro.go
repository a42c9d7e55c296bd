package postback

import (
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// macro is one {…} of a template: a name, or click.PARAMETER, and perhaps a
// map of values: {target:lead=1 sale=2}.
type macro struct {
	name  string
	param string // of the click
	words map[string]string
}

// names of macros, click.PARAMETER apart.
func names() []string {
	return []string{
		"target", "name", "value", "currency", "event_id", "occurred_at", "occurred_at_unix", "user_id", "source",
	}
}

// parseMacro reads what stands between the braces.
func parseMacro(field, text string) (macro, error) {
	name, list, mapped := strings.Cut(text, ":")
	m := macro{name: name}
	if p, ok := strings.CutPrefix(name, "click."); ok && p != "" {
		m.name, m.param = "click", p
	} else if !known(name) {
		return m, domain.Invalid(field, "{%s} is not a macro; there are {%s} and {click.PARAMETER}", name,
			strings.Join(names(), "} {"))
	}
	if !mapped {
		return m, nil
	}
	m.words = map[string]string{}
	for _, w := range strings.Fields(list) {
		from, to, ok := strings.Cut(w, "=")
		if !ok || from == "" {
			return m, domain.Invalid(field, "{%s}: write the map as {%s:this=that other=another}", text, name)
		}
		m.words[from] = to
	}
	return m, nil
}

func known(name string) bool {
	for _, n := range names() {
		if n == name {
			return true
		}
	}
	return false
}

// value of the macro; what is not there is empty.
func (m macro) value(c domain.Conversion) string {
	v := m.plain(c)
	if to, ok := m.words[v]; ok {
		return to
	}
	return v
}

func (m macro) plain(c domain.Conversion) string {
	switch m.name {
	case "click":
		return c.Click.Param(m.param)
	case "target":
		return c.Target
	case "name":
		return c.Name
	case "value":
		if c.Value != nil {
			return c.Value.String()
		}
	case "currency":
		return c.Currency
	case "event_id":
		return c.ID // the same over all attempts
	case "occurred_at":
		return c.OccurredAt.UTC().Format(time.RFC3339)
	case "occurred_at_unix":
		return strconv.FormatInt(c.OccurredAt.Unix(), 10)
	case "user_id":
		if c.UserID != 0 {
			return strconv.FormatInt(c.UserID, 10)
		}
	case "source":
		return c.Source
	}
	return ""
}
