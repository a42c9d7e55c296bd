package generic

import (
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// funnelEvent reads add_event.
func funnelEvent(in platforms.Inbound, v platforms.Value) (_ []domain.Signal, err error) {
	s, err := about(in, v, domain.FunnelEvent, "event_type")
	if err != nil {
		return nil, err
	}
	s.Result = result(in, v)
	s.Target = platforms.OptionalKey(v, "conversion_target")
	s.Amount, s.Currency = platforms.Amount(v, "amount")
	s.Labels = platforms.Labels(v, "labels")
	return []domain.Signal{s}, nil
}

// goal reads send_reach_goal.
func goal(in platforms.Inbound, v platforms.Value) ([]domain.Signal, error) {
	s, err := about(in, v, domain.GoalReached, "target")
	if err != nil {
		return nil, err
	}
	return []domain.Signal{s}, nil
}

// about reads what both kinds of events have: the person, the name and the
// time.
func about(
	in platforms.Inbound, v platforms.Value, kind domain.EventType, nameKey string,
) (s domain.Signal, err error) {
	id, err := platforms.ID(v, "user_id")
	if err != nil {
		return s, err
	}
	s = domain.Signal{Type: kind, Person: &domain.Person{ID: id}}
	if s.Messenger, err = platforms.Messenger(v); err != nil {
		return s, err
	}
	if s.Name, err = platforms.Required(v, nameKey); err != nil {
		return s, err
	}
	s.At = platforms.Time(v, "date", in.ReceivedAt)
	s.SenderKey = platforms.Key(s, s.Name)
	return s, nil
}

func result(in platforms.Inbound, v platforms.Value) domain.Result {
	text := platforms.OptionalKey(v, "event_result")
	switch r := domain.Result(strings.ToLower(text)); r {
	case "":
	case domain.InProgress, domain.Success, domain.Failure:
		return r
	default:
		in.Warn(domain.WarnLeftOut, "event_result", platforms.Quote(text, 40))
	}
	return domain.InProgress
}
