package platforms

import (
	"bytes"

	"github.com/tgtrack/tgtrack/domain"
)

// maxWraps is how many layers of wrapping are removed from around an object.
const maxWraps = 6

// wrapper reports whether a field may hold what a constructor or a tool that
// joins services sends on: SaleBot and SamBot, n8n (json, body), Make, Zapier,
// Albato, ApiX-Drive, Pipedream and the like.
func wrapper(name string) bool {
	switch name {
	case "webhook", "tg_request", "update", "json", "body", "data", "payload", "params", "request", "event", "input",
		"item", "record", "result", "fields", "values", "content", "object", "raw", "raw_body",
		"requestBody", "query", "querystring", "bundle", "properties":
		return true
	}
	return false
}

// Object returns the object in a body: the body itself, the only element of an
// array, JSON text inside a JSON string, or what tools that join services put
// into a field of their own. marks are fields by which the object is known; the
// search goes on until it finds one, and without one it gives the outermost
// object, in which the caller then misses them.
func Object(in Inbound, marks ...string) (Value, error) {
	v, err := Open(in)
	if err != nil {
		return Value{}, err
	}
	if v.IsObject() && (hasAny(v, marks) || len(marks) == 0 && !isEnvelope(v)) {
		return v, nil
	}
	return objectIn(v, marks)
}

func objectIn(v Value, marks []string) (Value, error) {
	v, err := outermost(v)
	if err != nil {
		return Value{}, err
	}
	if len(marks) == 0 {
		for range maxWraps {
			inner, ok := only(v)
			if !ok || !isEnvelope(v) {
				break
			}
			v = inner
		}
		return v, nil
	}
	if found, ok := marked(v, marks, 0); ok {
		return found, nil
	}
	return v, nil
}

// List is like Object, for bodies that are lists of objects, or one of them.
func List(in Inbound, marks ...string) (Value, error) {
	v, err := Open(in)
	if err != nil {
		return Value{}, err
	}
	if found, ok := markedList(v, marks, 0); ok {
		return found, nil
	}
	return Embedded(v), nil
}

// Inside is an element of a list without the wrapping that each of them has in
// some tools.
func Inside(v Value, marks ...string) Value {
	if found, ok := marked(v, marks, 0); ok {
		return found
	}
	return v
}

// outermost returns the first object in a value.
func outermost(v Value) (Value, error) {
	for range maxWraps + 1 {
		switch {
		case v.IsObject():
			return v, nil
		case v.IsArray():
			only, ok := onlyElement(v)
			if !ok {
				return Value{}, domain.InvalidAs(domain.RefusedShape, "", "",
					"the body is a list; send one JSON object for each request")
			}
			v = only
		case v.IsString():
			inner, err := v.front.read([]byte(unquote(v.raw)))
			if err != nil {
				return Value{}, domain.InvalidAs(domain.RefusedShape, "", "",
					"the body is a JSON string that holds no JSON; send a JSON object")
			}
			v = inner
		default:
			return Value{}, domain.InvalidAs(domain.RefusedShape, "", clip(string(v.raw)),
				"the body is %s; send a JSON object", quote(string(v.raw)))
		}
	}
	return Value{}, domain.InvalidAs(domain.RefusedShape, "", "",
		"the body is wrapped more than %d times; send a JSON object", maxWraps)
}

// marked looks for an object that has one of the marks in the wrappers of a
// value.
func marked(v Value, marks []string, level int) (Value, bool) {
	return search(v, marks, level, func(Value, int) bool { return false })
}

// markedList looks for a list whose first element has one of the marks, or for
// such an object.
func markedList(v Value, marks []string, level int) (Value, bool) {
	return search(v, marks, level, func(list Value, level int) bool {
		for _, first := range list.Elements() {
			_, ok := marked(first, marks, level)
			return ok
		}
		return false
	})
}

// search goes through the wrappers of a value to an object that has one of the
// marks, or to a list that is taken as it is.
func search(v Value, marks []string, level int, takes func(list Value, level int) bool) (Value, bool) {
	if level > maxWraps {
		return Value{}, false
	}
	switch v = Embedded(v); {
	case v.IsArray():
		if takes(v, level+1) {
			return v, true
		}
		if only, ok := onlyElement(v); ok {
			return search(only, marks, level+1, takes)
		}
		return Value{}, false
	case !v.IsObject():
		return Value{}, false
	case hasAny(v, marks):
		return v, true
	}
	_, alone := onlyMember(v)
	c := cursorOf(v)
	for c.next() {
		if alone || wrapper(unquote(c.key)) {
			if found, ok := search(c.val, marks, level+1, takes); ok {
				return found, true
			}
		}
	}
	return Value{}, false
}

func hasAny(v Value, names []string) bool {
	if len(names) == 0 {
		return false
	}
	c := cursorOf(v)
	for c.next() {
		for _, name := range names {
			if keyIs(c.key, name) {
				return true
			}
		}
	}
	return false
}

// isEnvelope reports whether an object is nothing but a wrapping: one of n8n's
// items, the request that its webhook node hands on, or a wrapper alone.
func isEnvelope(v Value) bool {
	if name, alone := onlyMember(v); alone {
		return wrapper(name)
	}
	item := v.Get("json").IsObject() && (v.Get("pairedItem").Exists() || v.Get("binary").Exists())
	return item || v.Get("body").Exists() && v.Get("headers").IsObject()
}

// only returns the object inside an envelope.
func only(v Value) (Value, bool) {
	c := cursorOf(v)
	for c.next() {
		if !wrapper(unquote(c.key)) {
			continue
		}
		inner := Embedded(c.val)
		if inner.IsArray() {
			inner, _ = onlyElement(inner)
		}
		if inner.IsObject() {
			if _, alone := onlyMember(v); alone || keyIs(c.key, "json") || keyIs(c.key, "body") {
				return inner, true
			}
		}
	}
	return Value{}, false
}

func onlyElement(v Value) (only Value, ok bool) {
	for i, e := range v.Elements() {
		if i == 1 {
			return Value{}, false
		}
		only, ok = e, true
	}
	return only, ok
}

// onlyMember returns the name of the only member of an object.
func onlyMember(v Value) (name string, ok bool) {
	c := cursorOf(v)
	if !c.next() {
		return "", false
	}
	first := c.key
	if c.next() {
		return "", false
	}
	return unquote(first), true
}

// isText reports whether a value is an empty text.
func emptyText(v Value) bool {
	return v.IsString() && len(bytes.TrimSpace(v.raw[1:len(v.raw)-1])) == 0
}
