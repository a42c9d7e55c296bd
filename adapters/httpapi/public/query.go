package public

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/tgtrack/tgtrack/domain"
)

// pair is a parameter of a query, unescaped, in whatever charset it came.
type pair struct{ name, value string }

// query is what a visit's address says behind its question mark.
type query struct {
	params map[string]string
	// unresolved are the placeholders among its values, by parameter.
	unresolved map[string]string
}

// readQuery takes the last value of each parameter. Advertisers paste addresses
// through editors, sheets and other services, which escape them once more: that
// is undone where it can be told. What is escaped wrongly is kept as it came: a
// click id is better odd than lost. Placeholders are no values; the raw query,
// which is kept, too, has them.
func readQuery(raw string) query {
	if len(raw) > maxQuery {
		raw = raw[:maxQuery]
	}
	pairs := split(raw)
	toUTF8 := charset(pairs)
	q := query{params: map[string]string{}}
	for _, p := range pairs {
		name, value := clean(toUTF8(p.name), maxParam), clean(toUTF8(p.value), maxParam)
		if _, repeated := q.params[name]; name == "" || !repeated && len(q.params) >= maxParams {
			continue
		}
		if macro := domain.Unresolved(value); macro != "" {
			if q.unresolved == nil {
				q.unresolved = map[string]string{}
			}
			q.unresolved[name] = macro
			if value = domain.ParamValue(name, value); value == "" {
				continue
			}
		}
		q.params[name] = value
	}
	return q
}

func split(query string) []pair {
	var pairs []pair
	for text := range strings.SplitSeq(query, "&") {
		pairs = append(pairs, parse(text)...)
	}
	return pairs
}

// whole is a query that was escaped as one: utm_source%3Dvk%26utm_medium%3Dcpc.
var whole = regexp.MustCompile(`^[\w.-]{1,64}=`)

// nested is what follows in a value whose ampersand was escaped: of tags alone,
// since other values may well be addresses with queries of their own.
var nested = regexp.MustCompile(`[&?](?:amp;)*(utm_(?:source|medium|campaign|content|term)=)`)

func parse(text string) []pair {
	name, value, assigned := strings.Cut(text, "=")
	name, value = again(unescape(name)), again(unescape(value))
	if !assigned && whole.MatchString(name) {
		return split(strings.ReplaceAll(name, " ", "+"))
	}
	// ?name=value was put behind an address that had a query.
	name = strings.TrimPrefix(name, "?")
	// &amp;name=value was split at its ampersand.
	for rest, more := cutFold(name, "amp;"); more; rest, more = cutFold(name, "amp;") {
		name = rest
	}
	at := nested.FindStringSubmatchIndex(value)
	if at == nil || strings.Contains(value, "://") {
		return []pair{{name, value}}
	}
	pairs := []pair{{name, value[:at[0]]}}
	for tag := range strings.SplitSeq(nested.ReplaceAllString(value[at[2]:], "&$1"), "&") {
		if name, value, ok := strings.Cut(tag, "="); ok {
			pairs = append(pairs, pair{name, value})
		}
	}
	return pairs
}

