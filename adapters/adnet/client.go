package adnet

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// ClientOptions of the clients that sinks call networks with.
type ClientOptions struct {
	ConnectTimeout time.Duration // Defaults to 10 s.
	Timeout        time.Duration // of a whole call. Defaults to 30 s.
	MaxAnswer      int64         // longest header and default for Do. Defaults to 1 MiB.
	AllowPrivate   bool          // switches off the rules for addresses that users enter
}

// Clients makes one HTTP client for each way out and keeps it, with its own
// pool of connections. It is safe for concurrent use.
type Clients struct {
	o  ClientOptions
	mu sync.Mutex
	by recent[way, *http.Client]
}

type way struct {
	proxy  string
	vendor bool
}

// NewClients makes the factory.
func NewClients(o ClientOptions) *Clients {
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = 10 * time.Second
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxAnswer <= 0 {
		o.MaxAnswer = DefaultMaxAnswer
	}
	return &Clients{o: o, by: newRecent[way, *http.Client]()}
}

// For gives the client for addresses that users enter: only https, usual
// ports and public addresses, checked once more when the name is resolved.
// proxy is a user's proxy or empty.
func (c *Clients) For(proxy string) *http.Client { return c.get(way{proxy, false}) }

// Vendor gives the client for the addresses of a network, which come from the
// sink or from the operator's configuration and are not restricted. A user's
// proxy is, all the same.
func (c *Clients) Vendor(proxy string) *http.Client { return c.get(way{proxy, true}) }

// AllowPrivate tells whether the rules for users' addresses are off.
func (c *Clients) AllowPrivate() bool { return c.o.AllowPrivate }

// CloseIdle closes connections that nobody uses.
func (c *Clients) CloseIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.by.of {
		h.value.CloseIdleConnections()
	}
}

func (c *Clients) get(w way) *http.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	h, ok := c.by.get(w, now)
	if !ok {
		h = c.client(w)
		for _, gone := range c.by.put(w, h, now) {
			gone.CloseIdleConnections()
		}
	}
	return h
}

func (c *Clients) client(w way) *http.Client {
	var rt http.RoundTripper
	t, err := c.transport(w)
	switch {
	case err != nil:
		rt = refuse{err}
	case w.vendor || c.o.AllowPrivate:
		rt = t
	default:
		rt = checked{t}
	}
	return &http.Client{
		Transport: rt,
		Timeout:   c.o.Timeout,
		// A redirect is an answer: following it would resend secrets and
		// bodies to an address nobody checked.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// connsOfHost is the most connections to one host.
const connsOfHost = 512

func (c *Clients) transport(w way) (*http.Transport, error) {
	t := &http.Transport{
		// With a proxy the dialled address is the user's proxy.
		DialContext:            dialer(c.o, !w.vendor || w.proxy != "").DialContext,
		TLSHandshakeTimeout:    c.o.ConnectTimeout,
		ResponseHeaderTimeout:  c.o.Timeout,
		MaxResponseHeaderBytes: c.o.MaxAnswer,
		// All accounts of a network share its host: some that hang, each with a
		// call or, until that is noticed, a few, leave room for the others. Those
		// that are open wait for the next calls: to dial costs more than a call.
		MaxConnsPerHost:     connsOfHost,
		MaxIdleConnsPerHost: connsOfHost,
		// Shorter than servers keep a silent connection: a request on a
		// connection that just closed is one whose outcome nobody knows.
		IdleConnTimeout:   20 * time.Second,
		ForceAttemptHTTP2: true,
	}
	if w.proxy == "" {
		return t, nil
	}
	u, err := ParseProxy(w.proxy)
	if err != nil {
		return nil, err
	}
	t.Proxy = http.ProxyURL(u)
	return t, nil
}

// ParseProxy reads the address of a proxy. The error never repeats it: it may
// hold a password.
func ParseProxy(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return nil, domain.Invalid("settings.proxy",
			"write scheme, host and port, such as http://user:password@proxy.example:3128")
	}
	switch u.Scheme {
	case "http", "https", "socks5":
	default:
		return nil, domain.Invalid("settings.proxy", "scheme %q is not one of http, https, socks5", u.Scheme)
	}
	if p := u.Port(); p != "" && blockedProxyPort(p) {
		return nil, domain.Invalid("settings.proxy", "port %s is not a proxy's port", p)
	}
	return u, nil
}

// blockedProxyPort keeps users from speaking to mail and other services
// through a proxy's handshake; proxies live on the web's ports and high ones.
func blockedProxyPort(p string) bool {
	n, err := net.LookupPort("tcp", p)
	return err != nil || n < 1024 && n != 80 && n != 443
}

// ProxyField is the setting of a proxy that networks offer which may be out
// of reach from where the server stands.
func ProxyField() Field {
	return Field{
		Name: "proxy", Kind: Text, Secret: true,
		Label:   "Proxy",
		Help:    "HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.",
		LabelRU: "Прокси",
		HelpRU: "HTTP- или SOCKS5-прокси для этого аккаунта, " +
			"например http://user:password@host:3128; пусто: без прокси.",
	}
}

// checked applies the rules for users' addresses before a connection is made.
type checked struct{ next *http.Transport }

func (c checked) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := CheckAddress(r.URL); err != nil {
		closeBody(r)
		return nil, err
	}
	return c.next.RoundTrip(r)
}

// CloseIdleConnections lets http.Client reach the pool.
func (c checked) CloseIdleConnections() { c.next.CloseIdleConnections() }

type refuse struct{ err error }

func (f refuse) RoundTrip(r *http.Request) (*http.Response, error) {
	closeBody(r)
	return nil, &BlockedError{Why: fmt.Sprint(f.err)}
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}
