package usecase

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// How many of a person's own things the record of Dossier has at most: the newest.
const (
	RecordEvents   = 200
	RecordClicks   = 50
	RecordEpisodes = 200
	RecordPlaces   = 200
)

// SubscriberRecord is a subscriber with its row's own facts.
type SubscriberRecord struct {
	domain.Subscriber
	Episodes []domain.Episode
	Clicks   []domain.Click
	Events   []domain.Event
	// Places are the person's others than the project's own, by their numbers.
	Places []domain.Membership
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
	MadeBy    time.Time // by CreatedAt, included
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

// PeopleOrder is what a list of people is sorted by.
type PeopleOrder string

// Orders. By all of them, who has no such thing comes last.
const (
	ByJoin PeopleOrder = "joined" // FirstJoin
	ByName PeopleOrder = "name"   // first and last name
	ByID   PeopleOrder = "id"     // in the messenger
)

// PeopleOrders lists them.
func PeopleOrders() []PeopleOrder { return []PeopleOrder{ByJoin, ByName, ByID} }

// PeopleFilter selects people and sorts them. Search is an id, or how a
// username, a first or a last name begins; nil and zero values select all.
type PeopleFilter struct {
	ProjectID  string
	Search     string
	Source     *string   // the name of the first source; empty: none
	From, To   time.Time // by FirstJoin, To excluded
	Subscribed *bool
	Order      PeopleOrder
	Down       bool // the latest or last come first
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
	// WholeDossier leaves nothing out.
	WholeDossier(ctx context.Context, k domain.SubscriberKey) (SubscriberRecord, error)
	// Subscribers lists people from the newest on, by FirstSeen.
	Subscribers(ctx context.Context, f SubscriberFilter, page Page) ([]domain.Subscriber, string, error)
	// People lists people by when they joined, or in another order.
	People(ctx context.Context, f PeopleFilter, page Page) ([]domain.Subscriber, string, error)
	Conversions(ctx context.Context, f ConversionFilter, page Page) ([]domain.Conversion, string, error)
	Attempts(ctx context.Context, projectID, conversionID string) ([]Attempt, error)
	// Ledger answers how many conversions were created, counted when they
	// were, and how many there are in each status now.
	Ledger(ctx context.Context, projectID string) (created int, by []LedgerLine, err error)
	// Erase removes everything personal of a subscriber; their conversions
	// stay in the ledger without person, click and value.
	Erase(ctx context.Context, k domain.SubscriberKey, now time.Time) error
}
