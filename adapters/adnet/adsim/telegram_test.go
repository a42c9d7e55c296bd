package adsim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
)

const botToken = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp"

// ask makes a call of the Bot API and gives its code and what it found.
func ask(t *testing.T, base, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/telegram/"+path,
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var a struct {
		Description string          `json:"description"`
		Result      json.RawMessage `json:"result"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, a.Description + string(a.Result)
}

// TestTelegram tells how a bot meets a person who blocks it in the end.
func TestTelegram(t *testing.T) {
	t.Parallel()
	sim, base := simtest.Serve(t, adsim.Options{})
	bot := "bot" + botToken + "/"
	got := []string{}
	say := func(path, body string) {
		code, text := ask(t, base, path, body)
		got = append(got, fmt.Sprint(code, " ", text))
	}
	say("botnonsense/getMe", `{}`)
	say(bot+"sendMessage", `{"chat_id":7,"text":"hello"}`) // nobody wrote yet
	say("_write", `{"chat_id":7,"title":"Anna","text":"/start abc"}`)
	say(bot+"sendMessage", `{"chat_id":7,"text":""}`)
	say(bot+"sendMessage", `{"chat_id":7,"text":"`+strings.Repeat("x", 4097)+`"}`)
	sim.Revoke("telegram", "chat:7")
	say(bot+"sendMessage", `{"chat_id":7,"text":"hello"}`)
	sim.Revoke("telegram", botToken)
	say(bot+"getMe", `{}`)
	want := []string{
		"404 Not Found", "400 Bad Request: chat not found", "200 ", "400 Bad Request: message text is empty",
		"400 Bad Request: message is too long",
		"403 Forbidden: bot was blocked by the user", "401 Unauthorized",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	sim.Restore("telegram", botToken)
	sim.Restore("telegram", "chat:7")
	for i := range 21 {
		code, text := ask(t, base, bot+"sendMessage", `{"chat_id":7,"text":"hello"}`)
		if limited := i == 20; limited != (code == 429) {
			t.Errorf("message %d: %d %s", i, code, text)
		}
	}
	if items := sim.Received("telegram"); len(items) != 20 || items[0].Account != "7" ||
		items[0].Extra["text"] != "hello" {
		t.Errorf("received %v", items)
	}
}

// TestTelegramPolls: a poll waits for what is written, an offset confirms, and
// a second poll ends the first.
func TestTelegramPolls(t *testing.T) {
	t.Parallel()
	sim, base := simtest.Serve(t, adsim.Options{})
	bot := "bot" + botToken + "/"
	type answer struct {
		code int
		text string
	}
	poll := func(body string) chan answer {
		out := make(chan answer, 1)
		go func() {
			code, text := ask(t, base, bot+"getUpdates", body)
			out <- answer{code, text}
		}()
		return out
	}
	first := poll(`{"timeout":40}`)
	var a answer
	for a.code != 409 { // the second may come before the first
		second := poll(`{"timeout":40}`)
		select {
		case a = <-first:
			first = second
		case a = <-second:
		}
	}
	sim.WriteTelegram(adsim.TelegramWrite{ChatID: 7, Title: "Anna", Text: "/start abc"})
	if a = <-first; a.code != 200 || !strings.Contains(a.text, `"/start abc"`) ||
		!strings.Contains(a.text, `"update_id":1`) {
		t.Errorf("%d %s", a.code, a.text)
	}
	if code, text := ask(t, base, bot+"getUpdates", `{"offset":2}`); code != 200 || text != "[]" {
		t.Errorf("after it was confirmed: %d %s", code, text)
	}
}
