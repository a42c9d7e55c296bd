package platforms

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// maxPath is how deep the names of a form's fields nest objects.
const maxPath = 16

// formValue gives the fields of a form as an object. a[b][c] and a.b.c are the
// member c of the member b of a; a[] and a[0] are elements of a list.
func (f *front) formValue(fields []formField) (Value, error) {
	root := &formNode{}
	for _, field := range fields {
		if !root.put(formPath(field.name), field.value) {
			root.put([]string{field.name}, field.value)
		}
	}
	var b bytes.Buffer
	root.write(&b)
	v, err := Parse(b.Bytes())
	v.front = f
	return v, err
}

// formPath splits the name of a field; one that is not balanced is no path.
func formPath(name string) []string {
	if !strings.ContainsAny(name, "[.") {
		return []string{name}
	}
	var path []string
	for head := name; ; {
		i := strings.IndexAny(head, "[.")
		if i < 0 {
			path = append(path, head)
			break
		}
		if i > 0 {
			path = append(path, head[:i])
		}
		if head[i] == '.' {
			if i == 0 && len(path) == 0 || i+1 == len(head) {
				return []string{name}
			}
			head = head[i+1:]
			if head[0] == '[' || head[0] == '.' {
				return []string{name}
			}
			continue
		}
		end := strings.IndexByte(head, ']')
		if end < i || len(path) == 0 {
			return []string{name}
		}
		path = append(path, strings.Trim(head[i+1:end], `"'`))
		if head = head[end+1:]; head == "" {
			break
		}
		if head[0] == '.' {
			head = head[1:]
		}
		if head == "" {
			return []string{name}
		}
	}
	if len(path) > maxPath {
		return []string{name}
	}
	return path
}

// formNode is an object, a list or a text on the way from fields to JSON.
type formNode struct {
	text  string
	isSet bool
	names []string
	below map[string]*formNode
}

// put sets a text at a path, unless something else is there.
func (n *formNode) put(path []string, text string) bool {
	if len(path) == 0 {
		if n.isSet || n.below != nil {
			return false
		}
		n.text, n.isSet = text, true
		return true
	}
	if n.isSet {
		return false
	}
	if n.below == nil {
		n.below = map[string]*formNode{}
	}
	name := path[0]
	if name == "" {
		name = n.element(path[1:])
	}
	child, there := n.below[name]
	if !there {
		child = &formNode{}
		n.below[name] = child
		n.names = append(n.names, name)
	}
	return child.put(path[1:], text)
}

// element is the number of the list's element that a[] means: the last one, or
// a new one if the last has that member.
func (n *formNode) element(rest []string) string {
	last := len(n.names) - 1
	if last < 0 {
		return "0"
	}
	if e := n.below[n.names[last]]; len(rest) > 0 && e.below != nil && e.below[rest[0]] == nil {
		return n.names[last]
	}
	return strconv.Itoa(len(n.names))
}

func (n *formNode) write(b *bytes.Buffer) {
	if n.isSet {
		writeText(b, n.text)
		return
	}
	list := n.isList()
	open, end := byte('{'), byte('}')
	if list {
		open, end = '[', ']'
	}
	b.WriteByte(open)
	for i, name := range n.names {
		if i > 0 {
			b.WriteByte(',')
		}
		if list {
			name = strconv.Itoa(i)
		} else {
			writeText(b, name)
			b.WriteByte(':')
		}
		n.below[name].write(b)
	}
	b.WriteByte(end)
}

// isList tells whether the members are numbered from 0 on.
func (n *formNode) isList() bool {
	for i := range n.names {
		if n.below[strconv.Itoa(i)] == nil {
			return false
		}
	}
	return len(n.names) > 0
}

func writeText(b *bytes.Buffer, s string) {
	text, err := json.Marshal(s)
	if err != nil {
		text = []byte(`""`) // impossible: a string is marshalled
	}
	b.Write(text)
}
