package notify_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// quietly makes a project that gets alerts in a chat and no digests.
func (n *newsroom) quietly(language string) {
	n.Helper()
	n.chat(7)
	n.set(notify.SettingsInput{Digest: is(false), Language: is(language), WebhookURL: is("https://crm.example/hook")})
}

const toProject = "\nhttps://go.example/projects/00000000000000000000000000000001"

// TestAlertOfAccess: it is told once, again after a day, and when it is over.
func TestAlertOfAccess(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.quietly("ru")
		a := domain.Account{
			ID: "acc", ProjectID: n.p.ID, Network: "postback", Name: "Трекер", Health: domain.Healthy,
			CreatedAt: n.clock(), UpdatedAt: n.clock(),
		}
		n.ok(n.CreateAccount(n.Context(), a))
		n.round("all is well")
		a.Health, a.HealthReason = domain.Reauth, "the token was revoked."
		n.ok(n.UpdateAccount(n.Context(), a, usecase.AccountUpdate{}))
		text := "tale: рекламный аккаунт «Трекер» остановлен: the token was revoked. " +
			"Сохраните новый доступ в его настройках; конверсии ждут." + toProject
		n.round("it stopped", "7: ⚠️ "+text)
		n.round("once more")
		n.ok(n.another().Round(n.Context()))
		n.round("another process looks")
		n.after(day)
		n.round("a day later", "7: ⚠️ "+strings.Replace(text, "tale: ", "tale: всё ещё: ", 1))
		open, err := n.notices.OpenAlerts(n.Context(), n.p.ID)
		n.ok(err)
		if len(open) != 1 || open[0].Told != 2 || open[0].Subject != "acc" {
			t.Errorf("open: %+v", open)
		}
		a.Health, a.HealthReason = domain.Healthy, ""
		n.ok(n.UpdateAccount(n.Context(), a, usecase.AccountUpdate{}))
		n.round("it works again", "7: ✅ "+strings.Replace(text, "tale: ", "tale: прошло: ", 1))
		n.round("and that is all")
		if len(n.post.calls) != 3 || !strings.Contains(n.post.calls[0],
			`"kind":"access","state":"opened","subject":"acc"`) ||
			!strings.Contains(n.post.calls[1], `"state":"reminder"`) ||
			!strings.Contains(n.post.calls[2], `"state":"over"`) {
			t.Errorf("the webhook was called with %q", n.post.calls)
		}
		a.Health = domain.Disabled
		n.ok(n.UpdateAccount(n.Context(), a, usecase.AccountUpdate{}))
		n.set(notify.SettingsInput{Alerts: is(false)})
		n.round("alerts are off")
	})
}

// TestAlertOfSilence: only a project that had events can fall silent.
func TestAlertOfSilence(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.quietly("en")
		n.set(notify.SettingsInput{SilenceHours: is(3)})
		n.after(4 * time.Hour)
		n.round("there was never anything")
		n.send(start(1, ""))
		n.after(3 * time.Hour)
		n.round("three hours later")
		n.after(time.Minute)
		text := "tale: nothing has come since 3 Mar 2031 13:00 (UTC). Check the webhook in the constructor." + toProject
		n.round("and a minute", "7: ⚠️ "+text)
		n.send(start(2, ""))
		n.round("somebody came", "7: ✅ "+strings.Replace(text, "tale: ", "tale: over: ", 1))
		n.set(notify.SettingsInput{SilenceHours: is(0)})
		n.after(40 * 24 * time.Hour)
		n.round("silence is no reason")
	})
}

