package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) accountsRoutes() []route {
	const account = project + "/accounts/:account"
	return []route{
		{get, project + "/accounts", viewer, (*visit).accounts},
		{get, project + "/accounts/new/:network", editor, (*visit).askAccount},
		{post, project + "/accounts/new/:network", editor, (*visit).createAccount},
		{get, account, viewer, (*visit).account},
		{get, account + "/edit", editor, (*visit).editAccount},
		{post, account + "/edit", editor, (*visit).saveAccount},
		{post, account + "/test", editor, (*visit).testAccount},
		{post, account + "/pause", editor, (*visit).pauseAccount},
		{post, account + "/retry", editor, (*visit).retryAccount},
		{post, account + "/job", editor, (*visit).turnJob},
		{post, account + "/delete", editor, (*visit).deleteAccount},
	}
}

// atRisk is how soon an open conversion must expire to be counted as at risk.
const atRisk = 24 * time.Hour

// accountsPage lists the ad accounts and the networks there can be.
type accountsPage struct {
	Accounts []accountRow
	Networks []usecase.NetworkForm
}

type accountRow struct {
	domain.Account
	Form    usecase.NetworkForm
	Breaker string
	usecase.Backlog
}

// accountRow shows an account with what waits for it.
func (v *visit) accountRow(a domain.Account, b usecase.Backlog) accountRow {
	a = v.Projects.Shown(a)
	if a.Health == domain.Unsupported {
		a.HealthReason = v.text("account.unsupported", a.Network)
	}
	if a.Health == domain.Healthy && !b.Tried() {
		a.Health = domain.Untried
	}
	return accountRow{a, v.networkForm(a.Network), v.Networks.BreakerState(a.ID), b}
}

// Open is how many conversions wait.
func (r accountRow) Open() int { return r.By[domain.Pending] + r.By[domain.Retrying] }

// Parked is how many wait for a person.
func (r accountRow) Parked() int { return r.By[domain.Parked] }

func (v *visit) accounts() error {
	as, err := v.Store.Accounts(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	backlogs, err := v.Backlogs.Backlogs(v.ctx, v.project.ID, v.Now().Add(atRisk))
	if err != nil {
		return err
	}
	p := accountsPage{Networks: v.Networks.Forms(v.lang)}
	for _, a := range as {
		p.Accounts = append(p.Accounts, v.accountRow(a, backlogs[a.ID]))
	}
	return v.show("accounts", p, v.text("nav.accounts"))
}

// accountForm is the form of an ad account, made from what its network asks
// for.
type accountForm struct {
	Form       usecase.NetworkForm
	ID         string // empty for a new one
	Name       string
	Activation string
	Goals      string // a line for each: target = name
	Currency   string
	Settings   map[string]string
	Faults     faults
	Preset     *usecase.NetworkPreset // that a new one is filled in by
}

func (v *visit) askAccount() error {
	f := v.networkForm(v.param("network"))
	if f.Fields == nil {
		return domain.ErrNotFound
	}
	return v.sendAccountForm(preset(f, v.query("preset")))
}

// preset fills in a new account as one of the network's presets wants it.
func preset(f usecase.NetworkForm, name string) accountForm {
	out := accountForm{Form: f, Name: f.Title}
	i := slices.IndexFunc(f.Presets, func(p usecase.NetworkPreset) bool { return p.Name == name })
	if i < 0 {
		return out
	}
	p := &f.Presets[i]
	out.Name, out.Preset, out.Activation, out.Settings = p.Title, p, p.ActivationGoal, map[string]string{}
	out.Goals = unlines(p.Goals, func(s string) string { return s })
	for k, value := range p.Settings {
		out.Settings[k] = plain(value)
	}
	return out
}

func (v *visit) sendAccountForm(f accountForm) error {
	status := http.StatusOK
	if f.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "account_form", f, f.Form.Title)
}

// readAccountForm reads the form; a secret that is left empty is not given.
func (v *visit) readAccountForm(f usecase.NetworkForm) (accountForm, usecase.AccountInput) {
	out := accountForm{
		Form: f, Name: v.form("name"), Activation: v.form("activation_goal"), Goals: v.form("goals"),
		Currency: v.form("currency"), Settings: map[string]string{},
	}
	in := usecase.AccountInput{
		Name: &out.Name, ActivationGoal: &out.Activation, Currency: &out.Currency, Goals: map[string]string{},
		Settings: map[string]any{},
	}
	for target, name := range lines(out.Goals) {
		in.Goals[target] = name
	}
	for _, field := range f.Fields {
		text := v.form("settings." + field.Name)
		switch {
		case field.Kind == "boolean":
			in.Settings[field.Name] = text != ""
		case field.Secret && text == "":
			continue
		case field.Kind == "mapping":
			entries := map[string]any{}
			for k, x := range lines(text) {
				entries[k] = x
			}
			in.Settings[field.Name] = entries
		case text == "":
			in.Settings[field.Name] = nil
		default:
			in.Settings[field.Name] = text
		}
		if !field.Secret {
			out.Settings[field.Name] = text
		}
	}
	return out, in
}

