package usecase

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/tgtrack/tgtrack/domain"
)

// Redacted gives the story without people, sums and sources: what is left is
// the shape of things, which shows what is wrong with a webhook. What is to go
// is not named, but what may stay: known names of fields, and fixed words.
func (s RequestStory) Redacted() RequestStory {
	r := s.Request
	out := RequestStory{Request: RequestRecord{
		ID: r.ID, Method: r.Method, Asked: redactKey(r.Asked), Constructor: r.Constructor,
		ContentType: redactContentType(r.ContentType),
		Size:        r.Size, Truncated: r.Truncated, LeftOut: r.LeftOut,
		Ignored: r.Ignored, ReceivedAt: r.ReceivedAt, Code: r.Code,
		Receipts: r.Receipts, Replayed: r.Replayed, Signed: r.Signed,
		Error: redactSentence(r.Error), Refusal: redactRefusal(r.Refusal), Warning: redactSentence(r.Warning),
	}}
	for _, w := range r.Warnings {
		out.Request.Warnings = append(out.Request.Warnings, domain.Warning{
			Code: w.Code, Field: redactPath(w.Field), Value: redactSentence(w.Value),
		})
	}
	if r.Encoding == "" {
		out.Request.Body = redactBody(r.ContentType, r.Body)
	}
	if r.Decoded != nil {
		out.Request.Decoded = redactDecoded(r.Decoded)
	}
	for i := range s.Events {
		out.Events = append(out.Events, s.Events[i].redacted())
	}
	return out
}

// redactRefusal keeps the sentence, which is ours, and takes the values out.
func redactRefusal(r *domain.Refusal) *domain.Refusal {
	if r == nil {
		return nil
	}
	out := &domain.Refusal{Code: r.Code, Field: redactPath(r.Field), Value: shape(r.Value), Format: r.Format}
	verbs := argVerb.FindAllString(r.Format, -1)
	for i, a := range r.Args {
		switch s, is := a.(string); {
		case is && i < len(verbs) && verbs[i] == "%q": // the sentence quotes it
			a = shape(s)
		case is:
			a = redactSentence(s)
		}
		out.Args = append(out.Args, a)
	}
	return out
}

// argVerb is where a value stands in a sentence.
var argVerb = regexp.MustCompile(`%[a-z]`)

func (e *StoryEvent) redacted() StoryEvent {
	out := StoryEvent{Duplicate: e.Duplicate, Event: domain.Event{
		ID: e.ID, Type: e.Type, OccurredAt: e.OccurredAt, ReceivedAt: e.ReceivedAt, Change: e.Change,
		Result: e.Result, GoalState: e.GoalState,
	}}
	if e.Touch != nil {
		out.Touch = &domain.Touch{At: e.Touch.At, Reason: e.Touch.Reason, Confidence: e.Touch.Confidence}
	}
	for i := range e.Conversions {
		c := &e.Conversions[i]
		shown := StoryConversion{Conversion: domain.Conversion{
			ID: c.ID, Network: c.Network, Kind: c.Kind, Target: shape(c.Target), Status: c.Status,
			ReasonCode:   c.ReasonCode,
			StatusReason: redactSentence(c.StatusReason),
		}}
		for _, a := range c.Attempts {
			shown.Attempts = append(shown.Attempts, Attempt{
				At: a.At, Verdict: a.Verdict, ReasonCode: a.ReasonCode, Reason: redactSentence(a.Reason),
				Evidence: []byte(redaction{hosts: true}.text("", string(a.Evidence))),
			})
		}
		out.Conversions = append(out.Conversions, shown)
	}
	return out
}

// redactDecoded goes through JSON: in tests and replays the decode is not a
// map yet.
func redactDecoded(decoded any) any {
	b, err := json.Marshal(decoded)
	if err != nil {
		return nil
	}
	v, ok := parseJSON(string(b))
	if !ok {
		return nil
	}
	return redaction{}.value("", v)
}

// redaction is what else may stay.
type redaction struct{ hosts bool } // of addresses: whom we called

// redactBody keeps the dress of a body: JSON, a form, or the shape of whatever
// else it is.
func redactBody(contentType, body string) string {
	if !strings.Contains(strings.ToLower(contentType), "x-www-form-urlencoded") || looksLikeJSON(body) {
		return redaction{}.text("", body)
	}
	var parts []string
	for pair := range strings.SplitSeq(body, "&") {
		key, value, _ := strings.Cut(pair, "=")
		k, err := url.QueryUnescape(key)
		v, err2 := url.QueryUnescape(value)
		if err != nil || err2 != nil {
			return shape(body)
		}
		parts = append(parts, redactKey(k)+"="+redaction{}.text(k, v))
	}
	return strings.Join(parts, "&")
}

