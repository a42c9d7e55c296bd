package cmd

import (
	"log/slog"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/webhook"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/adapters/telegrambot"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// newBot makes the bot that writes to users.
func newBot(cfg config.Config) *telegrambot.Bot {
	return telegrambot.New(telegrambot.Options{
		BaseURL: cfg.AdNetworks.Telegram.BaseURL, Token: cfg.Telegram.BotToken, Timeout: cfg.Telegram.Timeout,
	})
}

// newHook makes what calls the addresses of users with alerts.
func newHook(cfg config.Config, now func() time.Time) *webhook.Hook {
	d := cfg.Delivery
	return webhook.NewHook(adnet.NewClients(adnet.ClientOptions{
		ConnectTimeout: d.ConnectTimeout, Timeout: d.Timeout, MaxAnswer: int64(d.MaxAnswer),
		AllowPrivate: cfg.Outbound.AllowPrivate,
	}), now)
}

func newNotices(
	cfg config.Config, s *store.Store, r *report.Reader, l *eventbus.RequestLog, b *telegrambot.Bot, h *webhook.Hook,
	p *platforms.Registry, ads *adnet.Service, logger *slog.Logger,
) *notify.Notifier {
	return notify.New(notify.Config{
		Interval: cfg.Notify.Interval, Timeout: cfg.Telegram.Timeout, Remind: cfg.Notify.Remind,
		BreakerOpen:   cfg.Notify.BreakerOpen,
		ExpiresWithin: cfg.Notify.ExpiresWithin, Lease: cfg.Notify.Lease, PublicURL: cfg.PublicURL,
		Says: said(ads),
	}, s, r, notify.AlertFacts{Backlogs: s, Requests: l, Decoders: p}, b, h, s.NewID, s.Now, logger)
}

// said are the sentences that are kept in English and shown in the language of
// whoever reads them.
func said(ads *adnet.Service) []i18n.Text {
	return slices.Concat(ads.Texts(), telegrambot.Texts(), notify.Said(), usecase.Said())
}
