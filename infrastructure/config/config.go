// Package config reads the settings of the program: defaults, then a YAML
// file, then environment variables. It checks them and can print them; it
// opens nothing and knows no business rules.
//
// Config is the one list of keys. The YAML path of a field is made of the
// yaml tags on the way to it; the variable of a key is TGTRACK_ and its path
// in capitals with "_" for ".". A field of one of the known leaf types needs no
// further code to be read, checked, printed and documented.
package config

import (
	"net/netip"
	"time"
)

// Config is every setting of the program.
type Config struct {
	HTTP HTTP `yaml:"http"`
	// PublicURL is the base of every address handed out. Defaults to
	// "http://" and http.addr.
	PublicURL string `yaml:"public_url"`
	// DataDir is the folder of the SQLite file, the JetStream store and the
	// secrets made at first start. Defaults to "./data".
	DataDir string `yaml:"data_dir"`
	// AdminToken is the bearer token of the management API. Defaults to
	// empty: one is made at first start into data_dir/admin-token.
	AdminToken string `yaml:"admin_token" secret:"all"`
	// SecretKey encrypts API keys and account settings at rest. Defaults to
	// empty: one is made in data_dir, on SQLite only.
	SecretKey string `yaml:"secret_key" secret:"all"`
	// Roles are what this process does: api, relay, deliver, reports, or all.
	// On SQLite one process does everything. Defaults to all.
	Roles []string `yaml:"roles"`

	Disk        Disk        `yaml:"disk"`
	Database    Database    `yaml:"database"`
	NATS        NATS        `yaml:"nats"`
	Ingest      Ingest      `yaml:"ingest"`
	Relay       Relay       `yaml:"relay"`
	Delivery    Delivery    `yaml:"delivery"`
	AdNetworks  AdNetworks  `yaml:"adnetworks"`
	Outbound    Outbound    `yaml:"outbound"`
	Attribution Attribution `yaml:"attribution"`
	Goals       Goals       `yaml:"goals"`
	Clicks      Clicks      `yaml:"clicks"`
	Idempotency Idempotency `yaml:"idempotency"`
	Dedup       Dedup       `yaml:"dedup"`
	Limits      Limits      `yaml:"limits"`
	Requests    Requests    `yaml:"requests"`
	Retention   Retention   `yaml:"retention"`
	Cabinet     Cabinet     `yaml:"cabinet"`
	OpenID      OpenID      `yaml:"openid"`
	Telegram    Telegram    `yaml:"telegram"`
	Notify      Notify      `yaml:"notify"`
	Log         Log         `yaml:"log"`
	Metrics     Metrics     `yaml:"metrics"`
	Tracing     Tracing     `yaml:"tracing"`
	Shutdown    Shutdown    `yaml:"shutdown"`
}

// HTTP is the server for events, links, pages and the management API.
type HTTP struct {
	// Addr is the listen address. Defaults to 127.0.0.1:8080.
	Addr string `yaml:"addr"`
	// TrustedProxies are the networks whose X-Forwarded-For and
	// X-Forwarded-Proto are believed. Defaults to none.
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies"`
	// RequestTimeout ends the work on one request. Defaults to 10s.
	RequestTimeout time.Duration `yaml:"request_timeout" min:"100ms"`
}

// Disk is how much room is left on the disk of data_dir. With PostgreSQL it has
// streams alone, and nothing is refused for it.
type Disk struct {
	// WarnBelow is how much is to be free; below it metrics, the alert rules and
	// tgtrack doctor say so. Defaults to 15%; 0%: they never do.
	WarnBelow Percent `yaml:"warn_below"`
	// ClicksBelow is how much has to be free for clicks to be stored; below it
	// visitors get the link's own start value. Defaults to 5%; 0%: they always are.
	ClicksBelow Percent `yaml:"clicks_below"`
	// Reserve is how much is left to the system; below it events are answered 503
	// until there is room. Defaults to 256MiB; 0: none.
	Reserve Size `yaml:"reserve"`
}

// Database says where the truth is kept.
type Database struct {
	// URL is a postgres:// address; of several hosts in it the one is used that
	// answers and takes writes. Defaults to empty: SQLite in data_dir.
	URL string `yaml:"url" secret:"url"`
	// MaxConns bounds the pool of connections of this process, which with
	// PostgreSQL has one more to watch the server. The sum over all processes has
	// to stay below max_connections of the server. Defaults to 16.
	MaxConns int `yaml:"max_conns" min:"2"`
	// MaxSize bounds the SQLite file; past it requests are refused. Defaults to 0:
	// no bound but disk.reserve.
	MaxSize Size `yaml:"max_size"`
	// Prepared keeps statements prepared in PostgreSQL. Behind a connection
	// pooler that can not keep them they are sent whole from the first failure
	// on; set to false there. Defaults to true.
	Prepared bool `yaml:"prepared"`
}

