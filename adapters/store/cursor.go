package store

import (
	"encoding/base64"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// maxPage is the most items a page has, and how many it has by default.
const maxPage = 100

func pageLimit(p usecase.Page) int {
	if p.Limit <= 0 || p.Limit > maxPage {
		return maxPage
	}
	return p.Limit
}

// list is a WHERE that an index has in the order in which it is shown.
type list struct {
	where string
	args  []any
}

// merged selects the first of what several lists of a table have, each of which
// is read no further than needed. The table is named with its alias.
func merged(columns, table, order string, limit int, lists []list) (query string, args []any) {
	_, alias, _ := strings.Cut(table, " ")
	var parts []string
	for _, l := range lists {
		parts = append(parts, "SELECT * FROM (SELECT "+alias+".* FROM "+table+" WHERE "+l.where+" ORDER BY "+order+" LIMIT ?) AS l")
		args = append(append(args, l.args...), limit)
	}
	return "SELECT " + columns + " FROM (" + strings.Join(parts, " UNION ALL ") + ") AS " + alias + " ORDER BY " + order + " LIMIT ?", append(args, limit)
}

// A cursor names the last item seen: what is added or changed meanwhile moves
// nothing. Its form is nobody's business, and the letter in it keeps
// something else from being taken for one.
const cursorMark = "i:"

func idCursor(id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorMark + id))
}

func cursorID(cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	id, ok := strings.CutPrefix(string(b), cursorMark)
	if err != nil || !ok || id == "" {
		return "", errCursor()
	}
	return id, nil
}

func errCursor() error {
	return domain.Invalid("cursor", "is none of ours: take it from the \"next\" of the page before")
}

// cut takes the item too many off a page that was read with limit+1, and
// gives the cursor behind the last one left.
func cut[T any](items []T, limit int, cursor func(T) string) ([]T, string) {
	if len(items) <= limit {
		return items, ""
	}
	items = items[:limit]
	return items, cursor(items[limit-1])
}
