package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Code links the chat that sends it.
type Code struct {
	Hash                 []byte
	ProjectID            string
	CreatedBy            string
	CreatedAt, ExpiresAt time.Time
}

// Chat is a chat that is linked to a project.
type Chat struct {
	ProjectID string
	ChatID    int64
	Kind      string // private, group, supergroup or channel
	Title     string
	LinkedBy  string // e-mail of who made the code
	LinkedAt  time.Time
}

// DigestChat is a chat that gets digests.
type DigestChat struct {
	Settings
	ChatID int64
	Date   string // of the last digest that was made for it
}

// State is how far a message came.
type State string

// States of a message.
const (
	Waiting   State = "waiting"
	Sending   State = "sending"
	Sent      State = "sent"
	Uncertain State = "uncertain" // perhaps sent; it is not sent again
	Failed    State = "failed"    // given up
)

// PrivateChat is the kind of a chat between one person and the bot.
const PrivateChat = "private"

// Kinds of messages.
const (
	KindDigest = "digest"
	KindAlert  = "alert"
	KindTest   = "test"
)

// Notice is a message to a chat, or with chat 0 to the project's webhook. There
// is one for each key and chat.
type Notice struct {
	ID        string
	ProjectID string
	Kind      string
	Key       string
	ChatID    int64
	Body      string // text; JSON for the webhook
	State     State
	Reason    string
	Attempts  int
	CreatedAt time.Time
	GiveUpAt  time.Time
	NextAt    *time.Time
	SentAt    *time.Time
}

// Store keeps what projects are told. Reads answer domain.ErrNotFound
// for what does not exist.
type Store interface {
	AlertStore
	Project(ctx context.Context, id string) (domain.Project, error)
	NoticeSettings(ctx context.Context, projectID string) (Settings, error)
	// SaveNoticeSettings writes them; with keep, only where there are none.
	SaveNoticeSettings(ctx context.Context, s Settings, keep bool) error

	CreateNoticeCode(ctx context.Context, c Code) error
	// LinkChat uses a code up. The chat that used it may use it again: updates
	// can come twice.
	LinkChat(ctx context.Context, hash []byte, c Chat) (projectID string, err error)
	NoticeChats(ctx context.Context, projectID string) ([]Chat, error)
	// UnlinkChat takes a chat from a project, or with an empty id from all; its
	// messages that wait fail. It answers from how many it was taken.
	UnlinkChat(ctx context.Context, projectID string, chatID int64, reason string) (int, error)
	// MoveChat gives all of a chat to its new id.
	MoveChat(ctx context.Context, from, to int64) error

	// DigestChats lists the chats of enabled projects with digests.
	DigestChats(ctx context.Context) ([]DigestChat, error)
	// SaveDigest notes that a chat's digest of a date was made, with the
	// message, if there is one; nothing happens when it was made before.
	SaveDigest(ctx context.Context, projectID string, chatID int64, date string, n *Notice) error

	// AddTest adds the messages of a test, in place of those of the one before
	// that are tried again and again. domain.ErrConflict: that one is under way.
	AddTest(ctx context.Context, projectID string, ns []Notice) error
	// ClaimNotice takes a message that is due for one attempt, of none of the
	// projects that are busy; of two processes one gets it.
	ClaimNotice(ctx context.Context, now, until time.Time, busy []string) (Notice, error)
	// SettleNotice writes the state, reason and times of a message claimed.
	SettleNotice(ctx context.Context, n Notice) error
	// AbandonNotices ends attempts whose process died: nobody knows whether a
	// chat got the message, so it is uncertain; a webhook is called again.
	AbandonNotices(ctx context.Context, now time.Time) error
	// Notices lists the last messages of a project, newest first.
	Notices(ctx context.Context, projectID string, limit int) ([]Notice, error)

	// HoldLease takes or prolongs what one owner at a time has.
	HoldLease(ctx context.Context, name, owner string, now, until time.Time) (bool, error)
	ReleaseLease(ctx context.Context, name, owner string) error
}

