package config

import "time"

// Delivery sends conversions to the ad networks.
type Delivery struct {
	// RetryMin is the wait before the second attempt; it doubles from there.
	// Defaults to 5s.
	RetryMin time.Duration `yaml:"retry_min" min:"1ms"`
	// RetryMax is the longest wait between attempts. Defaults to 1h.
	RetryMax time.Duration `yaml:"retry_max" min:"1ms"`
	// Timeout ends one call to a network. Defaults to 30s.
	Timeout time.Duration `yaml:"timeout" min:"10ms"`
	// ConnectTimeout ends the attempt to connect. Defaults to 5s.
	ConnectTimeout time.Duration `yaml:"connect_timeout" min:"10ms"`
	// MaxAnswer is how much of an answer is read. Defaults to 1MiB.
	MaxAnswer Size `yaml:"max_answer" min:"1KiB"`
	// Fetch is about how many conversions are taken at once. They come by up to
	// 500 of one ad account, which stay together: with the last of them it may
	// be more. Defaults to 500.
	Fetch int `yaml:"fetch" min:"1"`
	// Lease is how long a worker that lives has a conversion for itself; what a
	// dead one held is taken over after 30s. Defaults to 2m.
	Lease   time.Duration `yaml:"lease" min:"10ms"`
	Breaker Breaker       `yaml:"breaker"`
}

// Breaker stops calling a network that fails, for each account and host.
type Breaker struct {
	// Failures in a row open it. Defaults to 5.
	Failures int `yaml:"failures" min:"1"`
	// OpenFor is how long it stays open before one call tries again.
	// Defaults to 60s.
	OpenFor time.Duration `yaml:"open_for" min:"1ms"`
}

// Outbound are the rules for addresses that users enter.
type Outbound struct {
	// AllowPrivate switches the address, port and https rules off. Defaults
	// to false.
	AllowPrivate bool `yaml:"allow_private"`
}
