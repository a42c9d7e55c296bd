package usecase

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

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
	// DropsRepeats tells whether the network counts once what it is given at
	// two times.
	DropsRepeats(a *domain.Account, first, again time.Time) bool
}

// Window in which a network takes a conversion.
type Window struct {
	NotBefore, ExpiresAt, DueAt time.Time
}

// ProjectView is a project with what ingest needs of it.
type ProjectView struct {
	domain.Project
	Accounts []*domain.Account // without settings' secrets being anybody's business but Networks'
	// Zone is the project's; nil for UTC.
	Zone *time.Location
	// StartRules read start values that are not ours; nil for none.
	StartRules *domain.StartRules
}

// NewProjectView makes a view of a project, without its accounts.
func NewProjectView(p domain.Project) *ProjectView {
	v := &ProjectView{Project: p}
	if zone, err := time.LoadLocation(p.Timezone); err == nil {
		v.Zone = zone
	}
	return v
}

// IngestStore keeps what arrives, a batch in one transaction. Errors wrap
// domain.ErrInvalid when one arrival's data is at fault (the batch is then
// split), domain.ErrUnavailable when storage is. A deadlock or serialisation
// failure is repeated by the store itself: do may run more than once.
type IngestStore interface {
	Ingest(ctx context.Context, do func(ctx context.Context, tx IngestTx) error) error
}

// IngestTx is one transaction of a batch: Admit, then Load, then Save.
type IngestTx interface {
	// Admit locks the idempotency keys and the counters of the projects, in
	// sorted order. It counts all requests; Save takes off those that were
	// refused.
	Admit(ctx context.Context, n AdmitNeeds) (Admitted, error)
	// Load inserts the subscribers that are missing, locks them and the
	// clicks in sorted order and reads all that decisions need.
	Load(ctx context.Context, n IngestNeeds) (*IngestState, error)
	// Episodes gives of each of these subscribers, by their ids, all episodes,
	// oldest first.
	Episodes(ctx context.Context, subscriberIDs []string) (map[string][]domain.EpisodeStart, error)
	// Moves gives of each of these subscribers, by their ids, the starts, joins,
	// stops and leaves in the project's own place, and the subscriptions that were
	// made of them.
	Moves(ctx context.Context, subscriberIDs []string) (map[string]*Moves, error)
	// LateStarts reads the starts that named values of ours which were not known,
	// and locks them: those with these values, in the order in which they came.
	LateStarts(ctx context.Context, ks []StartKey) ([]LateStart, error)
	// ClicklessGoals reads the conversions that goals of these subscribers made
	// without a click, in the order in which they were made.
	ClicklessGoals(ctx context.Context, subscriberIDs []string) ([]ClicklessGoal, error)
	// Save writes everything in bulk; conversions that exist already are left
	// out. What the streams get of the events is left for the relay.
	Save(ctx context.Context, c *IngestChanges) error
}

// IdempotencyKey is a sender's key for a whole request.
type IdempotencyKey struct{ ProjectID, Method, Key string }

// KeptAnswer is the answer that a request with an Idempotency-Key got.
type KeptAnswer struct {
	IdempotencyKey
	BodyHash  [32]byte
	Answer    []byte // the Outcome as JSON; empty while it is under way
	CreatedAt time.Time
}

// AdmitNeeds is what deciding about admission asks for.
type AdmitNeeds struct {
	Now      time.Time
	Keys     []KeptAnswer // without Answer; inserted where missing
	KeepFrom time.Time    // keys created before are forgotten
	// Projects says what of each project is to be counted.
	Projects map[string]domain.Use
}

// Admitted is what was found.
type Admitted struct {
	Answers  map[IdempotencyKey]KeptAnswer // keys that were there before
	Counters map[string]*domain.Counters   // by project, as they were before
}

// StartKey is a start value of our form, "PJ…", in a project.
type StartKey struct{ ProjectID, Value string }

// InviteKey is an invite link as a join names it, by address or by name.
type InviteKey struct{ ProjectID, Address, Name string }

// SenderKey is a sender's key for one event. It holds within its messenger.
// Same: it is the body that the event came in, which makes a repeat for a short
// time only.
type SenderKey struct {
	ProjectID, Messenger, Key string
	Same                      bool
}

