package e2e_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// client is a program that calls the API as real ones do: it waits for 5 seconds,
// looks at the code and at the words that it knows, and repeats nothing.
type client struct {
	t    *testing.T
	http http.Client
	base string // as it was given to the program
	key  string
}

// reply is what clients read of an answer.
type reply struct {
	Code        int
	Header      http.Header
	Status      string          `json:"status"`
	Mode        string          `json:"mode"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"error_description"`
	Details     string          `json:"error_details"`
	Data        json.RawMessage `json:"data"`
}

func (c client) post(path, contentType, body string, header ...string) reply {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatalf("%s: %v", path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	r := reply{Code: res.StatusCode, Header: res.Header}
	if err := json.Unmarshal(text, &r); err != nil {
		c.t.Fatalf("%s: %d %s", path, res.StatusCode, text)
	}
	switch ok := r.Code == 200; {
	case !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json"):
		c.t.Errorf("%s is answered as %s", path, res.Header.Get("Content-Type"))
	case ok && (r.Status != "OK" || r.Mode != "production" && r.Mode != "sandbox"):
		c.t.Errorf("%s: %s", path, text)
	case !ok && (r.Status != "error" || r.ErrorCode != r.Code || r.Description == "" || len([]rune(r.Details)) >= 200):
		c.t.Errorf("%s: %s", path, text)
	}
	return r
}

func (c client) call(method string, body any) reply {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.post("/"+c.key+"/"+method, "application/json", string(text))
}

func (c client) want(code int, r reply) reply {
	c.t.Helper()
	if r.Code != code {
		c.t.Errorf("answered %d %s %s, want %d", r.Code, r.Description, r.Details, code)
	}
	return r
}

type object = map[string]any

// TestClients: programs that were written for another server of this API see
// from this one what they expect. Nothing of them changes but the host's name.
func TestClients(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		s := e2e.Start(t, t.TempDir(), env...)
		for name, runs := range map[string]func(material, client){
			"a bot that forwards updates": forwards, "a bot that tells of goals": tellsGoals,
			"a server with the key in a header": keepsKey, "blocks of a constructor": blocks,
			"a program that reads tables": readsTables, "a loop": loops, "who looks at the last events": looksOn,
		} {
			t.Run(name, func(t *testing.T) {
				m := material{Service: s}.with(t, nil)
				runs(m, client{t: t, base: s.URL + "/v1", key: m.p.key})
			})
		}
	})
}

// forwards serialises updates in its own way, and sends whatever comes.
func forwards(m material, c client) {
	start := m.click("utm_source=vk", phone)
	from := object{"id": 900, "first_name": "Анна", "is_bot": false}
	chat := object{"type": "private", "id": 900}
	at := time.Now().UTC().Add(-time.Minute)
	for range 2 { // /start is sent each time somebody presses it
		at = at.Add(time.Second)
		c.want(200, c.call("on_telegram_webhook", object{"update_id": at.Unix(), "message": object{
			"text": "/start " + start, "chat": chat, "from_user": from, "date": at.Format(time.RFC3339), "message_id": 3,
		}}))
	}
	for i := range 50 {
		c.want(200, c.call("on_telegram_webhook", object{"update_id": 1000 + i, "message": object{
			"text": "hello", "chat": chat, "from": from, "date": at.Unix(), "message_id": 4 + i, "photo": nil,
		}}))
	}
	c.want(200, c.call("on_telegram_webhook", object{
		"update_id": 2000, "callback_query": object{"id": "1", "from": from},
	}))
	c.want(200, c.call("on_telegram_webhook", object{"update_id": 2001, "some_new_update": object{"id": "1"}}))
	m.day("clicks 1, starts 1, joins 1, leaves 0")
}