// NATS carries events and conversions.
type NATS struct {
	// URL is one nats:// address or several joined by commas. Defaults to
	// empty: an embedded server with its store in data_dir.
	URL string `yaml:"url" secret:"url"`
	// Listen is the address on which the embedded server also serves the
	// nats command line tool. Defaults to empty: no port.
	Listen string `yaml:"listen"`
	// Token is asked from clients at nats.listen, and shown to the server at
	// nats.url. Defaults to empty: where nats.listen is set, one is made at first
	// start into data_dir/nats-token.
	Token string `yaml:"token" secret:"all"`
	// User is the name shown to the server at nats.url. Defaults to empty.
	User string `yaml:"user"`
	// Password belongs to nats.user. Defaults to empty.
	Password string `yaml:"password" secret:"all"`
	// Credentials is a file that nsc or a hoster made, with a user's JWT and
	// seed, shown to the server at nats.url. Defaults to empty.
	Credentials string `yaml:"credentials"`
	// TLS is how the server at nats.url is spoken to.
	TLS NATSTLS `yaml:"tls"`
	// Replicas is how many nodes of a NATS cluster keep each stream and its
	// consumers. It is raised by itself and never lowered. Defaults to 0: 3
	// where the cluster has three nodes or more, else 1.
	Replicas int `yaml:"replicas"`
	// SyncAlways makes the embedded server sync every message to disk before
	// it answers; slower, and not needed for safety, since the database can
	// fill the streams again. Defaults to false.
	SyncAlways bool `yaml:"sync_always"`
	// MaxBytes bounds the streams.
	MaxBytes StreamBytes `yaml:"max_bytes"`
}

// NATSTLS are files in PEM format. Any of them makes the connection use TLS, as
// does a server that asks for it.
type NATSTLS struct {
	// CA has the authorities that the server's certificate may be of. Defaults
	// to empty: those of this machine.
	CA string `yaml:"ca"`
	// Cert is the certificate shown to the server. Defaults to empty: none.
	Cert string `yaml:"cert"`
	// Key belongs to nats.tls.cert. Defaults to empty.
	Key string `yaml:"key"`
}

// StreamBytes bounds the size of each stream. That of the requests is
// requests.max_bytes.
type StreamBytes struct {
	// Events bounds TGTRACK_EVENTS. Defaults to 4GiB.
	Events Size `yaml:"events" min:"1MiB"`
	// Conversions bounds TGTRACK_CONVERSIONS. Defaults to 1GiB.
	Conversions Size `yaml:"conversions" min:"1MiB"`
	// Clicks bounds TGTRACK_CLICKS, where clicks wait for the database.
	// Defaults to 256MiB.
	Clicks Size `yaml:"clicks" min:"1MiB"`
}

// Ingest turns arriving requests into batches.
type Ingest struct {
	// MaxBatch is the most requests in one transaction. Defaults to 512.
	MaxBatch int `yaml:"max_batch" min:"1"`
	// Queue is how many requests may wait for a batch; more are answered 503.
	// Defaults to 8192.
	Queue int `yaml:"queue" min:"1"`
	// Writers is how many batches run at once; on SQLite always 1. Defaults
	// to 2.
	Writers int `yaml:"writers" min:"1"`
}

// Relay publishes what is committed and due.
type Relay struct {
	// Interval is how often it looks when nobody woke it. Defaults to 200ms.
	Interval time.Duration `yaml:"interval" min:"1ms"`
	// Batch is the most events published at once, and the most conversions
	// handed over. Defaults to 512.
	Batch int `yaml:"batch" min:"1"`
	// RepublishAfter is how long a due conversion may be in no state before
	// it is published again. Defaults to 5m.
	RepublishAfter time.Duration `yaml:"republish_after" min:"10ms"`
}

// Attribution finds the click behind a start.
type Attribution struct {
	// Window is how long a click stays a person's current one. Defaults to
	// 504h, 21 days.
	Window time.Duration `yaml:"window" min:"1s"`
	// AutoDetectWindow is how old the click guessed by auto_detect may be.
	// Defaults to 10m.
	AutoDetectWindow time.Duration `yaml:"auto_detect_window" min:"1ms"`
	// ReattributeWithin is how soon after a start without a value one with a
	// value still attributes it; 0 for never. Defaults to 60s.
	ReattributeWithin time.Duration `yaml:"reattribute_within"`
}

