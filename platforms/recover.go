package platforms

import (
	"regexp"

	"github.com/tgtrack/tgtrack/domain"
)

var updateBegins = regexp.MustCompile(`\{\s*["']update_id["']\s*:`)

// recovered cuts an update out of a text that can not even be repaired. It
// tries only the first place that looks like an update, so that a text full of
// them costs one pass.
func (f *front) recovered(text []byte) (Value, bool) {
	at := updateBegins.FindIndex(text)
	if at == nil {
		return Value{}, false
	}
	r := &repairer{in: text, i: at[0], steps: 12*len(text) + 1000}
	if !r.value(inRoot) {
		return Value{}, false
	}
	v, err := Parse(r.out)
	if err != nil {
		return Value{}, false
	}
	f.warn(domain.WarnCutOut, "", "")
	v.front = f
	return v, true
}
