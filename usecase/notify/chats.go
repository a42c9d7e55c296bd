package notify

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// codeLife is how long a code can be used.
const codeLife = 24 * time.Hour

// maxTitle is how many characters of a chat's title are kept.
const maxTitle = 200

// MadeCode is a code and how to use it.
type MadeCode struct {
	Code      string    `json:"code"`
	Bot       string    `json:"bot"`        // its username
	Link      string    `json:"link"`       // opens the bot in Telegram, which sends the code
	GroupLink string    `json:"group_link"` // adds the bot to a group
	Command   string    `json:"command"`    // to be sent by hand, as in a channel
	ExpiresAt time.Time `json:"expires_at"`
}

// MakeCode makes a code that links the chat it is sent from; language is that
// of the messages where the project has not said.
func (n *Notifier) MakeCode(ctx context.Context, projectID string, language i18n.Language) (MadeCode, error) {
	if _, err := n.store.Project(ctx, projectID); err != nil {
		return MadeCode{}, err
	}
	bot, err := n.bot.Username(ctx)
	if errors.Is(err, domain.ErrNotFound) {
		return MadeCode{}, domain.Invalid("bot_token", "no bot is set up: set telegram.bot_token")
	}
	if err != nil {
		return MadeCode{}, err
	}
	s, err := n.Settings(ctx, projectID, language)
	if err != nil {
		return MadeCode{}, err
	}
	s.UpdatedAt = n.now()
	if err := n.store.SaveNoticeSettings(ctx, s, true); err != nil {
		return MadeCode{}, err
	}
	code := rand.Text()
	m := MadeCode{
		Code: code, Bot: bot, Link: "https://t.me/" + bot + "?start=" + code,
		GroupLink: "https://t.me/" + bot + "?startgroup=" + code,
		Command:   "/start@" + bot + " " + code, ExpiresAt: n.now().Add(codeLife),
	}
	return m, n.store.CreateNoticeCode(n.audited(ctx, projectID, "notifications.code", nil), Code{
		Hash: codeHash(code), ProjectID: projectID, CreatedBy: usecase.ActorOf(ctx).Name(),
		CreatedAt: n.now(), ExpiresAt: m.ExpiresAt,
	})
}

// codeHash is kept of a code: it has too many bits to be guessed.
func codeHash(code string) []byte {
	sum := sha256.Sum256([]byte("notice code " + code))
	return sum[:]
}

// Chats of a project.
func (n *Notifier) Chats(ctx context.Context, projectID string) ([]Chat, error) {
	return n.store.NoticeChats(ctx, projectID)
}

// RecentNotices is how many messages Recent gives at most.
const RecentNotices = 20

// Recent lists the last messages of a project.
func (n *Notifier) Recent(ctx context.Context, projectID string) ([]Notice, error) {
	return n.store.Notices(ctx, projectID, RecentNotices)
}

// Unlink takes a chat from a project.
func (n *Notifier) Unlink(ctx context.Context, projectID string, chatID int64) error {
	ctx = n.audited(ctx, projectID, "notifications.unlink", nil)
	count, err := n.store.UnlinkChat(ctx, projectID, chatID, "the chat was unlinked")
	if err == nil && count == 0 {
		return domain.ErrNotFound
	}
	return err
}

// hear does what was written to the bot. It may hear the same twice.
func (n *Notifier) hear(ctx context.Context, m ChatMessage) error {
	if m.Left {
		_, err := n.store.UnlinkChat(ctx, "", m.ChatID, "the bot was removed from the chat")
		return err
	}
	command, code, _ := strings.Cut(strings.TrimSpace(m.Text), " ")
	command, _, _ = strings.Cut(command, "@")
	switch command {
	case "/start":
		return n.link(ctx, m, strings.TrimSpace(code))
	case "/stop":
		count, err := n.store.UnlinkChat(ctx, "", m.ChatID, "the chat asked for it")
		if err == nil && count > 0 {
			n.answer(ctx, m.ChatID, n.inBoth("chat.stopped", "\n"))
		}
		return err
	}
	return nil
}

func (n *Notifier) link(ctx context.Context, m ChatMessage, code string) error {
	if code == "" {
		if m.Kind != PrivateChat { // in a group that may be another bot's
			return nil
		}
		n.answer(ctx, m.ChatID, n.inBoth("chat.hint", "\n\n"))
		return nil
	}
	id, err := n.store.LinkChat(ctx, codeHash(code), Chat{
		ChatID: m.ChatID, Kind: m.Kind, Title: cutText(m.Title, maxTitle), LinkedAt: n.now(),
	})
	if errors.Is(err, domain.ErrNotFound) {
		n.answer(ctx, m.ChatID, n.inBoth("chat.bad_code", "\n\n"))
		return nil
	}
	if err != nil {
		return err
	}
	p, err := n.store.Project(ctx, id)
	if err != nil {
		return err
	}
	s, err := n.Settings(ctx, id, "")
	if err != nil {
		return err
	}
	n.answer(ctx, m.ChatID, n.greeting(&p, &s))
	if !s.Alerts {
		return nil
	}
	return n.tellNewcomer(ctx, &p, &s, m.ChatID)
}

// inBoth gives a text in both languages: whose chat it is, nobody knows.
func (n *Notifier) inBoth(key, between string) string {
	return n.texts.Text(i18n.Russian, key) + between + n.texts.Text(i18n.English, key)
}

// answer says something to a chat at once. Nothing depends on it.
func (n *Notifier) answer(ctx context.Context, chatID int64, text string) {
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Timeout)
	defer cancel()
	n.report("answer a chat", n.bot.Send(ctx, chatID, text))
}

// cutText keeps a text of others short and on one line.
func cutText(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// greeting is what a chat is told when it was linked.
func (n *Notifier) greeting(p *domain.Project, s *Settings) string {
	l := s.Language
	lines := []string{n.texts.Text(l, "chat.linked", p.Name), n.texts.Text(l, "chat.no_digest")}
	if s.Digest {
		lines[1] = n.texts.Text(l, "chat.digest_at", s.DigestHour, p.Zone())
	}
	if s.Alerts {
		lines = append(lines, n.texts.Text(l, "chat.with_alerts"))
	}
	return strings.Join(lines, "\n")
}
