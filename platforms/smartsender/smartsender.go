// Package smartsender reads starts of bots made on SmartSender, whose requests
// are written by hand from its variables. None of them is the Telegram id:
// userId is SmartSender's own, so a start is anonymous unless user_id was
// filled from somewhere else.
//
// https://smartsendereu.atlassian.net/wiki/pages/viewpage.action?pageId=140083219
package smartsender

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// Decoder serves the methods for starts that people fill from templates.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "smartsender", Title: "SmartSender",
		Serves: []string{"my_bot_was_started", "user_did_start_bot"},
		Tier:   platforms.Minimal, Evidence: platforms.Documented,
		Docs:  "https://smartsendereu.atlassian.net/wiki/pages/viewpage.action?pageId=140083219",
		Guide: guide(),
	}
}

// Decode reads a start.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	v, err := platforms.Object(in, "start_value", "user_id")
	if err != nil {
		return nil, err
	}
	return platforms.ShortStart(in, v)
}
