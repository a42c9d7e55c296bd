// Package platforms says what a decoder of a bot constructor's webhooks is,
// keeps the registry of them, and holds the front they share: reading bodies
// in whatever dress they come, and fields as people fill them in. What one
// constructor sends is not known here; the decoders live in the packages
// below, one folder each.
package platforms

import (
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// PlatformDecoder turns the webhooks of one bot constructor into signals.
//
// Decode is pure: no I/O, no clock, no package state. The same Inbound gives
// the same signals, so a stored webhook can be decoded again after a fix.
type PlatformDecoder interface {
	Describe() Descriptor
	// Decode returns the signals a webhook carries; none and no error when it
	// is not our business; an error wrapping domain.ErrInvalid when a field is
	// missing or wrong, domain.ErrMalformed when the body can not be read.
	// Signals together with an error: some elements of an array were left out
	// or the body was recovered; the rest is taken, and the request is shown
	// with the error as a warning.
	Decode(in Inbound) ([]domain.Signal, error)
}

// Descriptor is all that the core knows of a decoder.
type Descriptor struct {
	Name     string   // registry key, metric label, folder: "bothelp"
	Title    string   // "BotHelp"
	TitleRU  string   // the same in Russian. Defaults to Title
	Methods  []string // API methods it owns; each has one owner
	Serves   []string // methods of others that its bots post to: asked first for projects whose constructor it is
	Tier     Tier     // fills the README's table and the cabinet
	Evidence Evidence // how sure the payload format is
	Docs     string   // the constructor's page on webhooks
	Guide    Guide
}

// TitleIn is the title in a language.
func (d Descriptor) TitleIn(l i18n.Language) string {
	return i18n.Text{EN: d.Title, RU: d.TitleRU}.In(l)
}

// Guide says what the owner of a bot presses in the constructor. In a step,
// {url} and a method in braces, such as {add_event}, stand for addresses.
type Guide struct {
	EN, RU []string
	// Body to be pasted where the owner writes the request, with the
	// constructor's own variables or what to put in their place.
	Body string
}

// Steps are the guide in a language.
func (g Guide) Steps(l i18n.Language) []string {
	if l == i18n.Russian {
		return g.RU
	}
	return g.EN
}

// Tier says how much of tgtrack a constructor's bots can use.
type Tier string

// Tiers: starts alone; starts with the person; everything.
const (
	Minimal Tier = "minimal"
	Medium  Tier = "medium"
	Full    Tier = "full"
)

// Evidence says where a payload format is known from.
type Evidence string

// Evidence: a real body was seen; the vendor describes it; neither.
const (
	Captured   Evidence = "captured"
	Documented Evidence = "documented"
	Unverified Evidence = "unverified"
)

// Inbound is one request of a constructor.
type Inbound struct {
	Method, ContentType string
	Body                []byte
	BotUsername         string    // tells "/start@ours x" from another bot's command
	ReceivedAt          time.Time // for what the body only hints at; a signal without a time of its own keeps At zero
}
