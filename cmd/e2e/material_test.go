package e2e_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// material is a service beside simulated networks, to which goes what phones,
// robots, constructors and forwarders really send.
type material struct {
	*e2e.Service
	t    *testing.T
	sim  *adsim.Sim
	made map[string]any
	p    project
}

func (m material) with(t *testing.T, settings map[string]any) material {
	t.Helper()
	body := map[string]any{
		"name": "Bot", "username": "e2e_bot", "limits": map[string]any{"per_second": 0, "per_hour": 0, "per_day": 0},
	}
	for k, v := range settings {
		body[k] = v
	}
	m.t, m.made = t, m.API(201, "POST", "/projects", body)
	m.p = project{id: m.made["id"].(string), key: m.made["api_key"].(string)}
	m.p.link = m.API(201, "POST", "/projects/"+m.p.id+"/links", map[string]any{"name": "Spring"})["id"].(string)
	return m
}

// events posts a body and gives the types of what was made of it.
func (m material) events(method, body string, header ...string) string {
	m.t.Helper()
	a := m.Event(m.p.key, method, body, header...)
	if a.Code != 200 {
		return fmt.Sprint(a.Code)
	}
	var types []string
	for _, e := range a.JSON(m.t)["data"].(map[string]any)["events"].([]any) {
		types = append(types, e.(map[string]any)["type"].(string))
	}
	return strings.Join(types, " ")
}

func (m material) want(want, method, body string, header ...string) {
	m.t.Helper()
	if got := m.events(method, body, header...); got != want {
		m.t.Errorf("%s %.200s: %s, want %s", method, body, got, want)
	}
}

func (m material) info(user int, more string) map[string]any {
	m.t.Helper()
	a := m.Event(m.p.key, "get_user_info", fmt.Sprintf(`{"user_id":%d%s}`, user, more))
	if a.Code != 200 {
		return map[string]any{"code": a.Code}
	}
	return a.JSON(m.t)["data"].(map[string]any)
}

func (m material) click(query string, agent string, header ...string) string {
	m.t.Helper()
	a := m.Call("GET", "/c/"+m.p.link+"?"+query, "", append(header, "User-Agent: "+agent)...)
	_, start, _ := strings.Cut(a.Header.Get("Location"), "?start=")
	return start
}

// day waits until the figures are these: they are counted soon.
func (m material) day(want string) {
	m.t.Helper()
	e2e.Eventually(m.t, 20*time.Second, func() error {
		d := m.Counted(m.p.id)
		got := fmt.Sprintf("clicks %d, starts %d, joins %d, leaves %d", d["clicks"], d["starts"], d["joins"],
			d["leaves"])
		if got != want {
			return fmt.Errorf("the day has %s, want %s", got, want)
		}
		return nil
	})
}

const phone = "Mozilla/5.0 (Linux; Android 8; CUBOT_P20) AppleWebKit/537.36 Chrome/70.0 Mobile Safari/537.36"

// TestRealMaterial drives what people and programs really send through the
// built service.
func TestRealMaterial(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		sim, sims := networks(t)
		m := material{Service: e2e.Start(t, t.TempDir(), append(env, sims...)...), t: t, sim: sim}
		for name, tell := range map[string]func(m material){
			"places": material.places, "messengers": material.messengers, "visitors": material.visitors,
			"queries": material.queries, "bodies": material.bodies,
			"orders": material.orders, "tables": material.tables, "many at once": material.many, "payments": material.payments,
		} {
			t.Run(name, func(t *testing.T) { tell(m.with(t, nil)) })
		}
	})
}

