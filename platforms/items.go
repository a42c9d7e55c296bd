package platforms

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// UserIDs reads the fields user_ids and messenger, for methods that ask about
// many people: a list of ids, or text with commas. Each comes once, in the order
// given.
func UserIDs(in Inbound, most int) (ids []int64, messenger string, err error) {
	v, err := Object(in)
	if err != nil {
		return nil, "", err
	}
	if messenger, err = Messenger(v); err != nil {
		return nil, "", err
	}
	ids, err = readIDs(v, most)
	return ids, messenger, err
}

func readIDs(v Value, most int) (ids []int64, err error) {
	list := Embedded(v.Get("user_ids"))
	if text, ok := list.Text(); ok {
		if list, err = listOfIDs(text); err != nil {
			return nil, err
		}
	}
	if !list.IsArray() {
		return nil, domain.InvalidAs(domain.RefusedMissing, "user_ids", "",
			"is missing; send a list of ids, for example [123456789, 987654321]")
	}
	seen := map[int64]bool{}
	for n, e := range list.Elements() {
		if n >= most {
			return nil, domain.InvalidAs(domain.RefusedTooMany, "user_ids", "",
				"has more than %d ids; ask in several calls", most)
		}
		field := "user_ids[" + strconv.Itoa(n) + "]"
		id, ok, err := readID(e, field)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			return nil, domain.InvalidAs(domain.RefusedMissing, field, "",
				"is empty; send the person's id in the messenger")
		case !seen[id]:
			seen[id], ids = true, append(ids, id)
		}
	}
	return ids, nil
}

// listOfIDs makes a list of text such as "1, 2" and of a single id.
func listOfIDs(text string) (Value, error) {
	if text = strings.TrimSpace(text); text == "" {
		return Value{}, nil
	}
	if m, is := Macro(text); is {
		return Value{}, unreplaced("user_ids", m)
	}
	var quoted []string
	for id := range strings.SplitSeq(text, ",") {
		quoted = append(quoted, strconv.Quote(strings.TrimSpace(id)))
	}
	return Parse([]byte("[" + strings.Join(quoted, ",") + "]"))
}

// Item is one of the requests that a batch brings.
type Item struct {
	Method, IdempotencyKey string
	ContentType            string
	Body                   []byte // as it would have come by itself
	Err                    error  // it can not be read
}

// Items reads the requests of a batch, in their order: the field items is a list
// of {"method", "body", "idempotency_key"}, a body an object or text. What is
// wrong with one of them is told by itself.
func Items(in Inbound, most int) ([]Item, error) {
	v, err := Object(in)
	if err != nil {
		return nil, err
	}
	list := Embedded(v.Get("items"))
	if !list.IsArray() {
		return nil, domain.InvalidAs(domain.RefusedMissing, "items", "",
			`is missing; send a list such as [{"method": "add_event", "body": {…}}]`)
	}
	var items []Item
	for n, e := range list.Elements() {
		if n >= most {
			return nil, domain.InvalidAs(domain.RefusedTooMany, "items", "",
				"has more than %d requests; send them in several calls", most)
		}
		items = append(items, readItem(Embedded(e), "items["+strconv.Itoa(n)+"]"))
	}
	if len(items) == 0 {
		return nil, domain.InvalidAs(domain.RefusedMissing, "items", "",
			"is empty; send at least one request")
	}
	return items, nil
}

func readItem(v Value, field string) Item {
	if !v.IsObject() {
		return Item{Body: slices.Clone(v.raw), Err: domain.Invalid(field,
			`must be an object such as {"method": "add_event", "body": {…}}`)}
	}
	it := Item{ContentType: "application/json"}
	switch body := v.Get("body"); {
	case body.IsString():
		it.ContentType, it.Body = "", []byte(unquote(body.raw))
	case body.Exists():
		it.Body = slices.Clone(body.raw)
	}
	method, ok := v.Get("method").Text()
	if it.Method = strings.TrimSpace(method); !ok || it.Method == "" {
		it.Err = domain.InvalidAs(domain.RefusedMissing, field+".method", "",
			"is missing; name the method, for example add_event")
	}
	if key := v.Get("idempotency_key"); key.Exists() {
		if it.IdempotencyKey, ok = key.Text(); !ok {
			it.Err = domain.Invalid(field+".idempotency_key", "must be text")
		}
	}
	return it
}
