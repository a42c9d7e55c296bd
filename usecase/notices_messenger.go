package usecase

import (
	"context"
	"fmt"
	"time"
)

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
