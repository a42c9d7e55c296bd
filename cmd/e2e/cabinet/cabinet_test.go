package cabinet_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	// The go command does not see that these tests build the program: without
	// this it would take their results from its cache after a change of it.
	_ "github.com/tgtrack/tgtrack/cmd"
	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
	"github.com/tgtrack/tgtrack/cmd/e2e/cabinet"
)

func TestMain(m *testing.M) {
	code := m.Run()
	e2e.Clean()
	os.Exit(code)
}

// TestCabinet walks the pages as their users do: the owner of the first start
// makes a project, a person starts the bot, the owner finds out where they
// came from; a viewer is let in and no further than they may go.
func TestCabinet(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		networks := all.Simulation(adsim.Options{})
		networks.Revoke("facebook", "the-token")
		sim := httptest.NewServer(networks)
		t.Cleanup(sim.Close)
		s := e2e.Start(t, t.TempDir(), append(env, "TGTRACK_OUTBOUND_ALLOW_PRIVATE=true",
			"TGTRACK_ADNETWORKS_FACEBOOK_BASE_URL="+sim.URL+"/facebook",
			"TGTRACK_ADNETWORKS_TELEGRAM_BASE_URL="+sim.URL+"/telegram",
			"TGTRACK_TELEGRAM_BOT_TOKEN=123:"+strings.Repeat("b", 35), "TGTRACK_NOTIFY_INTERVAL=100ms")...)
		c := cabinet.New(t, s, browser.New(t))

		c.Open("/")
		c.Wait("Log in")
		c.Look("login")
		c.Open(c.SetupPath())
		c.Fill("email", "anna@example.org")
		c.Fill("name", "Anna")
		c.Fill("password", "correct-horse")
		c.Look("setup")
		c.Press("Create the owner")
		c.Wait("Constructor") // the first project is what comes next
		c.Fill("name", "Flower shop")
		c.Fill("username", "flower_shop_bot")
		c.Look("new-project")
		c.Press("Create and connect")
		c.WaitPath(func(path string) bool {
			return strings.HasPrefix(path, "/projects/") && !strings.HasPrefix(path, "/projects/new")
		})
		id := strings.Split(c.Path(), "/")[2]
		base := "/projects/" + id

		// An ad account: with a token that is wrong, and with one that is right.
		c.Press("Ad accounts")
		c.Wait("Connect an ad account")
		c.Look("accounts-empty")
		c.Press("Meta Conversions API")
		c.Wait("Access token")
		c.Look("account-form")
		c.Fill("settings.dataset_id", "no number")
		c.Fill("settings.access_token", "the-token")
		c.Fill("activation_goal", "Lead")
		c.Fill("goals", "paid = CompleteRegistration")
		c.Press("Save")
		c.Wait("must be the number of the dataset")
		c.Fill("settings.dataset_id", "1001")
		c.Fill("settings.access_token", "the-token")
		c.Press("Save")
		c.Wait("not tried yet")
		c.Press("Test")
		c.Wait("The test failed")
		c.Look("account-failed")
		networks.Restore("facebook", "the-token")
		c.Press("Test")
		c.Wait("The test passed")
		c.Look("account-passed")

		c.Press("Connect")
		c.Wait("Waiting for a test start")
		if text := c.Text(); !strings.Contains(text, "/v1/***/on_telegram_webhook") {
			t.Errorf("the key is shown before anybody asked for it, or no address is: %s", text)
		}
		c.Press("Show the addresses with the key")
		c.Wait("/v1/tgk_")
		key := strings.Split(c.Eval("document.querySelector('code.copy').textContent"), "/")[4]
		c.Look("connect")
		s.Event(key, "user_did_start_bot", `{"user_id":"{{user_id}}"}`)
		c.Wait("A variable was not replaced by its value") // by itself
		c.Look("connect-mistake")
		s.Event(key, "user_did_start_bot", `{"user_id":"500","first_name":"Test"}`)
		c.Wait("without a start value") // which is not connected
		c.Look("connect-amber")
		c.Press("Sources")
		c.Wait("There are no tracking links yet.")
		c.Look("sources-empty")
		c.Press("New tracking link")
		c.Wait("Readable address")
		c.Look("new-link")
		c.Fill("name", "Sprnig")
		c.Fill("utm_source", "spring")
		c.Fill("utm_campaign", "may")
		c.Press("Create the link")
		c.Wait("Address for the ad")
		c.Look("link")
		c.Fill("amount", "no sum")
		c.Eval("(() => { document.querySelector('[name=from]').value = '2026-11-01'; return '' })()")
		c.Press("Save the sum")
		c.Wait("must be a sum such as")
		c.Fill("amount", "1500,50")
		c.Press("Save the sum")
		c.Wait("By day")
		link := c.Path()[strings.LastIndex(c.Path(), "/")+1:]
		managesLinks(c, base, link)
		if w := c.Eval("String(document.querySelector('img.qr').naturalWidth)"); w != "600" {
			t.Errorf("the QR code is %s pixels wide", w)
		}
		open := func(mode string) {
			s.API(200, "PATCH", "/projects/"+id+"/links/"+link, map[string]any{"open_page": mode})
		}
		open("always")
		c.Open("/c/" + link + "?gclid=Abc")
		c.WaitEval("document.querySelector('a.first').href.split('TGTrack-PJ')[0]",
			"tg://resolve?domain=flower_shop_bot&start=")
		c.Look("link-page")
		open("off")
		c.Open(base)
		c.Press("Live")
		c.Wait("the macro {{user_id}}")
		start := s.Click(link, "fbclid=IwAR0abc")
		if a := s.Event(key, "user_did_start_bot",
			`{"user_id":"501","first_name":"Boris","username":"boris","start_value":"`+start+`"}`); a.Code != 200 {
			t.Fatalf("start: %d %s", a.Code, a.Body)
		}
		c.WaitEval("String(document.querySelectorAll('[data-live] > li').length)", "3") // by itself
		c.Press("Connect")
		c.Wait("A start has arrived with its source")
		c.Look("connect-green")
		c.Press("Live")
		c.Wait("the macro {{user_id}}")
		c.Look("live")
		c.Eval("(() => { document.querySelector('[data-live] summary').click(); return '' })()")
		c.Wait("by the click's own start value") // the way of the request, in its place
		c.Look("live-open")
		c.Eval("(() => { setTimeout(() => document.querySelector('[data-live] .feed-story > a').click()); return '' })()")
		c.Wait("Make an address for support")
		c.Look("request")
		c.Press("Make an address for support")
		c.Wait("Whoever has this address")
		shared := c.Eval("document.querySelector('code.copy').textContent")
		c.Look("request-shared")
		if a := s.Call("GET", strings.TrimPrefix(shared, s.URL), ""); a.Code != 200 ||
			strings.Contains(strings.ToLower(string(a.Body)), "boris") ||
			strings.Contains(string(a.Body), start) {
			t.Errorf("the address for support: %d %s", a.Code, a.Body)
		}
		s.Event(key, "user_did_start_bot", `{"user_id":"502","first_name":"Vera"}`)
		s.Event(key, "add_event", `{"user_id":"501","event_type":"opened_price","event_result":"success"}`)
		s.Event(key, "send_reach_goal", `{"user_id":"501","target":"paid"}`)
		for _, page := range []string{"Sources", "Funnel", "Cohorts", "Lifetime"} {
			c.Press(page)
			c.WaitPath(func(path string) bool { return strings.HasSuffix(path, "/"+strings.ToLower(page)) })
			c.Look(strings.ToLower(page))
		}

		c.Open(base)
		c.Wait("Spring")
		c.Look("overview")
		c.Press("Spring") // filters the page
		c.Wait("Source: Spring")
		if !strings.Contains(c.Path(), "source=Spring") {
			t.Errorf("the filter is not in the address: %s", c.Path())
		}
		c.Look("overview-filtered")
		c.Keys("1") // today
		c.WaitPath(func(path string) bool { return strings.Contains(path, "period=today") })

		c.Press("Subscribers")
		c.Wait("Vera")
		c.Look("subscribers")
		c.Fill("q", "boris")
		c.Press("Find")
		c.WaitPath(func(path string) bool { return strings.Contains(path, "q=boris") })
		if strings.Contains(c.Text(), "Vera") {
			t.Errorf("the search for boris finds others: %s", c.Text())
		}
		c.Press("Boris")
		c.WaitPath(func(path string) bool { return strings.HasSuffix(path, "/subscribers/telegram/501") })
		c.Wait("by the click's own start value")
		e2e.Eventually(t, 20*time.Second, func() error {
			c.Open(c.Path())
			if n := strings.Count(c.Text(), "delivered"); n < 2 {
				return fmt.Errorf("%d conversions are delivered:\n%s", n, c.Text())
			}
			return nil
		})
		var told []string
		for _, it := range networks.Received("facebook") {
			told = append(told, it.Target)
		}
		if slices.Sort(told); !slices.Equal(told, []string{"CompleteRegistration", "Lead"}) {
			t.Errorf("the network was told %v", told)
		}
		c.Look("dossier")
		c.Eval("(() => { setTimeout(() => document.querySelector('main section table " +
			"a[href*=\"/requests/\"]').click()); return '' })()")
		c.WaitPath(func(path string) bool { return strings.Contains(path, "/requests/") }) // and back
		c.Wait("send_reach_goal")
		c.Press("Ad accounts")
		c.WaitPath(func(path string) bool { return strings.HasSuffix(path, "/accounts") })
		c.Eval("(() => { setTimeout(() => document.querySelector('main article a').click()); return '' })()")
		c.Wait("CompleteRegistration")
		c.Eval("(() => { setTimeout(() => document.querySelector('main a[href*=\"conversion=\"]').click()); " +
			"return '' })()")
		c.Wait("events_received") // the network's answer
		c.Look("account-log")
		c.Press("Notifications")
		c.Wait("Nothing was sent yet.")
		c.Press("Link a chat")
		c.Wait("Waiting for the chat")
		c.Look("notifications-code")
		code := c.Eval("document.querySelector('#code code.copy').textContent")
		networks.WriteTelegram(adsim.TelegramWrite{ChatID: 70001, Title: "Anna", Text: code})
		c.Wait("1 chat is linked.") // by itself
		c.Press("Send a test")
		e2e.Eventually(t, 20*time.Second, func() error {
			c.Open(base + "/notifications")
			if text := c.Text(); !strings.Contains(text, "sent\n") && !strings.Contains(text, "sent test") {
				return fmt.Errorf("the test was not sent:\n%s", text)
			}
			return nil
		})
		c.Fill("webhook_url", "no address")
		c.Press("Save")
		c.Wait("must be an address that begins with https:")
		c.Fill("webhook_url", sim.URL+"/hook")
		c.Press("Save")
		c.Wait("It is shown once.")
		c.Look("notifications")
		c.Press("Settings")
		c.Wait("Time zone")
		c.Look("settings")
		c.Fill("timezone", "Mars/Base")
		c.Press("Save")
		c.Wait("is not an IANA time zone")
		c.Press("Changes")
		c.Wait("project made")
		c.Look("audit")

		c.Press("Русский")
		c.Wait("Изменения")
		c.Open(base)
		c.Wait("Подписки")
		c.Width(390)
		c.Look("overview-phone-ru")
		c.Width(1280)
		c.Open("/profile")
		c.Wait("Токены")
		c.Look("profile-ru")

		c.Open(base + "/users")
		c.Choose("role", "viewer")
		c.Press("Создать приглашение")
		c.Wait("/invite/")
		invitation := c.Eval("document.querySelector('code.copy').textContent")
		c.Look("users-ru")
		c.Press("Выйти")
		c.Wait("Вход")
		c.Open(strings.TrimPrefix(invitation, s.URL))
		c.Fill("email", "gleb@example.org")
		c.Fill("password", "battery-staple")
		c.Look("invitation-ru")
		c.Press("Принять")
		c.Wait("Приглашение принято")
		c.Fill("email", "gleb@example.org")
		c.Fill("password", "battery-staple")
		c.Look("invited-ru")
		c.Press("Войти")
		c.WaitPath(func(path string) bool { return path == "/projects" })
		c.Wait("Flower shop")
		c.Look("projects-ru")
		withCode(c)
		c.Open(base + "/settings")
		c.Wait("Ваша роль этого не позволяет")
		c.Open("/users")
		c.Wait("Ваша роль этого не позволяет")
		s.Stop()
	})
}

