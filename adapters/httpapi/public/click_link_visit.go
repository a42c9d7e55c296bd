package public

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
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
	cookies             map[string]string // that ad networks know browsers by
}

func (l *clickLinks) readVisit(c *fiber.Ctx) visit {
	v := visit{
		path: strings.Clone(c.Path()), query: string(c.Request().URI().QueryString()),
		ip:        httpapi.ClientIP(c, l.TrustedProxies),
		userAgent: strings.Clone(c.Get(fiber.HeaderUserAgent)),
		referrer:  strings.Clone(c.Get(fiber.HeaderReferer)),
		cookies:   map[string]string{},
	}
	for _, name := range l.Browsers.OwnCookies() {
		if value := c.Cookies(name); value != "" {
			v.cookies[name] = strings.Clone(value)
		}
	}
	return v
}

// click makes of a visit what is stored.
func (v *visit) click(publicURL string, at time.Time) domain.Click {
	raw, q := clean(v.query, maxQuery), readQuery(v.query)
	c := domain.Click{
		At: at, URL: publicURL + clean(v.path, maxParam), RawQuery: raw, Params: q.params, IP: v.ip,
		Placeholders: q.unresolved,
		UserAgent:    clean(v.userAgent, maxHeader), Referrer: clean(v.referrer, maxHeader),
	}
	if raw != "" {
		c.URL += "?" + raw
	}
	return c
}

// browserCookies are those that a click leaves in the browser, and is kept with.
func (l *clickLinks) browserCookies(v visit, click *domain.Click) []usecase.Cookie {
	var random [8]byte
	rand.Read(random[:])
	made := l.Browsers.MakeCookies(usecase.Visit{
		Params: click.Params, Cookies: v.cookies, At: click.At, Random: binary.LittleEndian.Uint64(random[:]),
	})
	for _, k := range made {
		if click.Cookies == nil {
			click.Cookies = map[string]string{}
		}
		click.Cookies[k.Name] = k.Value
	}
	return made
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

// setCookies leaves those that the ad networks know the browser by.
func (l *clickLinks) setCookies(c *fiber.Ctx, cookies []usecase.Cookie) {
	for _, k := range cookies {
		c.Cookie(&fiber.Cookie{
			Name: k.Name, Value: k.Value, Path: "/", MaxAge: int(k.Lifetime / time.Second),
			Secure: strings.HasPrefix(l.PublicURL, "https://"), HTTPOnly: true,
			SameSite: fiber.CookieSameSiteLaxMode,
		})
	}
}