// Goals are what people do after the start.
type Goals struct {
	// JoinWindow is how long a goal waits for its person's start. Defaults to
	// 24h.
	JoinWindow time.Duration `yaml:"join_window"`
	// AmountUnit is the unit of the amounts of payments and subscriptions:
	// major (roubles) or minor (kopecks). Defaults to empty: not known, and no
	// value is sent to ad networks.
	AmountUnit string `yaml:"amount_unit"`
}

// Clicks are visits of tracking links.
type Clicks struct {
	// Wait is how long a click waits for the database, and a start for its
	// click. Defaults to 24h.
	Wait time.Duration `yaml:"wait" min:"1s"`
	// PerMinute is how many visits of a link by one address make clicks, and
	// twice as many at once; 0 for any. Defaults to 60.
	PerMinute int `yaml:"per_minute"`
}

// Idempotency keeps answers to requests with an Idempotency-Key.
type Idempotency struct {
	// Keep is how long an answer is kept. Defaults to 24h.
	Keep time.Duration `yaml:"keep" min:"1s"`
}

// Dedup recognises what arrives twice.
type Dedup struct {
	// Keep is how long senders' keys are kept. Defaults to 720h, 30 days.
	Keep time.Duration `yaml:"keep" min:"1s"`
	// IdenticalWithin is how long the identical body of an event without a
	// key or time counts as sent twice; 0 for never. Defaults to 10s.
	IdenticalWithin time.Duration `yaml:"identical_within"`
}

// Limits are the defaults of a project, and the caps that stand above what a
// project has; 0 means no limit.
type Limits struct {
	// PerSecond is requests in one second. Defaults to 3.
	PerSecond int `yaml:"per_second"`
	// PerHour is events in one hour. Defaults to 500.
	PerHour int `yaml:"per_hour"`
	// PerDay is events in one day. Defaults to 5000.
	PerDay int `yaml:"per_day"`
	// MaxPerSecond caps the requests of every project in one second. Defaults
	// to 0: none.
	MaxPerSecond int `yaml:"max_per_second"`
	// MaxPerHour caps the events of every project in one hour. Defaults to 0:
	// none.
	MaxPerHour int `yaml:"max_per_hour"`
	// MaxPerDay caps the events of every project in one day. Defaults to 0:
	// none.
	MaxPerDay int `yaml:"max_per_day"`
}

// Requests is the log of requests.
type Requests struct {
	// MaxBytes bounds the log. Defaults to 1GiB.
	MaxBytes Size `yaml:"max_bytes" min:"1MiB"`
	// ProjectShare is the part of the log above which the requests of a project
	// are kept without body, so that none takes the room of the others.
	// Defaults to 10%.
	ProjectShare Percent `yaml:"project_share" min:"1%"`
	// MaxAge is how long a request is kept. Defaults to 168h, 7 days.
	MaxAge time.Duration `yaml:"max_age" min:"1s"`
	// KeepIgnored keeps whole what meant nothing to us; those are people's
	// private messages. Defaults to false.
	KeepIgnored bool `yaml:"keep_ignored"`
	// Buffer is how many requests wait to be logged; when it is full the
	// oldest go. Defaults to 4096.
	Buffer int `yaml:"buffer" min:"1"`
}

// Retention removes what is old; 0 keeps it for ever.
type Retention struct {
	// Events is how long events are kept. Defaults to 0.
	Events time.Duration `yaml:"events"`
	// Clicks is how long clicks are kept; one that is somebody's current
	// click, or of a conversion under way, stays until it is not. Defaults to
	// 0.
	Clicks time.Duration `yaml:"clicks"`
	// ClickDetails is how long a click keeps the visitor's address, browser and
	// referrer; not shorter than attribution.window. Defaults to 720h.
	ClickDetails time.Duration `yaml:"click_details"`
	// People is how long somebody is kept who left and did not come back; then
	// they are erased. Defaults to 0.
	People time.Duration `yaml:"people"`
	// Attempts is how long it is kept what was said to the ad networks about
	// each conversion, and what they answered. Defaults to 720h.
	Attempts time.Duration `yaml:"attempts"`
	// AuditAddresses is how long the log of changes knows the address that a
	// login, a refusal or a change came from. Defaults to 2160h, 90 days.
	AuditAddresses time.Duration `yaml:"audit_addresses"`
}

