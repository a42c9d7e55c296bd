// Package telegrambot is a client of the Telegram Bot API, as far as digests
// and alerts need it: it reads what is written to our bot and writes to chats.
// It decides nothing about either. It has nothing to do with the bots whose
// subscribers are counted. https://core.telegram.org/bots/api
//
// The address of a call holds the bot's token, so no error of this package
// holds an address.
package telegrambot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// Options of a Bot.
type Options struct {
	// BaseURL is scheme, host and an optional prefix.
	BaseURL string
	// Token of the bot; without one there is none.
	Token string
	// Timeout of a call beside the time that it is asked to wait.
	Timeout time.Duration
}

// Bot implements notify.Messenger.
type Bot struct {
	o      Options
	client *http.Client

	mu       sync.Mutex
	username string
}

var _ notify.Messenger = (*Bot)(nil)

// New makes a Bot.
func New(o Options) *Bot {
	return &Bot{o: o, client: &http.Client{
		Transport: &http.Transport{
			TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 4, ForceAttemptHTTP2: true,
			// Shorter than servers keep a silent connection, see package adnet.
			IdleConnTimeout: 20 * time.Second,
		},
		// A redirect would take the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Username implements notify.Messenger; it asks once.
func (b *Bot) Username(ctx context.Context) (string, error) {
	if b.o.Token == "" {
		return "", fmt.Errorf("telegram.bot_token is not set: %w", domain.ErrNotFound)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.username != "" {
		return b.username, nil
	}
	var me struct {
		Username string `json:"username"`
	}
	if err := b.call(ctx, "getMe", struct{}{}, 0, &me); err != nil {
		return "", fmt.Errorf("ask Telegram who the bot is: %w: %w", err, domain.ErrUnavailable)
	}
	b.username = me.Username
	return b.username, nil
}

// Send implements notify.Messenger.
func (b *Bot) Send(ctx context.Context, chatID int64, text string) error {
	if b.o.Token == "" {
		return &notify.SendError{Fault: notify.SendRefused, Reason: "telegram.bot_token is not set"}
	}
	type preview struct {
		Off bool `json:"is_disabled"`
	}
	return b.call(ctx, "sendMessage", struct {
		ChatID  int64   `json:"chat_id"`
		Text    string  `json:"text"`
		Preview preview `json:"link_preview_options"`
	}{chatID, text, preview{true}}, 0, nil)
}

// maxAnswer is how much of an answer is read: a hundred updates of messages at
// their longest have less.
const maxAnswer = 4 << 20

// answer is the frame of all answers:
// https://core.telegram.org/bots/api#making-requests
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		MigrateTo  int64 `json:"migrate_to_chat_id"`
		RetryAfter int   `json:"retry_after"`
	} `json:"parameters"`
}

// call makes one call; its error is a *notify.SendError.
func (b *Bot) call(ctx context.Context, method string, in any, wait time.Duration, out any) error {
	ctx, cancel := context.WithTimeout(ctx, wait+b.o.Timeout)
	defer cancel()
	body, err := json.Marshal(in)
	if err != nil {
		return &notify.SendError{Fault: notify.SendRejected, Reason: "it can not be written as JSON"}
	}
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	address := b.o.BaseURL + "/bot" + url.PathEscape(b.o.Token) + "/" + method
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return &notify.SendError{
			Fault: notify.SendRefused, Reason: "the address of the Bot API or the token can not be used",
		}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := b.client.Do(req)
	if err != nil {
		return b.lost(method, err, wrote.Load())
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return b.lost(method, err, true)
	}
	var a answer
	if json.Unmarshal(text, &a) != nil || !a.OK && a.Code == 0 {
		// A proxy on the way answered, or half an answer came.
		return &notify.SendError{
			Fault:  notify.SendUncertain,
			Reason: fmt.Sprintf("%s was answered %d with what is no answer of the Bot API", method, resp.StatusCode),
		}
	}
	if !a.OK {
		return b.refused(method, &a)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(a.Result, out); err != nil {
		return &notify.SendError{
			Fault: notify.SendUncertain, Reason: method + " was answered with another kind of result",
		}
	}
	return nil
}

// lost tells what is known of a call without an answer. The client's own error
// names the address, and so the token: only what lies below it is told.
func (b *Bot) lost(method string, err error, wrote bool) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	e := &notify.SendError{
		Fault: notify.SendRefused, Reason: method + " did not reach the Bot API: " + b.hide(usecase.CallErrorText(err)),
	}
	if wrote {
		e.Fault, e.Reason = notify.SendUncertain, method+" was sent and got no answer: "+b.hide(usecase.CallErrorText(err))
	}
	return e
}

// refused tells what the Bot API means:
// https://core.telegram.org/bots/api#responseparameters
func (b *Bot) refused(method string, a *answer) error {
	e := &notify.SendError{
		Fault: notify.SendRejected, Reason: fmt.Sprintf("%s: %d %s", method, a.Code, b.hide(short(a.Description))),
	}
	lower := strings.ToLower(a.Description)
	switch {
	case a.Parameters.MigrateTo != 0:
		e.Fault, e.MovedTo = notify.SendMoved, a.Parameters.MigrateTo
	case a.Code == http.StatusForbidden, strings.Contains(lower, "chat not found"),
		strings.Contains(lower, "not enough rights to send"):
		e.Fault = notify.SendGone
	case a.Code == http.StatusTooManyRequests:
		e.Fault, e.After = notify.SendRefused, time.Duration(max(a.Parameters.RetryAfter, 1))*time.Second
	case a.Code == http.StatusUnauthorized, a.Code == http.StatusNotFound, a.Code == http.StatusConflict,
		a.Code >= 500:
		// The token is wrong, another program uses it, or Telegram is ill.
		e.Fault = notify.SendRefused
	}
	return e
}

// hide takes the token out of a text of others.
func (b *Bot) hide(text string) string {
	if b.o.Token == "" {
		return text
	}
	return strings.NewReplacer(b.o.Token, "***", url.PathEscape(b.o.Token), "***").Replace(text)
}

func short(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}
