package adnet

import (
	"cmp"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// mask stands where something was hidden.
const mask = "***"

// Mask takes out of texts what must not be shown of an account's calls: the
// values of its secret settings, in the forms in which they may stand in an
// address, in JSON or in HTML. It is made once for a call.
type Mask struct {
	clickIDs []string
	secrets  []string
	own      []string // of conversions
}

// NewMask makes the Mask of an account; more are secrets that are in none of
// its settings as they are, such as tokens got with them.
func NewMask(d Descriptor, s Settings, more ...string) Mask {
	for _, f := range d.Fields {
		if !f.Secret {
			continue
		}
		more = append(more, s.Text(f.Name))
		for _, v := range s.Map(f.Name) {
			more = append(more, v)
		}
	}
	return Mask{clickIDs: d.ClickIDs}.And(more...)
}

// And hides more.
func (m Mask) And(secrets ...string) Mask {
	m.secrets = addForms(m.secrets, secrets)
	return m
}

// Of hides what is the conversions' own, too: the ids of events, people,
// clicks and cookies, and more that a sink makes of them. It is for texts that
// are shown beside all of them.
func (m Mask) Of(cs []domain.Conversion, more ...string) Mask {
	for i := range cs {
		more = append(more, ownOf(&cs[i], m.clickIDs)...)
	}
	m.own = addForms(m.own, more)
	return m
}

func ownOf(c *domain.Conversion, clickIDs []string) []string {
	vs := []string{c.ID, c.EventID, c.ClickID}
	if c.UserID > 9999 { // a smaller one can not be told from a number of rows
		vs = append(vs, strconv.FormatInt(c.UserID, 10))
	}
	k := c.Click
	if k == nil {
		return vs
	}
	vs = append(vs, k.ID, k.StartValue, k.IP)
	for _, v := range k.Cookies {
		vs = append(vs, v)
	}
	for name, v := range k.Params {
		if strings.HasPrefix(name, "_") || slices.Contains(clickIDs, name) { // cookies begin with it
			vs = append(vs, v)
		}
	}
	return vs
}

// Names tells whether a text has anything of the conversions' own.
func (m Mask) Names(text string) bool { return len(found(text, m.own)) > 0 }

// addForms adds the forms of values, without writing into what another Mask
// has. What is shorter than four characters is left: it is no secret and would
// be found in every word.
func addForms(to, values []string) []string {
	to = slices.Grow(slices.Clip(to), len(values))
	for _, v := range values {
		switch {
		case len(v) < 4:
		case plain(v):
			to = append(to, v)
		default:
			quoted, _ := json.Marshal(v) // a text can always be written
			fs := []string{
				v, url.QueryEscape(v), url.PathEscape(v), strings.Trim(string(quoted), `"`),
				html.EscapeString(v),
			}
			slices.Sort(fs)
			to = append(to, slices.Compact(fs)...)
		}
	}
	return to
}

// plain tells a text that is written the same everywhere.
func plain(s string) bool {
	for i := range len(s) {
		b := s[i]
		letter := b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
		if !letter && (b < '0' || b > '9') && strings.IndexByte("-_.~", b) < 0 {
			return false
		}
	}
	return true
}

// Hide masks all that is to be hidden. Few texts have any of it, so it is
// looked for first.
func (m Mask) Hide(text string) string {
	fs := append(found(text, m.secrets), found(text, m.own)...)
	// The longest first: one secret may be a part of another.
	slices.SortFunc(fs, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for _, f := range fs {
		text = strings.ReplaceAll(text, f, mask)
	}
	return text
}

func found(text string, forms []string) (fs []string) {
	for _, f := range forms {
		if len(f) <= len(text) && strings.Contains(text, f) {
			fs = append(fs, f)
		}
	}
	return fs
}

// Keep makes a text that can be kept: masked, without what a database refuses,
// and not too long. It masks first and cuts then, so that no half of a secret
// is left.
func (m Mask) Keep(text string) string { return cut(m.Hide(clean(text))) }

// Row is Keep for what speaks of one conversion alone. Its visitor's address
// is never shown.
func (m Mask) Row(text string, c *domain.Conversion) string {
	if text == "" {
		return ""
	}
	if c != nil && c.Click != nil {
		m = m.And(c.Click.IP)
	}
	return m.Keep(text)
}
