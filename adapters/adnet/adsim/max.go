package adsim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"time"
)

// maxBot plays the Bot API of the messenger MAX, as far as bots are told of
// what happens: a program subscribes an address, and updates are posted to it
// with the subscription's secret until it answers 200. A token is anything that
// is not revoked; each is a bot of its own. POST /max/_write lets something
// happen (MaxWrite).
//
// https://dev.max.ru/docs-api/methods/POST/subscriptions
type maxBot struct {
	sim  *Sim
	post *maxPost

	mu    sync.Mutex
	subs  []MaxSubscription
	calls []time.Time // of the last second
	seq   int64
}

// MaxSubscription is an address that updates of a bot are posted to.
type MaxSubscription struct {
	Token  string `json:"-"` // of the bot
	Secret string `json:"-"`

	URL         string   `json:"url"`
	Time        int64    `json:"time"`
	UpdateTypes []string `json:"update_types"`
}

// wants tells whether a kind of update was subscribed to.
func (s *MaxSubscription) wants(kind string) bool {
	return len(s.UpdateTypes) == 0 || slices.Contains(s.UpdateTypes, kind)
}

// maxCallsPerSecond is how many calls the Bot API takes.
const maxCallsPerSecond = 30

// maxSecret is the form of a subscription's secret.
var maxSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{5,256}$`)

func newMaxBot(s *Sim) *maxBot {
	// The sequence of real messages is beyond what a float holds exactly.
	m := &maxBot{sim: s, seq: 116327994376978687}
	m.post = newMaxPost(m)
	return m
}

// ServeHTTP implements http.Handler.
func (m *maxBot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_write" {
		m.serveWrite(w, r)
		return
	}
	token := r.Header.Get("Authorization")
	switch {
	case token == "", m.sim.Revoked("max", token):
		maxFail(w, http.StatusUnauthorized, "verify.token", "Invalid access_token")
	case m.often():
		maxFail(w, http.StatusTooManyRequests, "too.many.requests", "Too many requests")
	case r.URL.Path == "/me" && r.Method == http.MethodGet:
		Reply(w, http.StatusOK, map[string]any{
			"user_id": 229229229, "first_name": "tgtrack", "name": "tgtrack", "username": MaxBotName,
			"is_bot": true, "last_activity_time": m.sim.Now().UnixMilli(),
		})
	case r.URL.Path != "/subscriptions":
		maxFail(w, http.StatusNotFound, "not.found", "Resource not found")
	case r.Method == http.MethodGet:
		Reply(w, http.StatusOK, map[string]any{"subscriptions": m.subscriptions(token)})
	case r.Method == http.MethodPost:
		m.subscribe(w, r, token)
	case r.Method == http.MethodDelete:
		m.drop(token, r.URL.Query().Get("url"))
		Reply(w, http.StatusOK, map[string]any{"success": true})
	default:
		maxFail(w, http.StatusMethodNotAllowed, "method.not.allowed", "Method is not allowed")
	}
}

// MaxBotName is the username of the simulated bot.
const MaxBotName = "tgtrack_sim_bot"

func maxFail(w http.ResponseWriter, status int, code, message string) {
	Reply(w, status, map[string]any{"code": code, "message": message})
}

// often tells a program that makes more calls a second than it may.
func (m *maxBot) often() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.sim.Now()
	m.calls = slices.DeleteFunc(m.calls, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(m.calls) >= maxCallsPerSecond {
		return true
	}
	m.calls = append(m.calls, now)
	return false
}

func (m *maxBot) subscribe(w http.ResponseWriter, r *http.Request, token string) {
	var in struct {
		URL         string   `json:"url"`
		Secret      *string  `json:"secret"`
		UpdateTypes []string `json:"update_types"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		maxFail(w, http.StatusBadRequest, "proto.payload", "the body is not JSON: "+err.Error())
		return
	}
	switch u, err := url.Parse(in.URL); {
	case err != nil || u.Host == "":
		maxFail(w, http.StatusBadRequest, "proto.payload", "url: must be an address")
		return
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		maxFail(w, http.StatusBadRequest, "proto.payload", "url: must begin with https://")
		return
	case in.Secret != nil && !maxSecret.MatchString(*in.Secret):
		maxFail(w, http.StatusBadRequest, "proto.payload",
			"secret: must have 5 to 256 characters of A-Z, a-z, 0-9, _ and -")
		return
	}
	sub := MaxSubscription{Token: token, URL: in.URL, UpdateTypes: in.UpdateTypes}
	if in.Secret != nil {
		sub.Secret = *in.Secret
	}
	m.sim.SubscribeMax(sub)
	Reply(w, http.StatusOK, map[string]any{"success": true})
}

// SubscribeMax makes a subscription without asking whether its address would do.
func (s *Sim) SubscribeMax(sub MaxSubscription) {
	s.max.drop(sub.Token, sub.URL)
	sub.Time = s.Now().UnixMilli()
	s.max.mu.Lock()
	defer s.max.mu.Unlock()
	s.max.subs = append(s.max.subs, sub)
}

// loopback tells the addresses of this machine, for which the simulation does
// without the certificate that MAX asks for.
func loopback(host string) bool {
	return slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, host)
}

func (m *maxBot) subscriptions(token string) []MaxSubscription {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := []MaxSubscription{}
	for _, s := range m.subs {
		if s.Token == token {
			out = append(out, s)
		}
	}
	return out
}

// drop ends a subscription; false when there is none.
func (m *maxBot) drop(token, address string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.subs)
	m.subs = slices.DeleteFunc(m.subs, func(s MaxSubscription) bool { return s.Token == token && s.URL == address })
	return len(m.subs) < before
}
