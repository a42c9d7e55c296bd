// Package generic reads the documented methods that any constructor, script or
// bot can call with a body written by hand. It knows no constructor.
package generic

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/telegram"
)

// Decoder decodes the methods whose fields the API itself defines.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "generic", Title: "Any other (requests written by hand)",
		TitleRU: "Другой (запросы пишутся вручную)",
		Methods: []string{
			"user_did_start_bot", "my_bot_was_started", "my_bot_was_stopped",
			"add_event", "send_reach_goal", "channel_subscribed", "channel_unsubscribed",
		},
		Tier: platforms.Full, Evidence: platforms.Documented,
		Docs:  "https://github.com/tgtrack/tgtrack#readme",
		Guide: guide(), Texts: texts(),
	}
}

// Decode reads the body by its method.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	v, err := platforms.Object(in, "user_id", "start_value", "event_type", "target")
	if takesUpdate(in.Method) && (err != nil || isForwarded(v)) {
		return forwarded(in, err)
	}
	if err != nil {
		return nil, err
	}
	switch in.Method {
	case "user_did_start_bot":
		return platforms.NamedStart(in, v)
	case "my_bot_was_started":
		return platforms.ShortStart(in, v)
	case "my_bot_was_stopped":
		return stopped(in, v)
	case "add_event":
		return funnelEvent(in, v)
	case "send_reach_goal":
		return goal(in, v)
	case "channel_subscribed", "channel_unsubscribed":
		return member(in, v)
	}
	return nil, domain.Invalid("", "the method %s is none of the generic ones", platforms.Quote(in.Method, 64))
}

// takesUpdate: people forward whole updates to these methods, as the reference
// of user_did_start_bot tells them to. Without this every message forwarded to
// my_bot_was_started would count as a start.
func takesUpdate(method string) bool {
	return method == "user_did_start_bot" || method == "my_bot_was_started" || method == "my_bot_was_stopped"
}

func isForwarded(v platforms.Value) bool {
	return !v.Get("user_id").Exists() && !v.Get("start_value").Exists() && platforms.MayHoldUpdate(v)
}

// forwarded reads an update. When the body could not be read and no update
// could be cut out of it, the first error is the one to show.
func forwarded(in platforms.Inbound, first error) ([]domain.Signal, error) {
	signals, err := telegram.Unwrapped(in, "")
	if first != nil && err != nil && len(signals) == 0 {
		return nil, first
	}
	return signals, err
}

func stopped(in platforms.Inbound, v platforms.Value) ([]domain.Signal, error) {
	id, err := platforms.ID(v, "user_id")
	if err != nil {
		return nil, err
	}
	s := domain.Signal{
		Type: domain.BotStopped, Person: &domain.Person{ID: id}, At: platforms.Time(v, "date", in.ReceivedAt),
	}
	if s.Messenger, err = platforms.Messenger(v); err != nil {
		return nil, err
	}
	s.SenderKey = platforms.Key(s, "")
	return []domain.Signal{s}, nil
}
