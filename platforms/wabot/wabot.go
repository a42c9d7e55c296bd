// Package wabot reads starts of bots made on waBot. No vendor's page describes
// its requests: fields of the methods are read as documented, and where they
// are not there, under the names that other constructors use.
package wabot

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// Decoder serves the methods for starts that people fill from templates.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "wabot", Title: "waBot",
		Serves: []string{"user_did_start_bot", "my_bot_was_started"},
		Tier:   platforms.Medium, Evidence: platforms.Unverified,
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
	switch {
	case in.Method == "user_did_start_bot" && v.Get("user_id").Exists():
		return platforms.NamedStart(in, v)
	case in.Method == "my_bot_was_started" && v.Get("start_value").Exists():
		return platforms.ShortStart(in, v)
	}
	return guess.Start(in, v)
}
