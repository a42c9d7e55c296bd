package platforms

import (
	"github.com/tgtrack/tgtrack/domain"
)

// NamedStart reads the body of user_did_start_bot: a start and the person.
func NamedStart(in Inbound, v Value) ([]domain.Signal, error) {
	id, err := ID(v, "user_id")
	if err != nil {
		return nil, err
	}
	return templatedStart(in, v, TemplatedPerson(v, id))
}

// AnonymousStart reads the body of my_bot_was_started, which has only the start
// value. The field must be present, though it may be empty: a request without
// it was probably meant for another method.
func AnonymousStart(in Inbound, v Value) ([]domain.Signal, error) {
	f := v.Get("start_value")
	if len(f.raw) == 0 {
		return nil, domain.InvalidAs(domain.RefusedMissing, "start_value", "",
			"is missing; send the value behind /start, or an empty text when there is none")
	}
	text, isText := f.Text()
	if f.Exists() && !isText {
		return nil, domain.Invalid("start_value", "must be a text")
	}
	if m, is := Macro(text); is {
		return nil, unreplaced("start_value", m)
	}
	return templatedStart(in, v, nil)
}

// ShortStart reads the body of my_bot_was_started from constructors that may
// know the person: the start is anonymous unless user_id is given.
func ShortStart(in Inbound, v Value) ([]domain.Signal, error) {
	id, ok, err := OptionalID(v, "user_id")
	if err != nil {
		return nil, err
	}
	if ok {
		return templatedStart(in, v, TemplatedPerson(v, id))
	}
	return AnonymousStart(in, v)
}

func templatedStart(in Inbound, v Value, p *domain.Person) ([]domain.Signal, error) {
	s := domain.Signal{
		Type: domain.BotStarted, Person: p, At: Time(v, "date", in.ReceivedAt),
		StartValue: StartValue(v, "start_value"), UTM: UTM(v),
	}
	var err error
	if s.Messenger, err = Messenger(v); err != nil {
		return nil, err
	}
	if p != nil {
		s.SenderKey = Key(s, s.StartValue)
	}
	return []domain.Signal{s}, nil
}
