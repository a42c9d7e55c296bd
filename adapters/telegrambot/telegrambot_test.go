package telegrambot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/telegrambot"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

const token = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp"

// serve answers each call as told, and keeps what was asked.
func serve(t *testing.T, status int, body string) (*telegrambot.Bot, *[]string) {
	t.Helper()
	asked := &[]string{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in map[string]any
		_ = json.NewDecoder(r.Body).Decode(&in)
		b, _ := json.Marshal(in)
		*asked = append(*asked, r.URL.Path+" "+string(b))
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}))
	t.Cleanup(srv.Close)
	return telegrambot.New(telegrambot.Options{BaseURL: srv.URL, Token: token, Timeout: 5 * time.Second}), asked
}

func fault(err error) notify.SendError {
	var e *notify.SendError
	if !errors.As(err, &e) {
		return notify.SendError{Reason: fmt.Sprint(err)}
	}
	return notify.SendError{Fault: e.Fault, After: e.After, MovedTo: e.MovedTo}
}

func TestSend(t *testing.T) {
	t.Parallel()
	b, asked := serve(t, 200, `{"ok":true,"result":{"message_id":1}}`)
	if err := b.Send(t.Context(), -1009, "Привет"); err != nil {
		t.Fatal(err)
	}
	want := []string{"/bot" + token +
		`/sendMessage {"chat_id":-1009,"link_preview_options":{"is_disabled":true},"text":"Привет"}`}
	if d := cmp.Diff(want, *asked); d != "" {
		t.Errorf("asked (-want +got):\n%s", d)
	}
}

// TestRefusals: each answer means one thing, and none shows the token.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   notify.SendError
	}{
		"blocked": {403, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`,
			notify.SendError{Fault: notify.SendGone}},
		"no chat": {400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`,
			notify.SendError{Fault: notify.SendGone}},
		"too long": {400, `{"ok":false,"error_code":400,"description":"Bad Request: message is too long"}`,
			notify.SendError{Fault: notify.SendRejected}},
		"too many": {429, `{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}`, notify.SendError{Fault: notify.SendRefused, After: 7 * time.Second}},
		"moved":    {400, `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-100123}}`, notify.SendError{Fault: notify.SendMoved, MovedTo: -100123}},
		"token": {401, `{"ok":false,"error_code":401,"description":"Unauthorized ` + token + `"}`,
			notify.SendError{Fault: notify.SendRefused}},
		"ill": {500, `{"ok":false,"error_code":500,"description":"Internal Server Error"}`,
			notify.SendError{Fault: notify.SendRefused}},
		"a proxy":     {502, `<html>bad gateway</html>`, notify.SendError{Fault: notify.SendUncertain}},
		"a redirect":  {302, ``, notify.SendError{Fault: notify.SendUncertain}},
		"half a word": {200, `{"ok":tr`, notify.SendError{Fault: notify.SendUncertain}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _ := serve(t, c.status, c.body)
			err := b.Send(t.Context(), 1, "x")
			if d := cmp.Diff(c.want, fault(err)); d != "" {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
			if strings.Contains(fmt.Sprint(err), token) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

// TestLost: a message that never left may be sent again, one that left may
// not; neither error shows the token.
func TestLost(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }))
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	t.Cleanup(srv.Close)
	for url, want := range map[string]notify.SendFault{srv.URL: notify.SendUncertain, closed.URL: notify.SendRefused,
		"http://bad host": notify.SendRefused} {
		err := telegrambot.New(telegrambot.Options{BaseURL: url, Token: token, Timeout: time.Second}).
			Send(t.Context(), 1, "x")
		if got := fault(err).Fault; got != want || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %s, want %s", url, err, want)
		}
	}
}

func TestUpdates(t *testing.T) {
	t.Parallel()
	b, asked := serve(t, 200, `{"ok":true,"result":[
		{"update_id":10,"message":{"chat":{"id":7,"type":"private","first_name":"Anna","last_name":"K"},"text":"/start abc"}},
		{"update_id":11,"channel_post":{"chat":{"id":-1007,"type":"channel","title":"News"},"text":"/start x"}},
		{"update_id":12,"my_chat_member":{"chat":{"id":7,"type":"private","first_name":"Anna"},"new_chat_member":{"status":"kicked"}}},
		{"update_id":13,"my_chat_member":{"chat":{"id":8,"type":"private"},"new_chat_member":{"status":"member"}}}]}`)
	got, next, err := b.Updates(t.Context(), 5, 2*time.Second)
	if err != nil || next != 14 {
		t.Fatal(next, err)
	}
	want := []notify.ChatMessage{
		{ChatID: 7, Kind: "private", Title: "Anna K", Text: "/start abc"},
		{ChatID: -1007, Kind: "channel", Title: "News", Text: "/start x"},
		{ChatID: 7, Kind: "private", Title: "Anna", Left: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
	if !strings.Contains((*asked)[0], `"offset":5,"timeout":2`) {
		t.Error("asked", *asked)
	}
}

func TestNoBot(t *testing.T) {
	t.Parallel()
	b := telegrambot.New(telegrambot.Options{BaseURL: "http://127.0.0.1:1"})
	if _, err := b.Username(t.Context()); !errors.Is(err, domain.ErrNotFound) {
		t.Error(err)
	}
	if _, _, err := b.Updates(t.Context(), 0, 0); !errors.Is(err, domain.ErrNotFound) {
		t.Error(err)
	}
}
