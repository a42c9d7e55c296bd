package public

import (
	"crypto/rand"
	"encoding/binary"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
)

// What is kept of a visit, in bytes. Click ids of ad networks have up to a few
// hundred; only a hostile visit is cut.
const (
	maxQuery  = 16 << 10
	maxParams = 200
	maxParam  = 4 << 10
	maxHeader = 2 << 10
)

// visit is what a browser sent, copied out of the server's buffers.
type visit struct {
	path, query         string
	ip                  string
	userAgent, referrer string
	fbp, fbc            string // cookies
}

func readVisit(c *fiber.Ctx, trusted []netip.Prefix) visit {
	return visit{
		path: strings.Clone(c.Path()), query: string(c.Request().URI().QueryString()),
		ip:        httpapi.ClientIP(c, trusted),
		userAgent: strings.Clone(c.Get(fiber.HeaderUserAgent)),
		referrer:  strings.Clone(c.Get(fiber.HeaderReferer)),
		fbp:       strings.Clone(c.Cookies("_fbp")), fbc: strings.Clone(c.Cookies("_fbc")),
	}
}

// click makes of a visit what is stored.
func (v *visit) click(publicURL string, at time.Time) domain.Click {
	raw := clean(v.query, maxQuery)
	c := domain.Click{
		At: at, URL: publicURL + clean(v.path, maxParam), RawQuery: raw, Params: params(v.query), IP: v.ip,
		UserAgent: clean(v.userAgent, maxHeader), Referrer: clean(v.referrer, maxHeader),
	}
	if raw != "" {
		c.URL += "?" + raw
	}
	c.FBP, c.FBC = facebookIDs(c.Params, v.fbp, v.fbc, at)
	return c
}

// params takes the last value of each parameter. What is escaped wrongly is
// kept as it came: a click id is better odd than lost.
func params(query string) map[string]string {
	out := map[string]string{}
	if len(query) > maxQuery {
		query = query[:maxQuery]
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name = clean(unescape(name), maxParam)
		if _, again := out[name]; name == "" || !again && len(out) >= maxParams {
			continue
		}
		out[name] = clean(unescape(value), maxParam)
	}
	return out
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// clean makes text that every database takes: UTF-8 without NUL, not endless.
func clean(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// facebookCookie is the form of _fbp and _fbc:
// https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/fbp-and-fbc
var facebookCookie = regexp.MustCompile(`^fb\.[0-9]\.[0-9]{1,16}\.[!-:<-~]{1,1000}$`)

// facebookIDs gives Meta's two ids of a visit. A parameter wins: a landing
// page gave on what its own pixel set. An older cookie does not stand for a
// new click: with another fbclid it is replaced, as the pixel would do.
func facebookIDs(params map[string]string, fbpCookie, fbcCookie string, at time.Time) (fbp, fbc string) {
	valid := func(s string) string {
		if facebookCookie.MatchString(s) {
			return s
		}
		return ""
	}
	if fbp = valid(params["_fbp"]); fbp == "" {
		fbp = valid(fbpCookie)
	}
	if fbp == "" {
		var b [8]byte
		rand.Read(b[:])
		fbp = domain.FormatFBP(at, binary.LittleEndian.Uint64(b[:]))
	}
	if fbc = valid(params["_fbc"]); fbc != "" {
		return fbp, fbc
	}
	fbc = valid(fbcCookie)
	if id := params["fbclid"]; id != "" && !carries(fbc, id) {
		fbc = valid(domain.FormatFBC(id, at))
	}
	return fbp, fbc
}

// carries tells whether an _fbc was made from a fbclid. Meta's own code puts a
// short segment behind it.
func carries(fbc, fbclid string) bool {
	parts := strings.SplitN(fbc, ".", 4)
	return len(parts) == 4 && (parts[3] == fbclid || strings.HasPrefix(parts[3], fbclid+"."))
}

// facebookAge is how long Meta's ids live in a browser.
const facebookAge = 90 * 24 * time.Hour

func setCookies(c *fiber.Ctx, click *domain.Click, secure bool) {
	for _, k := range []struct{ name, value string }{{"_fbp", click.FBP}, {"_fbc", click.FBC}} {
		if k.value == "" {
			continue
		}
		c.Cookie(&fiber.Cookie{
			Name: k.name, Value: k.value, Path: "/", MaxAge: int(facebookAge / time.Second),
			Secure:   secure,
			HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		})
	}
}
