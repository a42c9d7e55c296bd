package eventbus

import (
	"strconv"
	"strings"
)

// maxToken bounds one token of a subject.
const maxToken = 64

// token makes any text one token of a subject. A caller's text may hold the
// characters that mean something there (a dot, a space, a wildcard); all but
// letters, digits, "_" and "-" become "_".
func token(s string) string {
	if s == "" {
		return "_"
	}
	if len(s) > maxToken {
		s = s[:maxToken]
	}
	b := []byte(s)
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-':
		default:
			b[i] = '_'
		}
	}
	return string(b)
}

func subject(tokens ...string) string {
	var b strings.Builder
	b.WriteString("tgtrack")
	for _, t := range tokens {
		b.WriteByte('.')
		b.WriteString(token(t))
	}
	return b.String()
}

func requestSubject(project, method string, code int) string {
	return subject("requests", project, method, strconv.Itoa(code))
}

func eventSubject(project, eventType string) string {
	return subject("events", project, eventType)
}

func clickSubject(project string) string {
	return subject("clicks", project)
}

func conversionSubject(network, account string) string {
	return subject("conversions", network, account)
}