// tellsGoals fires and forgets, and shows a text of its own where it finds the
// words that it knows.
func tellsGoals(m material, c client) {
	at := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	c.want(200, c.call("send_reach_goal", object{"user_id": "901", "target": "lead"})) // before the start
	c.want(200, c.call("user_did_start_bot", object{"user_id": 901, "start_value": "", "first_name": nil}))
	r := c.want(422, c.call("send_reach_goal", object{"user_id": "901", "target": "lead"}))
	if !strings.Contains(r.Details, "tracking link") {
		c.t.Errorf("an organic person: %q", r.Details)
	}
	c.want(200, c.call("add_event", object{"user_id": 901, "event_type": "paid", "event_result": "success",
		"conversion_target": "lead", "amount": "0"}))
	c.want(200, c.call("user_did_start_bot", object{
		"user_id": " 902 ", "start_value": m.click("", phone), "date": at(23 * 24 * time.Hour),
	}))
	r = c.want(422, c.call("send_reach_goal", object{"user_id": 902, "target": "lead"}))
	if !strings.Contains(r.Details, "21 days") {
		c.t.Errorf("a late goal: %q", r.Details)
	}
	c.want(200, c.call("add_event", object{"user_id": 902, "event_type": "paid", "conversion_target": "lead"}))
	c.want(200, c.call("user_did_start_bot", object{"user_id": 903, "start_value": m.click("utm_source=x", phone)}))
	for range 2 {
		c.want(200, c.call("send_reach_goal", object{"user_id": 903, "target": "lead", "date": at(0) * 1000}))
	}
	for _, v := range m.p.conversions(m.Service, "user_id=903") {
		if v["target"] == "lead" && v["status"] != "unattributed" {
			c.t.Errorf("of a click without an id: %v", v)
		}
	}
}

// keepsKey has the key in a header, and asks about people.
func keepsKey(m material, c client) {
	bearer := []string{"Authorization", "Bearer " + c.key}
	c.want(200, c.post("/user_did_start_bot", "", `{"user_id":"904","start_value":"`+m.click("utm_source=vk", phone)+`"}`,
		bearer...))
	r := c.want(200, c.post("/get_user_info", "application/json;charset=UTF-8", `{"user_id":904}`, bearer...))
	var user struct {
		First   int64   `json:"first_join_date"`
		Left    int64   `json:"left_date"`
		Link    string  `json:"invite_link"`
		Source  string  `json:"utm_source"`
		Unknown *string `json:"utm_medium"`
	}
	if err := json.Unmarshal(r.Data, &user); err != nil || user.First == 0 || user.Left != 0 || user.Link != "Spring" ||
		user.Source != "vk" {
		c.t.Errorf("get_user_info: %s %v", r.Data, err)
	}
	if r := c.want(405, c.post("/get_user_info", "application/json", `{"user_id":905}`, bearer...)); r.Mode == "" {
		c.t.Errorf("of an unknown person: %+v", r)
	}
	if r := c.want(401, c.post("/get_user_info", "application/json", `{}`, "Authorization", "Bearer x")); r.Mode != "" {
		c.t.Errorf("of an unknown key: %+v", r)
	}
	c.want(404, c.post("/no_such_method", "application/json", `{}`, bearer...))
}

// blocks of a constructor post forms and texts with variables, to the address
// that they always had.
func blocks(m material, c client) {
	c.base = m.URL + "/API/bot-api/v1"
	c.want(200, c.post("/"+c.key+"/user_did_start_bot/", "application/x-www-form-urlencoded",
		"user_id=+906+&first_name=Olga&start_value=tgTrack-PJ43a51379bd0a7a9&email={{email}}"))
	c.want(200, c.post("/"+c.key+"/user_did_start_bot", "Application/JSON; charset=utf-8",
		`{"user_id":"907","start_value":"TГTrack-PJ123456","utm":{"source":null}}`))
	r := c.want(422, c.post("/"+c.key+"/send_reach_goal", "application/json", `{"user_id":"{%user_id%}","target":"x"}`))
	if !strings.Contains(r.Details, "{%user_id%}") {
		c.t.Errorf("a macro: %q", r.Details)
	}
	for method, want := range map[string]string{
		"channel_subscribed": "member_joined", "channel_unsubscribed": "member_left",
	} {
		r := c.want(200, c.post("/"+c.key+"/"+method, "", `{"user_id":908,"channel_id":"@c"}`))
		if !strings.Contains(string(r.Data), want) {
			c.t.Errorf("%s: %s", method, r.Data)
		}
	}
}

