package google

import (
	"encoding/json"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// maxWarning is how much of what Google warns of is kept: it goes into the
// handle of a conversion, by which the outcome is asked for.
const maxWarning = 300

// fieldWarning reads what an answer that takes an event warns of, "" if of
// nothing. A description that names the event is left out, since the account
// is shown the warning, too.
// https://developers.google.com/data-manager/api/reference/rest/v1/events/ingest
func fieldWarning(body []byte, mask adnet.Mask) string {
	var b struct {
		Warnings []violation `json:"fieldWarnings"`
	}
	_ = json.Unmarshal(body, &b) // one that can not be read warns of nothing
	var said []string
	for _, w := range b.Warnings {
		if mask.Names(w.Description) {
			w.Description = ""
		}
		said = append(said, strings.Join(strings.Fields(w.Field+" "+w.Reason+" "+w.Description), " "))
	}
	return warningOf(said, "Google took the event and warns: ", mask)
}

// processingWarning reads what the outcome of an event warns of.
func processingWarning(reasons []string, mask adnet.Mask) string {
	return warningOf(reasons, "Google counted the event and warns: ", mask)
}

func warningOf(said []string, opening string, mask adnet.Mask) string {
	if len(said) == 0 {
		return ""
	}
	return adnet.Clip(opening+mask.Hide(strings.Join(said, "; ")), maxWarning)
}
