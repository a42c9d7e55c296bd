package simulation

import (
	"encoding/json"
	"net/url"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	decoders "github.com/tgtrack/tgtrack/platforms/all"
	"github.com/tgtrack/tgtrack/usecase"
)

// manglings are what constructors and those between do to a body. The last ones
// leave nothing that can be read.
var manglings = []func(body string) string{
	func(b string) string { return "\ufeff" + b },
	func(b string) string { return "[" + b + "]" },
	func(b string) string { text, _ := json.Marshal(b); return string(text) },
	func(b string) string { return "payload=" + url.QueryEscape(b) },
	func(b string) string { return b[:len(b)-1] + ",}" },
	func(b string) string { return b[:len(b)/2] },
	func(string) string { return "{{ $json.body }}" },
}

const unreadable = 2 // of the manglings, from the end

// garbled is a request as the decoders read it from a body that was mangled. One
// that can not be read is refused, and comes again in order.
func (w *world) garbled(a usecase.Arrival, how int) (read bool, _ usecase.Arrival) {
	s := a.Signals[0]
	method := map[domain.EventType]string{
		domain.BotStarted: "user_did_start_bot", domain.GoalReached: "send_reach_goal",
	}[s.Type]
	if method == "" || s.Person == nil || !s.At.IsZero() {
		return true, a
	}
	body, err := json.Marshal(map[string]any{
		"user_id": s.Person.ID, "first_name": s.Person.FirstName, "messenger": s.Messenger,
		"start_value": s.StartValue, "target": s.Name,
	})
	w.must(err)
	how %= len(manglings)
	in := platforms.Inbound{Method: method, Body: []byte(manglings[how](string(body))), ReceivedAt: a.ReceivedAt}
	signals, _, err := w.decoders.Decode("", in)
	if how >= len(manglings)-unreadable {
		if err == nil {
			w.fail("%s %s is read as %+v", method, in.Body, signals)
		}
		w.tell("%s is garbled, and refused", describe(w, a))
		w.delayed = append(w.delayed, a)
		return false, a
	}
	if err != nil || len(signals) != 1 {
		w.fail("%s %s is read as %+v: %v", method, in.Body, signals, err)
		return false, a
	}
	was := s
	s = signals[0]
	s.SenderKey = was.SenderKey
	if was.Type == domain.GoalReached { // it tells no names
		s.Person.FirstName = was.Person.FirstName
	}
	if d := cmp.Diff(was, s); d != "" {
		w.fail("%s %s is read otherwise (-meant +read):\n%s", method, in.Body, d)
	}
	a.Signals = []domain.Signal{s}
	return true, a
}

func newDecoders() (*platforms.Registry, error) { return platforms.NewRegistry(decoders.Decoders()...) }