// TestAlertOfErrors: many errors that were there before are no news.
func TestAlertOfErrors(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.quietly("en")
		requests := func(ago time.Duration, name string, right, wrong int) {
			for i := range right + wrong {
				r := usecase.RequestRecord{Constructor: name, ReceivedAt: n.clock().Add(-ago), Code: 200}
				if i >= right {
					r.Code = 405
				}
				n.post.log = append(n.post.log, r)
			}
		}
		requests(5*time.Minute, "salebot", 20, 11)
		requests(2*time.Hour, "salebot", 100, 2)
		requests(5*time.Minute, "bothelp", 20, 11)
		requests(2*time.Hour, "bothelp", 20, 11)
		requests(5*time.Minute, "sambot", 5, 9)
		const text = "tale: more requests fail than usual (salebot): 11 of 31 in an hour. Look at Live." + toProject
		n.round("one is getting worse", "7: ⚠️ "+text)
		n.post.log = nil
		requests(5*time.Minute, "salebot", 20, 4)
		n.round("it is not over yet")
		n.post.log = nil
		requests(5*time.Minute, "salebot", 20, 3)
		n.round("now it is", "7: ✅ "+strings.Replace(text, "tale: ", "tale: over: ", 1))
		n.post.log = nil
		requests(5*time.Minute, "salebot", 380, 120)
		requests(2*time.Hour, "salebot", 400, 100)
		n.round("a busy project has as many as ever")
		n.post.log = nil
		requests(5*time.Minute, "salebot", 20, 11)
		requests(2*time.Hour, "salebot", 100, 2)
		for i := range n.post.log {
			n.post.log[i].Receipts = []usecase.Receipt{{ID: "kept"}}
		}
		n.round("goals of people who came by no link are no errors")
	})
}

// TestAlertOfDecoders: whose requests a decoder would read that is switched off
// is told, and nobody else.
func TestAlertOfDecoders(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.quietly("en")
		sign := func(off ...string) {
			p := usecase.NewProcesses(n.Store, usecase.Process{ID: "p", Host: "h", Address: "a"},
				func() []string { return off }, func(bool) {}, n.clock, slog.New(slog.DiscardHandler))
			n.ok(p.Start(n.Context()))
		}
		n.post.log = append(n.post.log, usecase.RequestRecord{
			Constructor: "salebot", Method: "on_telegram_webhook", ReceivedAt: n.clock(), Code: 503,
		})
		sign("winwin")
		n.round("a decoder of others is off")
		sign("salebot", "winwin")
		const text = "tale: the decoder salebot does not answer and is switched off; requests are answered 503 and " +
			"kept. Whoever runs the service has to install a version that reads them, and replay them." + toProject
		n.round("its own is", "7: ⚠️ "+text)
		sign()
		n.round("the service was started again", "7: ✅ "+strings.Replace(text, "tale: ", "tale: over: ", 1))
	})
}

// weak is a store whose conversions are in trouble.
type weak struct {
	*store.Store
	since   time.Time
	backlog map[string]usecase.Backlog
	down    error
}

func (w *weak) FailingSince(context.Context, string) (time.Time, error) { return w.since, w.down }

func (w *weak) Backlogs(context.Context, string, time.Time) (map[string]usecase.Backlog, error) {
	return w.backlog, nil
}

// TestAlertsOfConversions: a network that is away for long, and what expires
// meanwhile. What can not be read is not over.
func TestAlertsOfConversions(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.quietly("en")
		w := &weak{Store: n.Store}
		n.notices = notify.New(notify.Config{PublicURL: "https://go.example"}, w, n.reports,
			notify.AlertFacts{Backlogs: w, Requests: n.post, Decoders: ownDecoders{}}, n.post, n.post,
			n.newID, n.clock, slog.New(slog.DiscardHandler))
		n.ok(n.CreateAccount(n.Context(), domain.Account{
			ID: "acc", ProjectID: n.p.ID, Network: "postback", Name: "Tracker", Health: domain.Degraded,
			CreatedAt: n.clock(), UpdatedAt: n.clock(),
		}))
		w.since = n.clock()
		w.backlog = map[string]usecase.Backlog{"acc": {By: map[domain.Status]int{domain.Pending: 5}, AtRisk: 5}}
		n.round("it failed just now, and nothing was late yet")
		n.after(30 * time.Minute)
		text := "tale: the ad account \"Tracker\": the network has taken no conversions since 3 Mar 2031 09:00 (UTC). " +
			"They go out by themselves when it works." + toProject
		n.round("it fails for long", "7: ⚠️ "+text)
		w.down = errors.New("away")
		n.round("nobody knows")
		w.down, w.since = nil, time.Time{}
		n.round("it works", "7: ✅ "+strings.Replace(text, "tale: ", "tale: over: ", 1))
		w.backlog["acc"] = usecase.Backlog{By: map[domain.Status]int{domain.Parked: 1, domain.Pending: 5}, AtRisk: 4}
		n.round("some expire", "7: ⚠️ tale: conversions are about to expire: 4. "+
			"After that the network does not take them."+toProject)
	})
}

