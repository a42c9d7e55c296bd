// Package usecase holds what tgtrack does, one use case a file. What a use case
// asks of the outside stands above it; this page has what several ask for. It
// decides; it does no I/O itself and imports nothing but domain and the
// standard library.
package usecase

import (
	"cmp"
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Vault hashes and encrypts with the service's secret key.
type Vault interface {
	Hash(kind, value string) []byte
	Seal(plain []byte) []byte
	Open(sealed []byte) ([]byte, error)
}

// ---- Ingest ----------------------------------------------------------------

// Networks is what the core asks of the ad networks before anything is sent.
type Networks interface {
	// Receives tells whether an account takes conversions of people with
	// this current click (nil: organic).
	Receives(a *domain.Account, click *domain.Click) bool
	// Activation is the goal of a start for the account, "" to send none.
	Activation(a *domain.Account) string
	// Window gives the first and last moment at which the network takes a
	// conversion, and when it is first due.
	Window(a *domain.Account, click *domain.Click, occurredAt, now time.Time) Window
}

// Window in which a network takes a conversion.
type Window struct {
	NotBefore, ExpiresAt, DueAt time.Time
}

// ProjectView is a project with what ingest needs of it.
type ProjectView struct {
	domain.Project
	Accounts []*domain.Account // without settings' secrets being anybody's business but Networks'
}

// ---- Clicks ----------------------------------------------------------------

// ClickStore keeps clicks, a batch in one transaction.
type ClickStore interface {
	SaveClicks(ctx context.Context, cs []domain.Click) error
}

// ---- Projects and keys -----------------------------------------------------

// KeyKind tells what a key may do.
type KeyKind string

// Kinds of key.
const (
	APIKey    KeyKind = "api"
	ReportKey KeyKind = "report"
)

// Key of a project. The key itself is only ever shown when made.
type Key struct {
	ID        string
	ProjectID string
	Kind      KeyKind
	Hash      []byte     // keyed hash, for look-up
	Sealed    []byte     // encrypted, for the cabinet
	ExpiresAt *time.Time // answers 402 from then on
	RevokedAt *time.Time // answers 401 from then on
	CreatedAt time.Time
}

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

// Constructors knows the constructors whose webhooks can be read.
type Constructors interface {
	Has(constructor string) bool
}

// ProjectStore keeps projects, their keys, links and ad accounts. Reads
// answer domain.ErrNotFound for what does not exist.
type ProjectStore interface {
	CreateProject(ctx context.Context, p domain.Project, keys []Key) error
	Project(ctx context.Context, id string) (domain.Project, error)
	Projects(ctx context.Context, page Page) ([]domain.Project, string, error)
	UpdateProject(ctx context.Context, p domain.Project) error
	DeleteProject(ctx context.Context, id string) error

	KeyByHash(ctx context.Context, hash []byte) (Key, error)
	// Keys lists the keys of a project, newest first.
	Keys(ctx context.Context, projectID string) ([]Key, error)
	// AddAudit writes an entry of the audit log that belongs to no change. Of
	// changes the store writes the entry that WithAudit put into the context.
	AddAudit(ctx context.Context, e AuditEntry) error
	// RotateKey adds a key and revokes the others of its kind at a time.
	RotateKey(ctx context.Context, k Key, revokeAt time.Time) error

	CreateLink(ctx context.Context, l domain.Link) error
	Link(ctx context.Context, id string) (domain.Link, error)
	Links(ctx context.Context, projectID string, page Page) ([]LinkCounts, string, error)

	CreateAccount(ctx context.Context, a domain.Account) error
	Account(ctx context.Context, projectID, id string) (domain.Account, error)
	Accounts(ctx context.Context, projectID string) ([]domain.Account, error)
	UpdateAccount(ctx context.Context, a domain.Account) error
	// DeleteAccount makes the account's unfinished conversions rejected.
	DeleteAccount(ctx context.Context, projectID, id string, now time.Time) error
	// ResumeAccount makes parked conversions due again, or skips them
	// (rejected) and answers how many.
	ResumeAccount(ctx context.Context, accountID string, skip bool, now time.Time) (int, error)
}

// Page of a list: at most Limit items behind the cursor.
type Page struct {
	Limit  int
	Cursor string
}

// LinkCounts is a link with its counts.
type LinkCounts struct {
	domain.Link
	Clicks int
	Starts int
}

// ---- Reading ---------------------------------------------------------------

// SubscriberRecord is a subscriber with its row's own facts.
type SubscriberRecord struct {
	domain.Subscriber
	Episodes []domain.Episode
	Clicks   []domain.Click
	Events   []domain.Event
}

// ConversionFilter selects conversions; empty fields select all.
type ConversionFilter struct {
	ProjectID string
	ID        string // one conversion
	UserID    int64
	Messenger string // of UserID; empty: any
	Target    string
	Network   string
	AccountID string
	Status    domain.Status
	From, To  time.Time // by OccurredAt, To excluded
}

// SubscriberFilter selects subscribers. Search is an id, or how a username, a
// first or a last name begins; nil and zero values select all.
type SubscriberFilter struct {
	ProjectID  string
	Search     string
	Source     *string   // the name of the first source; empty: none
	From, To   time.Time // by FirstSeen, To excluded
	Subscribed *bool
}

// LedgerLine counts the conversions of one network in one status.
type LedgerLine struct {
	Network string        `json:"network"`
	Status  domain.Status `json:"status"`
	Count   int           `json:"count"`
}

// Attempt is one exchange with a network about a conversion.
type Attempt struct {
	At         time.Time         `json:"at"`
	Verdict    string            `json:"verdict"`
	ReasonCode domain.ReasonCode `json:"reason_code,omitempty"`
	Reason     string            `json:"reason,omitempty"`
	Evidence   []byte            `json:"-"`
}

// Reader answers questions about people and conversions.
type Reader interface {
	Subscriber(ctx context.Context, k domain.SubscriberKey) (domain.Subscriber, error)
	Dossier(ctx context.Context, k domain.SubscriberKey) (SubscriberRecord, error)
	// Subscribers lists people from the newest on, by FirstSeen.
	Subscribers(ctx context.Context, f SubscriberFilter, page Page) ([]domain.Subscriber, string, error)
	Conversions(ctx context.Context, f ConversionFilter, page Page) ([]domain.Conversion, string, error)
	Attempts(ctx context.Context, projectID, conversionID string) ([]Attempt, error)
	// Ledger answers how many conversions were created, counted when they
	// were, and how many there are in each status now.
	Ledger(ctx context.Context, projectID string) (created int, by []LedgerLine, err error)
	// Retry makes conversions due again; with dryRun it only counts them.
	// matched: selected by the filter; scheduled: those that may be sent.
	Retry(ctx context.Context, f ConversionFilter, dryRun bool, now time.Time) (matched, scheduled int, err error)
	// Erase removes everything personal of a subscriber; their conversions
	// stay in the ledger without person, click and value.
	Erase(ctx context.Context, k domain.SubscriberKey, now time.Time) error
}

// ---- Relay and streams -----------------------------------------------------

// OutboxEvent is an event that is committed and not yet in its stream.
type OutboxEvent struct {
	EventID   string
	ProjectID string
	Type      domain.EventType
	Payload   []byte // the event's document, see EventDocument
}

// DueConversion is a conversion that may be sent now.
type DueConversion struct {
	ID        string
	Network   string
	AccountID string
	// EventID of the event that made it; a Handover does not have it.
	EventID string
}

// RelayStore hands over what the streams must get. publish answers after the
// stream has it; only then is it marked. Several processes may call at once:
// each gets rows that no other has at the time. Both answer how many were
// handed over.
type RelayStore interface {
	RelayEvents(ctx context.Context, limit int, publish func(ctx context.Context, es []OutboxEvent) error) (int, error)
	// RelayConversions hands over what is due, and what was handed over
	// before republishBefore and has not been settled since.
	RelayConversions(ctx context.Context, now, republishBefore time.Time, limit int,
		publish func(ctx context.Context, cs []DueConversion) error) (int, error)
}

// RequestRecord is one authenticated request in the request log, document
// tgtrack.request.v1.
type RequestRecord struct {
	Schema    string `json:"schema"`
	ID        string `json:"id"`
	ProjectID string `json:"project_id"`
	Method    string `json:"method"` // domain.UnknownMethod if no decoder had it
	// Asked is the method in the address if no decoder had it: a build that has
	// one can take the request later.
	Asked       string    `json:"asked_method,omitempty"`
	Constructor string    `json:"constructor"`
	ContentType string    `json:"content_type,omitempty"`
	Body        string    `json:"body"`
	Encoding    string    `json:"encoding,omitempty"` // "base64" where the body is not UTF-8
	Size        int       `json:"size"`               // of the body as received, bytes
	Truncated   bool      `json:"truncated,omitempty"`
	Ignored     bool      `json:"ignored,omitempty"` // an update that means nothing: only kind and ids were kept
	ReceivedAt  time.Time `json:"received_at"`
	Code        int       `json:"code"` // of the answer: 200 or the error code
	Error       string    `json:"error,omitempty"`
	Warning     string    `json:"warning,omitempty"`
	Decoded     any       `json:"decoded,omitempty"` // what the body was read as
	Receipts    []Receipt `json:"events,omitempty"`
	Replayed    bool      `json:"replayed,omitempty"` // answered from an Idempotency-Key
	// PersonHashes are keyed hashes of the people named, for erasure and for
	// the filter by user. They travel in a header.
	PersonHashes []string `json:"-"`
}

// Called is the method that the sender called, whether or not it was known.
func (r RequestRecord) Called() string { return cmp.Or(r.Asked, r.Method) }

// Receipt is what a write answers for one event.
type Receipt struct {
	ID        string           `json:"id"`
	Type      domain.EventType `json:"type"`
	Duplicate bool             `json:"duplicate"`
}

// RequestLog keeps authenticated requests.
type RequestLog interface {
	// Keep writes a record before the answer, for requests that were refused;
	// when the log can not be reached in time it is buffered like others.
	Keep(ctx context.Context, r RequestRecord)
	// Buffer writes a record soon, from a bounded buffer.
	Buffer(r RequestRecord)
	// Last reads the newest records of a project, newest first.
	Last(ctx context.Context, projectID string, limit int) ([]RequestRecord, error)
}
