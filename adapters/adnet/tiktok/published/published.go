// Package published has the codes of TikTok's answers and the names of its
// events, as TikTok publishes them, and what each code means for a conversion.
// The files beside it hold codes and names alone. The sink and the simulation
// read it.
package published

import (
	_ "embed" // the lists

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

var (
	//go:embed codes.txt
	codes string
	//go:embed events.txt
	events string
	//go:embed reserved.txt
	reserved string
)

// Codes of answers.
func Codes() adnet.Published {
	m := adnet.Meanings{}
	m.Are(adnet.Delivered, "", "0", "20001")
	m.Are(adnet.Misconfigured, "the token has no access to the pixel", "40001")
	m.Are(adnet.Rejected, "", "40002")
	m.Are(adnet.Throttled, "", "40100", "51021")
	m.Are(adnet.AuthRevoked, "", "40102", "40104", "40105")
	m.Are(adnet.Retry, "", "50000")
	return adnet.ReadPublished("codes", codes, m)
}

// StandardEvents are those that campaigns can optimise for: TikTok's own, and
// the names that it takes for one of them.
func StandardEvents() []string {
	return append(adnet.ReadPublished("events", events, nil).Names, adnet.ReadPublished("reserved",
		reserved, nil).Names...)
}
