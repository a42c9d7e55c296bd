package domain

import (
	"net/netip"
	"regexp"
	"time"
)

// Link is a tracking link: a named source with two addresses, the click link
// and the deep link with a permanent start value.
type Link struct {
	ID         string    `json:"id"`
	ProjectID  string    `json:"project_id"`
	Name       string    `json:"name"`
	InviteLink string    `json:"invite_link,omitempty"`
	UTM        UTM       `json:"utm"`
	StartValue string    `json:"start_value"` // "PJ…", permanent
	OpenPage   OpenPage  `json:"open_page,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	// Slug is the readable address of its click link, "" for none. Former ones go
	// on leading to the link.
	Slug string `json:"slug,omitempty"`
	Tags Tags   `json:"tags,omitempty"`
	// ArchivedAt is since when lists leave the link out unless they are asked for
	// it; zero for one in use. It leads as before.
	ArchivedAt time.Time `json:"archived_at,omitzero"`
}

// OpenPage says when a visitor of a link gets a page with ways into Telegram
// instead of being sent on.
type OpenPage string

// Browsers inside other apps, and some countries' networks, do not open t.me.
const (
	OpenPageOff    OpenPage = "off"
	OpenPageAuto   OpenPage = "auto" // in browsers inside Instagram, Facebook and TikTok
	OpenPageAlways OpenPage = "always"
)

// Shows tells whether a visitor with this browser gets the page.
func (o OpenPage) Shows(userAgent string) bool {
	switch o {
	case OpenPageAlways:
		return true
	case OpenPageAuto:
		return inApp.MatchString(userAgent)
	}
	return false
}

// inApp are the browsers inside Facebook, Messenger, Instagram, Threads and
// TikTok under the names that its apps have.
var inApp = regexp.MustCompile(`\bFBA[NV]/|\bFB_IAB/|\[FB|\bInstagram |\bBarcelona |\bThreads |\bBytedanceWebview|` +
	`\bByteLocale/|\bByteFullLocale/|musical_ly|\btrill_|\bTikTok`)

// Click is one visit to a click link. Click ids of ad networks are among its
// parameters: opaque, case-sensitive strings, kept as they came.
type Click struct {
	ID         string            `json:"id"`
	ProjectID  string            `json:"project_id"`
	LinkID     string            `json:"link_id"`
	StartValue string            `json:"start_value"` // "PJ…", unique to this click
	At         time.Time         `json:"at"`
	URL        string            `json:"url"` // address that was visited, query included
	RawQuery   string            `json:"raw_query"`
	Params     map[string]string `json:"params"` // last value of each query parameter
	// Placeholders are what stood there instead of values, by parameter: what
	// the owner of the link is told, and nothing else.
	Placeholders map[string]string `json:"placeholders,omitempty"`
	IP           string            `json:"ip"`
	UserAgent    string            `json:"user_agent"`
	Referrer     string            `json:"referrer"`
	Robot        bool              `json:"robot,omitempty"`
	// Cookies of the link's own domain by which ad networks know the browser.
	Cookies map[string]string `json:"cookies,omitempty"`
}

// Param is a query parameter of the click, "" when it is not there, nothing but
// a placeholder, or when there is no click.
func (c *Click) Param(name string) string {
	if c == nil {
		return ""
	}
	return ParamValue(name, c.Params[name])
}

// Cookie of the link's own domain, "" when it is not there or when there is no
// click.
func (c *Click) Cookie(name string) string {
	if c == nil {
		return ""
	}
	return c.Cookies[name]
}

// UTM of the click's query.
func (c *Click) UTM() UTM {
	return UTM{
		c.Param("utm_source"), c.Param("utm_medium"), c.Param("utm_campaign"), c.Param("utm_content"),
		c.Param("utm_term"),
	}
}

// PublicIP is the visitor's address if an ad network can make use of it: a
// private, loopback or otherwise local one is kept but sent to nobody.
func (c *Click) PublicIP() string {
	if c == nil {
		return ""
	}
	a, err := netip.ParseAddr(c.IP)
	if err != nil {
		return ""
	}
	if a = a.Unmap(); !a.IsGlobalUnicast() || a.IsPrivate() || cgnat.Contains(a) {
		return ""
	}
	return a.String()
}

var cgnat = netip.MustParsePrefix("100.64.0.0/10")
