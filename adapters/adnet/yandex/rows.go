package yandex

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex/published"
	"github.com/tgtrack/tgtrack/domain"
)

// Forms of an upload.
const (
	offline = "BASIC"
	chats   = "CHATS"
)

// form of a conversion. A chat is linked to the click on the ad itself, which
// is all there is when the link leads straight to the messenger; an offline
// conversion needs a visit of a page with the counter.
func form(st adnet.Settings, c domain.Conversion) string {
	if c.Kind != domain.Activation || !slices.Contains(published.ChatPlatforms(), c.Messenger) {
		return offline
	}
	switch st.Text("mode") {
	case "offline":
		return offline
	case "chats":
		return chats
	}
	if c.Click.Param("ym_uid") == "" {
		return chats
	}
	return offline
}

// refuse says why a row would spoil its file; empty when it would not.
func refuse(st adnet.Settings, c domain.Conversion) string {
	switch {
	case c.Click.Param("ym_uid") == "" && c.Click.Param("yclid") == "":
		return "the click has neither yclid nor ClientID (ym_uid)"
	case form(st, c) == chats:
		return ""
	case c.Name == "":
		return "the goal has no identifier"
	case strings.ContainsAny(c.Name, `/\&#?="`) || strings.ContainsFunc(c.Name, func(r rune) bool { return r < ' ' }):
		return "Metrica takes no goal identifier with / \\ & # ? = \" or a line break; map the goal to another name"
	}
	return ""
}

// column of a file: its name and the cell of a conversion.
type column struct {
	name string
	cell func(c domain.Conversion) string
	// needed columns stay when all their cells are empty.
	needed bool
}

// Ids by which an account wants rows to be identified where a click has both.
const (
	byClient = "client_id"
	byClick  = "yclid"
)

// identifies is the parameter of a click that is sent where it has both.
// ClientID leads to the person's last visit before the conversion, yclid to the
// visit of that click, or in a chat to the click itself.
func identifies(st adnet.Settings, f string) string {
	if by := st.Text("identify"); by == byClick || by != byClient && f == chats {
		return "yclid"
	}
	return "ym_uid"
}

// columns of a form; nothing in them is dated after latest, nor before its click.
func columns(st adnet.Settings, f string, latest time.Time) []column {
	at := func(c domain.Conversion) string {
		return strconv.FormatInt(min(max(c.OccurredAt.Unix(), c.Click.At.Unix()), latest.Unix()), 10)
	}
	first := identifies(st, f)
	param := func(name string) func(domain.Conversion) string {
		return func(c domain.Conversion) string {
			if name != first && c.Click.Param(first) != "" {
				return ""
			}
			return c.Click.Param(name)
		}
	}
	if f == chats {
		return []column{
			{"DateTime", at, true},
			{"ChatPlatform", func(c domain.Conversion) string { return c.Messenger }, true},
			{"ChatUserID", chatUser, true},
			{"ClientID", param("ym_uid"), false},
			{"Yclid", param("yclid"), false},
		}
	}
	return []column{
		{"ClientId", param("ym_uid"), false},
		{"Yclid", param("yclid"), false},
		{"Target", func(c domain.Conversion) string { return c.Name }, true},
		{"DateTime", at, true},
		{"Price", price, false},
		{"Currency", currency, false},
	}
}

// chatUser: a start that named nobody is told from others by its click.
func chatUser(c domain.Conversion) string {
	if c.UserID == 0 {
		if c.ClickID != "" {
			return c.ClickID
		}
		return c.ID
	}
	return strconv.FormatInt(c.UserID, 10)
}

func price(c domain.Conversion) string {
	if c.Value == nil {
		return ""
	}
	return c.Value.String()
}

func currency(c domain.Conversion) string {
	if c.Value == nil {
		return ""
	}
	return c.Currency
}

// table is a file: its head and a line for each row, each with its end.
type table struct {
	head string
	rows []string
}

func (t table) String() string { return t.head + strings.Join(t.rows, "") }

// newTable writes the rows; a column that nobody fills is left out.
func newTable(st adnet.Settings, rows []domain.Conversion, latest time.Time) (table, error) {
	cols := slices.DeleteFunc(columns(st, form(st, rows[0]), latest), func(col column) bool {
		return !col.needed && !slices.ContainsFunc(rows, func(c domain.Conversion) bool { return col.cell(c) != "" })
	})
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	cells := make([]string, len(cols))
	line := func(cell func(column) string) string {
		for i, col := range cols {
			cells[i] = cell(col)
		}
		b.Reset()
		_ = w.Write(cells) // errors stay in w
		w.Flush()
		return b.String()
	}
	t := table{head: line(func(col column) string { return col.name }), rows: make([]string, len(rows))}
	for i, c := range rows {
		t.rows[i] = line(func(col column) string { return col.cell(c) })
	}
	if err := w.Error(); err != nil {
		return t, fmt.Errorf("write CSV: %w", err)
	}
	return t, nil
}
