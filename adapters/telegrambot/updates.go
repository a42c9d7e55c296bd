package telegrambot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// update as far as it is read: https://core.telegram.org/bots/api#update
type update struct {
	ID      int64    `json:"update_id"`
	Message *message `json:"message"`
	Post    *message `json:"channel_post"`
	Member  *struct {
		Chat chat `json:"chat"`
		New  struct {
			Status string `json:"status"`
		} `json:"new_chat_member"`
	} `json:"my_chat_member"`
}

type message struct {
	Chat chat   `json:"chat"`
	Text string `json:"text"`
}

type chat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

func (c *chat) name() string {
	if c.Title != "" {
		return c.Title
	}
	return strings.TrimSpace(c.FirstName + " " + c.LastName)
}

// Updates implements notify.Messenger.
func (b *Bot) Updates(ctx context.Context, offset int64, wait time.Duration) ([]notify.ChatMessage, int64, error) {
	if b.o.Token == "" {
		return nil, offset, fmt.Errorf("telegram.bot_token is not set: %w", domain.ErrNotFound)
	}
	var us []update
	err := b.call(ctx, "getUpdates", struct {
		Offset  int64    `json:"offset"`
		Timeout int      `json:"timeout"` // whole seconds
		Allowed []string `json:"allowed_updates"`
	}{offset, int(wait / time.Second), []string{"message", "channel_post", "my_chat_member"}}, wait, &us)
	if err != nil {
		return nil, offset, err
	}
	var out []notify.ChatMessage
	for i := range us {
		u := &us[i]
		offset = max(offset, u.ID+1)
		m := u.Message
		if m == nil {
			m = u.Post
		}
		switch {
		case m != nil:
			out = append(out, notify.ChatMessage{
				ChatID: m.Chat.ID, Kind: m.Chat.Type, Title: m.Chat.name(), Text: m.Text,
			})
		case u.Member != nil && (u.Member.New.Status == "left" || u.Member.New.Status == "kicked"):
			c := &u.Member.Chat
			out = append(out, notify.ChatMessage{ChatID: c.ID, Kind: c.Type, Title: c.name(), Left: true})
		}
	}
	return out, offset, nil
}