// readsTables takes all columns by their names, and times as Python does:
// int(float(text)).
func readsTables(m material, c client) {
	for i := range 3 {
		c.want(200, c.call("user_did_start_bot", object{"user_id": 910 + i, "first_name": "A;B\"C",
			"start_value": m.click("utm_source=@mychannel&utm_term=a,b", phone)}))
	}
	c.want(200, c.call("my_bot_was_stopped", object{"user_id": 911}))
	key := url.QueryEscape(m.made["report_key"].(string))
	table := func(address, more string) []map[string]string {
		c.t.Helper()
		a := m.Call("GET", address+"?ver=2&platform=tg&format=csv&apiKey="+key+more, "")
		rows, err := csv.NewReader(bytes.NewReader(a.Body)).ReadAll()
		if err != nil || a.Code != 200 || len(rows) == 0 {
			c.t.Fatalf("%s: %d %v %s", address, a.Code, err, a.Body)
		}
		var out []map[string]string
		for _, r := range rows[1:] {
			row := map[string]string{}
			for i, name := range rows[0] {
				row[name] = r[i]
			}
			out = append(out, row)
		}
		return out
	}
	second := func(text string) int64 {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			c.t.Errorf("a time is %q", text)
		}
		return int64(f)
	}
	for _, address := range []string{"/api/get_chat_members.php", "/max/api/get_chat_members.php"} {
		rows := table(address, fmt.Sprintf("&date_from=%d", time.Now().Add(-time.Hour).Unix()))
		for _, r := range rows {
			late := time.Now().Unix() - second(r["eventDate"])
			left := r["userID"] == "911"
			if late > 3600 || left != (r["status"] != "1") || left != (second(r["leftDate"]) > 0) ||
				r["utm_source"] != "@mychannel" || r["utm_term"] != "a,b" || r["first_name"] != "A;B\"C" {
				c.t.Errorf("%s: %v", address, r)
			}
		}
		if len(rows) != 3 || len(table(address, "&limit=1")) != 1 {
			c.t.Errorf("%s: %v", address, rows)
		}
	}
	for i := range 3 {
		if rows := table("/pro/chatMembers.php", fmt.Sprintf("&userID=%d", 910+i)); len(rows) > 1 {
			c.t.Errorf("of one person: %v", rows)
		}
	}
	e2e.Eventually(c.t, 20*time.Second, func() error { // days are added up every second or so
		if rows := table("/pro/join_left_by_date.php", ""); len(rows) == 0 || rows[len(rows)-1]["joinCount"] != "3" {
			return fmt.Errorf("by day: %v", rows)
		}
		return nil
	})
	if rows := table("/api/get_click_data.php", ""); len(rows) != 3 || second(rows[0]["date"]) == 0 {
		c.t.Errorf("clicks: %v", rows)
	}
}

// loops asks about person after person, as fast as it can.
func loops(m material, c client) {
	m.API(200, "PATCH", "/projects/"+m.p.id, object{"limits": object{"per_second": 3, "per_hour": 5000, "per_day": 5000}})
	e2e.Eventually(c.t, 20*time.Second, func() error {
		for range 20 {
			if r := c.call("get_user_info", object{"user_id": 1}); r.Code == 429 {
				if wait, err := strconv.Atoi(r.Header.Get("Retry-After")); err != nil || wait < 1 {
					c.t.Errorf("Retry-After: %q", r.Header.Get("Retry-After"))
				}
				return nil
			}
		}
		return fmt.Errorf("20 requests at once are taken")
	})
	e2e.Eventually(c.t, 20*time.Second, func() error { // that many at once
		r := c.call("get_users_info", object{"user_ids": []any{1, "2", 3}})
		if r.Code != 200 {
			return fmt.Errorf("%d %s", r.Code, r.Details)
		}
		return nil
	})
}

// looksOn reads the page of the last events, in which success is 0.
func looksOn(m material, c client) {
	c.want(200, c.call("user_did_start_bot", object{"user_id": 920}))
	c.want(422, c.call("user_did_start_bot", object{"user_id": "nobody"}))
	for _, path := range []string{"/last_events", "/last_events/", "/API/last_events/"} {
		if a := m.Call("GET", path, ""); a.Code != 200 || !strings.Contains(string(a.Body), "<form") {
			c.t.Errorf("%s: %d", path, a.Code)
		}
		e2e.Eventually(c.t, 10*time.Second, func() error {
			page := string(m.Call("POST", strings.TrimSuffix(path, "/")+"/", url.Values{"key": {c.key}}.Encode(),
				"Content-Type: application/x-www-form-urlencoded").Body)
			for _, want := range []string{">0<", ">422<", "user_did_start_bot", "nobody"} {
				if !strings.Contains(page, want) {
					return fmt.Errorf("%s lacks %s: %.3000s", path, want, page)
				}
			}
			return nil
		})
	}
}
