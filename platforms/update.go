package platforms

import (
	"github.com/tgtrack/tgtrack/domain"
)

// Update finds the Telegram update in a body: the body itself, or what is inside
// a few layers of fields, one-element lists and JSON written as text. An update
// that was flattened is put together again, and one inside broken quotes is cut
// out, with a warning, since the bot is set up wrong. blame is the field to name
// in the error if there is no update at all; "" for the body.
func Update(in Inbound, blame string) (Value, error) {
	f := in.front
	if f == nil {
		f = &front{zone: in.Zone}
		in.front = f
	}
	v, err := Open(in)
	if err != nil {
		if isSyntax(err) {
			if u, ok := f.recovered(f.text); ok {
				return u, nil
			}
		}
		return Value{}, err
	}
	return f.update(v, blame, "", 0)
}

func (f *front) update(v Value, blame, path string, level int) (Value, error) {
	if level > maxWraps {
		return Value{}, wrong(domain.RefusedShape, path, "is wrapped more than %d times; send the update itself", maxWraps)
	}
	switch {
	case v.IsObject():
		if IsUpdate(v) {
			return v, nil
		}
		if u, ok := f.unflatten(v); ok {
			return u, nil
		}
		if key, inner := wrapped(v); key != "" {
			return f.update(inner, blame, join(path, key), level+1)
		}
	case v.IsArray():
		if only, ok := onlyElement(v); ok {
			return f.update(only, blame, path, level+1)
		}
		return Value{}, wrong(domain.RefusedShape, path, "must hold one update; send one request for each")
	case v.IsString():
		return f.updateText(unquote(v.raw), blame, path, level)
	}
	if blame == "" || path != "" {
		return Value{}, wrong(domain.RefusedNoUpdate, path,
			"is no Telegram update (no update_id); send the webhook from Telegram unchanged")
	}
	return Value{}, domain.InvalidAs(domain.RefusedMissing, blame, "",
		"is missing; send the whole update from Telegram in this field")
}

func (f *front) updateText(text, blame, path string, level int) (Value, error) {
	b := trimBlanks([]byte(text))
	if len(b) == 0 {
		return Value{}, wrong(domain.RefusedMissing, path,
			"is empty; check that the constructor saves the update in the variable")
	}
	if c := b[0]; c == '%' {
		if v, ok := f.escapedJSON(b, domain.WarnEscaped); ok {
			return f.update(v, blame, path, level+1)
		}
	} else if c != '{' && c != '[' && c != '"' {
		return Value{}, notJSON(text, path)
	}
	v, err := f.read(b)
	if err == nil {
		return f.update(v, blame, path, level+1)
	}
	if isSyntax(err) {
		if u, ok := f.recovered(b); ok {
			return u, nil
		}
	}
	return Value{}, notJSON(text, path)
}

func notJSON(text, path string) error {
	if m, is := Macro(text); is {
		return unreplaced(path, m)
	}
	return wrong(domain.RefusedNoUpdate, path, "%s is no update; send the JSON text that came from Telegram",
		quote(text))
}

// wrapped returns the field that may hold an update: one that does, or else the
// first that is not an empty text, or else the first that is present.
func wrapped(v Value) (key string, inner Value) {
	name, alone := onlyMember(v)
	if alone && v.Get(name).IsObject() || looksLikeMember(v, name, alone) {
		return name, v.Get(name)
	}
	better := 0
	c := cursorOf(v)
	for c.next() {
		name := unquote(c.key)
		if !wrapper(name) || !c.val.Exists() {
			continue
		}
		rank := 1
		switch {
		case holdsUpdate(c.val, 0):
			rank = 3
		case !emptyText(c.val) && (c.val.IsString() || name == "webhook" || name == "tg_request"):
			rank = 2
		}
		if rank > better {
			key, inner, better = name, c.val, rank
		}
	}
	return key, inner
}

// looksLikeMember reports whether the only member of an object is a text that
// may be an update: the field of a form has whatever name its owner gave it.
func looksLikeMember(v Value, name string, alone bool) bool {
	if !alone {
		return false
	}
	text, _ := v.Get(name).Text()
	return looksLikeJSON(text) && v.Get(name).IsString()
}

// holdsUpdate reports whether an update lies in the wrappers of a value.
func holdsUpdate(v Value, level int) bool {
	if level > maxWraps {
		return false
	}
	quiet := v
	quiet.front = nil // looking is no reason for a warning
	switch quiet = Embedded(quiet); {
	case quiet.IsArray():
		only, ok := onlyElement(quiet)
		return ok && holdsUpdate(only, level+1)
	case !quiet.IsObject():
		return false
	case IsUpdate(quiet) || isFlattened(quiet):
		return true
	}
	c := cursorOf(quiet)
	for c.next() {
		if wrapper(unquote(c.key)) && holdsUpdate(c.val, level+1) {
			return true
		}
	}
	return false
}

// MayHoldUpdate reports whether an object is an update, whole or flattened, or
// holds one in its wrappers, for methods that have fields of their own.
func MayHoldUpdate(v Value) bool { return holdsUpdate(v, 0) }

// IsUpdate reports whether an object is a Telegram update: it has an update_id
// and an object beside it, or one of the update types of the Bot API (10.2).
//
// https://core.telegram.org/bots/api#update
func IsUpdate(v Value) bool {
	c := cursorOf(v)
	numbered, held := false, false
	for !numbered || !held {
		key, first, ok := c.peek()
		if !ok {
			return false
		}
		switch {
		case keyIs(key, "update_id"):
			numbered = first != 'n'
		case first == '{':
			if held = true; IsKind(unquote(key)) {
				return true
			}
		case first == '"' && IsKind(unquote(key)):
			text, _ := v.Get(unquote(key)).Text()
			held = held || looksLikeJSON(text)
		}
		if numbered && held {
			return true
		}
		c.next()
	}
	return true
}

// IsKind reports whether a name is one of the update types.
func IsKind(key string) bool {
	switch key {
	case "message", "edited_message", "channel_post", "edited_channel_post",
		"business_connection", "business_message", "edited_business_message", "deleted_business_messages",
		"guest_message",
		"message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query",
		"shipping_query", "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer",
		"my_chat_member", "chat_member", "chat_join_request", "chat_boost", "removed_chat_boost",
		"managed_bot", "subscription":
		return true
	}
	return false
}

// wrong returns an error about a field, or about "the body" if there is none.
func wrong(code domain.RefusalCode, path, format string, args ...any) error {
	if path == "" {
		format = ofBody + format
	}
	return domain.InvalidAs(code, path, "", format, args...)
}

// ofBody begins sentences about the body as a whole.
const ofBody = "the body "

func join(path, key string) string {
	key = Clip(key, 24)
	if path == "" {
		return key
	}
	return path + "." + key
}
