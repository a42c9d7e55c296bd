package adnet

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// CheckSettings refuses settings that can not work, naming the field; all
// that is wrong with the fields is said at once. Warnings do not keep an
// account from being saved. No network is called.
func (r *Registry) CheckSettings(network string, settings map[string]any) (warnings []string, err error) {
	s, err := r.Get(network)
	if err != nil {
		return nil, err
	}
	fields := r.Describe(network).Fields
	if err := checkFields(fields, settings); err != nil {
		return nil, err
	}
	if c, ok := s.(SettingsChecker); ok {
		if warnings, err = c.CheckSettings(settings); err != nil {
			return nil, err
		}
	}
	return append(warnings, unreachable(fields, settings)...), nil
}

// unreachable warns of addresses that are refused when they are called. They
// can be saved: the operator may have switched the rules off.
func unreachable(fields []Field, settings Settings) []string {
	var warnings []string
	for _, f := range fields {
		if f.Kind != URL || settings.Text(f.Name) == "" {
			continue
		}
		u, err := url.Parse(Sendable(strings.NewReplacer("{", "", "}", "").Replace(settings.Text(f.Name))))
		if err != nil {
			continue // it was refused already
		}
		if err := CheckAddress(u); err != nil {
			warnings = append(warnings, f.Name+": "+err.Error()+"; it is not called unless outbound.allow_private "+
				"is set")
		}
	}
	return warnings
}

func checkFields(fields []Field, settings Settings) error {
	var errs []error
	known := make(map[string]Field, len(fields))
	names := make([]string, len(fields))
	for i, f := range fields {
		known[f.Name], names[i] = f, f.Name
		if f.Required && empty(settings[f.Name]) {
			errs = append(errs, domain.Invalid("settings."+f.Name, "is required. %s",
				i18n.Text{EN: f.Help, RU: f.HelpRU}))
		}
	}
	given := make([]string, 0, len(settings))
	for k := range settings {
		given = append(given, k)
	}
	sort.Strings(given)
	for _, k := range given {
		f, ok := known[k]
		if !ok {
			errs = append(errs, domain.Invalid("settings."+k,
				"is not a setting of this network; it has %s", list(names)))
			continue
		}
		if !empty(settings[k]) {
			errs = append(errs, checkField(f, settings))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return nil
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case map[string]any:
		return len(v) == 0
	case map[string]string:
		return len(v) == 0
	}
	return false
}

func checkField(f Field, settings Settings) error {
	name := "settings." + f.Name
	switch f.Kind {
	case Mapping:
		return checkMapping(name, settings[f.Name])
	case Boolean:
		if t := settings.Text(f.Name); t != "true" && t != "false" {
			return domain.Invalid(name, "must be true or false")
		}
		return nil
	}
	if !scalar(settings[f.Name]) {
		return domain.Invalid(name, "must be text")
	}
	t := settings.Text(f.Name)
	if strings.ContainsFunc(t, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' }) {
		return domain.Invalid(name, "must not have control characters")
	}
	if isSample(t) {
		return domain.Invalid(name, "is a placeholder of the documentation; enter your own value")
	}
	if f.Name == ProxyField().Name {
		if _, err := ParseProxy(t); err != nil {
			return err
		}
	}
	switch f.Kind {
	case Enum:
		if !slices.Contains(f.Values, t) {
			return domain.Invalid(name, "must be one of %s", list(f.Values))
		}
	case URL:
		return checkURL(name, t)
	}
	return nil
}

// isSample tells what documents show in the place of a value: something that
// was left out, or a word in capitals that is to be replaced.
func isSample(t string) bool {
	t = strings.TrimSpace(t)
	switch t {
	case "KEY", "TOKEN", "SECRET", "OAUTH_TOKEN", "ACCESS_TOKEN", "API_SECRET", "YOUR_TOKEN":
		return true
	}
	if strings.ContainsAny(t, " \n{") { // a template may say anything
		return false
	}
	return strings.Contains(t, "…") || strings.HasSuffix(t, "...") || strings.HasPrefix(t, "<") && strings.HasSuffix(t, ">")
}

// checkURL never repeats the address, which may hold a key. Macros in braces
// are for the sink to check.
func checkURL(name, t string) error {
	return CheckAddressText(name, strings.NewReplacer("{", "", "}", "").Replace(t))
}

// scalar takes numbers for texts: counter_id 123 is "123". A float that lost
// digits is not taken; ids are read as json.Number.
func scalar(v any) bool {
	switch v := v.(type) {
	case string, json.Number, int:
		return true
	case float64:
		return v == float64(int64(v)) && v < 1<<53 && v > -(1<<53)
	}
	return false
}

func checkMapping(name string, v any) error {
	switch m := v.(type) {
	case map[string]string:
		return nil
	case map[string]any:
		for k, e := range m {
			if !scalar(e) {
				return domain.Invalid(name+"."+k, "must be text")
			}
		}
		return nil
	}
	return domain.Invalid(name, "must be an object of texts")
}

func list(names []string) string { return strings.Join(names, ", ") }