// places: what somebody does in the channel is not what they do in the bot.
func (m material) places() {
	m.p.account(m.Service, "facebook", map[string]any{"dataset_id": "1", "access_token": "t"}, "activation_goal", "Lead")
	for user, before := range map[int]bool{1: false, 2: true} {
		start := func() {
			m.want("bot_started", "user_did_start_bot", fmt.Sprintf(`{"user_id":%d,"first_name":"A","start_value":%q}`, user,
				m.click(fmt.Sprintf("fbclid=IwAR%d", user), phone)))
		}
		if !before {
			start()
		}
		m.want("member_joined", "channel_subscribed",
			fmt.Sprintf(`{"user_id":"%d","channel_id":"-100777","old_status":"left","new_status":"member"}`, user))
		if before {
			start()
		}
		m.want("member_left", "channel_unsubscribed",
			fmt.Sprintf(`{"user_id":"%d","channel_id":"-100777","old_status":"member","new_status":"left"}`, user))
		m.want("bot_started", "user_did_start_bot", fmt.Sprintf(`{"user_id":%d}`, user))
		if u := m.info(user, ""); fmt.Sprint(u["left_date"]) != "0" || u["invite_link"] != "Spring" {
			m.t.Errorf("%d is %v", user, u)
		}
	}
	for i, c := range [][3]string{{"left", "member", "member_joined"}, {"member", "kicked", "member_left"}} {
		m.want(c[2], "on_telegram_webhook", fmt.Sprintf(`{"update_id":%d,"chat_member":{"chat":{"id":-100778,
			"type":"supergroup","title":"G"},"from":{"id":9,"is_bot":false,"first_name":"M"},"date":%d,
			"old_chat_member":{"status":%q,"user":{"id":1,"is_bot":false,"first_name":"A"}},
			"new_chat_member":{"status":%q,"user":{"id":1,"is_bot":false,"first_name":"A"}}}}`,
			i, time.Now().Unix()-2+int64(i), c[0], c[1]))
	}
	m.p.settled(m.t, m.Service, 2, "delivered")
	m.day("clicks 2, starts 2, joins 2, leaves 0")
	items := m.API(200, "GET", "/projects/"+m.p.id+"/reports/places", nil)["items"].([]any)
	if len(items) != 2 {
		m.t.Errorf("places: %v", items)
	}
}

// messengers: an id of one is nobody in another, and their keys never meet.
func (m material) messengers() {
	at := time.Now().Add(-time.Minute).Unix()
	m.want("bot_started", "on_max_update", fmt.Sprintf(`{"update_type":"bot_started","timestamp":%d,"chat_id":5,
		"user":{"user_id":4242,"first_name":"Ольга","is_bot":false},"payload":"x"}`, at*1000))
	if u := m.info(4242, ""); fmt.Sprint(u["code"]) != "405" {
		m.t.Errorf("nobody of Telegram is %v", u)
	}
	a := m.Event(m.p.key, "user_did_start_bot", fmt.Sprintf(`{"user_id":4242,"first_name":"T","date":%d}`, at))
	if strings.Contains(string(a.Body), `"duplicate":true`) {
		m.t.Errorf("of another messenger: %s", a.Body)
	}
	if u := m.info(4242, `,"messenger":"max"`); u["first_name"] != "Ольга" {
		m.t.Errorf("of MAX: %v", u)
	}
	if u := m.info(4242, ""); u["first_name"] != "T" {
		m.t.Errorf("of Telegram: %v", u)
	}
	list := m.API(200, "GET", "/projects/"+m.p.id+"/subscribers", nil)["items"].([]any)
	if len(list) != 2 || list[0].(map[string]any)["messenger"] == list[1].(map[string]any)["messenger"] {
		m.t.Errorf("the list: %v", list)
	}
}

// visitors: phones have values of their own, robots the link's.
func (m material) visitors() {
	link := m.API(200, "GET", "/projects/"+m.p.id+"/links", nil)["items"].([]any)[0].(map[string]any)["start_value"]
	if v := m.click("fbclid=1", phone); v == link || v == "" {
		m.t.Errorf("a phone gets %q", v)
	}
	for _, agent := range []string{
		"Mediapartners-Google", "(compatible; Embedly/0.2)", "GuzzleHttp/7", "python-httpx/0.27", "Scrapy/2.11",
		"TelegramBot (like TwitterBot)", "facebookexternalhit/1.1",
	} {
		if v := m.click("fbclid=1", agent); v != link {
			m.t.Errorf("%s gets %q", agent, v)
		}
	}
	for _, h := range []string{
		"Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "Purpose: prefetch", "X-Moz: prefetch",
		"X-Purpose: preview",
	} {
		if v := m.click("fbclid=1", phone, h); v != link {
			m.t.Errorf("%s gets %q", h, v)
		}
	}
	m.day("clicks 1, starts 0, joins 0, leaves 0")
}

