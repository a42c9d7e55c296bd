package platforms

import (
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// Guess lists the names that fields may have in constructors whose payload
// nobody has described. The names are those that other constructors use.
type Guess struct {
	Nested []string // objects that may hold the person, besides the top level
	IDs    []string // fields that may hold the Telegram id, the most certain first
	LastID string   // a field that is used only if no other holds an id
	Starts []string // fields that may hold the start value
}

// CommonGuess returns the names that most constructors use.
func CommonGuess() Guess {
	return Guess{
		Nested: []string{"data", "subscriber", "user", "client"},
		IDs: []string{
			"telegram_id", "tg_id", "telegram_user_id", "messenger_user_id", "chat_id", "user_id", "uid",
		},
		LastID: "id",
		Starts: []string{
			"start_value", "start", "start_param", "ref", "refid", "REFID", "referral", "deeplink",
			"payload",
		},
	}
}

// Marks are the fields by which an object is known that holds a start.
func (g Guess) Marks() []string {
	return slices.DeleteFunc(slices.Concat(g.IDs, g.Starts, g.Nested), wrapper)
}

// Start reads a start and whatever it finds about the person. Without an id the
// start is anonymous if it has a start value, and otherwise refused.
func (g Guess) Start(in Inbound, v Value) ([]domain.Signal, error) {
	objects := g.objects(v)
	id, where, err := g.person(objects)
	s := domain.Signal{Type: domain.BotStarted, StartValue: g.start(objects), UTM: g.utm(objects)}
	switch {
	case err == nil:
		s.Person = TemplatedPerson(where, id)
		if s.Person.Username == "" {
			s.Person.Username = Username(Optional(where, "login"))
		}
	case s.StartValue == "":
		return nil, err
	}
	for _, o := range objects {
		if s.At = Time(o, "date", in.ReceivedAt); !s.At.IsZero() {
			break
		}
	}
	if s.Person != nil {
		s.SenderKey = Key(s, s.StartValue)
	}
	return []domain.Signal{s}, nil
}

// objects lists the objects to search: the top level and two levels below it.
func (g Guess) objects(v Value) []Value {
	all, level := []Value{v}, []Value{v}
	for range 2 {
		var next []Value
		for _, o := range level {
			for _, k := range g.Nested {
				if inner := Embedded(o.Get(k)); inner.IsObject() {
					next = append(next, inner)
				}
			}
		}
		all, level = append(all, next...), next
	}
	return all
}

func (g Guess) person(objects []Value) (int64, Value, error) {
	err := domain.InvalidAs(domain.RefusedMissing, "user_id", "",
		"is missing; send the person's Telegram id, for example 123456789")
	keys := append(append([]string{}, g.IDs...), g.LastID)
	for i, k := range keys {
		for _, o := range objects {
			id, ok, bad := readID(o.Get(k), k)
			if ok {
				return id, o, nil
			}
			if bad != nil && i < len(g.IDs) {
				err = bad
			}
		}
	}
	return 0, Value{}, err
}

func (g Guess) start(objects []Value) string {
	for _, o := range objects {
		if s := StartValue(o, g.Starts...); s != "" {
			return s
		}
	}
	return ""
}

func (g Guess) utm(objects []Value) (u domain.UTM) {
	for _, o := range objects {
		u = u.Or(UTM(o))
	}
	return u
}
