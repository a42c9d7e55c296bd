package platforms

import (
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
)

const maxLabels = 100

// Labels reads a list of {"name","value"} or an object of names and values. It
// skips labels without a value, and leaves out those that can not be read.
func Labels(v Value, key string) []domain.Label {
	f := Embedded(v.Get(key))
	switch {
	case !f.Exists(), f.IsString() && Optional(v, key) == "":
		return nil
	case f.IsObject():
		if f.Get("name").Exists() && f.Get("value").Exists() {
			return labelsOfList([]Value{f}, v, key)
		}
		return labelsOfObject(f, v, key)
	case f.IsArray():
		var list []Value
		for i, e := range f.Elements() {
			if i > maxLabels {
				break
			}
			list = append(list, e)
		}
		return labelsOfList(list, v, key)
	}
	v.leftOut(domain.WarnLeftOut, key, shown(f))
	return nil
}

func labelsOfObject(f, v Value, key string) (ls []domain.Label) {
	for name := range f.Members() {
		if len(ls) == maxLabels {
			tooManyLabels(v, key)
			break
		}
		name = tidy(name, MaxName)
		if value := labelValue(f, name); value != "" && name != "" {
			ls = append(ls, domain.Label{Name: name, Value: value})
		}
	}
	return ls
}

func labelsOfList(list []Value, v Value, key string) (ls []domain.Label) {
	for i, e := range list {
		if i == maxLabels {
			tooManyLabels(v, key)
			break
		}
		name, value := Optional(e, "name"), labelValue(e, "value")
		if e.Exists() && !e.IsObject() || name == "" && value != "" {
			v.leftOut(domain.WarnLeftOut, fmt.Sprintf("%s[%d]", key, i), shown(e))
			continue
		}
		if value != "" {
			ls = append(ls, domain.Label{Name: name, Value: value})
		}
	}
	return ls
}

// labelValue also accepts true and false as values.
func labelValue(v Value, key string) string {
	if s := Optional(v, key); s != "" {
		return s
	}
	f := v.Get(key)
	if b, ok := f.Bool(); ok && !f.IsString() {
		return fmt.Sprint(b)
	}
	return ""
}

func tooManyLabels(v Value, key string) {
	v.leftOut(domain.WarnLeftOut, fmt.Sprintf("%s[%d…]", key, maxLabels), "…")
}
