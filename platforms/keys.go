package platforms

import (
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

func keyOf(prefix string, p *domain.Person, name string, at time.Time) string {
	var b strings.Builder
	b.WriteString(prefix)
	b.WriteByte(':')
	if p != nil {
		b.WriteString(strconv.FormatInt(p.ID, 10))
	}
	b.WriteByte(':')
	if !at.IsZero() {
		b.WriteString(strconv.FormatInt(at.UnixMicro(), 10))
	}
	if name != "" {
		b.WriteByte(':')
		b.WriteString(name)
	}
	return b.String()
}

// UpdateKey is the sender's key of a Telegram update: its number together with
// type, person and date. The number alone is not enough: every bot has its own
// sequence, and a project may switch to another bot.
func UpdateKey(updateID int64, s domain.Signal) string {
	return keyOf("update:"+strconv.FormatInt(updateID, 10)+":"+string(s.Type), s.Person, "", s.At)
}