// Cabinet is the pages and who logs into them.
type Cabinet struct {
	// Session is how long somebody stays logged in who does not come.
	// Defaults to 336h, 14 days.
	Session time.Duration `yaml:"session" min:"1m"`
	// SessionMax is how long somebody stays logged in, however often they come.
	// Defaults to 720h, 30 days.
	SessionMax time.Duration `yaml:"session_max" min:"1m"`
	// RequireTOTP says who must have a second factor, a code of an app beside
	// the password: none, admins or all. Whoever must and has none can do
	// nothing but set one up, nor can their tokens. Defaults to none.
	RequireTOTP string `yaml:"require_totp"`
	// Invitation is how long a one-time link can be used: the one of the first
	// start, invitations, links for a new password. Defaults to 72h.
	Invitation time.Duration `yaml:"invitation" min:"1m"`
}

// OpenID is a provider of OpenID Connect by which users sign in. It is told to
// lead them back to public_url and /login/openid/callback.
type OpenID struct {
	// Issuer is the provider's address, under which it says how it works.
	// Defaults to empty: users have passwords only.
	Issuer string `yaml:"issuer"`
	// ClientID is the name that the provider gave to this service. Defaults to
	// empty.
	ClientID string `yaml:"client_id"`
	// ClientSecret belongs to openid.client_id. Defaults to empty: a client
	// without one.
	ClientSecret string `yaml:"client_secret" secret:"all"`
	// Title is how pages call the provider. Defaults to empty: the host of
	// openid.issuer.
	Title string `yaml:"title"`
	// Scopes are what the provider is asked for; openid and the e-mail are
	// needed. Defaults to openid, email, profile.
	Scopes []string `yaml:"scopes"`
	// Passwords lets users log in by password, too. Defaults to true.
	Passwords bool `yaml:"passwords"`
	// Timeout is how long the provider may take to answer. Defaults to 5s.
	Timeout time.Duration `yaml:"timeout" min:"100ms"`
}

// Telegram is the bot that writes digests and alerts to users. Its address is
// adnetworks.telegram.base_url.
type Telegram struct {
	// BotToken is the token from @BotFather of a bot that nothing else uses.
	// Defaults to empty: nothing is sent to Telegram.
	BotToken string `yaml:"bot_token" secret:"all"`
	// Timeout ends one call. Defaults to 15s.
	Timeout time.Duration `yaml:"timeout" min:"100ms"`
}

// Notify sets when users are told what happened.
type Notify struct {
	// Interval is how often digests that are due and reasons for alerts are
	// looked for. Defaults to 30s.
	Interval time.Duration `yaml:"interval" min:"10ms"`
	// Remind is how long after the last message an alert that goes on is told
	// again. Defaults to 24h.
	Remind time.Duration `yaml:"remind" min:"1s"`
	// BreakerOpen is how long an ad network must fail for an alert. Defaults
	// to 30m.
	BreakerOpen time.Duration `yaml:"breaker_open" min:"1s"`
	// ExpiresWithin is how little time failing conversions must have left for
	// an alert. Defaults to 24h.
	ExpiresWithin time.Duration `yaml:"expires_within" min:"1s"`
	// Lease is how long a process that died has the notifications before
	// another takes them up. Defaults to 30s.
	Lease time.Duration `yaml:"lease" min:"300ms"`
}

// Log is what goes to standard error.
type Log struct {
	// Level is debug, info, warn or error. Defaults to info.
	Level string `yaml:"level"`
	// Format is text or json. Defaults to text.
	Format string `yaml:"format"`
}

// Metrics are what Prometheus reads.
type Metrics struct {
	// Every is how often they are made anew, however often somebody asks.
	// Defaults to 5s; 0: each time.
	Every time.Duration `yaml:"every"`
}

// Tracing follows requests with OpenTelemetry.
type Tracing struct {
	// Endpoint is the address of a collector that takes OTLP over HTTP, such
	// as http://127.0.0.1:4318. Defaults to empty: nothing is traced.
	Endpoint string `yaml:"endpoint" secret:"url"`
	// OneIn follows one request in so many. Defaults to 1, all.
	OneIn int `yaml:"sample" min:"1"`
}

// Shutdown ends the process.
type Shutdown struct {
	// Timeout is how long accepted work may take to finish: a fifth of it for
	// requests, two fifths for calls to ad networks, then a quarter for their
	// outcomes to be written. Defaults to 10s.
	Timeout time.Duration `yaml:"timeout" min:"100ms"`
}
