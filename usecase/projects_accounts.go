package usecase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// AccountChecker knows the ad networks an account can be of. It is the
// registry of networks, asked before an account is saved.
type AccountChecker interface {
	// Known tells whether a network is one of ours, Built whether this build
	// can send to it.
	Known(network string) bool
	Built(network string) bool
	// CheckSettings refuses settings that can not work: errors are
	// domain.FieldError, joined where there are several. It calls no network.
	CheckSettings(network string, settings map[string]any) (warnings []string, err error)
	// CheckGoals gives warnings of the names under which an account's network
	// gets starts (empty: not at all) and goals.
	CheckGoals(network, activation string, goals map[string]string) []string
	// Secrets names the settings that are never shown.
	Secrets(network string) []string
	// MakeSecrets gives values for those secrets that a network leaves to us
	// when the settings have none: by name, empty when there are none.
	MakeSecrets(network string, settings map[string]any) (map[string]string, error)
	// DefaultActivation is the activation goal of an account that names none,
	// "" when starts are then not sent.
	DefaultActivation(network string) string
	// Test makes the safest real check the network has.
	Test(ctx context.Context, a domain.Account) AccountTest
}

// AccountTest is what a test of an ad account found.
type AccountTest struct {
	OK         bool     `json:"ok"`
	Checked    []string `json:"checked"`     // tried and found right
	NotChecked []string `json:"not_checked"` // what can not be tried without counting a conversion
	Problems   []string `json:"problems"`
}

// SecretMask stands for a secret, see domain.SecretMask.
const SecretMask = domain.SecretMask

// AccountInput is what is said of an ad account; nil fields are not given. A
// null among the settings removes one.
type AccountInput struct {
	Network        *string           `json:"network"`
	Name           *string           `json:"name"`
	Settings       map[string]any    `json:"settings"`
	ActivationGoal *string           `json:"activation_goal"`
	Goals          map[string]string `json:"goals"`
	Currency       *string           `json:"currency"`
	Paused         *bool             `json:"paused"`
	// Parked says what becomes of conversions that waited: "send", the
	// default, or "skip".
	Parked *string `json:"parked"`
}

// SavedAccount is an account after a change.
type SavedAccount struct {
	domain.Account
	Made    map[string]string // secrets that were made just now, never told again
	Resumed int               // parked conversions that are sent on their way or skipped
	Job     *Replay           // that does it; nil for none
}

// CreateAccount adds an ad account. It calls no network.
func (p *Projects) CreateAccount(ctx context.Context, projectID string, in AccountInput) (SavedAccount, error) {
	a := domain.Account{
		ID: p.newID(), ProjectID: projectID, Health: domain.Healthy, CreatedAt: p.now(), Settings: map[string]any{},
	}
	if err := p.network(&a, in); err != nil {
		return SavedAccount{}, err
	}
	s, err := p.change(a, in)
	if err != nil {
		return SavedAccount{}, err
	}
	if _, err := p.store.Project(ctx, projectID); err != nil {
		return SavedAccount{}, err
	}
	defer p.directory.Forget(projectID)
	ctx = p.audit.note(ctx, projectID, "ad_account.create", s.Name, map[string]string{"network": s.Network})
	return s, p.store.CreateAccount(ctx, s.Account)
}

// UpdateAccount changes what is given. New settings, or an end of the pause,
// connect an account again that had stopped by itself: it counts as healthy
// and what was parked goes out, unless it is to be skipped. A job does that; of
// a large one the answer tells only how far it came by then.
func (p *Projects) UpdateAccount(ctx context.Context, projectID, id string, in AccountInput) (SavedAccount, error) {
	for try := 1; ; try++ {
		s, job, err := p.updateAccount(ctx, projectID, id, in)
		// A delivery noted its health, or somebody else changed it meanwhile.
		if errors.Is(err, domain.ErrConflict) && try < updateTries {
			continue
		}
		if err != nil || job == nil {
			return s, err
		}
		s.Resumed = int(job.Progress.Total)
		r := p.jobs.Hurry(ctx, job)
		if s.Job = &r; r.State == ReplayDone {
			s.Resumed = int(r.Progress.Changed)
		}
		return s, nil
	}
}

// updateTries is how often a change is made anew of an account that was changed
// meanwhile.
const updateTries = 5

