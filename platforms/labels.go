package platforms

import (
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
)

const maxLabels = 100

// Labels reads a list of {"name","value"} or an object of names and values. It
// skips labels without a value.
func Labels(v Value, key string) ([]domain.Label, error) {
	f := Embedded(v.Get(key))
	switch {
	case !f.Exists(), f.IsString() && Optional(v, key) == "":
		return nil, nil
	case f.IsObject():
		return labelsOfObject(f, key)
	case f.IsArray():
		return labelsOfList(f, key)
	}
	return nil, domain.Invalid(key, `must be a list of {"name":…,"value":…}`)
}

func labelsOfObject(f Value, key string) ([]domain.Label, error) {
	var ls []domain.Label
	for name := range f.Members() {
		name = tidy(name, MaxName)
		if value := labelValue(f, name); value != "" && name != "" {
			ls = append(ls, domain.Label{Name: name, Value: value})
		}
		if len(ls) > maxLabels {
			return nil, tooManyLabels(key)
		}
	}
	return ls, nil
}

func labelsOfList(f Value, key string) ([]domain.Label, error) {
	var ls []domain.Label
	for i, e := range f.Elements() {
		if !e.Exists() {
			continue
		}
		if i >= maxLabels {
			return nil, tooManyLabels(key)
		}
		if !e.IsObject() {
			return nil, domain.Invalid(fmt.Sprintf("%s[%d]", key, i),
				`must be an object {"name":…,"value":…}`)
		}
		name, value := Optional(e, "name"), labelValue(e, "value")
		if name == "" && value != "" {
			return nil, domain.Invalid(fmt.Sprintf("%s[%d].name", key, i),
				"is missing; send the label's name")
		}
		if value != "" {
			ls = append(ls, domain.Label{Name: name, Value: value})
		}
	}
	return ls, nil
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

func tooManyLabels(key string) error {
	return domain.Invalid(key, "holds more than %d labels", maxLabels)
}