// IngestNeeds names what a batch's decisions depend on.
type IngestNeeds struct {
	Now         time.Time
	Subscribers []domain.SubscriberKey // sorted, without repeats
	NewIDs      map[domain.SubscriberKey]string
	People      []string // ids of more subscribers, that LateStarts gave
	Starts      []StartKey
	// Ruled are clicks of start values that rules read, made where they are not
	// there yet; Starts has their values. RuledLinks are ids of the rules' links.
	Ruled      []domain.Click
	RuledLinks []string
	Invites    []InviteKey
	// Guesses asks for the newest clicks of a project that nobody started
	// with, made by a browser; Joins for such clicks of the link of an invite.
	Guesses    map[string][]ClickWindow
	Joins      map[InviteKey][]ClickWindow
	SenderKeys []SenderKey
	EventIDs   []string // of requests that are replayed
	// Own is each project's own place, as far as it is known; Channels are the
	// projects whose own channel is not known, which are locked. Elsewhere are people of
	// whom something is told that happened in another place.
	Own       map[string]domain.Place
	Channels  []string
	Elsewhere map[domain.SubscriberKey]bool
}

// ClickWindow is the time in which clicks are looked for, for so many starts or
// joins.
type ClickWindow struct {
	Since, Until time.Time
	For          int
}

// together is how close requests are that look for clicks together.
const together = time.Second

// widened adds a request to the windows of those before. One window for all
// would show a replayed request the clicks of another day.
func widened(ws []ClickWindow, at time.Time, within time.Duration) []ClickWindow {
	since := at.Add(-within)
	for i := range ws {
		if w := &ws[i]; w.Until.Sub(at).Abs() <= together {
			w.For++
			if since.Before(w.Since) {
				w.Since = since
			}
			if at.After(w.Until) {
				w.Until = at
			}
			return ws
		}
	}
	return append(ws, ClickWindow{Since: since, Until: at, For: 1})
}

// ProjectIDs names the projects that anything is needed of.
func (n *IngestNeeds) ProjectIDs() []string {
	ids := map[string]bool{}
	for _, k := range n.Subscribers {
		ids[k.ProjectID] = true
	}
	for _, k := range n.Starts {
		ids[k.ProjectID] = true
	}
	for _, k := range n.Invites {
		ids[k.ProjectID] = true
	}
	for id := range n.Guesses {
		ids[id] = true
	}
	for _, k := range n.SenderKeys {
		ids[k.ProjectID] = true
	}
	return slices.Collect(maps.Keys(ids))
}

// ClaimedClick is a click and who started with it.
type ClaimedClick struct {
	domain.Click
	ClaimedBy string // subscriber's ID, empty when nobody did
	Guessed   bool   // the claim is a guess
}

// KeyUse is the event that a SenderKey belongs to.
type KeyUse struct {
	EventID string
	At      time.Time // when it was received
}

// WaitingGoal is a goal that came before the start.
type WaitingGoal struct {
	EventID      string
	ProjectID    string
	SubscriberID string
	Target       string
	Amount       *domain.Amount
	RawAmount    *domain.Amount
	Currency     string
	OccurredAt   time.Time
	Until        time.Time
	NamedOnly    bool // see goalFact
}

// Over tells whether the goal waits no longer. At the last moment it still does,
// here and for whoever looks for what is over.
func (w WaitingGoal) Over(at time.Time) bool { return at.After(w.Until) }

// IngestState is what was found; the maps hold pointers that decisions
// change.
type IngestState struct {
	Subscribers map[domain.SubscriberKey]*domain.Subscriber
	// ByID has the subscribers above, those asked for by id, and those that hold one of the clicks.
	ByID         map[string]*domain.Subscriber
	Links        map[string]*domain.Link // by ID: of all clicks and starts found
	LinkByStart  map[StartKey]*domain.Link
	LinkByInvite map[InviteKey]*domain.Link
	// LinksByCut are those that an address may be which was cut.
	LinksByCut   map[InviteKey][]*domain.Link
	ClickByStart map[StartKey]*ClaimedClick
	// ClickByID has every click found, those of the subscribers' touches
	// included.
	ClickByID map[string]*ClaimedClick
	// Guesses are candidates by project, newest first; those of invited links
	// under the link's ID.
	Guesses       map[string][]*ClaimedClick
	GuessesByLink map[string][]*ClaimedClick
	SenderKeys    map[SenderKey]KeyUse
	Waiting       map[string][]WaitingGoal // by subscriber's ID
	Taken         map[string]bool          // event ids that exist
	// Memberships are subscriptions to other places, by subscriber's id: of those
	// in Elsewhere, and of those whose own place is another one now.
	Memberships map[string]map[domain.Place]*domain.Membership
	Channels    map[string]domain.ChatID // of the projects asked for; 0 while none is known
}

