package notify

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// notice makes a message that waits.
func (n *Notifier) notice(projectID, kind, key string, chatID int64, body string, giveUp time.Time) Notice {
	now := n.now()
	return Notice{
		ID: n.newID(), ProjectID: projectID, Kind: kind, Key: key, ChatID: chatID, Body: body, State: Waiting,
		CreatedAt: now, NextAt: &now, GiveUpAt: giveUp.UTC(),
	}
}

// testLate is how long a test is tried.
const testLate = 10 * time.Minute

// Test sends a message to every chat of a project and to its webhook. What
// became of it stands in the list of messages.
func (n *Notifier) Test(ctx context.Context, projectID string) error {
	p, err := n.store.Project(ctx, projectID)
	if err != nil {
		return err
	}
	s, err := n.Settings(ctx, projectID, "")
	if err != nil {
		return err
	}
	chats, err := n.store.NoticeChats(ctx, projectID)
	if err != nil {
		return err
	}
	if len(chats) == 0 && s.WebhookURL == "" {
		return domain.Invalid("", "there is no chat and no webhook yet")
	}
	key, text := "test "+n.newID(), n.texts.Text(s.Language, "chat.test", p.Name)
	var ns []Notice
	for _, c := range chats {
		ns = append(ns, n.notice(projectID, KindTest, key, c.ChatID, text, n.now().Add(testLate)))
	}
	if s.WebhookURL != "" {
		ns = append(ns, n.notice(projectID, KindTest, key, 0,
			hookBody("test", n.now(), hookData{ProjectID: p.ID, Project: p.Name, Text: text}),
			n.now().Add(testLate)))
	}
	err = n.store.AddTest(n.audited(ctx, projectID, "notifications.test", nil), projectID, ns)
	if errors.Is(err, domain.ErrConflict) {
		return domain.Invalid("", "a test is being sent; wait for its outcome in the list of messages")
	}
	if err != nil {
		return err
	}
	n.stir()
	return nil
}

// stir makes the sender look at once, if it is in this process.
func (n *Notifier) stir() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// hookData is what a webhook is told. Fields may be added; none is renamed or
// removed.
type hookData struct {
	ID        string `json:"id,omitempty"` // of the alert, the same until it is over
	ProjectID string `json:"project_id"`
	Project   string `json:"project"`
	Kind      string `json:"kind,omitempty"`
	State     string `json:"state,omitempty"` // opened, reminder or over
	Subject   string `json:"subject,omitempty"`
	Text      string `json:"text"`
}

func hookBody(kind string, at time.Time, d hookData) string {
	b, err := json.Marshal(struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      hookData  `json:"data"`
	}{kind, at.UTC(), d})
	if err != nil {
		return "{}" // not reached: there is nothing but text in it
	}
	return string(b)
}

// maxSending is how many projects' messages are sent at once. A receiver that
// does not answer has one of these places for as long as one attempt may take.
const maxSending = 32

// sendDue begins to send what is due: of each project one message at a time, in
// its order, and of many projects at once, so that a receiver that is slow or
// does not answer delays its own project alone.
func (n *Notifier) sendDue(ctx context.Context) error {
	if err := n.store.AbandonNotices(ctx, n.now()); err != nil {
		return err
	}
	for ctx.Err() == nil {
		busy := n.sendingTo()
		if len(busy) >= maxSending {
			return nil // the first that ends looks again
		}
		m, err := n.store.ClaimNotice(ctx, n.now(), n.now().Add(2*n.cfg.Timeout), busy)
		if errors.Is(err, domain.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		n.sendAside(ctx, m)
	}
	return nil
}

// sendAside sends a message while others are sent, and looks for the next.
func (n *Notifier) sendAside(ctx context.Context, m Notice) {
	n.mu.Lock()
	n.busy[m.ProjectID] = true
	n.mu.Unlock()
	n.sending.Go(func() {
		defer n.stir()
		defer func() {
			n.mu.Lock()
			defer n.mu.Unlock()
			delete(n.busy, m.ProjectID)
		}()
		n.send(ctx, m)
	})
}

// sendingTo are the projects whose messages are being sent.
func (n *Notifier) sendingTo() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Collect(maps.Keys(n.busy))
}

// recordWithin is how long it may take to write down what became of a message.
const recordWithin = 10 * time.Second

// send makes one attempt. It ends with its own time and not with the process:
// what was begun is to be known.
func (n *Notifier) send(ctx context.Context, m Notice) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.cfg.Timeout+recordWithin)
	defer cancel()
	err := n.attempt(ctx, &m)
	m.State, m.Reason, m.NextAt = Sent, "", nil
	now := n.now()
	if err == nil {
		m.SentAt = &now
	} else {
		n.judge(ctx, &m, err)
	}
	n.report("write down what became of a message", n.store.SettleNotice(ctx, m))
}

func (n *Notifier) attempt(ctx context.Context, m *Notice) error {
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Timeout)
	defer cancel()
	if m.ChatID != 0 {
		return n.bot.Send(ctx, m.ChatID, m.Body)
	}
	s, err := n.store.NoticeSettings(ctx, m.ProjectID)
	switch {
	case err != nil:
		return &SendError{Fault: SendRefused, Reason: "the settings can not be read"}
	case s.WebhookURL == "":
		return &SendError{Fault: SendRejected, Reason: "the webhook was switched off"}
	}
	return n.hook.Call(ctx, s.WebhookURL, s.WebhookSecret, m.ID, []byte(m.Body))
}

// judge says what becomes of a message that was not known to arrive.
func (n *Notifier) judge(ctx context.Context, m *Notice, err error) {
	e := &SendError{Fault: SendUncertain, Reason: "it is not known what happened"}
	errors.As(err, &e)
	m.Reason = cutText(e.Reason, 300)
	switch e.Fault {
	case SendUncertain:
		if m.ChatID != 0 {
			m.State = Uncertain
			return
		}
		n.again(m, e.After) // the receiver drops repeats
	case SendGone:
		m.State = Failed
		_, err := n.store.UnlinkChat(ctx, "", m.ChatID, m.Reason)
		n.report("unlink a chat", err)
	case SendMoved:
		if err := n.store.MoveChat(ctx, m.ChatID, e.MovedTo); err != nil {
			n.report("move a chat", err)
		} else {
			m.ChatID = e.MovedTo
		}
		n.again(m, 0)
	case SendRefused:
		n.again(m, e.After)
	default:
		m.State = Failed
	}
}

const (
	noticeRetryMin = 2 * time.Second
	noticeRetryMax = 10 * time.Minute
)

// again lets a message wait for another attempt, unless it is too old by then.
func (n *Notifier) again(m *Notice, after time.Duration) {
	wait := noticeRetryMin << min(max(m.Attempts-1, 0), 10)
	next := n.now().Add(max(min(wait, noticeRetryMax), after))
	if next.After(m.GiveUpAt) {
		m.State = Failed
		return
	}
	m.State, m.NextAt = Waiting, &next
}
