package usecase

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// NetworkForm is what a form for an ad account of a network asks for, in one
// language.
type NetworkForm struct {
	Network, Title string
	ClickIDs       []string // parameters of a click that make it the network's
	Fields         []NetworkField
	// DefaultActivation is the goal under which starts are sent where the
	// account names none; empty: they are not sent then.
	DefaultActivation string
	Docs              string // the vendor's page
	Presets           []NetworkPreset
}

// NetworkPreset is an account as a tracker or a network that has no interface of
// its own here wants it. Words in capitals are to be replaced.
type NetworkPreset struct {
	Name, Title, Docs string
	Settings          map[string]any
	// ActivationGoal and Goals of the account, where it takes words of its own
	// alone.
	ActivationGoal string
	Goals          map[string]string
	// Link to the bot as it stands in the advertisement, and the rule of the
	// project that reads its start value: networks that know no click links.
	Link, StartRule string
}

// NetworkField is a setting of an account.
type NetworkField struct {
	Name             string
	Required, Secret bool
	Kind             string   // "text", "enum", "url", "mapping" or "boolean"
	Values           []string // of an enum, the first is the default
	Label, Help      string
}

// Visit is what a browser brought to a click link, as far as ad networks know
// it by cookies.
type Visit struct {
	Params  map[string]string // of the query
	Cookies map[string]string // of the link's own domain, those that networks ask for
	At      time.Time
	Random  uint64 // another one for each visit
}

// Cookie that a visit of a click link leaves in the browser.
type Cookie struct {
	Name, Value string
	Lifetime    time.Duration
}

// Backlog counts the conversions of an ad account that are not done well: by
// status, and how many of the open ones run out soon.
type Backlog struct {
	By     map[domain.Status]int
	AtRisk int // open, and the window ends soon
	Over   int // open, and the window is over: they are about to end
	// Delivered: the network has taken something.
	Delivered bool
}

// Tried tells whether the network was ever asked to take anything.
func (b Backlog) Tried() bool {
	return b.Delivered || b.By[domain.Retrying]+b.By[domain.Accepted]+b.By[domain.Unmatched]+b.By[domain.Uncertain]+
		b.By[domain.Rejected] > 0
}

// BacklogReader counts backlogs.
type BacklogReader interface {
	PlacesReader
	// Backlogs gives those of a project's accounts, by account; at risk is
	// what expires before a time and has not yet.
	Backlogs(ctx context.Context, projectID string, risk time.Time) (map[string]Backlog, error)
	// LastEvent is when the newest event of a project happened; zero when
	// there is none.
	LastEvent(ctx context.Context, projectID string) (time.Time, error)
}