// Invited gives the link that a join names; as a guess where its address was
// cut and only one begins so. nil for none.
func (s *IngestState) Invited(k InviteKey) (*domain.Link, domain.Reason) {
	if l := s.LinkByInvite[k]; l != nil {
		return l, domain.ByInviteLink
	}
	if of := s.LinksByCut[k]; len(of) == 1 {
		return of[0], domain.ByCutLink
	}
	return nil, ""
}

// Claim of a click by a start.
type Claim struct {
	ClickID, SubscriberID string
	Guess                 bool
	At                    time.Time
}

// EpisodeUpdate changes an episode that exists; zero fields stay.
type EpisodeUpdate struct {
	ID       string
	OpenedAt time.Time
	ClosedAt time.Time
	Touch    *domain.Touch
}

// Moves are what somebody did in the project's own place.
type Moves struct {
	Events   []domain.Event   // in the order of arrival
	Episodes []domain.Episode // in the order of time
}

// OpenedBy is an event that was told before a stop that happened before it: it
// opened an episode.
type OpenedBy struct {
	EventID, EpisodeID string
	Change             domain.Change
}

// Merge gives all of an anonymous subscriber to the person it turned out to
// be.
type Merge struct{ From, To string }

// Withdrawal takes a guessed click away from a subscriber: their episode
// becomes organic, conversions not sent yet become unattributed.
type Withdrawal struct{ ClickID, SubscriberID string }

// IngestChanges is what a batch writes.
type IngestChanges struct {
	Now         time.Time
	Counters    []*domain.Counters
	Answers     []KeptAnswer // to be written over the keys inserted by Admit
	FreeKeys    []IdempotencyKey
	Inserted    []*domain.Subscriber // anonymous ones, new
	Subscribers []*domain.Subscriber // changed
	Episodes    []domain.Episode
	Updates     []EpisodeUpdate
	Opened      []OpenedBy // events of earlier batches
	Claims      []Claim
	Merges      []Merge
	Withdrawals []Withdrawal
	Events      []domain.Event
	SenderKeys  map[SenderKey]KeyUse
	Waiting     []WaitingGoal
	Joined      []string // subscribers' ids whose waiting goals are done
	Conversions []NewConversion
	Unknown     []UnknownStart
	Memberships []MembershipChange
	Channels    []LearnedChannel
	// For starts whose clicks came later: those that need no more be waited for,
	// by their event's id; events of which more is known now; conversions that
	// make room for others, and those that get a click.
	Known     []string
	Rewritten []domain.Event
	Dropped   []string
	Clicked   []Clicked
	// For the reports: what each of Events adds, nil for nothing, and what must
	// be counted anew: days, and all that happened in episodes whose source is
	// another one now.
	Facts     []*report.Fact
	Marks     []report.Mark
	Resourced []string
}

// ProjectIDs names the projects that anything is written of. What a project
// has is written with an event, an answer or its counters.
func (c *IngestChanges) ProjectIDs() []string {
	ids := map[string]bool{}
	for i := range c.Events {
		ids[c.Events[i].ProjectID] = true
	}
	for _, s := range slices.Concat(c.Inserted, c.Subscribers) {
		ids[s.ProjectID] = true
	}
	for _, n := range c.Counters {
		ids[n.ProjectID] = true
	}
	for _, a := range c.Answers {
		ids[a.ProjectID] = true
	}
	for _, k := range c.FreeKeys {
		ids[k.ProjectID] = true
	}
	for k := range c.SenderKeys {
		ids[k.ProjectID] = true
	}
	for i := range c.Conversions {
		ids[c.Conversions[i].ProjectID] = true
	}
	return slices.Collect(maps.Keys(ids))
}

// NewConversion is a conversion to be inserted unless its id exists.
type NewConversion struct {
	domain.Conversion
	SubscriberID string
	Once         bool // it counts once in its episode, not each time
}
