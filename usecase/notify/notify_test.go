package notify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// TestDigest tells of three mornings: of a day with people, of one without,
// and of one that is told all the same, in another language and time zone.
func TestDigest(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.chat(7)
		n.set(notify.SettingsInput{DigestHour: is(11), Alerts: is(false)})
		l := n.link("Директ")
		for user := range int64(3) {
			n.send(start(user+1, n.click(l).StartValue))
		}
		n.send(start(4, ""))
		n.send(stop(4))
		n.after(100 * time.Minute) // 10:40
		n.round("before the hour, a day late already")
		n.after(20 * time.Minute)
		want := "7: tale: сутки до 11:00, 03.03.2031\nподписки 24ч: 4\nотписки 24ч: 1\n\n" +
			"По источникам (подписки / отписки):\n" +
			"• Директ: 3 / 0\n• без источника: 1 / 1"
		n.round("the first morning", want)
		n.round("once more")
		n.ok(n.another().Round(n.Context()))
		n.round("after another process looked")

		n.after(day)
		n.round("a day on which nothing happened")
		n.set(notify.SettingsInput{DigestEmpty: is(true), Language: is("en")})
		n.round("it had its digest already")
		n.p.Timezone = "America/New_York"
		n.ok(n.UpdateProject(n.Context(), n.p.Project))
		n.after(day)
		n.round("11:00 in London is no morning in New York") // 6:00 there
		n.after(5*time.Hour + time.Minute)
		n.round("11:01 there", "7: tale: 24 hours until 11:00, 5 Mar 2031\nNothing happened in 24 hours.")
		n.after(day + 13*time.Hour)
		n.round("too late for a digest")
	})
}

// TestSending: what was refused is sent again, what nobody knows of is not, a
// chat that blocked the bot is unlinked, and one that moved is found.
func TestSending(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.chat(7)
		test := func() { n.ok(n.notices.Test(n.Context(), n.p.ID)) }
		n.set(notify.SettingsInput{Digest: is(false)})
		const text = "7: tale: проверка. Сообщения доходят."

		n.post.faults = []*notify.SendError{
			{Fault: notify.SendRefused, After: 30 * time.Second}, nil, {Fault: notify.SendUncertain},
			{Fault: notify.SendMoved, MovedTo: -1007},
		}
		test()
		n.round("the first attempt", text)
		n.after(29 * time.Second)
		n.round("before the time that Telegram named")
		n.after(2 * time.Second)
		n.round("the second attempt", text)
		test()
		n.round("an attempt without an answer", text)
		n.after(time.Minute)
		n.round("which is not made again")
		test()
		n.round("to a group that moved", text)
		n.after(3 * time.Second)
		n.round("where it is now", strings.Replace(text, "7", "-1007", 1))
		if got := n.states(); got != "sent uncertain sent" {
			t.Error("states:", got)
		}

		n.post.faults = []*notify.SendError{{Fault: notify.SendGone, Reason: "blocked"}}
		test()
		n.round("to a chat that blocked the bot", strings.Replace(text, "7", "-1007", 1))
		if err := n.notices.Test(n.Context(), n.p.ID); !errors.Is(err, domain.ErrInvalid) {
			t.Error("a test to nobody:", err)
		}
		if cs, err := n.notices.Chats(n.Context(), n.p.ID); err != nil || len(cs) != 0 {
			t.Error("chats", cs, err)
		}
	})
}

// TestWebhook: the address and the secret are told once and never
// again, and the address that was shown masked stays.
func TestWebhook(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		wrong := notify.SettingsInput{WebhookURL: is("words"), DigestHour: is(24)}
		if _, _, err := n.notices.Update(n.Context(), n.p.ID, wrong); !errors.Is(err, domain.ErrInvalid) ||
			!strings.Contains(err.Error(), "webhook_url") || !strings.Contains(err.Error(), "digest_hour") {
			t.Error("wrong input:", err)
		}
		s, made, err := n.notices.Update(n.Context(), n.p.ID,
			notify.SettingsInput{WebhookURL: is("https://crm.example/hook?key=1")})
		n.ok(err)
		if made != "whsec_made" || s.MaskedURL() != "https://crm.example/***" {
			t.Errorf("made %q, masked %q", made, s.MaskedURL())
		}
		_, made, err = n.notices.Update(n.Context(), n.p.ID, notify.SettingsInput{
			WebhookURL: is("https://crm.example/***"), WebhookSecret: is(usecase.SecretMask),
		})
		n.ok(err)
		n.post.faults = []*notify.SendError{{Fault: notify.SendUncertain}}
		n.ok(n.notices.Test(n.Context(), n.p.ID))
		n.round("a webhook is no chat")
		n.after(time.Minute)
		n.round("it is called again")
		const called = `https://crm.example/hook?key=1 whsec_made {"type":"test","timestamp":"2031-03-03T09:00:00Z"`
		if len(n.post.calls) != 2 || made != "" || !strings.HasPrefix(n.post.calls[0], called) {
			t.Errorf("made %q, calls %q", made, n.post.calls)
		}
		es, _, err := n.Audit(n.Context(), n.p.ID, usecase.Page{})
		n.ok(err)
		if text := fmt.Sprint(es); strings.Contains(text, "crm") || !strings.Contains(text, "notifications.test") {
			t.Error("audit log:", text)
		}
	})
}

// TestOneProcessTells: of two processes one hears and tells, and when it ends
// the other does.
func TestOneProcessTells(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		code, err := n.notices.MakeCode(n.Context(), n.p.ID, "en")
		n.ok(err)
		var running sync.WaitGroup
		run := func() (stop func()) {
			ctx, cancel := context.WithCancel(n.Context())
			running.Go(func() { n.check(n.another().Run(ctx)) })
			return cancel
		}
		heard := func(text string) func() bool {
			return func() bool {
				n.post.mu.Lock()
				defer n.post.mu.Unlock()
				return strings.Contains(strings.Join(n.post.said, "\n"), text)
			}
		}
		first := run()
		n.post.write(notify.ChatMessage{ChatID: 7, Kind: "private", Text: "/start " + code.Code})
		eventually(t, "the first process", heard(`linked to the project "tale"`))
		second := run()
		first()
		n.post.write(notify.ChatMessage{ChatID: 7, Kind: "private", Text: "/stop"})
		n.post.write(notify.ChatMessage{ChatID: 8, Kind: "private", Text: "/start " + code.Code})
		eventually(t, "the second process", heard("does not work"))
		second()
		running.Wait()
		if cs, err := n.notices.Chats(n.Context(), n.p.ID); err != nil || len(cs) != 0 {
			t.Error("chats", cs, err)
		}
	})
}
