// Package published has the codes that Meta's Graph API refuses with, as Meta
// publishes them, what each means for a conversion, and until when the versions
// of the API are served. The files beside it hold the codes alone, "100/33"
// being a code with a subcode. The sink and the simulation read it.
package published

import (
	_ "embed" // the lists
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

var (
	//go:embed graph.txt
	graph string
	//go:embed marketing.txt
	marketing string
	//go:embed conversions.txt
	conversions string
)

// What somebody has to do about it.
const (
	doDataset = "there is no such dataset, or the token may not write to it: check dataset_id"
	doVersion = "the operator of this service has to set adnetworks.facebook.version to a version of the Graph API that" +
		" is still served"
)

// Graph is what any call of the Graph API may be refused with.
func Graph() adnet.Published {
	m := adnet.Meanings{}
	m.Are(adnet.Retry, "", "1", "2", "341", "368")
	m.Are(adnet.Throttled, "", "4", "17")
	m.Are(adnet.AuthRevoked, "", "102", "190", "190/458", "190/459", "190/460", "190/463", "190/464", "190/467",
		"190/492")
	m.Are(adnet.Misconfigured, "", "3", "10", "200", "299")
	m.Are(adnet.Rejected, "", "506", "1609005")
	return adnet.ReadPublished("graph", graph, m)
}

// Marketing is what calls of the Marketing API may be refused with.
func Marketing() adnet.Published {
	m := adnet.Meanings{}
	m.Are(adnet.Retry, "", "1/99", "5000", "21009")
	m.Are(adnet.Throttled, "", "32", "613", "80000", "80001", "80002", "80003", "80004", "80005", "80006", "80008",
		"80009", "80014")
	m.Are(adnet.Misconfigured, "", "210", "270", "272", "273", "274", "278", "294")
	m.Are(adnet.Misconfigured, "the app of the token takes calls from listed addresses only: add this server's to them",
		"5")
	m.Are(adnet.Misconfigured, "the app of the token wants a proof by its secret, which is not sent: make a token in"+
		" Events Manager, or switch Require App Secret off", "104")
	m.Are(adnet.Misconfigured, doDataset, "100/33", "803", "2500")
	m.Are(adnet.Misconfigured, doVersion, "12", "2635")
	m.Are(adnet.AuthRevoked, "the app that the token is of is gone: make a new token", "101", "900")
	m.Are(adnet.Rejected, "", "100", "105")
	return adnet.ReadPublished("marketing", marketing, m)
}

// Conversions is what the Conversions API finds wrong with an event.
func Conversions() adnet.Published {
	m := adnet.Meanings{}
	p := adnet.ReadPublished("conversions", conversions, m)
	m.Are(adnet.Rejected, "", p.Names...)
	return p
}

// Codes finds what a code means.
type Codes []adnet.Published

// All are all lists.
func All() Codes { return Codes{Graph(), Marketing(), Conversions()} }

// Meaning of a code with its subcode, if the two are published, else of the
// code alone. False where nobody described it.
func (cs Codes) Meaning(code, subcode int) (adnet.Meaning, bool) {
	for _, name := range []string{fmt.Sprintf("%d/%d", code, subcode), fmt.Sprint(code)} {
		for _, p := range cs {
			if m, ok := p.Means[name]; ok {
				return m, true
			}
		}
	}
	switch {
	case code < 0: // internal errors
		return adnet.Meaning{Class: adnet.Retry}, true
	case code >= 200 && code <= 299: // permissions
		return adnet.Meaning{Class: adnet.Misconfigured}, true
	case code >= 80000 && code <= 80014: // limits of business use cases
		return adnet.Meaning{Class: adnet.Throttled}, true
	}
	return adnet.Meaning{}, false
}

// ActionSources are where an event can have happened, as far as events of bots
// can. business_messaging is not among them: it is for conversations in Meta's
// own messengers, whose ids (messaging_channel, page_id, ctwa_clid) there are
// none of here, and Meta refuses most events of it.
// https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/server-event
func ActionSources() []string {
	return []string{
		"website", "chat", "app", "email", "phone_call", "physical_store", "system_generated", "other",
	}
}

// Versions are the last days on which versions of the Graph API are served, a
// zero time where none is told yet.
// https://developers.facebook.com/docs/graph-api/changelog/versions/, of 4
// November 2026. A version is told to end two years after the next one came.
func Versions() map[string]time.Time {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	return map[string]time.Time{
		"v19.0": day(2026, time.May, 21),
		"v20.0": day(2026, time.September, 24),
		"v21.0": day(2027, time.January, 21),
		"v22.0": day(2027, time.May, 20),
		"v23.0": day(2027, time.October, 8),
		"v24.0": day(2028, time.February, 18),
		"v25.0": day(2028, time.July, 29),
		"v26.0": day(2028, time.November, 4),
		"v27.0": {},
	}
}
