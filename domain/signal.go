package domain

import "time"

// EventType names what happened to a person. The names are part of the API:
// they stand in receipts, subjects of the stream and reports.
type EventType string

// The event types.
const (
	BotStarted            EventType = "bot_started"
	BotStopped            EventType = "bot_stopped"
	BotUnblocked          EventType = "bot_unblocked"
	MemberJoined          EventType = "member_joined"
	MemberLeft            EventType = "member_left"
	JoinRequested         EventType = "join_requested"
	FunnelEvent           EventType = "funnel_event"
	GoalReached           EventType = "goal_reached"
	PaymentCreated        EventType = "payment_created"
	PaymentRefunded       EventType = "payment_refunded"
	SubscriptionActivated EventType = "subscription_activated"
	SubscriptionRenewed   EventType = "subscription_renewed"
)

// EventTypes lists all event types in the order of the documentation.
func EventTypes() []EventType {
	return []EventType{
		BotStarted, BotStopped, BotUnblocked, MemberJoined, MemberLeft, JoinRequested, FunnelEvent,
		GoalReached, PaymentCreated, PaymentRefunded, SubscriptionActivated, SubscriptionRenewed,
	}
}

// Opens tells whether the event makes a subscription where there is none.
func (t EventType) Opens() bool { return t == BotStarted || t == MemberJoined }

// Closes tells whether the event ends a subscription.
func (t EventType) Closes() bool { return t == BotStopped || t == MemberLeft }

// Commerce tells whether the event is a payment's or paid subscription's,
// which is a goal under its own type's name.
func (t EventType) Commerce() bool {
	switch t {
	case PaymentCreated, PaymentRefunded, SubscriptionActivated, SubscriptionRenewed:
		return true
	}
	return false
}

// Methods of the event API that no decoder has.
const (
	// UserInfoMethod is answered by the service itself: it carries no signals.
	UserInfoMethod = "get_user_info"
	// UsersInfoMethod asks the same about many people.
	UsersInfoMethod = "get_users_info"
	// BatchMethod brings many requests to other methods.
	BatchMethod = "batch"
	// UnknownMethod is how the request log files a method that no decoder has.
	UnknownMethod = "unknown"
)

// OwnMethods lists the methods that the service itself answers.
func OwnMethods() []string { return []string{UserInfoMethod, UsersInfoMethod, BatchMethod} }

// Asks tells whether a method asks about people and writes nothing.
func Asks(method string) bool { return method == UserInfoMethod || method == UsersInfoMethod }

// Result of a funnel step with regard to the funnel's goal.
type Result string

// Results of funnel steps.
const (
	InProgress Result = "in_progress"
	Success    Result = "success"
	Failure    Result = "failure"
)

// Signal is one fact that a webhook carries, as a decoder read it: what the
// sender said, before any rule of ours decided what it counts as.
type Signal struct {
	Type EventType `json:"type"`
	// Messenger of Person.ID and ChatID. Defaults to the project's.
	Messenger string `json:"messenger,omitempty"`
	// Person the fact is about; nil for a start whose person is unknown.
	Person *Person `json:"person,omitempty"`
	// At is when it happened, UTC; zero when the sender gave no time.
	At time.Time `json:"at,omitzero"`
	// StartValue is the text behind /start as sent, first word only.
	StartValue string `json:"start_value,omitempty"`
	// UTM as the constructor stored it with the person.
	UTM UTM `json:"utm,omitzero"`
	// SenderKey makes the same fact sent twice the same event, where the
	// sender has a key of its own: "update:713697435", "payment:991". Empty
	// when there is none.
	SenderKey string `json:"sender_key,omitempty"`

	// ChatID of the channel or group joined, left or asked to join.
	ChatID int64 `json:"chat_id,omitempty"`
	// Group: the chat is said to be a group, not a channel.
	Group bool `json:"group,omitempty"`
	// InviteLink joined by: its address and its name.
	InviteLink     string `json:"invite_link,omitempty"`
	InviteLinkName string `json:"invite_link_name,omitempty"`
	// LinkUnknown: somebody joined by a link, and the messenger does not say by
	// which. Their click can only be guessed.
	LinkUnknown bool `json:"link_unknown,omitempty"`

	// Name is the step of a funnel_event (event_type) or the target of a
	// goal_reached.
	Name string `json:"name,omitempty"`
	// Target is the conversion_target of a funnel_event.
	Target string `json:"target,omitempty"`
	// Result of a funnel_event.
	Result Result `json:"result,omitempty"`
	// Amount in main units of the currency, nil when not given.
	Amount *Amount `json:"amount,omitempty"`
	// NativePayment: the messenger itself told of the payment or paid
	// subscription. Only ad accounts that have a name for it are told.
	NativePayment bool `json:"native_payment,omitempty"`
	// RawAmount is a sum whose unit is not known (payment services): kept
	// for reports of the raw body, sent to no ad network until the project
	// says which unit it is.
	RawAmount *Amount `json:"raw_amount,omitempty"`
	// Currency as sent, ISO 4217 in capitals; empty for the project's.
	Currency string  `json:"currency,omitempty"`
	Labels   []Label `json:"labels,omitempty"`
}

// Person as a webhook names them. Empty fields were not given.
type Person struct {
	// ID in the messenger, 1 … 2^52.
	ID        int64  `json:"id"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Language  string `json:"language,omitempty"`
	// IsPremium is nil when not said.
	IsPremium *bool `json:"is_premium,omitempty"`
}

// MaxUserID is the largest id a messenger hands out: 52 bits.
const MaxUserID = 1 << 52

// Label is an analytical dimension of an event.
type Label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// UTM tags.
type UTM struct {
	Source   string `json:"source,omitempty"`
	Medium   string `json:"medium,omitempty"`
	Campaign string `json:"campaign,omitempty"`
	Content  string `json:"content,omitempty"`
	Term     string `json:"term,omitempty"`
}

// Or fills the empty fields of u from v.
func (u UTM) Or(v UTM) UTM {
	or := func(a, b string) string {
		if a != "" {
			return a
		}
		return b
	}
	return UTM{
		or(u.Source, v.Source), or(u.Medium, v.Medium), or(u.Campaign, v.Campaign), or(u.Content, v.Content),
		or(u.Term, v.Term),
	}
}