func looksLikeJSON(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && strings.ContainsAny(s[:1], "{[\"")
}

func parseJSON(s string) (any, bool) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return nil, false
	}
	return v, true
}

// text redacts a text that stands under a key; text that is JSON stays JSON.
func (r redaction) text(key, s string) string {
	if looksLikeJSON(s) {
		if v, ok := parseJSON(s); ok {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if e.Encode(r.value(key, v)) == nil {
				return strings.TrimSpace(b.String())
			}
		}
		return shape(s)
	}
	switch {
	case slices.Contains(plainKeys, key) && plainValue(key, s):
		return s
	case key == "url" && r.hosts:
		if u, err := url.Parse(s); err == nil && u.Host != "" {
			return u.Scheme + "://" + u.Host + shape(u.RequestURI())
		}
	}
	return shape(s)
}

// plainKeys are those whose values say what something is, not whose. A title
// is that of an event in one constructor and that of a chat in others.
var plainKeys = []string{
	"type", "status", "event", "event_type", "event_result", "action", "method", "service", "channel",
	"result", "language_code", "language", "currency", "verdict", "messenger", "title",
}

// nobodysNumbers are those whose numbers are nobody's.
var nobodysNumbers = []string{"status_code", "error_code", "offset", "length", "confidence"}

func (r redaction) value(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			shown := redactKey(k)
			for n := 2; ; n++ { // two names may have one shape
				if _, taken := out[shown]; !taken {
					break
				}
				shown = fmt.Sprintf("%s (%d)", redactKey(k), n)
			}
			out[shown] = r.value(k, v[k])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = r.value(key, v[i])
		}
		return out
	case string:
		return r.text(key, v)
	case json.Number:
		if slices.Contains(nobodysNumbers, key) && len(v) <= 6 {
			return v
		}
		return roundNumber(v)
	}
	return v // true, false, null
}

// redactKey keeps the names of fields: a map may have people for keys.
func redactKey(k string) string {
	if plainKey(k) {
		return k
	}
	return shape(k)
}

// roundNumber keeps a number's length and sign: 133000395 becomes 100000000.
func roundNumber(n json.Number) json.Number {
	if n == "0" {
		return n
	}
	b, digit := []byte(n), byte('1')
	for i, c := range b {
		if c >= '0' && c <= '9' {
			b[i], digit = digit, '0'
		}
	}
	return json.Number(b)
}

// shape puts x for letters and 0 for digits and leaves all else. Variables
// that a constructor did not replace stay: they are the mistake to be seen.
// So does "/start" with the beginning of a start value of ours.
func shape(s string) string {
	head := ""
	if f := strings.Fields(s); len(f) > 0 && strings.EqualFold(f[0], "/start") {
		head, s = f[0], strings.TrimSpace(s)[len(f[0]):]
	}
	if _, own := domain.OwnStart(s); own {
		i := strings.Index(s, "PJ")
		head += s[:i+2]
		s = s[i+2:]
	}
	var b strings.Builder
	b.WriteString(head)
	at := 0
	for _, m := range macroText.FindAllStringIndex(s, -1) {
		writeShape(&b, s[at:m[0]])
		b.WriteString(s[m[0]:m[1]])
		at = m[1]
	}
	writeShape(&b, s[at:])
	return b.String()
}

func writeShape(b *strings.Builder, s string) {
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			b.WriteByte('X')
		case unicode.IsLetter(r), unicode.IsMark(r):
			b.WriteByte('x')
		case unicode.IsNumber(r):
			b.WriteByte('0')
		default:
			b.WriteRune(r)
		}
	}
}

// valueInside are the values that a sentence of ours or of a network quotes.
var valueInside = regexp.MustCompile(
	`"(?:[^"\\]|\\.)*"|'[^']*'|«[^»]*»|[\pL\pN_.+-]*@[\pL\pN_.-]+|https?://\S+|\+?\d[\d ()-]{4,}\d`)

// redactSentence keeps the words of a sentence and takes the values out.
func redactSentence(s string) string {
	field := fieldBefore.FindString(s)
	return redactPath(field) + valueInside.ReplaceAllStringFunc(s[len(field):], shape)
}
