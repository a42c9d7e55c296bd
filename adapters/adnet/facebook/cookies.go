package facebook

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/usecase"
)

// Cookies by which Meta knows a browser: the browser's own id, and the id of
// the last click in the form that Meta's pixel gives it.
// https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/fbp-and-fbc
const (
	browserCookie = "_fbp"
	clickCookie   = "_fbc"
)

// cookies live as long as those that Meta's pixel sets.
func cookies() []adnet.Cookie {
	const lifetime = 90 * 24 * time.Hour
	return []adnet.Cookie{{Name: browserCookie, Lifetime: lifetime}, {Name: clickCookie, Lifetime: lifetime}}
}

var cookieForm = regexp.MustCompile(`^fb\.[0-9]\.[0-9]{1,16}\.[!-:<-~]{1,1000}$`)

// MakeCookies implements adnet.CookieMaker. A parameter wins: a landing page
// gave on what its own pixel set. An older cookie does not stand for a new
// click: with another fbclid it is replaced, as the pixel would do.
func (s *Sink) MakeCookies(v usecase.Visit) map[string]string {
	known := func(name string) string {
		for _, value := range []string{v.Params[name], v.Cookies[name]} {
			if cookieForm.MatchString(value) {
				return value
			}
		}
		return ""
	}
	fbp, fbc := known(browserCookie), known(clickCookie)
	if fbp == "" {
		fbp = formatFBP(v.At, v.Random)
	}
	given := cookieForm.MatchString(v.Params[clickCookie])
	if id := v.Params["fbclid"]; id != "" && !given && !carries(fbc, id) {
		if fbc = clickID(id, v.At); !cookieForm.MatchString(fbc) {
			fbc = ""
		}
	}
	return map[string]string{browserCookie: fbp, clickCookie: unwrap(fbc)}
}

// clickID gives the fbc of a fbclid first seen at t. What is an fbc already
// stays one: some pages and trackers hand on the cookie under the name of the
// parameter, and Meta refuses an fbc made of an fbc.
func clickID(fbclid string, t time.Time) string {
	if cookieForm.MatchString(fbclid) {
		return unwrap(fbclid)
	}
	return formatFBC(fbclid, t)
}

// unwrap takes an fbc out of others that somebody made of it.
func unwrap(fbc string) string {
	for {
		parts := strings.SplitN(fbc, ".", 4)
		if len(parts) < 4 || !cookieForm.MatchString(parts[3]) {
			return fbc
		}
		fbc = parts[3]
	}
}

// formatFBC gives the cookie of a fbclid first seen at t.
func formatFBC(fbclid string, t time.Time) string {
	return "fb.1." + strconv.FormatInt(t.UnixMilli(), 10) + "." + fbclid
}

// formatFBP gives the cookie of a browser first seen at t; random is cut to 31
// bits.
func formatFBP(t time.Time, random uint64) string {
	return "fb.1." + strconv.FormatInt(t.UnixMilli(), 10) + "." + strconv.FormatUint(random&0x7fffffff, 10)
}

// carries tells whether an _fbc was made from a fbclid. Meta's own code puts a
// short segment behind it.
func carries(fbc, fbclid string) bool {
	if fbc != "" && fbc == unwrap(fbclid) {
		return true
	}
	parts := strings.SplitN(fbc, ".", 4)
	return len(parts) == 4 && (parts[3] == fbclid || strings.HasPrefix(parts[3], fbclid+"."))
}