func (p *Projects) updateAccount(
	ctx context.Context, projectID, id string, in AccountInput,
) (s SavedAccount, job *ReplaySave, err error) {
	was, err := p.store.Account(ctx, projectID, id)
	if err != nil {
		return s, nil, err
	}
	if in.Network != nil && *in.Network != was.Network {
		return s, nil, domain.Invalid("network", "can not be changed; make another account")
	}
	a, unpaused := was, in.Paused != nil && !*in.Paused
	if reconnects := a.Health.Stopped() && (unpaused || len(in.Settings) > 0); reconnects {
		a.Health, a.HealthReason, a.Paused = domain.Healthy, "", false
		unpaused = true
	}
	if s, err = p.change(a, in); err != nil {
		return s, nil, err
	}
	resume := unpaused && !s.Paused
	if in.Parked != nil && !resume {
		return s, nil, domain.Invalid("parked", "goes with \"paused\": false")
	}
	if resume {
		kind := ReplayResume
		if in.Parked != nil && *in.Parked == "skip" {
			kind = ReplaySkip
		}
		if job, err = p.jobs.ForAccount(ctx, kind, s.Account); err != nil {
			return s, nil, err
		}
	}
	ctx = p.audit.note(ctx, projectID, "ad_account.update", s.Name, changedAccount(in))
	defer p.directory.Forget(projectID)
	return s, job, p.store.UpdateAccount(ctx, s.Account, AccountUpdate{Was: &was, Job: job})
}

// DeleteAccount removes an account; its unfinished conversions become
// rejected.
func (p *Projects) DeleteAccount(ctx context.Context, projectID, id string) error {
	a, err := p.store.Account(ctx, projectID, id)
	if err != nil {
		return err
	}
	job, err := p.jobs.ForAccount(ctx, ReplayClose, a)
	if err != nil {
		return err
	}
	audited := p.audit.note(ctx, projectID, "ad_account.delete", a.Name, map[string]string{"network": a.Network})
	err = p.store.DeleteAccount(audited, projectID, id, p.now(), job)
	p.directory.Forget(projectID)
	if err != nil || job == nil {
		return err
	}
	p.jobs.Hurry(ctx, job)
	return nil
}

// TestAccount makes the safest real check the account's network has.
func (p *Projects) TestAccount(ctx context.Context, projectID, id string) (AccountTest, error) {
	a, err := p.store.Account(ctx, projectID, id)
	if err != nil {
		return AccountTest{}, err
	}
	if a = p.Shown(a); a.Health == domain.Unsupported {
		return AccountTest{Problems: []string{a.HealthReason}}, nil
	}
	return p.accounts.Test(ctx, a), nil
}

// warnedFor is how long a warning of a network is shown after it came last.
const warnedFor = 7 * 24 * time.Hour

// Shown is an account as people are to see it: one whose network this build
// lacks is not well, whatever the network last answered to another build. It is
// warned of what this build warns of, and of what the network does.
func (p *Projects) Shown(a domain.Account) domain.Account {
	switch warnings, err := p.warnings(&a); {
	case !p.accounts.Built(a.Network):
	case err != nil: // saved by another version
		a.Warnings = []string{"these settings would not be saved now, change them: " + err.Error()}
	default:
		a.Warnings = warnings
	}
	if at := a.NetworkWarnedAt; a.NetworkWarning != "" && p.now().Before(at.Add(warnedFor)) {
		a.Warnings = append(a.Warnings, at.UTC().Format("2006-01-02 15:04 UTC")+": "+a.NetworkWarning)
	}
	if !p.accounts.Built(a.Network) {
		a.Health = domain.Unsupported
		a.HealthReason = fmt.Sprintf("this build of tgtrack can not send to %s; conversions wait for one "+
			"that can, until their windows are over", a.Network)
	}
	return a
}

// Activation is the goal under which an account's network gets starts.
func (p *Projects) Activation(a *domain.Account) string {
	if a.ActivationGoal != "" {
		return a.ActivationGoal
	}
	return p.accounts.DefaultActivation(a.Network)
}

func (p *Projects) network(a *domain.Account, in AccountInput) error {
	if in.Network == nil || *in.Network == "" {
		return domain.Invalid("network", "is required")
	}
	a.Network = *in.Network
	switch {
	case !p.accounts.Known(a.Network):
		return domain.Invalid("network", "%q is not a network that tgtrack knows", short(a.Network))
	case !p.accounts.Built(a.Network):
		return domain.Invalid("network", "%s is known, but this version can not send to it", a.Network)
	}
	a.Name = a.Network
	return nil
}

