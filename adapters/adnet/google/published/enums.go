package published

import (
	_ "embed" // the lists
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

var (
	//go:embed event_sources.txt
	eventSources string
	//go:embed consent_statuses.txt
	consentStatuses string
	//go:embed request_statuses.txt
	requestStatuses string
)

// EventSources are where an event can have happened. WEB, the first, is what
// is known to be taken for clicks.
func EventSources() []string { return specified(eventSources) }

// ConsentStatuses are what can be said of a consent; nothing can be, too.
func ConsentStatuses() []string { return specified(consentStatuses) }

// RequestStatuses are how far a request is, of which FAILED and PARTIAL_SUCCESS
// come with a reason: without one an event is rejected.
func RequestStatuses() adnet.Published {
	m := adnet.Meanings{}
	m.Are(adnet.Delivered, "", "SUCCESS")
	m.Are(adnet.Accepted, "", "PROCESSING", "REQUEST_STATUS_UNKNOWN")
	m.Are(adnet.Rejected, "", "FAILED", "PARTIAL_SUCCESS")
	return adnet.ReadPublished("request_statuses", requestStatuses, m)
}

// specified are the names of a list that say something.
func specified(text string) []string {
	return slices.DeleteFunc(adnet.ReadPublished("", text, nil).Names, func(n string) bool {
		return strings.HasSuffix(n, "_UNSPECIFIED")
	})
}
