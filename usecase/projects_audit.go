package usecase

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// changedFields says what a change made of a project, field by field.
func changedFields(was, now domain.Project) map[string]string {
	out := map[string]string{}
	a, b := reflect.ValueOf(was), reflect.ValueOf(now)
	for i := range a.NumField() {
		old, new := a.Field(i).Interface(), b.Field(i).Interface()
		if old == new {
			continue
		}
		name, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("json"), ",")
		if limits, ok := old.(domain.Limits); ok {
			changedLimits(out, name, limits, now.Limits)
			continue
		}
		out[name] = fmt.Sprintf("%v → %v", old, new)
		if secrets, ok := old.(domain.Secrets); ok {
			out[name] = changedSecrets(secrets.ByName(), now.WebhookSecrets.ByName())
		}
	}
	return out
}

func changedLimits(out map[string]string, name string, was, now domain.Limits) {
	for field, pair := range map[string][2]int{
		"per_second": {was.PerSecond, now.PerSecond}, "per_hour": {was.PerHour, now.PerHour},
		"per_day": {was.PerDay, now.PerDay},
	} {
		if pair[0] != pair[1] {
			out[name+"."+field] = fmt.Sprintf("%d → %d", pair[0], pair[1])
		}
	}
}

// changedSecrets says which secrets changed, and of none what it is.
func changedSecrets(was, now map[string]string) string {
	var said []string
	for name := range was {
		if _, kept := now[name]; !kept {
			said = append(said, name+" removed")
		}
	}
	for name, secret := range now {
		switch old, known := was[name]; {
		case !known:
			said = append(said, name+" set")
		case old != secret:
			said = append(said, name+" replaced")
		}
	}
	slices.Sort(said)
	return strings.Join(said, ", ")
}

// changedAccount says which fields of an ad account were given; of settings
// the names alone, since many of them are secrets.
func changedAccount(in AccountInput) map[string]string {
	out := map[string]string{}
	for name, v := range map[string]*string{
		"name": in.Name, "activation_goal": in.ActivationGoal, "currency": in.Currency, "parked": in.Parked,
	} {
		if v != nil {
			out[name] = *v
		}
	}
	if in.Paused != nil {
		out["paused"] = fmt.Sprint(*in.Paused)
	}
	if len(in.Settings) > 0 {
		out["settings"] = strings.Join(slices.Sorted(maps.Keys(in.Settings)), ", ")
	}
	if in.Goals != nil {
		out["goals"] = fmt.Sprint(len(in.Goals))
	}
	return out
}
