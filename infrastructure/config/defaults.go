package config

import "time"

const day = 24 * time.Hour

// Defaults are the settings of a program with these ad networks that was told
// nothing. PublicURL is empty here, since it follows http.addr; Load fills it in.
func Defaults(networks ...Network) Config {
	return Config{
		HTTP:     HTTP{Addr: "127.0.0.1:8080", RequestTimeout: 10 * time.Second},
		DataDir:  "./data",
		Roles:    []string{RoleAll},
		Database: Database{MaxConns: 16, Prepared: true},
		Disk:     Disk{WarnBelow: 15, ClicksBelow: 5, Reserve: 256 * MiB},
		NATS:     NATS{MaxBytes: StreamBytes{Events: 4 * GiB, Conversions: GiB, Clicks: 256 * MiB}},
		Ingest:   Ingest{MaxBatch: 512, Queue: 8192, Writers: 2},
		Relay:    Relay{Interval: 200 * time.Millisecond, Batch: 512, RepublishAfter: 5 * time.Minute},
		Delivery: defaultDelivery(),
		AdNetworks: AdNetworks{Networks: Networks(networks).defaults(),
			Telegram: Endpoint{"https://api.telegram.org"}},
		Attribution: Attribution{Window: 21 * day, AutoDetectWindow: 10 * time.Minute,
			ReattributeWithin: time.Minute},
		Goals:       Goals{JoinWindow: day},
		Clicks:      Clicks{Wait: day, PerMinute: 60},
		Idempotency: Idempotency{Keep: day},
		Dedup:       Dedup{Keep: 30 * day, IdenticalWithin: 10 * time.Second},
		Limits:      Limits{PerSecond: 3, PerHour: 500, PerDay: 5000},
		Cabinet:     Cabinet{Session: 14 * day, SessionMax: 30 * day, RequireTOTP: "none", Invitation: 3 * day},
		OpenID: OpenID{Scopes: []string{"openid", "email", "profile"}, Passwords: true,
			Timeout: 5 * time.Second},
		Telegram: Telegram{Timeout: 15 * time.Second},
		Notify: Notify{Interval: 30 * time.Second, Remind: day, BreakerOpen: 30 * time.Minute,
			ExpiresWithin: day, Lease: 30 * time.Second},
		Requests:  Requests{MaxBytes: GiB, ProjectShare: 10, MaxAge: 7 * day, Buffer: 4096},
		Retention: Retention{Attempts: 30 * day, ClickDetails: 30 * day, AuditAddresses: 90 * day},
		Log:       Log{Level: "info", Format: "text"},
		Metrics:   Metrics{Every: 5 * time.Second},
		Tracing:   Tracing{OneIn: 1},
		Shutdown:  Shutdown{Timeout: 10 * time.Second},
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
	}
}
