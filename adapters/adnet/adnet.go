// Package adnet says what a sink of an ad network is, keeps the registry of
// sinks and runs them behind stages every network needs: checks of the
// window, a limiter, a circuit breaker. The networks live in the packages
// below it, one folder each; this package speaks no network's protocol.
package adnet

import (
	"context"
	"net/http"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// Sink delivers conversions to one advertising network. What it says of itself
// does not change. Deliver gives one verdict per conversion, in their order;
// retrying, breaking, limits, windows and metrics are stages around it.
type Sink interface {
	Describe() Descriptor
	Deliver(ctx context.Context, a Account, cs []domain.Conversion) []Verdict
}

// SettingsChecker is a Sink that checks more than its Descriptor's fields say.
// The error wraps domain.ErrInvalid and names the field. Warnings do not keep
// an account from being saved. It calls no network.
type SettingsChecker interface {
	CheckSettings(s Settings) (warnings []string, err error)
}

// GoalsChecker is a Sink that knows which names its network makes use of. It
// gets the name under which starts are sent, empty when they are not, and
// those under which goals are. Warnings do not keep an account from being
// saved.
type GoalsChecker interface {
	CheckGoals(activation string, goals map[string]string) (warnings []string)
}

// Tester is a Sink that can check an account at the network without counting
// a conversion, or says what it could not check.
type Tester interface {
	Test(ctx context.Context, a Account) TestResult
}

// Poller is a Sink whose network decides later. Poll gets conversions that
// were accepted (their Handle says where) and gives one verdict for each:
// Accepted again while the outcome is open.
type Poller interface {
	Poll(ctx context.Context, a Account, cs []domain.Conversion) []Verdict
}

// Receiver is a Sink that decides from the account's settings which clicks it
// takes, instead of by Descriptor.ClickIDs.
type Receiver interface {
	Receives(s Settings, click *domain.Click) bool
}

// Splitter is a Sink that wants the conversions of one account in separate
// calls: those with equal keys go together.
type Splitter interface {
	BatchKey(s Settings, c domain.Conversion) string
}

// Limiter is a Sink whose network limits its callers in a way its documents
// tell; accounts with equal keys share one limit. Without it calls are slowed
// only after the network asked for it.
type Limiter interface {
	Limits(s Settings) Limits
}

// Limits of a network's callers; 0 is no limit.
type Limits struct {
	Key       string // what is limited, such as a user's token; never shown
	PerSecond int
	Parallel  int
}

// Account is what a sink knows of an ad account.
type Account struct {
	ID       string
	Settings Settings
	Client   *http.Client // safe for addresses that users enter; never follows redirects
	Now      time.Time
}

// Descriptor is all that the core knows of a sink. What the service does, its
// configuration, pages and documents follow from it.
type Descriptor struct {
	Name     string                  // network: registry key, metric label, folder: "facebook"
	Title    string                  // "Meta Conversions API"
	TitleRU  string                  // the same in Russian. Defaults to Title
	Docs     string                  // the vendor's page on the interface
	Evidence Evidence                // how it is known that the sink works. Defaults to Documented
	ClickIDs []string                // parameters of a click, any of which makes it this network's
	Cookies  []Cookie                // that it knows visitors by
	Fields   []Field                 // settings of an account
	Presets  []usecase.NetworkPreset // of trackers and networks that it serves
	Options  []Option                // settings of the service, see Configurable
	// Says are what the sink says of conversions and accounts, as it makes them: the
	// English with its verbs, and the same in Russian.
	Says  []i18n.Text
	Batch int   // most conversions in one Deliver, at least 1
	About About // for documents
	// Window is how old a conversion may be when it is sent. It is the default
	// of delivery.windows.<network>. Defaults to 7 days.
	Window time.Duration
	// FromClick: the window runs from the click, else from what happened.
	FromClick bool
	// Dedup tells that the network drops what it was given before, so that a
	// lost answer may be asked for again.
	Dedup bool
	// DedupFor is how long after it was given something it drops the same. Only
	// where there is Dedup; 0: for ever.
	DedupFor time.Duration
	// Resumes: the network can be asked which uploads it has, so that an attempt
	// without an answer may be made again. Of a conversion with AttemptOpen the
	// sink sends nothing: it looks for an upload that Took it, and gives Resend
	// only when the network has none. A network with neither Dedup nor Resumes
	// gets nothing twice: what was lost there is Uncertain.
	Resumes bool
	// Async tells that 2xx means accepted, with the outcome by Poll.
	Async bool
	// DefaultActivation is the activation goal of an account that names none;
	// empty: starts and joins are not sent.
	DefaultActivation string
	// Hold is how old a click must be before its conversion is sent.
	Hold time.Duration
	// MinAge is how old an event, and its click, must be before the conversion
	// is sent, so that the network's clock has seen it, too.
	MinAge time.Duration
	// Gather is how long conversions of an account wait for company, so that
	// they go in one call. 0: sent at once.
	Gather time.Duration
}

// Evidence says how it is known that a sink works.
type Evidence string

// Kinds of evidence.
const (
	Live       Evidence = "live"       // tried on an account at the network
	Documented Evidence = "documented" // built to the vendor's documents
	Unverified Evidence = "unverified" // built to what others tell
)

// About is what the tables of documents say of a network beside what follows
// from the rest of its Descriptor, in Markdown. What there is to tell at length
// stands in notes.md of its folder.
type About struct {
	Sends, SendsRU string // what is sent, in two or three words
	// Click is what a click must carry. Defaults to ClickIDs.
	Click, ClickRU string
	Data           string // what is in it
	// Repeats is what happens to what is sent twice.
	Repeats string
	Outcome string // when it is known what became of a conversion
}

// Field of an account's settings.
type Field struct {
	Name     string
	Required bool
	Secret   bool
	Kind     FieldKind
	Values   []string // allowed values of an Enum, the first is the default
	Label    string   // what the vendor calls it. Defaults to Name
	Help     string   // where to find it, one sentence
	// The same in Russian. Default to Label and Help.
	LabelRU, HelpRU string
}

// FieldKind says what values a field takes.
type FieldKind string

// Kinds of field.
const (
	Text    FieldKind = "text"
	Enum    FieldKind = "enum"
	URL     FieldKind = "url"
	Mapping FieldKind = "mapping" // object of strings
	Boolean FieldKind = "boolean"
)

// TestResult of an account.
type TestResult struct {
	OK         bool     `json:"ok"`
	Checked    []string `json:"checked"`     // what was tried and found right
	NotChecked []string `json:"not_checked"` // what can not be checked without counting a conversion
	Problems   []string `json:"problems"`
	Class      Class    `json:"class,omitempty"` // of a failure
}