// queries: what pages and templates make of an address.
func (m material) queries() {
	user := 100
	for query, want := range map[string]map[string]string{
		"utm_source=vk&amp;utm_medium=cpc":                       {"utm_source": "vk", "utm_medium": "cpc"},
		"utm_source={src}&utm_term={keyword}&utm_medium=cpc":     {"utm_source": "", "utm_term": "", "utm_medium": "cpc"},
		"utm_source=undefined&utm_campaign=null&utm_medium=None": {"utm_source": "", "utm_campaign": "", "utm_medium": ""},
		"utm_campaign=%EF%F0%E8%E2%E5%F2":                        {"utm_campaign": "привет"},
	} {
		user++
		start := m.click(query, phone)
		m.want("bot_started", "user_did_start_bot",
			fmt.Sprintf(`{"user_id":%d,"start_value":%q}`, user, strings.ToLower(start)))
		u := m.info(user, "")
		if u["invite_link"] != "Spring" {
			m.t.Errorf("%s: in lower case it is %v", query, u)
		}
		for k, v := range want {
			if got, _ := u[k].(string); got != v {
				m.t.Errorf("%s: %s is %q", query, k, got)
			}
		}
	}
	for _, v := range []string{"None", "null", "undefined"} {
		user++
		m.want("bot_started", "user_did_start_bot", fmt.Sprintf(`{"user_id":%d,"start_value":%q}`, user, v))
		if u := m.info(user, ""); u["invite_link"] != "" {
			m.t.Errorf("%s is a source: %v", v, u)
		}
	}
	m.p.account(m.Service, "facebook", map[string]any{"dataset_id": "1", "access_token": "t"}, "activation_goal", "Lead")
	m.p.account(m.Service, "yandex", map[string]any{"counter_id": "56", "oauth_token": "t"})
	m.want("bot_started", "user_did_start_bot", fmt.Sprintf(`{"user_id":200,"start_value":%q}`, m.click(
		"fbclid=fb.1.1700000000000.IwAR0abc&ym_uid=undefined&yclid=12345678901234567890", phone)))
	m.p.settled(m.t, m.Service, 2, "delivered")
	for _, c := range m.sim.Calls("facebook") {
		if strings.Contains(c.Body, "IwAR0abc") && !strings.Contains(c.Body, `"fbc":"fb.1.1700000000000.IwAR0abc"`) {
			m.t.Errorf("Meta was told %s", c.Body)
		}
	}
	for _, c := range m.sim.Calls("yandex") {
		if strings.Contains(c.Body, "undefined") {
			m.t.Errorf("Metrica was told %s", c.Body)
		}
	}
}