func cutFold(s, prefix string) (rest string, found bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// scriptEscape is how old scripts escape what is not Latin: %u043F.
var scriptEscape = regexp.MustCompile(`(?:%u[0-9A-Fa-f]{4})+`)

func unescape(s string) string {
	if strings.Contains(s, "%u") {
		s = scriptEscape.ReplaceAllStringFunc(s, func(run string) string {
			var units []uint16
			for i := 0; i < len(run); i += len("%u0000") {
				u, _ := strconv.ParseUint(run[i+2:i+6], 16, 16) // four digits
				units = append(units, uint16(u))
			}
			return url.QueryEscape(string(utf16.Decode(units)))
		})
	}
	u, err := url.QueryUnescape(s)
	if err == nil {
		return u
	}
	// A sign of percent stands for itself: "50%" behind a text that is escaped.
	if u, err = url.QueryUnescape(loneSign.ReplaceAllString(s, "%25$1")); err == nil && utf8.ValidString(u) {
		return u
	}
	return s
}

var loneSign = regexp.MustCompile(`%($|[^0-9A-Fa-f]|[0-9A-Fa-f](?:$|[^0-9A-Fa-f]))`)

// escaped is a text that some program escaped: nothing in it needs escaping.
var escaped = regexp.MustCompile(`^(?:[\w.~*+!'() -]|%[0-9A-Fa-f]{2})*%[0-9A-Fa-f]{2}(?:[\w.~*+!'() -]|%[0-9A-Fa-f]{2})*$`)

// otherCharset is a word of a charset other than UTF-8.
var otherCharset = regexp.MustCompile(`(?:%[89A-Fa-f][0-9A-Fa-f]){3}`)

// again unescapes what was escaped more than once.
func again(s string) string {
	for range 2 {
		if strings.IndexByte(s, '%') < 0 || !escaped.MatchString(s) {
			break
		}
		u, err := url.QueryUnescape(s)
		if err != nil || !utf8.ValidString(u) && !otherCharset.MatchString(s) {
			break
		}
		s = u
	}
	return s
}

// charset gives what makes UTF-8 of the texts of a query, all of which are in
// one charset. Which it is nobody says, so it is the one in which they read
// like words.
func charset(pairs []pair) func(string) string {
	var odd strings.Builder
	for _, p := range pairs {
		for _, s := range []string{p.name, p.value} {
			if !utf8.ValidString(s) && !cutShort(s) {
				odd.WriteString(s + "\n")
			}
		}
	}
	if odd.Len() == 0 {
		return asUTF8
	}
	best, most := (*charmap.Charmap)(nil), 0
	for _, m := range []*charmap.Charmap{charmap.Windows1251, charmap.KOI8R, charmap.CodePage866, charmap.Windows1252} {
		text, err := m.NewDecoder().String(odd.String())
		if n := readable(text); err == nil && n > most {
			best, most = m, n
		}
	}
	if best == nil {
		return asUTF8
	}
	return func(s string) string {
		if utf8.ValidString(s) || cutShort(s) {
			return asUTF8(s)
		}
		text, err := best.NewDecoder().String(s)
		if err != nil {
			return s
		}
		return text
	}
}

// asUTF8 leaves out a character at the end that was cut in two.
func asUTF8(s string) string {
	if cutShort(s) {
		return strings.ToValidUTF8(s, "")
	}
	return s
}

// cutShort tells UTF-8 that ends amid a character, as some networks cut it.
func cutShort(s string) bool {
	for i := len(s) - 1; i >= 0 && i >= len(s)-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			head := s[:i]
			return !utf8.FullRuneInString(s[i:]) && utf8.ValidString(head) && len(head) > utf8.RuneCountInString(head)
		}
	}
	return false
}

// common are the letters of which half of any Russian text is made.
const common = "оеаинтсрвлк"

// readable says how much a text reads like words: letters in lower case, most
// of all the common ones, and none of another alphabet beside them.
func readable(text string) int {
	n := 0
	var before rune
	for _, r := range text {
		switch {
		case r == unicode.ReplacementChar, unicode.IsControl(r) && r != '\n':
			n -= 8
		case r < utf8.RuneSelf:
		case !unicode.IsLetter(r):
			n -= 3
		case unicode.IsLower(r):
			n += 2
			if strings.ContainsRune(common, r) {
				n++
			}
		default:
			n++
			if unicode.IsLower(before) {
				n -= 3 // a capital within a word
			}
		}
		if unicode.Is(unicode.Cyrillic, r) && unicode.Is(unicode.Latin, before) ||
			unicode.Is(unicode.Latin, r) && unicode.Is(unicode.Cyrillic, before) {
			n -= 6
		}
		before = r
	}
	return n
}
