// Package winwin reads what bots made on WinWinBot post to win_win_was_started
// when somebody subscribes. Nobody has shown a body, so it looks for the
// person and the start value under the names that other constructors use.
//
// https://help.winwinbot.com
package winwin

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// Decoder decodes win_win_was_started.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "winwin", Title: "WinWinBot",
		Methods: []string{"win_win_was_started"},
		Tier:    platforms.Medium, Evidence: platforms.Unverified,
		Docs:  "https://help.winwinbot.com",
		Guide: guide(),
	}
}

// Decode reads a start.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	guess := platforms.CommonGuess()
	v, err := platforms.Object(in, guess.Marks()...)
	if err != nil {
		return nil, err
	}
	return guess.Start(in, v)
}