// change takes over what is given and checks the account as a whole.
func (p *Projects) change(a domain.Account, in AccountInput) (SavedAccount, error) {
	s := SavedAccount{Account: a}
	var f faults
	given(&f, &s.Name, in.Name, func(v string) (string, error) { return requiredText("name", v, maxName) })
	given(&f, &s.ActivationGoal, in.ActivationGoal, func(v string) (string, error) {
		return text("activation_goal", v, maxText)
	})
	given(&f, &s.Currency, in.Currency, func(v string) (string, error) {
		if v == "" { // the project's again
			return "", nil
		}
		return currency("currency", v)
	})
	given(&f, &s.Paused, in.Paused, func(v bool) (bool, error) { return v, nil })
	var parked string
	given(&f, &parked, in.Parked, oneOf("parked", "send", "skip"))
	if in.Goals != nil {
		goals, err := goalNames(in.Goals)
		f.add(err)
		s.Goals = goals
	}
	f.add(p.changeSettings(&s, in.Settings))
	s.UpdatedAt = p.now()
	return s, f.err()
}

// changeSettings lays new settings over those there are and checks them as a
// whole. Those of a network that this build lacks nobody can check, so they
// stay as they are.
func (p *Projects) changeSettings(s *SavedAccount, changes map[string]any) error {
	switch built := p.accounts.Built(s.Network); {
	case !built && len(changes) > 0:
		return domain.Invalid("settings",
			"can not be changed: this build of tgtrack can not send to %s", s.Network)
	case !built:
		return nil
	}
	settings, err := p.merge(s.Account, changes)
	if err != nil {
		return err
	}
	return p.finish(s, settings)
}

// finish makes the secrets that are left to us and checks the settings.
func (p *Projects) finish(s *SavedAccount, settings map[string]any) error {
	made, err := p.accounts.MakeSecrets(s.Network, settings)
	if err != nil {
		return fmt.Errorf("make secrets of a %s account: %w", s.Network, err)
	}
	for k, v := range made {
		settings[k] = v
	}
	s.Settings, s.Made = settings, made
	s.Warnings, err = p.warnings(&s.Account)
	return err
}

// warnings of an account, or why its settings can not work.
func (p *Projects) warnings(a *domain.Account) ([]string, error) {
	warnings, err := p.accounts.CheckSettings(a.Network, a.Settings)
	if err != nil {
		return nil, err
	}
	activation := p.Activation(a)
	warnings = slices.Clone(warnings)
	if activation == "" {
		warnings = append(warnings, "activation_goal is empty: starts and joins are not sent")
	} else if name, ok := a.Goals[activation]; ok {
		activation = name
	}
	return append(warnings, p.accounts.CheckGoals(a.Network, activation, a.Goals)...), nil
}

// merge lays new settings over those there are.
func (p *Projects) merge(a domain.Account, changes map[string]any) (map[string]any, error) {
	out := maps.Clone(a.Settings)
	if out == nil {
		out = map[string]any{}
	}
	secrets := p.accounts.Secrets(a.Network)
	var f faults
	for name, v := range changes {
		secret := slices.Contains(secrets, name)
		switch v := plainNumbers(v).(type) {
		case nil:
			delete(out, name)
		case string:
			if secret && (v == SecretMask || v == "") {
				if _, kept := out[name]; !kept && v == SecretMask {
					f.add(domain.Invalid("settings."+name, "is the mask of a secret, and there is no secret yet"))
				}
				continue
			}
			if strings.ContainsRune(v, 0) {
				f.add(domain.Invalid("settings."+name, "must not have control characters"))
			}
			out[name] = v
		case map[string]any:
			out[name] = mergeEntries(out[name], v, secret)
		default:
			out[name] = v
		}
	}
	return out, f.err()
}

// mergeEntries replaces an object; of an object of secrets, entries that came
// masked stay.
func mergeEntries(old any, entries map[string]any, secret bool) map[string]any {
	was, _ := old.(map[string]any)
	out := make(map[string]any, len(entries))
	for k, v := range entries {
		if v == nil {
			continue
		}
		if kept, ok := was[k]; ok && secret && v == SecretMask {
			v = kept
		}
		out[k] = v
	}
	return out
}

// plainNumbers turns numbers into their digits: ids are opaque, and would lose
// digits as floats wherever settings are stored.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = plainNumbers(e)
		}
		return m
	}
	return v
}

// maxGoals of an account.
const maxGoals = 1000

func goalNames(in map[string]string) (map[string]string, error) {
	if len(in) > maxGoals {
		return nil, domain.Invalid("goals", "has %d entries; %d is the most", len(in), maxGoals)
	}
	var f faults
	out := make(map[string]string, len(in))
	for k, v := range in {
		target, err := requiredText("goals", k, maxText)
		f.add(err)
		name, err := requiredText("goals."+short(target), v, maxText)
		f.add(err)
		out[target] = name
	}
	return out, f.err()
}
