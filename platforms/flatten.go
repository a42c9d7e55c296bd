package platforms

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// unflatten puts an update together again whose levels became parts of names:
// message[from][id], message.from.id, message__from__id, message_from_id,
// messageFromId, "message from id". Tools that fill tables and forms do that.
func (f *front) unflatten(v Value) (Value, bool) {
	if !isFlattened(v) {
		return Value{}, false
	}
	root := &flatNode{}
	c := cursorOf(v)
	for n := 0; c.next() && n < maxFields; n++ {
		path := flatPath(unquote(c.key))
		for len(path) > 1 && wrapper(path[0]) {
			path = path[1:]
		}
		root.put(path, c.val.raw)
	}
	var b bytes.Buffer
	root.write(&b)
	u, err := Parse(b.Bytes())
	if err != nil || !IsUpdate(u) {
		return Value{}, false
	}
	u.front = f
	f.warn(domain.WarnFlattened, "", "")
	return u, true
}

// isFlattened reports whether a name of an object leads from an update type
// downwards.
func isFlattened(v Value) bool {
	c := cursorOf(v)
	for n := 0; c.next() && n < maxFields; n++ {
		if len(c.key) > 128 || !maybeKind(c.key) {
			continue
		}
		path := flatPath(unquote(c.key))
		for len(path) > 1 && wrapper(path[0]) {
			path = path[1:]
		}
		if len(path) > 1 && IsKind(path[0]) && known(path[1]) {
			return true
		}
	}
	return false
}

// maybeKind is a quick look before a name is taken apart: the types that carry
// something for us have one of these in their names.
func maybeKind(quoted []byte) bool {
	for _, part := range [...]string{"essage", "ember", "equest", "edia", "ubscription"} {
		if bytes.Contains(quoted, []byte(part)) {
			return true
		}
	}
	return false
}

// flatPath takes a name apart.
func flatPath(name string) []string {
	name = snake(name)
	for _, sep := range [...]string{"][", "[", "]", "->", "__", "/", ":", " "} {
		name = strings.ReplaceAll(name, sep, ".")
	}
	var path []string
	for part := range strings.SplitSeq(strings.Trim(name, "."), ".") {
		if part != "" {
			path = append(path, words(part)...)
		}
	}
	return path
}

// snake writes messageFromId as message_from_id.
func snake(name string) string {
	if strings.ToLower(name) == name {
		return name
	}
	var b strings.Builder
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			if i > 0 && name[i-1] != '_' && name[i-1] != ' ' && name[i-1] != '.' && name[i-1] != '[' {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}

// words splits a name at underscores into names of the Bot API, the longest
// first; what is none of them stays whole.
func words(name string) []string {
	if known(name) || !strings.Contains(name, "_") {
		return []string{name}
	}
	for end := strings.LastIndexByte(name, '_'); end > 0; end = strings.LastIndexByte(name[:end], '_') {
		if known(name[:end]) || wrapper(name[:end]) {
			return append([]string{name[:end]}, words(name[end+1:])...)
		}
	}
	return []string{name}
}

// known reports whether a name is one of the Bot API's that decoders read.
func known(name string) bool {
	return IsKind(name) || slices.Contains(flatNames[:], name)
}

var flatNames = [...]string{
	"update_id", "message_id", "message_thread_id", "from", "from_user", "sender_chat", "chat", "user", "date", "text",
	"old_chat_member", "new_chat_member", "invite_link", "invite_link_name", "creator", "id", "is_bot", "first_name",
	"last_name", "full_name", "username", "language_code", "is_premium", "title", "type", "status", "is_member",
	"until_date", "user_chat_id", "bio", "name", "via_bot", "via_join_request", "via_chat_folder_invite_link",
	"creates_join_request", "is_primary", "is_revoked", "entities", "forward_origin", "forward_from",
	"forward_from_chat", "forward_sender_name", "forward_date", "currency", "total_amount", "invoice_payload",
	"telegram_payment_charge_id", "provider_payment_charge_id", "successful_payment", "refunded_payment",
	"is_recurring", "is_first_recurring", "subscription_expiration_date", "paid_media_payload", "state",
	"web_app_data", "write_access_allowed", "button_text", "link", "query",
}

// flatNode is an object on the way from flat names to JSON.
type flatNode struct {
	raw   []byte // of a value
	names []string
	below map[string]*flatNode
}

func (n *flatNode) put(path []string, raw []byte) {
	if len(path) == 0 || len(path) > maxPath {
		if n.raw == nil && n.below == nil {
			n.raw = raw
		}
		return
	}
	if n.raw != nil {
		return
	}
	if n.below == nil {
		n.below = map[string]*flatNode{}
	}
	child, there := n.below[path[0]]
	if !there {
		child = &flatNode{}
		n.below[path[0]] = child
		n.names = append(n.names, path[0])
	}
	child.put(path[1:], raw)
}

func (n *flatNode) write(b *bytes.Buffer) {
	if n.below == nil {
		if n.raw == nil {
			b.WriteString("null")
			return
		}
		b.Write(n.raw)
		return
	}
	b.WriteByte('{')
	for i, name := range n.names {
		if i > 0 {
			b.WriteByte(',')
		}
		writeText(b, name)
		b.WriteByte(':')
		n.below[name].write(b)
	}
	b.WriteByte('}')
}
