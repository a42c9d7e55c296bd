package adsim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
)

// TelegramBot is the username of the simulated bot.
const TelegramBot = "tgtrack_sim_bot"

// telegram plays the Bot API for digests and alerts. A token is any of the
// right form that is not revoked; "chat:ID" revoked means that the chat has
// blocked the bot. POST /telegram/_write injects what somebody writes:
//
//	{"chat_id": 7, "title": "Anna", "type": "private", "text": "/start abc"}
//
// https://core.telegram.org/bots/api
type telegram struct {
	sim *Sim

	mu      sync.Mutex
	updates []telegramUpdate
	last    int64 // update_id
	sent    int64 // message_id
	chats   map[int64]bool
	news    chan struct{} // closed when an update comes
	polling chan struct{} // closed when another poll begins
}

type telegramUpdate struct {
	ID   int64          `json:"update_id"`
	Kind string         `json:"-"`
	Body map[string]any `json:"-"`
}

// MarshalJSON puts the body under the name of its kind.
func (u telegramUpdate) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"update_id": u.ID, u.Kind: u.Body})
}

// TelegramWrite is what somebody writes to the bot.
type TelegramWrite struct {
	ChatID int64  `json:"chat_id"`
	Type   string `json:"type"`  // Defaults to private.
	Title  string `json:"title"` // of the chat, or the person's first name
	Text   string `json:"text"`
	Left   bool   `json:"left"` // instead of a text: the bot is removed
}

func newTelegram(s *Sim) *telegram {
	return &telegram{sim: s, chats: map[int64]bool{}, news: make(chan struct{})}
}

