package domain

import (
	"slices"
	"strconv"
	"time"
)

// Status of a conversion. The names are part of the API.
type Status string

// Statuses of a conversion.
const (
	Pending      Status = "pending"      // to be sent
	Retrying     Status = "retrying"     // failed for now, will be sent again
	Parked       Status = "parked"       // kept: account paused, breaker open, access revoked
	Accepted     Status = "accepted"     // the network took it, the outcome is to come
	Delivered    Status = "delivered"    // done
	Unmatched    Status = "unmatched"    // the network found no click or visit
	Rejected     Status = "rejected"     // will never be taken, see the reason
	Expired      Status = "expired"      // the network's window was over
	Uncertain    Status = "uncertain"    // sent, answer lost, the network does not deduplicate
	SandboxOnly  Status = "sandbox"      // not sent by design
	Unattributed Status = "unattributed" // no ad source, or no account for it
)

// Statuses lists all statuses in the order of the documentation.
func Statuses() []Status {
	return []Status{Pending, Retrying, Parked, Accepted, Delivered, Unmatched, Rejected, Expired, Uncertain,
		SandboxOnly, Unattributed}
}

// Open tells whether a conversion may still be sent.
func (s Status) Open() bool { return s == Pending || s == Retrying || s == Parked }

// Unfinished tells whether a conversion is open or waits for its outcome.
func (s Status) Unfinished() bool { return s.Open() || s == Accepted }

// SendableAgain tells whether a person may ask for another attempt: what is
// not done, and what failed in a way that they may have mended or want to take
// the risk of.
func (s Status) SendableAgain() bool {
	return s.Open() || s == Rejected || s == Expired || s == Uncertain || s == Unmatched
}

// Unwell tells whether a conversion is neither done nor left out by design.
func (s Status) Unwell() bool { return s.SendableAgain() || s == Accepted }

// StatusesThat lists the statuses of which something is true:
// StatusesThat(Status.Open).
func StatusesThat(is func(Status) bool) []Status {
	return slices.DeleteFunc(Statuses(), func(s Status) bool { return !is(s) })
}

// ConversionKind tells an activation from a goal.
type ConversionKind string

// Kinds of conversion: a bot start or channel join; a goal with a name.
const (
	Activation ConversionKind = "activation"
	Goal       ConversionKind = "goal"
)

// Conversion is one fact to be given to one ad account, and what became of it.
type Conversion struct {
	ID        string // see ConversionID
	ProjectID string
	AccountID string // empty when unattributed
	Network   string // empty when unattributed
	Kind      ConversionKind
	// Target as the customer names it; for an activation the account's
	// activation goal.
	Target string
	// Name under which the network knows the target (see Account.Goals).
	Name  string
	Value *Amount // nil: sent without a value
	// Currency of Value, ISO 4217.
	Currency   string
	OccurredAt time.Time
	CreatedAt  time.Time
	EventID    string // the event that made it

	// Who and from where; empty after the person was erased.
	Messenger string
	UserID    int64 // 0 for an anonymous start
	Source    string
	Click     *Click // the click it is attributed to, nil for an organic person
	ClickID   string
	EpisodeID string

	Status        Status
	ReasonCode    ReasonCode
	StatusReason  string     // the reason in English, or the network's own words
	Attempts      int        // that asked the network
	NotBefore     time.Time  // first moment the network takes it
	ExpiresAt     time.Time  // last moment the network takes it
	NextAttemptAt *time.Time // when it is due; nil when it waits for nobody's clock
	DeliveredAt   *time.Time
	// Attempt is the number of the attempt that was begun last, under way or
	// not. It tells the outcome of one from that of another.
	Attempt int
	// BatchID names what the attempt under way or last made sent, such as an
	// upload: letters and digits, of which the first twelve are the time. It is
	// written down before the call. AttemptOpen is true when the outcome of that
	// attempt is not known, so that it may or may not have reached the network.
	BatchID     string
	AttemptOpen bool
	// AccountVersion is that of the settings that the attempt is made with.
	AccountVersion int
	// Handle is the network's name for what it accepted and has not decided
	// yet, such as the id of an upload.
	Handle string
}

// AttemptBegan is when the attempt under way or last made began, as its name
// tells; zero where it does not.
func (c *Conversion) AttemptBegan() time.Time {
	if len(c.BatchID) < 12 {
		return time.Time{}
	}
	ms, err := strconv.ParseInt(c.BatchID[:12], 16, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
