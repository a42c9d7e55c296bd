package store

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// defaultPage is how many items a page has by default, maxPage the most that a
// file of all pages asks for at once.
const (
	defaultPage = 100
	maxPage     = usecase.MaxPage
)

func pageLimit(p usecase.Page) int {
	if p.Limit <= 0 {
		return defaultPage
	}
	return min(p.Limit, maxPage)
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
		return "", domain.InvalidCursor()
	}
	return id, nil
}

// numberCursor names the last item of a list by the number of its row.
func numberCursor(no int64) string { return idCursor(strconv.FormatInt(no, 10)) }

// cursorNumber is the number that numberCursor was made of, 0 where there is
// no cursor.
func cursorNumber(cursor string) (int64, error) {
	id, err := cursorID(cursor)
	if err != nil || id == "" {
		return 0, err
	}
	no, err := strconv.ParseInt(id, 10, 64)
	if err != nil || no <= 0 {
		return 0, domain.InvalidCursor()
	}
	return no, nil
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