// bodies: what templates, tools and clients do to them.
func (m material) bodies() {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(`{"user_id":"1020","start_value":"x"}`))
	_ = z.Close()
	update := func(id int) string {
		return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"from":{"id":%[1]d,"is_bot":false,"first_name":"A"},
			"chat":{"id":%[1]d,"type":"private"},"date":1700000000,"text":"/start abc"}}`, id)
	}
	for _, c := range []struct{ method, body, header, want string }{
		{"user_did_start_bot", "{\"user_id\":\"1002\",\"first_name\":\"Иван\nП\",\"start_value\":\"x\"}", "",
			"bot_started"},
		{"user_did_start_bot", `{"user_id":"1003","first_name":"Иван "Грозный"","start_value":"x"}`, "",
			"bot_started"},
		{"user_did_start_bot", `{"user_id":"1004","first_name":"a\b\","start_value":"x"}`, "", "bot_started"},
		{"user_did_start_bot", `{"user_id":"1005","start_value":"x",}`, "", "bot_started"},
		{"on_telegram_webhook", `[{"json":` + update(1006) + `,"pairedItem":{"item":0}}]`, "", "bot_started"},
		{"user_did_start_bot", `[{"json":` + update(1007) + `,"pairedItem":{"item":0}}]`, "", "bot_started"},
		{"on_telegram_webhook", "update_id=9&message[from][id]=2500&message[chat][id]=2500&message[chat][type]=private" +
			"&message[date]=1700000000&message[text]=/start+abc", "Content-Type: application/x-www-form-urlencoded",
			"bot_started"},
		{"user_did_start_bot", `{"user_id":"1008"}`, "Content-Type: multipart/form-data; boundary=x", "bot_started"},
		{"user_did_start_bot", `%7B"user_id":"1009"%7D=`, "Content-Type: application/x-www-form-urlencoded", "bot_started"},
		{"add_event", `{"user_id":"1010","event_type":"sale","amount":"1500 ₽","date":"29.11.2026"}`, "", "funnel_event"},
		{"add_event", `{"user_id":"1010","event_type":"sale","amount":"much","date":"some day"}`, "", "funnel_event"},
		{"user_did_start_bot", zipped.String(), "Content-Encoding: gzip", "bot_started"},
		{"user_did_start_bot", `"{\"user_id\":1011}"`, "Content-Type: text/plain", "bot_started"},
		{"user_did_start_bot", "\ufeff" + `{"user_id":1012}`, "", "bot_started"},
		{"user_did_start_bot", `{"body":{"user_id":1013}}`, "", "bot_started"},
		{"user_did_start_bot", `{"user_id":"{{user_id}}"}`, "", "422"},
		{"user_did_start_bot", `{{ $json }}`, "", "422"},
	} {
		var header []string
		if c.header != "" {
			header = append(header, c.header)
		}
		m.want(c.want, c.method, c.body, header...)
	}
	for path, code := range map[string]int{
		"//v1/" + m.p.key + "/get_user_info": 200, "/v1/" + m.p.key + "%20/get_user_info": 200,
		"/v1/nosuchkey/get_user_info": 401, "/v1/" + m.p.key + "/nosuch": 404,
	} {
		a := m.Call("POST", path, `{"user_id":1002}`, "Content-Type: application/json")
		if a.Code != code || a.JSON(m.t)["status"] == nil {
			m.t.Errorf("%s: %d %s", path, a.Code, a.Body)
		}
	}
	last := string(m.Call("GET", "/api/v1/projects/"+m.p.id+"/requests?limit=100", "",
		"Authorization: Bearer "+e2e.Token).Body)
	for _, code := range []string{"control_character", "form_name", "left_out"} {
		if !strings.Contains(last, code) {
			m.t.Errorf("the requests do not tell of %s: %.3000s", code, last)
		}
	}
}

// orders: in whatever order they come, the person is there, started and left as
// often as they did.
func (m material) orders() {
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	said := []func(user int) (string, string){
		func(user int) (string, string) {
			return "user_did_start_bot", fmt.Sprintf(`{"user_id":%d,"date":%d}`, user, at.Unix())
		},
		func(user int) (string, string) {
			return "on_telegram_webhook", member(user, at.Add(60*time.Second), "member", "kicked")
		},
		func(user int) (string, string) {
			return "on_telegram_webhook", member(user, at.Add(120*time.Second), "kicked", "member")
		},
		func(user int) (string, string) {
			return "user_did_start_bot", fmt.Sprintf(`{"user_id":%d,"date":%d}`, user, at.Unix()+121)
		},
	}
	user := 3000
	for _, order := range permutations([]int{0, 1, 2, 3}) {
		user++
		for _, i := range order {
			method, body := said[i](user)
			if code := m.events(method, body); code == "" || strings.HasPrefix(code, "4") {
				m.t.Fatalf("%s %s: %s", method, body, code)
			}
		}
		if u := m.info(user, ""); fmt.Sprint(u["left_date"]) != "0" {
			m.t.Errorf("in the order %v: %v", order, u)
		}
	}
	m.day("clicks 0, starts 48, joins 48, leaves 24")
}

func member(user int, at time.Time, was, is string) string {
	return fmt.Sprintf(`{"update_id":%d,"my_chat_member":{"chat":{"id":%[2]d,"type":"private"},"from":{"id":%[2]d,
		"is_bot":false,"first_name":"A"},"date":%d,"old_chat_member":{"status":%q,"user":{"id":1,"is_bot":true,"first_name":"B"}},
		"new_chat_member":{"status":%q,"user":{"id":1,"is_bot":true,"first_name":"B"}}}}`,
		user*10+len(is)+len(was)*2, user, at.Unix(), was, is)
}

func permutations(of []int) (out [][]int) {
	if len(of) < 2 {
		return [][]int{of}
	}
	for i, first := range of {
		rest := append(append([]int{}, of[:i]...), of[i+1:]...)
		for _, p := range permutations(rest) {
			out = append(out, append([]int{first}, p...))
		}
	}
	return out
}

