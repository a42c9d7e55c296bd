package adnet

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// defaultWindow is that of a network for which none is set.
const defaultWindow = 7 * 24 * time.Hour

// Desk is the ad networks as the use cases see them: what an account takes
// and until when, and the calls.
type Desk struct {
	registry   *Registry
	dispatcher *Dispatcher
	windows    map[string]time.Duration // by network
	known      map[string]bool
}

// NewDesk makes a Desk. windows says how long each network takes conversions;
// known names networks that are ours although this build can not send to
// them.
func NewDesk(r *Registry, d *Dispatcher, windows map[string]time.Duration, known []string) *Desk {
	k := map[string]bool{}
	for _, n := range known {
		k[n] = true
	}
	return &Desk{registry: r, dispatcher: d, windows: windows, known: k}
}

// Receives tells whether an account takes conversions of people with this
// current click.
func (d *Desk) Receives(a *domain.Account, click *domain.Click) bool {
	return d.registry.Receives(*a, click)
}

// Activation is the goal of a start for the account, "" to send none.
func (d *Desk) Activation(a *domain.Account) string {
	return cmp.Or(a.ActivationGoal, d.DefaultActivation(a.Network))
}

// DefaultActivation is the activation goal of an account that names none.
func (d *Desk) DefaultActivation(network string) string { return d.describe(network).DefaultActivation }

// Window gives the moments between which the network takes a conversion, and
// when it is first due.
func (d *Desk) Window(a *domain.Account, click *domain.Click, occurredAt, now time.Time) usecase.Window {
	desc := d.describe(a.Network)
	length, ok := d.windows[a.Network]
	if !ok {
		length = cmp.Or(desc.Window, defaultWindow)
	}
	w := usecase.Window{NotBefore: occurredAt, ExpiresAt: occurredAt.Add(length), DueAt: now}
	if click != nil && desc.FromClick {
		w.ExpiresAt = click.At.Add(length)
	}
	if click != nil && desc.Hold > 0 {
		w.NotBefore = click.At.Add(desc.Hold)
	}
	if w.NotBefore.After(w.DueAt) {
		w.DueAt = w.NotBefore
	}
	if desc.Gather > 0 {
		w.DueAt = w.DueAt.Truncate(desc.Gather).Add(desc.Gather)
	}
	return w
}

func (d *Desk) describe(network string) Descriptor { return d.registry.Describe(network) }

// Batch is how many conversions one call to the network takes.
func (d *Desk) Batch(network string) int { return d.describe(network).Batch }

// Repeatable tells whether an attempt whose answer was lost may be made
// again.
func (d *Desk) Repeatable(a domain.Account) bool {
	desc := d.describe(a.Network)
	return desc.Dedup || desc.Resumes || Settings(a.Settings).Bool(ResendField().Name)
}

// BreakerState of an account.
func (d *Desk) BreakerState(accountID string) string { return d.dispatcher.BreakerState(accountID) }

// Deliver gives one verdict for each conversion.
func (d *Desk) Deliver(ctx context.Context, a domain.Account, cs []domain.Conversion) []usecase.Verdict {
	return translated(d.dispatcher.Deliver(ctx, a, cs))
}

// Poll asks for the outcome of accepted conversions.
func (d *Desk) Poll(ctx context.Context, a domain.Account, cs []domain.Conversion) []usecase.Verdict {
	return translated(d.dispatcher.Poll(ctx, a, cs))
}

// translated keeps one usecase.Exchange for each call, shared by its verdicts.
func translated(vs []Verdict) []usecase.Verdict {
	calls := map[*Exchange]*usecase.Exchange{}
	out := make([]usecase.Verdict, len(vs))
	for i, v := range vs {
		if v.Exchange != nil && calls[v.Exchange] == nil {
			calls[v.Exchange] = v.Exchange.stored()
		}
		out[i] = usecase.Verdict{
			Class: usecase.VerdictClass(v.Class), Reason: v.Reason, After: v.After, Handle: v.Handle,
			Asked: v.Exchange != nil || v.Class == Delivered || v.Class == Accepted ||
				v.Class == Duplicate || v.Class == Uncertain,
			Exchange: calls[v.Exchange], Row: v.Row, RowAnswer: v.RowAnswer,
		}
	}
	return out
}

// stored writes the two parts of an exchange in which it is kept.
func (x *Exchange) stored() *usecase.Exchange {
	head, _ := json.Marshal(struct { // texts can always be written
		Method  string            `json:"method"`
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers,omitempty"`
		Request string            `json:"request"`
	}{x.Method, x.URL, x.Headers, x.Request})
	answer, _ := json.Marshal(struct {
		StatusCode int    `json:"status_code"`
		Response   string `json:"response"`
		Error      string `json:"error,omitempty"`
	}{x.StatusCode, x.Response, x.Error})
	return &usecase.Exchange{Head: head, Answer: answer, Upload: x.Upload}
}

// Known tells whether a network is one of ours.
func (d *Desk) Known(network string) bool { return d.Built(network) || d.known[network] }

// Built tells whether this build can send to a network.
func (d *Desk) Built(network string) bool {
	_, err := d.registry.Get(network)
	return err == nil
}

// CheckSettings refuses settings that can not work.
func (d *Desk) CheckSettings(network string, settings map[string]any) ([]string, error) {
	return d.registry.CheckSettings(network, settings)
}

// Secrets names the settings that are never shown.
func (d *Desk) Secrets(network string) []string { return d.registry.Secrets(network) }

// Mask gives an account's settings with the secrets masked.
func (d *Desk) Mask(network string, settings map[string]any) map[string]any {
	return d.registry.Mask(network, settings)
}

// SecretMaker is a Sink that makes the secrets which the user did not give.
type SecretMaker interface {
	MakeSecrets(s Settings) (map[string]string, error)
}

// MakeSecrets gives values for secrets that a network leaves to us.
func (d *Desk) MakeSecrets(network string, settings map[string]any) (map[string]string, error) {
	s, err := d.registry.Get(network)
	if err != nil {
		return nil, err
	}
	if m, ok := s.(SecretMaker); ok {
		return m.MakeSecrets(settings)
	}
	return nil, nil
}

// Test makes the safest real check the network has.
func (d *Desk) Test(ctx context.Context, a domain.Account) usecase.AccountTest {
	r := d.dispatcher.Test(ctx, a)
	return usecase.AccountTest{OK: r.OK, Checked: r.Checked, NotChecked: r.NotChecked, Problems: r.Problems}
}
