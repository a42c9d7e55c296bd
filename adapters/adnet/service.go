package adnet

import (
	"cmp"
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// defaultWindow is that of a network for which none is set.
const defaultWindow = 7 * 24 * time.Hour

// Service is the ad networks as the use cases see them: what an account takes
// and until when, and the calls, which are the Dispatcher's.
type Service struct {
	*Dispatcher
	registry *Registry
	windows  map[string]time.Duration // by network
	known    map[string]bool
}

// NewService makes a Service. windows says how long each network takes
// conversions; known names networks that are ours although this build can not
// send to them.
func NewService(r *Registry, d *Dispatcher, windows map[string]time.Duration, known []string) *Service {
	k := map[string]bool{}
	for _, n := range known {
		k[n] = true
	}
	return &Service{Dispatcher: d, registry: r, windows: windows, known: k}
}

// Receives tells whether an account takes conversions of people with this
// current click.
func (s *Service) Receives(a *domain.Account, click *domain.Click) bool {
	return s.registry.Receives(*a, click)
}

// Activation is the goal of a start for the account, "" to send none.
func (s *Service) Activation(a *domain.Account) string {
	return cmp.Or(a.ActivationGoal, s.DefaultActivation(a.Network))
}

// DefaultActivation is the activation goal of an account that names none.
func (s *Service) DefaultActivation(network string) string {
	return s.describe(network).DefaultActivation
}

// Window gives the moments between which the network takes a conversion, and
// when it is first due.
func (s *Service) Window(a *domain.Account, click *domain.Click, occurredAt, now time.Time) usecase.Window {
	desc := s.describe(a.Network)
	length, ok := s.windows[a.Network]
	if !ok {
		length = cmp.Or(desc.Window, defaultWindow)
	}
	happened := occurredAt
	if click != nil && click.At.After(happened) { // by whichever clock told it
		happened = click.At
	}
	w := usecase.Window{NotBefore: happened.Add(desc.MinAge), ExpiresAt: occurredAt.Add(length), DueAt: now}
	if click != nil && desc.FromClick {
		w.ExpiresAt = click.At.Add(length)
	}
	if held := desc.Hold; click != nil && click.At.Add(held).After(w.NotBefore) {
		w.NotBefore = click.At.Add(held)
	}
	if w.NotBefore.After(w.DueAt) {
		w.DueAt = w.NotBefore
	}
	if desc.Gather > 0 {
		w.DueAt = w.DueAt.Truncate(desc.Gather).Add(desc.Gather)
	}
	return w
}

func (s *Service) describe(network string) Descriptor { return s.registry.Describe(network) }

// Batch is how many conversions one call to the network takes.
func (s *Service) Batch(network string) int { return s.describe(network).Batch }

// Repeatable tells whether an attempt whose answer was lost may be made
// again.
func (s *Service) Repeatable(a domain.Account) bool {
	desc := s.describe(a.Network)
	return desc.Dedup || desc.Resumes || Settings(a.Settings).Bool(ResendField().Name)
}

// DropsRepeats tells whether the network counts once what it is given at two
// times.
func (s *Service) DropsRepeats(a *domain.Account, first, again time.Time) bool {
	desc := s.describe(a.Network)
	return desc.Dedup && (desc.DedupFor == 0 || again.Before(first.Add(desc.DedupFor)))
}

// Known tells whether a network is one of ours.
func (s *Service) Known(network string) bool { return s.Built(network) || s.known[network] }

// Built tells whether this build can send to a network.
func (s *Service) Built(network string) bool {
	_, err := s.registry.Get(network)
	return err == nil
}

// CheckSettings refuses settings that can not work.
func (s *Service) CheckSettings(network string, settings map[string]any) ([]string, error) {
	return s.registry.CheckSettings(network, settings)
}

// CheckGoals warns of names that a network makes no use of.
func (s *Service) CheckGoals(network, activation string, goals map[string]string) []string {
	sink, err := s.registry.Get(network)
	if err != nil {
		return nil
	}
	if c, ok := sink.(GoalsChecker); ok {
		return c.CheckGoals(activation, goals)
	}
	return nil
}

// Secrets names the settings that are never shown.
func (s *Service) Secrets(network string) []string { return s.registry.Secrets(network) }

// Mask gives an account's settings with the secrets masked.
func (s *Service) Mask(network string, settings map[string]any) map[string]any {
	return s.registry.Mask(network, settings)
}

// SecretMaker is a Sink that makes the secrets which the user did not give.
type SecretMaker interface {
	MakeSecrets(s Settings) (map[string]string, error)
}

// MakeSecrets gives values for secrets that a network leaves to us.
func (s *Service) MakeSecrets(network string, settings map[string]any) (map[string]string, error) {
	sink, err := s.registry.Get(network)
	if err != nil {
		return nil, err
	}
	if m, ok := sink.(SecretMaker); ok {
		return m.MakeSecrets(settings)
	}
	return nil, nil
}

// Test makes the safest real check the network has.
func (s *Service) Test(ctx context.Context, a domain.Account) usecase.AccountTest {
	r := s.Dispatcher.Test(ctx, a)
	return usecase.AccountTest{OK: r.OK, Checked: r.Checked, NotChecked: r.NotChecked, Problems: r.Problems}
}

// Texts are what networks and the stages before them say of conversions and
// accounts.
func (s *Service) Texts() []i18n.Text {
	out := OwnTexts()
	for _, d := range s.registry.All() {
		out = append(out, d.Says...)
	}
	return out
}

// Forms describes the networks that this build can send to, for forms of ad
// accounts, in a language.
func (s *Service) Forms(l i18n.Language) []usecase.NetworkForm {
	var out []usecase.NetworkForm
	for _, d := range s.registry.All() {
		f := usecase.NetworkForm{
			Network: d.Name, Title: i18n.Text{EN: d.Title, RU: d.TitleRU}.In(l), ClickIDs: d.ClickIDs,
			DefaultActivation: d.DefaultActivation, Docs: d.Docs, Presets: d.Presets,
		}
		for _, field := range d.Fields {
			kind := field.Kind
			if kind == "" {
				kind = Text
			}
			f.Fields = append(f.Fields, usecase.NetworkField{
				Name: field.Name, Required: field.Required, Secret: field.Secret,
				Kind: string(kind), Values: field.Values,
				Label: cmp.Or(i18n.Text{EN: field.Label, RU: field.LabelRU}.In(l), field.Name),
				Help:  i18n.Text{EN: field.Help, RU: field.HelpRU}.In(l),
			})
		}
		out = append(out, f)
	}
	return out
}
