// Package platforms defines what a decoder of a bot constructor's webhooks is,
// holds the registry of decoders, and provides what they share: reading bodies
// in every encoding and wrapping, and fields as people fill them in. It knows
// nothing about what a particular constructor sends; the decoders are in the
// packages below it, one folder each.
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
	// Decode returns the signals that a webhook carries: none and no error if
	// it does not concern us; an error wrapping domain.ErrInvalid if a field is
	// missing or wrong, or domain.ErrMalformed if the body can not be read.
	// What the readers of this package repair, or leave out because it can not
	// be read, they note by themselves; Inbound.Warn notes what a decoder leaves
	// out. A request that was ignored, though nobody knows what it is, is noted
	// as domain.WarnUnknownContent.
	Decode(in Inbound) ([]domain.Signal, error)
}

// Descriptor is everything that the core knows about a decoder.
type Descriptor struct {
	Name    string // registry key, metric label, folder: "bothelp"
	Title   string // "BotHelp"
	TitleRU string // the same in Russian. Defaults to Title
	// Messenger in which all its bots live. Defaults to none: they live in
	// several, or in Telegram
	Messenger string
	HTTPSOnly bool     // it posts to HTTPS addresses alone
	Methods   []string // API methods it owns; each method has one owner
	// Serves are methods of other decoders that its bots post to. In projects
	// of this constructor it reads them in place of their owner.
	Serves   []string
	Tier     Tier     // for the README's table and the cabinet
	Evidence Evidence // how certain the payload format is
	Docs     string   // the vendor's page on webhooks; required unless Evidence is Unverified
	Guide    Guide
	// Signature of its requests. Defaults to none
	Signature Signature
	// Texts are its own errors in every language, by their English format.
	// Those of this package's readers are in Texts. Defaults to none
	Texts []i18n.Text
}

// TitleIn is the title in a language.
func (d Descriptor) TitleIn(l i18n.Language) string {
	return i18n.Text{EN: d.Title, RU: d.TitleRU}.In(l)
}

// Guide tells the owner of a bot what to do in the constructor. A method in
// braces, such as {add_event}, is replaced with its address.
type Guide struct {
	EN, RU []string
	// Body is the text to paste for a start where the owner writes the request,
	// with the constructor's own variables or words in capitals for them.
	Body string
	// GoalBody is the same for a deep goal. Defaults to none
	GoalBody string
	// StartValue says where the start value comes from. Defaults to none: what
	// holds for all constructors is said.
	StartValue i18n.Text
	// Fixes say what to press about a request that was refused, by the reason.
	// Defaults to none, as well.
	Fixes map[domain.RefusalCode]i18n.Text
}

// Steps are the guide in a language.
func (g Guide) Steps(l i18n.Language) []string {
	if l == i18n.Russian {
		return g.RU
	}
	out := make([]string, len(g.EN))
	for i, step := range g.EN {
		out[i] = i18n.Text{EN: step}.In(l)
	}
	return out
}

// Tier says how much of tgtrack a constructor's bots can use.
type Tier string

// Tiers: starts without the person; starts with the person; everything.
const (
	Minimal Tier = "minimal"
	Medium  Tier = "medium"
	Full    Tier = "full"
)

// Evidence says how a payload format is known.
type Evidence string

// Evidence: a real body was captured; the vendor documents it; neither.
const (
	Captured   Evidence = "captured"
	Documented Evidence = "documented"
	Unverified Evidence = "unverified"
)

// Inbound is one request of a constructor.
type Inbound struct {
	Method, ContentType string
	Body                []byte
	BotUsername         string // distinguishes "/start@ours x" from another bot's command
	// ReceivedAt helps to judge times in the body. A signal without a time of
	// its own leaves At zero.
	ReceivedAt time.Time
	// Zone is that of times that name none. Defaults to UTC.
	Zone *time.Location
	// Warnings are about what was repaired before the body came here.
	Warnings []domain.Warning

	front *front
}
