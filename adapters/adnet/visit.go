package adnet

import (
	"regexp"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/usecase"
)

// Cookie that a network knows visitors by. The landing script hands on those
// of its page as parameters of the click.
type Cookie struct {
	Name string // one that ends in * stands for all that begin so
	// Param is the parameter of the click. Defaults to the cookie's own name.
	Param string
	// Lifetime is how long the cookie lives that click links set on their own
	// domain, see CookieMaker. 0: they set none.
	Lifetime time.Duration
}

// CookieMaker is a Sink that makes the values of its Cookies with a Lifetime
// for a visit: those that the browser brought, where they still hold, or new
// ones. It is pure. What it does not name is not set.
type CookieMaker interface {
	MakeCookies(v usecase.Visit) map[string]string
}

// OwnCookies names the cookies that click links read and set.
func (r *Registry) OwnCookies() []string {
	var names []string
	for _, d := range r.all {
		for _, c := range d.Cookies {
			if c.Lifetime > 0 {
				names = append(names, c.Name)
			}
		}
	}
	return names
}

// MakeCookies gives the cookies that a visit of a click link leaves.
func (r *Registry) MakeCookies(v usecase.Visit) []usecase.Cookie {
	var out []usecase.Cookie
	for _, d := range r.all {
		m, ok := r.sinks[d.Name].(CookieMaker)
		if !ok {
			continue
		}
		made := m.MakeCookies(v)
		for _, c := range d.Cookies {
			if value := made[c.Name]; value != "" && c.Lifetime > 0 {
				out = append(out, usecase.Cookie{Name: c.Name, Value: value, Lifetime: c.Lifetime})
			}
		}
	}
	return out
}

// PageCookies is a regular expression of the cookies that landing pages hand
// on, and the parameters of those that have another name there.
func (r *Registry) PageCookies() (pattern string, params map[string]string) {
	var names []string
	params = map[string]string{}
	for _, d := range r.all {
		for _, c := range d.Cookies {
			name, open := strings.CutSuffix(c.Name, "*")
			name = regexp.QuoteMeta(name)
			if open {
				name += `\w+`
			}
			names = append(names, name)
			if c.Param != "" {
				params[c.Name] = c.Param
			}
		}
	}
	return strings.Join(names, "|"), params
}
