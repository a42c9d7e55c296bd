package adsim

import (
	"encoding/json"
	"net/http"
	"slices"
)

// MaxWrite is what happens to a bot of MAX.
type MaxWrite struct {
	Token string `json:"token"` // of the bot. Defaults to every bot.
	// UpdateType as MAX names it. Defaults to bot_started. A removed dialog is
	// told as MAX tells it: together with the stop.
	UpdateType string `json:"update_type"`
	UserID     int64  `json:"user_id"`
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	Username   string `json:"username"`
	Locale     string `json:"user_locale"`
	Payload    string `json:"payload"` // of the link that a start came by
	ChatID     int64  `json:"chat_id"` // Defaults to UserID, for a dialog.
	Group      bool   `json:"group"`   // the chat is a group, not a channel
	InviterID  int64  `json:"inviter_id"`
	Text       string `json:"text"` // of a message
}

// WriteMax lets something happen. Updates are posted after it returned.
func (s *Sim) WriteMax(w MaxWrite) { s.max.write(w) }

func (m *maxBot) serveWrite(w http.ResponseWriter, r *http.Request) {
	var in MaxWrite
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.UserID == 0 {
		Reply(w, http.StatusBadRequest, map[string]any{"error": "POST user_id with update_type and payload"})
		return
	}
	Reply(w, http.StatusOK, map[string]any{"posted_to": m.write(in)})
}

// write posts what happened to whoever subscribed to it, and tells to how many.
func (m *maxBot) write(w MaxWrite) (addresses int) {
	if w.UpdateType == "" {
		w.UpdateType = "bot_started"
	}
	if w.ChatID == 0 {
		w.ChatID = w.UserID
	}
	kinds := []string{w.UpdateType}
	if w.UpdateType == "dialog_removed" {
		kinds = []string{"bot_stopped", "dialog_removed"}
	}
	m.mu.Lock()
	subs := slices.Clone(m.subs)
	m.mu.Unlock()
	told := map[string]bool{}
	for _, kind := range kinds {
		body := m.update(kind, w)
		for _, s := range subs {
			if w.Token != "" && w.Token != s.Token || !s.wants(kind) {
				continue
			}
			told[s.Token+" "+s.URL] = true
			m.post.start(s, kind, body)
		}
	}
	return len(told)
}

// update is the body that MAX documents for a kind.
//
// https://dev.max.ru/docs-api/objects/Update
func (m *maxBot) update(kind string, w MaxWrite) map[string]any {
	now := m.sim.Now().UnixMilli()
	user := map[string]any{
		"user_id": w.UserID, "first_name": w.FirstName, "is_bot": false, "last_activity_time": now,
		"name": w.FirstName,
	}
	if w.LastName != "" {
		user["last_name"], user["name"] = w.LastName, w.FirstName+" "+w.LastName
	}
	if w.Username != "" {
		user["username"] = w.Username
	}
	u := map[string]any{"update_type": kind, "timestamp": now, "chat_id": w.ChatID, "user": user}
	switch kind {
	case "user_added", "user_removed", "bot_added", "bot_removed":
		u["is_channel"] = !w.Group
		if name, known := map[string]string{"user_added": "inviter_id", "user_removed": "admin_id"}[kind]; known {
			u[name] = nil
			if w.InviterID != 0 {
				u[name] = w.InviterID
			}
		}
	case "message_created", "message_edited":
		delete(u, "chat_id")
		delete(u, "user")
		m.mu.Lock()
		m.seq++
		seq := m.seq
		m.mu.Unlock()
		u["message"] = map[string]any{
			"recipient": map[string]any{"chat_id": w.ChatID, "chat_type": "dialog", "user_id": 229229229},
			"timestamp": now, "sender": user,
			"body": map[string]any{"mid": "mid.000000000adf429c019d47b1ce4600ff", "seq": seq, "text": w.Text},
		}
	default:
		if w.Locale != "" {
			u["user_locale"] = w.Locale
		}
		if kind == "bot_started" && w.Payload != "" {
			u["payload"] = w.Payload
		}
	}
	return u
}