// lines reads "name = value" lines.
func lines(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if k, x, ok := strings.Cut(line, "="); ok && strings.TrimSpace(k) != "" {
			out[strings.TrimSpace(k)] = strings.TrimSpace(x)
		}
	}
	return out
}

// unlines writes "name = value" lines.
func unlines[V any](m map[string]V, text func(V) string) string {
	var out []string
	for k, x := range m {
		out = append(out, k+" = "+text(x))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func (v *visit) createAccount() error {
	form := v.networkForm(v.param("network"))
	f, in := v.readAccountForm(form)
	for name, x := range in.Settings { // a new one has nothing to be removed
		if x == nil {
			delete(in.Settings, name)
		}
	}
	in.Network = &form.Network
	a, err := v.Projects.CreateAccount(v.ctx, v.project.ID, in)
	if f.Faults = v.faultsOf(err); f.Faults != nil {
		return v.sendAccountForm(f)
	}
	if err != nil {
		return err
	}
	return v.sendAccount(a.ID, accountPage{Created: true, Made: a.Made})
}

func (v *visit) editAccount() error {
	a, err := v.Store.Account(v.ctx, v.project.ID, v.param("account"))
	if err != nil {
		return err
	}
	return v.sendAccountForm(v.formOf(&a))
}

// formOf fills the form with an account's values, its secrets left out.
func (v *visit) formOf(a *domain.Account) accountForm {
	f := accountForm{
		Form: v.networkForm(a.Network), ID: a.ID, Name: a.Name, Activation: a.ActivationGoal, Currency: a.Currency,
		Goals: unlines(a.Goals, func(s string) string { return s }), Settings: map[string]string{},
	}
	for _, field := range f.Form.Fields {
		value := a.Settings[field.Name]
		switch {
		case field.Secret || value == nil:
		case field.Kind == "mapping":
			if m, ok := value.(map[string]any); ok {
				f.Settings[field.Name] = unlines(m, plain)
			}
		default:
			f.Settings[field.Name] = plain(value)
		}
	}
	return f
}

func (v *visit) saveAccount() error {
	a, err := v.Store.Account(v.ctx, v.project.ID, v.param("account"))
	if err != nil {
		return err
	}
	f, in := v.readAccountForm(v.networkForm(a.Network))
	f.ID = a.ID
	_, err = v.Projects.UpdateAccount(v.ctx, v.project.ID, a.ID, in)
	if f.Faults = v.faultsOf(err); f.Faults != nil {
		return v.sendAccountForm(f)
	}
	if err != nil {
		return err
	}
	return v.redirect(v.url("accounts", a.ID))
}

func (v *visit) deleteAccount() error {
	if err := v.Projects.DeleteAccount(v.ctx, v.project.ID, v.param("account")); err != nil {
		return err
	}
	return v.redirect(v.url("accounts"))
}

// badge is a short text and the class of its colour.
type badge struct{ Class, Text string }

// StatusBadge shows how far a conversion came.
func (p page) StatusBadge(s domain.Status) badge {
	b := badge{Class: "secondary", Text: p.T("status." + string(s))}
	switch s {
	case domain.Delivered:
		b.Class = "success"
	case domain.Rejected, domain.Expired:
		b.Class = "danger"
	}
	return b
}

// attemptLog is what the template of attempts shows.
type attemptLog struct {
	page
	Attempts []usecase.Attempt
}

// Log shows attempts to send a conversion.
func (p page) Log(attempts []usecase.Attempt) attemptLog { return attemptLog{p, attempts} }

// HealthBadge shows the health of an ad account.
func (p page) HealthBadge(h domain.Health) badge {
	b := badge{Class: "danger", Text: p.T("health." + string(h))}
	switch h {
	case domain.Healthy:
		b.Class = "success"
	case domain.Untried:
		b.Class = "secondary"
	case domain.Degraded, domain.Throttled:
		b.Class = "warning"
	}
	return b
}
