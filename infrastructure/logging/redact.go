package logging

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

const mask = "***"

// Redact wraps a handler so that secrets do not reach it: attributes whose
// name speaks of one, and those parts of addresses in messages and values.
//
// It is a net below the rule that secrets are not logged, not a leave to do so:
// it cannot know a secret in a sentence.
func Redact(next slog.Handler) slog.Handler {
	return &redactor{next: next}
}

type redactor struct {
	next slog.Handler
}

func (r *redactor) Enabled(ctx context.Context, level slog.Level) bool {
	return r.next.Enabled(ctx, level)
}

func (r *redactor) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, Text(record.Message), record.PC)
	record.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(cleanAttr(a))
		return true
	})
	return r.next.Handle(ctx, clean)
}

func (r *redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &redactor{r.next.WithAttrs(cleanAttrs(attrs))}
}

func (r *redactor) WithGroup(name string) slog.Handler {
	return &redactor{r.next.WithGroup(name)}
}

func cleanAttrs(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = cleanAttr(a)
	}
	return clean
}

func cleanAttr(a slog.Attr) slog.Attr {
	value := a.Value.Resolve()
	switch value.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(cleanAttrs(value.Group())...)}
	case slog.KindString:
		if secretName(a.Key) {
			return slog.String(a.Key, mask)
		}
		return slog.String(a.Key, Text(value.String()))
	case slog.KindAny:
		if secretName(a.Key) {
			return slog.String(a.Key, mask)
		}
		return slog.Attr{Key: a.Key, Value: cleanAny(value.Any())}
	default:
		// Numbers, times and truth values: "tokens=3" is a count.
		return slog.Attr{Key: a.Key, Value: value}
	}
}

// cleanAny turns a value into the text it would be written as, for a handler
// would look into it after us.
func cleanAny(v any) slog.Value {
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(Text(v.Error()))
	case fmt.Stringer:
		return slog.StringValue(Text(v.String()))
	case []byte:
		return slog.StringValue(Text(string(v)))
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return slog.StringValue(Text(fmt.Sprintf("%+v", v)))
	}
	return slog.StringValue(Text(string(raw)))
}

// secretName tells whether an attribute's name, cut into its words, has one
// that stands for a secret: "access_token", "adminToken", "api-key".
func secretName(name string) bool {
	return nameOfSecret.MatchString(wordBorder.ReplaceAllString(name, "${1}_${2}"))
}

// The borders between words, and the words. A "key_id" is not a key.
var (
	wordBorder   = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	nameOfSecret = regexp.MustCompile(
		`(?i)(^|[^a-z])(tokens?|secrets?|passwords?|passwd|keys?|apikey|authorization|cookie)$`)
)

// rule is one form in which secrets stand in texts.
type rule struct {
	form *regexp.Regexp
	to   string
}

// The forms, all matched case-insensitively.
var rules = []rule{
	// Secrets in queries and forms; "ms" is that of Metrica's Measurement Protocol.
	{regexp.MustCompile(`(?i)([?&;]|\b)((?:access_|refresh_|oauth_|admin_|api_|id_)?(?:token|secret|key)|client_secret|sslpassword|password|passwd)=[^&\s"'\\;]+`), "${1}${2}=" + mask},
	{regexp.MustCompile(`(?i)([?&])(ms)=[^&\s"'\\]+`), "${1}${2}=" + mask},
	// The same as members of JSON.
	{regexp.MustCompile(`(?i)("(?:[a-z_-]*(?:token|secret|password|api_?key)|authorization)"\s*:\s*)"(?:[^"\\]|\\.)*"`), `${1}"` + mask + `"`},
	// The API key in our own addresses, and a bot's token in Telegram's.
	{regexp.MustCompile(`(?i)(/v1/)[^/\s?"'\\]+(/|$|\b)`), "${1}" + mask + "${2}"},
	{regexp.MustCompile(`(/bot)[0-9]+:[A-Za-z0-9_-]+`), "${1}" + mask},
	// A password before the host of an address.
	{regexp.MustCompile(`([a-z][a-z0-9+.-]*://[^/\s:@"']*:)[^@\s/"']+@`), "${1}" + mask + "@"},
	// Headers.
	{regexp.MustCompile(`(?i)\b((?:bearer|oauth|basic)\s+)[a-z0-9._~+/=-]{8,}`), "${1}" + mask},
}

// Text hides what looks like a secret in a text: the parameters of addresses,
// members of JSON, credentials in headers.
func Text(s string) string {
	if !strings.ContainsAny(s, "=:/ ") {
		return s
	}
	for _, r := range rules {
		s = r.form.ReplaceAllString(s, r.to)
	}
	return s
}
