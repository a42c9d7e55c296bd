package config

import "time"

const day = 24 * time.Hour

// Defaults are the settings of a program that was told nothing. PublicURL is
// empty here, since it follows http.addr; Load fills it in.
func Defaults() Config {
	return Config{
		HTTP:        HTTP{Addr: "127.0.0.1:8080", RequestTimeout: 10 * time.Second},
		DataDir:     "./data",
		Roles:       []string{RoleAll},
		Database:    Database{MaxConns: 16, Prepared: true},
		NATS:        NATS{MaxBytes: StreamBytes{Events: 4 * GiB, Conversions: GiB}},
		Ingest:      Ingest{MaxBatch: 512, Queue: 8192, Writers: 2},
		Relay:       Relay{Interval: 200 * time.Millisecond, Batch: 512, RepublishAfter: 5 * time.Minute},
		Delivery:    defaultDelivery(),
		AdNetworks:  defaultAdNetworks(),
		Attribution: Attribution{Window: 21 * day, AutoDetectWindow: 10 * time.Minute, ReattributeWithin: time.Minute},
		Goals:       Goals{JoinWindow: day},
		Idempotency: Idempotency{Keep: day},
		Dedup:       Dedup{Keep: 30 * day, IdenticalWithin: 10 * time.Second},
		Limits:      Limits{PerSecond: 3, PerHour: 500, PerDay: 5000},
		Cabinet:     Cabinet{Session: 30 * day, Invitation: 3 * day},
		Telegram:    Telegram{Timeout: 15 * time.Second},
		Notify:      Notify{Interval: 30 * time.Second, Remind: day, BreakerOpen: 30 * time.Minute, ExpiresWithin: day, Lease: 30 * time.Second},
		Requests:    Requests{MaxBytes: GiB, MaxAge: 7 * day, Buffer: 4096},
		Retention:   Retention{Attempts: 30 * day},
		Log:         Log{Level: "info", Format: "text"},
		Tracing:     Tracing{OneIn: 1},
		Shutdown:    Shutdown{Timeout: 10 * time.Second},
	}
}

func defaultDelivery() Delivery {
	return Delivery{
		RetryMin:       5 * time.Second,
		RetryMax:       time.Hour,
		Timeout:        30 * time.Second,
		ConnectTimeout: 5 * time.Second,
		MaxAnswer:      MiB,
		Fetch:          500,
		Lease:          2 * time.Minute,
		Breaker:        Breaker{Failures: 5, OpenFor: time.Minute},
		Windows: Windows{
			Yandex:   21 * day,
			Facebook: 7*day - time.Hour,
			Google:   90 * day,
			GA4:      3*day - time.Hour,
			VK:       day,
			TikTok:   7*day - time.Hour,
			Postback: 30 * day,
			Webhook:  30 * day,
		},
	}
}

func defaultAdNetworks() AdNetworks {
	return AdNetworks{
		Yandex: Yandex{
			BaseURL:       "https://api-metrika.yandex.net",
			BatchInterval: time.Minute,
			PollAfter:     15 * time.Minute,
		},
		YandexCollect: Endpoint{"https://mc.yandex.ru"},
		Facebook:      Facebook{BaseURL: "https://graph.facebook.com", Version: "v26.0"},
		Google:        Google{BaseURL: "https://datamanager.googleapis.com", MinClickAge: 6 * time.Hour, PollAfter: 30 * time.Minute},
		GoogleOAuth:   Endpoint{"https://oauth2.googleapis.com"},
		GA4:           Endpoint{"https://www.google-analytics.com"},
		VK:            Endpoint{"https://top-fwz1.mail.ru"},
		TikTok:        Endpoint{"https://business-api.tiktok.com"},
		Telegram:      Endpoint{"https://api.telegram.org"},
	}
}