// tables: as their clients read them.
func (m material) tables() {
	start := m.click("utm_source=@mychannel", phone)
	m.want("bot_started", "user_did_start_bot",
		fmt.Sprintf(`{"user_id":600701,"first_name":"A","start_value":%q}`, start))
	m.want("bot_started", "user_did_start_bot", `{"user_id":600702,"first_name":"B"}`)
	key := m.made["report_key"].(string)
	for path, look := range map[string]func(rows []string) bool{
		"/max/api/get_chat_members.php?apiKey=" + key: func(rows []string) bool {
			return len(rows) == 3 && strings.Contains(rows[2], ",@mychannel,") && !strings.Contains(rows[1], ":")
		},
		"/pro/chatMembers.php?userID=600701&apiKey=" + key: func(rows []string) bool {
			return len(rows) == 2 && strings.Contains(rows[1], "600701")
		},
	} {
		a := m.Call("GET", path, "")
		rows := strings.Split(strings.TrimSpace(string(a.Body)), "\n")
		if a.Code != 200 || !look(rows) {
			m.t.Errorf("%s: %d\n%s", path, a.Code, a.Body)
		}
	}
}

// many: people and requests in one call.
func (m material) many() {
	items := []string{}
	for i := range 1000 {
		items = append(items, fmt.Sprintf(`{"method":"user_did_start_bot","body":{"user_id":%d}}`, 7001+i))
	}
	items[998] = `{"method":"nosuch","body":{}}`
	items[999] = `{"method":"add_event","body":"{\"user_id\":7001,\"event_type\":\"step\"}"}`
	a := m.Event(m.p.key, "batch", `{"items":[`+strings.Join(items, ",")+`]}`)
	got := a.JSON(m.t)["data"].(map[string]any)["items"].([]any)
	if a.Code != 200 || len(got) != 1000 {
		m.t.Fatalf("batch: %d, %d items", a.Code, len(got))
	}
	for i, it := range got {
		want := "OK"
		if i == 998 {
			want = "Error"
		}
		if is := fmt.Sprint(it.(map[string]any)["status"]); (is == "OK") != (want == "OK") {
			m.t.Errorf("item %d: %v", i, it)
		}
	}
	a = m.Event(m.p.key, "get_users_info", `{"user_ids":[7001,"7002",99999999]}`)
	if users := a.JSON(m.t)["data"].(map[string]any)["users"].([]any); len(users) != 2 {
		m.t.Errorf("users: %s", a.Body)
	}
	if a := m.Event(m.p.key, "batch", `{"items":[]}`, "Idempotency-Key: x"); a.Code != 422 {
		m.t.Errorf("a key of the whole: %d %s", a.Code, a.Body)
	}
}

// payments: of the messenger itself, and of those who sign what they tell.
func (m material) payments() {
	m.p.account(m.Service, "facebook", map[string]any{"dataset_id": "1", "access_token": "t"},
		"goals", map[string]any{"payment_created": "Purchase"})
	m.want("bot_started", "user_did_start_bot",
		fmt.Sprintf(`{"user_id":1,"start_value":%q}`, m.click("fbclid=IwAR1", phone)))
	pay := func(id int, what string) string {
		return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":3,"from":{"id":1,"is_bot":false,"first_name":"A"},
			"chat":{"id":1,"type":"private"},"date":%d,%s}}`, id, time.Now().Unix(), what)
	}
	paid := `"successful_payment":{"currency":"RUB","total_amount":150050,"invoice_payload":"x",
		"telegram_payment_charge_id":"c1","provider_payment_charge_id":"p1"}`
	m.want("payment_created", "on_telegram_webhook", pay(50, paid))
	m.want("payment_created", "on_telegram_webhook", pay(51, strings.Replace(paid, "RUB", "XTR", 1)+``))
	m.want("payment_refunded", "on_telegram_webhook", pay(52, `"refunded_payment":{"currency":"RUB","total_amount":150050,
		"invoice_payload":"x","telegram_payment_charge_id":"c1"}`))
	m.want("payment_created", "on_telegram_webhook", `{"update_id":53,"purchased_paid_media":{"from":{"id":1,
		"is_bot":false,"first_name":"A"},"paid_media_payload":"x"}}`)
	e2e.Eventually(m.t, 30*time.Second, func() error {
		cs := m.p.conversions(m.Service, "")
		if len(cs) != 2 {
			return fmt.Errorf("conversions: %v", cs)
		}
		return nil
	})
}
