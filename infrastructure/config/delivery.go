package config

import "time"

// Delivery sends conversions to the ad networks.
type Delivery struct {
	// RetryMin is the wait before the second attempt; it doubles from there.
	// Defaults to 5s.
	RetryMin time.Duration `koanf:"retry_min" min:"1ms"`
	// RetryMax is the longest wait between attempts. Defaults to 1h.
	RetryMax time.Duration `koanf:"retry_max" min:"1ms"`
	// Timeout ends one call to a network. Defaults to 30s.
	Timeout time.Duration `koanf:"timeout" min:"10ms"`
	// ConnectTimeout ends the attempt to connect. Defaults to 5s.
	ConnectTimeout time.Duration `koanf:"connect_timeout" min:"10ms"`
	// MaxAnswer is how much of an answer is read. Defaults to 1MiB.
	MaxAnswer Size `koanf:"max_answer" min:"1KiB"`
	// Fetch is about how many conversions are taken at once. They come by up to
	// 500 of one ad account, which stay together: with the last of them it may
	// be more. Defaults to 500.
	Fetch int `koanf:"fetch" min:"1"`
	// Lease is how long a worker has a conversion for itself. Defaults to 2m.
	Lease   time.Duration `koanf:"lease" min:"10ms"`
	Breaker Breaker       `koanf:"breaker"`
	Windows Windows       `koanf:"windows"`
}

// Breaker stops calling a network that fails, for each account and host.
type Breaker struct {
	// Failures in a row open it. Defaults to 5.
	Failures int `koanf:"failures" min:"1"`
	// OpenFor is how long it stays open before one call tries again.
	// Defaults to 60s.
	OpenFor time.Duration `koanf:"open_for" min:"1ms"`
}

// Windows are how old a conversion may be when it is sent, for each network;
// what is older expires.
type Windows struct {
	// Yandex counts from the visit. Defaults to 504h.
	Yandex time.Duration `koanf:"yandex" min:"1s"`
	// Facebook is 7 days less an hour of margin. Defaults to 167h.
	Facebook time.Duration `koanf:"facebook" min:"1s"`
	// Google counts from the click. Defaults to 2160h.
	Google time.Duration `koanf:"google" min:"1s"`
	// GA4 is 72 hours less an hour of margin. Defaults to 71h.
	GA4 time.Duration `koanf:"ga4" min:"1s"`
	// VK takes what has just happened. Defaults to 24h.
	VK time.Duration `koanf:"vk" min:"1s"`
	// TikTok is 7 days less an hour of margin. Defaults to 167h.
	TikTok time.Duration `koanf:"tiktok" min:"1s"`
	// Postback is ours to choose. Defaults to 720h.
	Postback time.Duration `koanf:"postback" min:"1s"`
	// Webhook is ours to choose. Defaults to 720h.
	Webhook time.Duration `koanf:"webhook" min:"1s"`
}

// Outbound are the rules for addresses that users enter.
type Outbound struct {
	// AllowPrivate switches the address, port and https rules off. Defaults
	// to false.
	AllowPrivate bool `koanf:"allow_private"`
}

// AdNetworks are the addresses and timings of the vendors. A base_url is
// scheme, host and an optional prefix of a proxy or simulator; the path of the
// vendor's document is appended.
type AdNetworks struct {
	Yandex        Yandex   `koanf:"yandex"`
	YandexCollect Endpoint `koanf:"yandex_collect"`
	Facebook      Facebook `koanf:"facebook"`
	Google        Google   `koanf:"google"`
	GoogleOAuth   Endpoint `koanf:"google_oauth"`
	GA4           Endpoint `koanf:"ga4"`
	VK            Endpoint `koanf:"vk"`
	TikTok        Endpoint `koanf:"tiktok"`
	Telegram      Endpoint `koanf:"telegram"`
}

// Endpoint is a vendor's address.
type Endpoint struct {
	// BaseURL defaults to the vendor's.
	BaseURL string `koanf:"base_url"`
}

// Yandex is the management API of Metrica.
type Yandex struct {
	// BaseURL defaults to https://api-metrika.yandex.net.
	BaseURL string `koanf:"base_url"`
	// BatchInterval is how long the rows of a counter wait for company.
	// Defaults to 60s.
	BatchInterval time.Duration `koanf:"batch_interval"`
	// PollAfter is when an upload is first looked at. Defaults to 15m.
	PollAfter time.Duration `koanf:"poll_after" min:"1ms"`
}

// Facebook is Meta's Conversions API.
type Facebook struct {
	// BaseURL defaults to https://graph.facebook.com.
	BaseURL string `koanf:"base_url"`
	// Version of the Graph API. Defaults to v26.0.
	Version string `koanf:"version"`
}

// Google is the Data Manager API.
type Google struct {
	// BaseURL defaults to https://datamanager.googleapis.com.
	BaseURL string `koanf:"base_url"`
	// MinClickAge is how old a click must be before its conversion is sent.
	// Defaults to 6h.
	MinClickAge time.Duration `koanf:"min_click_age"`
	// PollAfter is the first look at what became of an event. Defaults to
	// 30m.
	PollAfter time.Duration `koanf:"poll_after" min:"1ms"`
}
