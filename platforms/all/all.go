// Package all lists the decoders of this repository. A private build lists its
// own next to them.
package all

import (
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/bothelp"
	"github.com/tgtrack/tgtrack/platforms/generic"
	"github.com/tgtrack/tgtrack/platforms/max"
	"github.com/tgtrack/tgtrack/platforms/salebot"
	"github.com/tgtrack/tgtrack/platforms/sambot"
	"github.com/tgtrack/tgtrack/platforms/sendpulse"
	"github.com/tgtrack/tgtrack/platforms/smartsender"
	"github.com/tgtrack/tgtrack/platforms/telegram"
	"github.com/tgtrack/tgtrack/platforms/toolsy"
	"github.com/tgtrack/tgtrack/platforms/tribute"
	"github.com/tgtrack/tgtrack/platforms/wabot"
	"github.com/tgtrack/tgtrack/platforms/winwin"
)

//go:generate go run ./gen

// Decoders gives the decoders in the order in which pages list them.
func Decoders() []platforms.PlatformDecoder {
	return []platforms.PlatformDecoder{
		telegram.Decoder{},
		max.Decoder{},
		salebot.Decoder{},
		sambot.Decoder{},
		bothelp.Decoder{},
		winwin.Decoder{},
		wabot.Decoder{},
		smartsender.Decoder{},
		toolsy.Decoder{},
		tribute.Decoder{},
		sendpulse.Decoder{},
		generic.Decoder{},
	}
}
