package platforms

import (
	"bytes"

	"github.com/tgtrack/tgtrack/domain"
)

// wrappers are the fields that may hold a Telegram update in requests that a
// constructor's template wraps.
var wrappers = [...]string{"webhook", "tg_request", "update", "data", "body", "payload", "request"}

// Update finds the Telegram update in a body: the body itself, or what is inside
// up to four layers of fields, one-element lists and JSON written as text. An
// update inside broken quotes is cut out and returned with a warning, since the
// bot is set up wrong. blame is the field to name in the error if there is no
// update at all; "" for the body.
func Update(in Inbound, blame string) (Value, *domain.Warning, error) {
	v, err := Open(in)
	if err != nil {
		if u, w, ok := recovered(in.Body); ok && isSyntax(err) {
			return u, w, nil
		}
		return Value{}, nil, err
	}
	return unwrap(v, blame, "", 0)
}

func unwrap(v Value, blame, path string, level int) (Value, *domain.Warning, error) {
	if level > maxWraps {
		return Value{}, nil, wrong(path, "is wrapped more than %d times; send the update itself", maxWraps)
	}
	switch {
	case v.IsObject():
		if IsUpdate(v) {
			return v, nil, nil
		}
		if key, inner := wrapped(v); key != "" {
			return unwrap(inner, blame, join(path, key), level+1)
		}
	case v.IsArray():
		if only, ok := onlyElement(v); ok {
			return unwrap(only, blame, path, level+1)
		}
		return Value{}, nil, wrong(path, "must hold one update; send one request for each")
	case v.IsString():
		return unwrapText(unquote(v.raw), blame, path, level)
	}
	if blame == "" || path != "" {
		return Value{}, nil, wrong(path,
			"is no Telegram update (no update_id); send the webhook from Telegram unchanged")
	}
	return Value{}, nil, domain.Invalid(blame, "is missing; send the whole update from Telegram in this field")
}

func unwrapText(text, blame, path string, level int) (Value, *domain.Warning, error) {
	b := trimBlanks([]byte(text))
	if len(b) == 0 {
		return Value{}, nil, wrong(path,
			"is empty; check that the constructor saves the update in the variable")
	}
	if c := b[0]; c != '{' && c != '[' && c != '"' {
		return Value{}, nil, notJSON(text, path)
	}
	v, err := Parse(b)
	if err == nil {
		return unwrap(v, blame, path, level+1)
	}
	if u, w, ok := recovered(b); ok && isSyntax(err) {
		return u, w, nil
	}
	return Value{}, nil, notJSON(text, path)
}

func notJSON(text, path string) error {
	if m, is := Macro(text); is {
		return unreplaced(path, m)
	}
	return wrong(path, "%s is no update; send the JSON text that came from Telegram", quote(text))
}

// wrapped returns the field that may hold an update: the first that is not an
// empty text, or else the first that is present.
func wrapped(v Value) (key string, inner Value) {
	for _, k := range wrappers {
		w := v.Get(k)
		if !w.Exists() {
			continue
		}
		if !w.IsString() || len(bytes.TrimSpace(w.raw[1:len(w.raw)-1])) > 0 {
			return k, w
		}
		if key == "" {
			key, inner = k, w
		}
	}
	return key, inner
}

// MayHoldUpdate reports whether an object is an update or has a field that holds
// one. It is stricter than Update, for methods that have fields of their own.
func MayHoldUpdate(v Value) bool {
	return IsUpdate(v) || v.Get("webhook").Exists() || v.Get("tg_request").Exists() || v.Get("update").Exists()
}

// IsUpdate reports whether an object is a Telegram update: it has an update_id
// or one of the update types of the Bot API (10.2).
//
// https://core.telegram.org/bots/api#update
func IsUpdate(v Value) bool {
	c := cursorOf(v)
	for c.next() {
		switch key := unquote(c.key); {
		case key == "update_id" && c.val.Exists():
			return true
		case c.val.IsObject() && isKind(key):
			return true
		}
	}
	return false
}

func isKind(key string) bool {
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
func wrong(path, format string, args ...any) error {
	if path == "" {
		format = "the body " + format
	}
	return domain.Invalid(path, format, args...)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