// AlertStore keeps alerts, and reads what they are about.
type AlertStore interface {
	// AlertSettings lists those of the enabled projects that want alerts.
	AlertSettings(ctx context.Context) ([]Settings, error)
	Accounts(ctx context.Context, projectID string) ([]domain.Account, error)
	// FailingSince is when the oldest of an account's conversions that are
	// tried again was first tried; zero when there is none.
	FailingSince(ctx context.Context, accountID string) (time.Time, error)
	OpenAlerts(ctx context.Context, projectID string) ([]Alert, error)
	// RefreshAlert writes what an open alert is about now, and tells nobody.
	RefreshAlert(ctx context.Context, a Alert) error
	// AddNotices adds messages that are not there yet.
	AddNotices(ctx context.Context, ns []Notice) error
	// Processes lists those that share the database.
	Processes(ctx context.Context) ([]usecase.Process, error)
	// SaveAlert writes an alert together with what is told of it: a new one, one
	// that is told again or one that is over. Nothing happens where another
	// process did so before.
	SaveAlert(ctx context.Context, a Alert, ns []Notice) error
}

// AlertFacts are what alerts are found in, beside the store.
type AlertFacts struct {
	Backlogs Backlogs
	Requests Requests
	Decoders Decoders
}

// Decoders knows which decoder reads a request.
type Decoders interface {
	DecoderOf(constructor, method string) string
}

// Backlogs counts what is not delivered yet.
type Backlogs interface {
	// Backlogs gives those of a project's accounts, by account; at risk is what
	// expires before a time.
	Backlogs(ctx context.Context, projectID string, risk time.Time) (map[string]usecase.Backlog, error)
	// LastEvent is when the newest event of a project happened; zero when there
	// is none.
	LastEvent(ctx context.Context, projectID string) (time.Time, error)
}

// Requests reads the log of requests.
type Requests interface {
	// Last lists the last requests of a project, newest first.
	Last(ctx context.Context, projectID string, limit int) ([]usecase.RequestRecord, error)
	// ReadRequests reads some of the requests behind a place, oldest first.
	ReadRequests(
		ctx context.Context, s usecase.RequestSelection, after uint64, limit int,
	) (usecase.KeptRequests, error)
}

// Hook calls a project's own address.
type Hook interface {
	// Check refuses an address that may not be called: a domain.FieldError.
	Check(address string) error
	CheckSecret(secret string) error
	NewSecret() (string, error)
	// Call posts a body; its error is a *SendError. Receivers drop repeats by
	// the id.
	Call(ctx context.Context, address, secret, id string, body []byte) error
}

// Messenger is a bot of Telegram that writes to chats.
type Messenger interface {
	// Username of the bot; domain.ErrNotFound where none is set up.
	Username(ctx context.Context) (string, error)
	// Updates waits for what is written to the bot, from an offset on, which
	// confirms all before; next is the offset to ask from then.
	Updates(ctx context.Context, offset int64, wait time.Duration) (ms []ChatMessage, next int64, err error)
	// Send writes a text to a chat; its error is a *SendError.
	Send(ctx context.Context, chatID int64, text string) error
}

// ChatMessage is what was written to the bot, or what became of it in a chat.
type ChatMessage struct {
	ChatID int64
	Kind   string // private, group, supergroup or channel
	Title  string // of the chat, or the person's name
	Text   string
	Left   bool // the bot was blocked or removed
}

// SendFault is what became of a message that was not known to arrive.
type SendFault string

// Faults of sending.
const (
	SendRefused   SendFault = "refused"   // it did not arrive and may be sent again
	SendUncertain SendFault = "uncertain" // nobody knows whether it arrived
	SendGone      SendFault = "gone"      // the chat is closed to the bot
	SendMoved     SendFault = "moved"     // the chat has a new id
	SendRejected  SendFault = "rejected"  // it will never be taken
)

// SendError says why a message was not sent. It holds no token and no address.
type SendError struct {
	Fault   SendFault
	Reason  string
	After   time.Duration // of a refusal: how long to wait
	MovedTo int64         // of a move
}

// Error implements error.
func (e *SendError) Error() string { return fmt.Sprintf("%s: %s", e.Fault, e.Reason) }