var telegramToken = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]{30,}$`)

// WriteTelegram lets somebody write to the bot.
func (s *Sim) WriteTelegram(w TelegramWrite) { s.telegram.write(w) }

func (t *telegram) write(w TelegramWrite) {
	if w.Type == "" {
		w.Type = "private"
	}
	chat := map[string]any{"id": w.ChatID, "type": w.Type}
	if w.Type == "private" {
		chat["first_name"] = w.Title
	} else {
		chat["title"] = w.Title
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	u := telegramUpdate{
		ID: t.last, Kind: "message",
		Body: map[string]any{"message_id": t.last, "date": t.sim.Now().Unix(), "chat": chat, "text": w.Text},
	}
	if w.Type == "channel" {
		u.Kind = "channel_post"
	}
	if w.Left {
		u.Kind, u.Body = "my_chat_member", map[string]any{
			"chat": chat, "date": t.sim.Now().Unix(),
			"new_chat_member": map[string]any{"status": "kicked"},
		}
	}
	t.chats[w.ChatID] = !w.Left
	t.updates = append(t.updates, u)
	close(t.news)
	t.news = make(chan struct{})
}

// ServeHTTP implements http.Handler.
func (t *telegram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_write" {
		var in TelegramWrite
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.ChatID == 0 {
			Reply(w, http.StatusBadRequest, map[string]any{"error": "POST chat_id with text or left"})
			return
		}
		t.write(in)
		Reply(w, http.StatusOK, map[string]any{"ok": true})
		return
	}
	token, method, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	p := telegramParams(r)
	switch {
	case !telegramToken.MatchString(token):
		telegramFail(w, http.StatusNotFound, "Not Found", nil)
	case t.sim.Revoked("telegram", token):
		telegramFail(w, http.StatusUnauthorized, "Unauthorized", nil)
	case strings.EqualFold(method, "getMe"):
		id, _, _ := strings.Cut(token, ":")
		n, _ := strconv.ParseInt(id, 10, 64)
		telegramOK(w, map[string]any{"id": n, "is_bot": true, "first_name": "tgtrack",
			"username": TelegramBot})
	case strings.EqualFold(method, "getUpdates"):
		t.poll(w, r, p)
	case strings.EqualFold(method, "sendMessage"):
		t.send(w, p)
	default:
		telegramFail(w, http.StatusNotFound, "Not Found", nil)
	}
}

// telegramParams reads the two of the four forms that callers use.
func telegramParams(r *http.Request) map[string]string {
	out := map[string]string{}
	var fields map[string]json.RawMessage
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		b, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(b, &fields)
		for k, raw := range fields {
			var text string
			if json.Unmarshal(raw, &text) != nil {
				text = string(raw)
			}
			out[k] = text
		}
		return out
	}
	_ = r.ParseForm()
	for k := range r.Form {
		out[k] = r.Form.Get(k)
	}
	return out
}

// poll answers at once what is there, else waits. A poll ends the one before:
// one program at a time may read.
func (t *telegram) poll(w http.ResponseWriter, r *http.Request, p map[string]string) {
	offset, _ := strconv.ParseInt(p["offset"], 10, 64)
	seconds, _ := strconv.Atoi(p["timeout"])
	end := time.NewTimer(time.Duration(min(seconds, 50)) * time.Second)
	defer end.Stop()
	mine := make(chan struct{})
	t.mu.Lock()
	if t.polling != nil {
		close(t.polling)
	}
	t.polling = mine
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.polling == mine {
			t.polling = nil
		}
	}()
	for {
		us, news := t.from(offset)
		if len(us) > 0 || seconds == 0 {
			telegramOK(w, us)
			return
		}
		select {
		case <-news:
		case <-end.C:
			seconds = 0
		case <-mine:
			telegramFail(w, http.StatusConflict, "Conflict: terminated by other getUpdates request;"+
				" make sure that only one bot instance is running", nil)
			return
		case <-r.Context().Done():
			return
		}
	}
}

// from forgets what lies before an offset and gives at most 100 of the rest.
func (t *telegram) from(offset int64) ([]telegramUpdate, chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.updates) > 0 && t.updates[0].ID < offset {
		t.updates = t.updates[1:]
	}
	return append([]telegramUpdate{}, t.updates[:min(len(t.updates), 100)]...), t.news
}

// maxTelegramText is the longest message, in UTF-16 units.
const maxTelegramText = 4096

func (t *telegram) send(w http.ResponseWriter, p map[string]string) {
	id, err := strconv.ParseInt(p["chat_id"], 10, 64)
	t.mu.Lock()
	known, ever := t.chats[id]
	t.mu.Unlock()
	switch {
	case err != nil || !ever:
		telegramFail(w, http.StatusBadRequest, "Bad Request: chat not found", nil)
		return
	case !known, t.sim.Revoked("telegram", "chat:"+p["chat_id"]):
		telegramFail(w, http.StatusForbidden, "Forbidden: bot was blocked by the user", nil)
		return
	case strings.TrimSpace(p["text"]) == "":
		telegramFail(w, http.StatusBadRequest, "Bad Request: message text is empty", nil)
		return
	case len(utf16.Encode([]rune(p["text"]))) > maxTelegramText:
		telegramFail(w, http.StatusBadRequest, "Bad Request: message is too long", nil)
		return
	case t.often(id):
		telegramFail(w, http.StatusTooManyRequests, "Too Many Requests: retry after 3",
			map[string]any{"retry_after": 3})
		return
	}
	t.mu.Lock()
	t.sent++
	n := t.sent
	t.mu.Unlock()
	t.sim.Record("telegram", fmt.Sprint(n), Item{
		ID: fmt.Sprint(n), Account: p["chat_id"], Target: "message",
		Extra: map[string]string{"text": p["text"]},
	})
	telegramOK(w, map[string]any{
		"message_id": n, "date": t.sim.Now().Unix(), "chat": map[string]any{"id": id}, "text": p["text"],
	})
}

// often tells a chat that got 20 messages within the last minute:
// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
func (t *telegram) often(id int64) bool {
	chat, n := strconv.FormatInt(id, 10), 0
	for _, it := range t.sim.Received("telegram") {
		if it.Account == chat && t.sim.Now().Sub(it.At) < time.Minute {
			n++
		}
	}
	return n >= 20
}

func telegramOK(w http.ResponseWriter, result any) {
	Reply(w, http.StatusOK, map[string]any{"ok": true, "result": result})
}

func telegramFail(w http.ResponseWriter, code int, description string, parameters map[string]any) {
	a := map[string]any{"ok": false, "error_code": code, "description": description}
	if parameters != nil {
		a["parameters"] = parameters
	}
	Reply(w, code, a)
}