// managesLinks mends a link that was misspelt, archives it and brings it back,
// and makes others of a table.
func managesLinks(c *cabinet.Cabinet, base, link string) {
	c.Fill("name", "Spring")
	c.Fill("slug", "Spring!")
	c.Press("Save")
	c.Wait("must be 3 to 40 small Latin letters")
	c.Look("link-fault")
	c.Fill("slug", "spring")
	c.Fill("tags", "vk, may")
	c.Press("Save")
	c.Wait("Saved.")
	c.Wait("/c/spring")
	c.Press("Archive")
	c.Wait("“Spring” is in the archive.")
	c.Look("sources-archived")
	c.Press("Undo")
	c.Wait("The link is back in the lists.")
	c.Open(base + "/sources/bulk")
	c.Fill("table", "name;slug;utm_source\nPosts;posts;vk\nSpring;stories;vk")
	c.Press("Look at it")
	c.Wait("is the name of another link")
	c.Look("bulk-fault")
	c.Fill("table", "name;slug;utm_source\nPosts;posts;vk\nStories;stories;vk")
	c.Press("Look at it")
	c.Wait("2 links would be made")
	c.Look("bulk-preview")
	c.Press("Make 2 links")
	c.Wait("2 links are made.")
	c.Open(base + "/sources/" + link)
	c.Wait("Address for the ad")
}

// withCode sets a second factor of Gleb up, and logs in with it.
func withCode(c *cabinet.Cabinet) {
	c.Open("/profile/second-factor")
	c.Wait("Отсканируйте картинку")
	c.Look("second-factor-ru")
	secret := strings.ReplaceAll(c.Eval("document.querySelector('code.copy').textContent"), " ", "")
	now := time.Now()
	c.Fill("code", c.AppCode(secret, now))
	c.Fill("password", "battery-staple")
	c.Press("Подключить")
	c.Wait("Сохраните эти коды")
	c.Look("recovery-codes-ru")
	c.Press("Коды сохранены")
	c.WaitPath(func(path string) bool { return path == "/projects" })
	c.Open("/profile")
	c.Wait("Где выполнен вход")
	c.Look("sessions-ru")
	c.Press("Выйти")
	c.Wait("Вход")
	c.Fill("email", "gleb@example.org")
	c.Fill("password", "battery-staple")
	c.Press("Войти")
	c.Wait("Второй шаг")
	c.Look("login-code-ru")
	c.Fill("code", c.AppCode(secret, now.Add(30*time.Second))) // the one before was used
	c.Press("Войти")
	c.WaitPath(func(path string) bool { return path == "/projects" })
}