// TestAlertsOfEndings: conversions that end badly are told of once, and are over
// when an hour brought none; what was there before is no news, nor is a network
// that always rejects some.
func TestAlertsOfEndings(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.quietly("en")
		w := &weak{Store: n.Store, backlog: map[string]usecase.Backlog{}}
		fresh := func() *notify.Notifier {
			return notify.New(notify.Config{PublicURL: "https://go.example"}, w, n.reports,
				notify.AlertFacts{Backlogs: w, Requests: n.post, Decoders: ownDecoders{}}, n.post, n.post,
				n.newID, n.clock, slog.New(slog.DiscardHandler))
		}
		n.notices = fresh()
		n.ok(n.CreateAccount(n.Context(), domain.Account{
			ID: "acc", ProjectID: n.p.ID, Network: "postback", Name: "Tracker", Health: domain.Healthy,
			CreatedAt: n.clock(), UpdatedAt: n.clock(),
		}))
		are := func(uncertain, expired, rejected int) {
			w.backlog["acc"] = usecase.Backlog{By: map[domain.Status]int{
				domain.Uncertain: uncertain, domain.Expired: expired, domain.Rejected: rejected,
			}}
		}
		about := func(text string) string { return "tale: the ad account \"Tracker\": " + text + toProject }
		are(5, 7, 100)
		n.round("nobody knows since when they are there")
		n.after(10 * time.Minute)
		are(8, 7, 115)
		lost := about("conversions whose answer was lost within an hour: 3. Nothing sends them again by itself: " +
			"the network could count them twice. Decide on the account's page.")
		n.round("three answers were lost", "7: ⚠️ "+lost)
		n.after(50 * time.Minute)
		n.round("nothing new, but it is not an hour yet")
		n.notices = fresh()
		n.round("another process goes on")
		n.after(time.Hour)
		n.round("it is over", "7: ✅ "+strings.Replace(lost, "tale: ", "tale: over: ", 1))
		are(0, 7, 118) // the uncertain ones were sent again
		n.round("as many are rejected as always")
		n.after(time.Hour)
		are(1, 7, 120)
		n.round("one more is one too many", "7: ⚠️ "+strings.Replace(lost, "hour: 3", "hour: 1", 1))
		n.after(10 * time.Minute)
		are(1, 9, 120)
		n.round("some expire",
			"7: ⚠️ "+about("conversions that expired within an hour: 2. The network takes them no more; "+
				"the account's page says what they waited for."))
		are(1, 9, 135)
		n.round("more are rejected than before",
			"7: ⚠️ "+about("conversions that the network rejected within an hour: 15, more than before. "+
				"The account's page has the reasons."))
	})
}

// TestAlertForANewcomer: a chat that is linked while an alert is open is told of
// it, once.
func TestAlertForANewcomer(t *testing.T) {
	newsrooms(t, func(n *newsroom) {
		n.quietly("ru")
		n.set(notify.SettingsInput{SilenceHours: is(3)})
		n.send(start(1, ""))
		n.after(4 * time.Hour)
		text := "⚠️ tale: ничего не приходит с 03.03.2031 09:00 (UTC). Проверьте вебхук в конструкторе." + toProject
		n.round("it is silent", "7: "+text)
		n.chat(8)
		n.round("a chat is linked", "8: "+text)
		n.round("and that is all")
	})
}
